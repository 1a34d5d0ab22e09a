internal import AirlockCCurl

/// The URL of a request. https may be used for every host, and plain http only for this machine.
///
/// The URL is split by libcurl's own parser. libcurl therefore connects to exactly the host that this type has checked.
/// A URL may contain an API key, so descriptions never show the whole URL.
public struct HTTPURL: Hashable, Sendable {
    /// The whole URL, as libcurl has normalised it. It may contain secrets.
    package let text: String
    let scheme: String
    /// Whether the host is this machine. If the host is another machine, the URL must use https.
    public let isLoopback: Bool
    /// The URL without the user name, the password, the query, and all path segments that may be an API key.
    public let description: String
    /// The parts of the URL that ``description`` leaves out, because they may be secret. They are also removed from
    /// error messages that servers send.
    let secrets: [String]

    public init(_ text: String) throws(HTTPError) { try self.init(Parts(text)) }

    /// Appends text to the path of the URL, and query items to its query. Existing query items and all other parts do
    /// not change.
    ///
    /// - Parameters:
    ///   - path: the text to append, which begins with a slash.
    ///   - query: query items to add, such as `nonce=7`.
    public func appending(_ path: String, query: [String] = []) throws(HTTPError) -> HTTPURL {
        try HTTPURL(Parts(text, appending: path, query: query))
    }

    private init(_ parts: Parts?) throws(HTTPError) {
        guard let parts, parts.scheme == "https" || parts.scheme == "http" else {
            throw HTTPError(.badURL)
        }
        self.text = parts.url
        self.scheme = parts.scheme
        self.isLoopback = Self.isLoopback(parts.host)
        self.description = Self.redacted(parts)
        self.secrets = Self.secrets(parts)
        guard scheme == "https" || isLoopback else { throw HTTPError(.insecureURL, url: self) }
    }

    /// Whether the host is this machine. libcurl has already normalised the host. An IPv4 address always consists of
    /// four decimal numbers, and the IPv6 address of this machine is always `[::1]`. libcurl resolves `localhost`
    /// itself.
    private static func isLoopback(_ host: String) -> Bool {
        if host == "[::1]" || host.lowercased() == "localhost" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
    }

    private static func redacted(_ parts: Parts) -> String {
        var shown = "\(parts.scheme)://"
        if parts.user != nil || parts.password != nil { shown += "...@" }
        shown += parts.host
        if let port = parts.port { shown += ":\(port)" }
        for segment in parts.path.split(separator: "/") { shown += "/\(isPlain(segment) ? String(segment) : "...")" }
        if parts.query != nil { shown += "?..." }
        return shown
    }

    private static func secrets(_ parts: Parts) -> [String] {
        let query = (parts.query ?? "").split { $0 == "&" || $0 == "=" }.map(String.init)
        let segments = parts.path.split(separator: "/").filter { !isPlain($0) }.map(String.init)
        return [parts.user, parts.password, parts.query].compactMap(\.self) + query + segments
    }

    /// Whether a path segment is a short word such as `v2`, `rpc` or `credits`. An API key is longer.
    private static func isPlain(_ segment: Substring) -> Bool {
        segment.utf8.count <= 8 && segment.utf8.allSatisfy("abcdefghijklmnopqrstuvwxyz0123456789".utf8.contains)
    }
}

extension HTTPURL: CustomStringConvertible, CustomReflectable {
    public var customMirror: Mirror { Mirror(reflecting: description) }
}

/// The parts into which libcurl's parser splits a URL.
private struct Parts {
    let url: String
    let scheme: String
    let host: String
    let path: String
    let user: String?
    let password: String?
    let port: String?
    let query: String?

    init?(_ text: String, appending path: String = "", query: [String] = []) {
        guard !text.utf8.contains(0), let handle = unsafe curl_url() else { return nil }
        defer { unsafe curl_url_cleanup(handle) }
        guard unsafe curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK else { return nil }
        func part(_ what: CURLUPart) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            let code = unsafe curl_url_get(handle, what, &value, 0)
            guard code == CURLUE_OK, let value = unsafe value else { return nil }
            defer { unsafe curl_free(value) }
            return unsafe String(cString: value)
        }
        if !path.isEmpty {
            let base = (part(CURLUPART_PATH) ?? "").split(separator: "/").joined(separator: "/")
            let whole = (base.isEmpty ? "" : "/" + base) + path
            guard unsafe curl_url_set(handle, CURLUPART_PATH, whole, 0) == CURLUE_OK else { return nil }
        }
        for item in query {
            guard unsafe curl_url_set(handle, CURLUPART_QUERY, item, UInt32(CURLU_APPENDQUERY)) == CURLUE_OK else {
                return nil
            }
        }
        guard let url = part(CURLUPART_URL), let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST) else {
            return nil
        }
        self.url = url
        self.scheme = scheme
        self.host = host
        self.path = part(CURLUPART_PATH) ?? "/"
        self.user = part(CURLUPART_USER)
        self.password = part(CURLUPART_PASSWORD)
        self.port = part(CURLUPART_PORT)
        self.query = part(CURLUPART_QUERY)
    }
}
