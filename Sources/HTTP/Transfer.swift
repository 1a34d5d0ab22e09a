internal import AirlockCCurl

/// The transfer of one request with one easy handle of libcurl. Only the thread of the transfer loop uses the transfer
/// and the handle.
@safe final class Transfer {
    let easy: UnsafeMutableRawPointer
    private let submission: Submission
    private var fields: UnsafeMutablePointer<curl_slist>?
    private var headers: [HTTPHeader] = []
    /// The size of all header lines together, in bytes. It includes the headers of interim responses and the trailers
    /// of a chunked body (RFC 9112 §7.1.2). libcurl does not limit the trailers.
    private var headerSize = 0
    private static let maximumHeaderSize = 256 << 10
    private var body: [UInt8] = []
    private var isTooLarge = false

    /// Creates the transfer of one request. Returns `nil` if libcurl cannot allocate a handle.
    init?(_ submission: Submission) {
        guard let easy = unsafe curl_easy_init() else { return nil }
        unsafe self.easy = easy
        self.submission = submission
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(fields)
    }

    var isCancelled: Bool { submission.isCancelled.isSet }

    /// Sets all libcurl options for this request. Returns the first error, so that no option is silently ignored.
    func setOptions() -> CURLcode {
        let (request, settings) = (submission.request, submission.settings)
        let url = request.url
        var results = unsafe [
            set(CURLOPT_URL, url.text),
            set(CURLOPT_PROTOCOLS_STR, url.scheme),
            set(CURLOPT_FOLLOWLOCATION, 0),
            set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            set(CURLOPT_USERAGENT, settings.userAgent),
            set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(settings.connectTimeout)),
            set(CURLOPT_TIMEOUT_MS, milliseconds(request.timeout ?? settings.timeout)),
            airlock_curl_set_size(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(settings.maximumBody)),
            // libcurl must not use signals in a program with threads. They are not needed for SIGPIPE, because the
            // thread of the transfer loop blocks all signals.
            set(CURLOPT_NOSIGNAL, 1),
            // With CURLOPT_QUICK_EXIT, the transfer loop does not wait for a name resolver that hangs, and can serve
            // other requests.
            set(CURLOPT_QUICK_EXIT, 1),
            airlock_curl_set_sink(easy, CURLOPT_HEADERFUNCTION, takeHeader),
            airlock_curl_set_pointer(easy, CURLOPT_HEADERDATA, context),
            airlock_curl_set_sink(easy, CURLOPT_WRITEFUNCTION, takeBody),
            airlock_curl_set_pointer(easy, CURLOPT_WRITEDATA, context),
        ]
        // Requests to this machine do not go through the proxy that the environment variables configure.
        if url.isLoopback { results.append(set(CURLOPT_NOPROXY, "*")) }
        if let file = settings.certificates { results.append(set(CURLOPT_CAINFO, file)) }
        if request.isSentOnce { results.append(set(CURLOPT_FRESH_CONNECT, 1)) }
        switch request.method {
        case .get: results.append(set(CURLOPT_HTTPGET, 1))
        case .post(let body):
            results.append(set(CURLOPT_POST, 1))
            unsafe results.append(airlock_curl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
            var copied = body
            unsafe results.append(airlock_curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, &copied))
        }
        for header in request.headers {
            // libcurl would omit a header with an empty value. If a semicolon follows the name in place of the colon,
            // libcurl sends the header with an empty value.
            let line = header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
            unsafe fields = curl_slist_append(fields, line) ?? fields
        }
        unsafe results.append(airlock_curl_set_pointer(easy, CURLOPT_HTTPHEADER, fields))
        return results.first { $0 != CURLE_OK } ?? CURLE_OK
    }

    func finish(_ code: CURLcode) { submission.continuation.resume(returning: result(code)) }

    private func result(_ code: CURLcode) -> Result<HTTPResponse, HTTPError> {
        if let rule = rule(code) {
            // If a proxy refuses the connection, libcurl only reports that it received nothing. The status of the
            // proxy's answer shows the actual reason.
            let proxy = number(CURLINFO_HTTP_CONNECTCODE)
            if proxy >= 300 { return .failure(failure(.unreachable, "the proxy answered with status \(proxy)")) }
            return .failure(failure(rule, unsafe String(cString: curl_easy_strerror(code))))
        }
        let status = number(CURLINFO_RESPONSE_CODE)
        // The statuses below are redirects (RFC 9110 §15.4). The statuses 300 and 304 are not in the list, because no
        // request of this client can be answered with them.
        if [301, 302, 303, 307, 308].contains(status) { return .failure(failure(.redirected, "status \(status)")) }
        return .success(HTTPResponse(status: status, headers: headers, body: body))
    }

    private func rule(_ code: CURLcode) -> HTTPRule? {
        if isCancelled, code == CURLE_ABORTED_BY_CALLBACK { return .cancelled }
        if isTooLarge { return .tooLarge }
        switch code {
        case CURLE_OK: return nil
        case CURLE_FILESIZE_EXCEEDED: return .tooLarge
        case CURLE_OPERATION_TIMEDOUT: return .timeout
        case CURLE_SSL_CACERT_BADFILE: return .badCertificates
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER: return .tls
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM:
            return .cutOff
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: return .notHTTP
        default: return .unreachable
        }
    }

    private func failure(_ rule: HTTPRule, _ libraryWords: String) -> HTTPError {
        let (request, settings) = (submission.request, submission.settings)
        let detail: String? =
            switch rule {
            case .tooLarge where headerSize > Self.maximumHeaderSize:
                "more than \(Self.maximumHeaderSize) bytes of headers"
            case .tooLarge: "more than \(settings.maximumBody) bytes"
            case .timeout: "\(request.timeout ?? settings.timeout)"
            case .badCertificates: nil
            case .cancelled: nil
            default: libraryWords
            }
        return HTTPError(rule, url: request.url, detail: detail)
    }

    /// Returns whether the size of all header lines is within the limit.
    fileprivate func take(header line: [UInt8]) -> Bool {
        headerSize += line.count
        guard headerSize <= Self.maximumHeaderSize else {
            isTooLarge = true
            return false
        }
        let line = String(decoding: line, as: UTF8.self)
        // A status line begins a new set of headers. The headers before it belong to an interim response or to the
        // proxy.
        if line.hasPrefix("HTTP/") {
            headers = []
        } else if let header = HTTPHeader.split(line) {
            headers.append(header)
        }
        return true
    }

    fileprivate func take(body bytes: UnsafeRawBufferPointer) -> Int {
        guard body.count + bytes.count <= submission.settings.maximumBody else {
            isTooLarge = true
            return 0
        }
        unsafe body.append(contentsOf: bytes)
        return bytes.count
    }

    private func number(_ what: CURLINFO) -> Int {
        var value = 0
        unsafe _ = airlock_curl_get_long(easy, what, &value)
        return value
    }

    private var context: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

    private func set(_ option: CURLoption, _ value: Int) -> CURLcode {
        unsafe airlock_curl_set_long(easy, option, value)
    }

    private func set(_ option: CURLoption, _ value: String) -> CURLcode {
        unsafe airlock_curl_set_string(easy, option, value)
    }

    /// Returns the duration in milliseconds, but at least 1, because libcurl treats 0 as no timeout.
    private func milliseconds(_ duration: Duration) -> Int { max(1, Int(duration / .milliseconds(1))) }
}

/// libcurl calls this function for each header line. `context` is the transfer. The transfer loop keeps the transfer
/// alive as long as libcurl can call the function.
private func takeHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return 0 }
    let line = unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: size * count))
    let isTaken = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().take(header: line)
    return isTaken ? size * count : 0
}

private func takeBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return 0 }
    let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().take(body: piece)
}
