import Synchronization

/// An HTTP client that sends any number of requests at the same time and reuses its connections.
///
/// The client follows no redirects and limits the size of responses. It uses https, and plain http only for servers on
/// this machine. The client's thread exits when the client is released.
public final class HTTPClient: Sendable {
    private let settings: HTTPSettings
    private let loop: TransferLoop

    public init(_ settings: HTTPSettings = HTTPSettings()) {
        self.settings = settings
        self.loop = TransferLoop()
    }

    deinit { loop.close() }

    /// Sends the request, and repeats it according to the retry policy. Returns the response to the last attempt, or
    /// throws the error of the last attempt. If the caller's Swift task is cancelled, the client stops the current
    /// transfer, or the wait for the next attempt, at once.
    public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let (policy, clock) = (request.retry ?? settings.retry, settings.clock)
        let start = clock.elapsed()
        var attempts = 0
        while true {
            let result = await attempt(request)
            guard let reason = policy.reason(result) else { return try result.get() }
            let asked = (try? result.get())?.retryAfter(now: clock.seconds())
            let wait = asked ?? policy.wait(afterAttempt: attempts, jitter: clock.jitter())
            guard clock.elapsed() - start + wait <= policy.maxElapsedTime else { return try result.get() }
            attempts += 1
            settings.willRetry(
                RetryNotice(url: request.url.description, reason: reason, wait: wait, attempt: attempts + 1))
            do { try await clock.sleep(wait) } catch { throw HTTPError(.cancelled, url: request.url) }
        }
    }

    private func attempt(_ request: HTTPRequest) async -> Result<HTTPResponse, HTTPError> {
        let isCancelled = CancellationFlag()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.submit(
                    Submission(
                        request: request, settings: settings, isCancelled: isCancelled, continuation: continuation))
            }
        } onCancel: {
            isCancelled.set()
            loop.wake()
        }
    }
}

/// A request with its settings, its cancellation flag, and the continuation that gets the result. The caller's Swift
/// task passes this value to the thread of the transfer loop.
struct Submission: Sendable {
    let request: HTTPRequest
    let settings: HTTPSettings
    let isCancelled: CancellationFlag
    let continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>
}

/// A flag that tells the thread of the transfer loop that the caller's Swift task was cancelled. The task sets the
/// flag, and the thread reads it.
final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}

/// The settings of an HTTP client. They apply to every server.
public struct HTTPSettings: Sendable {
    /// The timeout for resolving the host name, connecting, and the TLS handshake together.
    public var connectTimeout: Duration = .seconds(10)
    /// The timeout of a whole attempt, from connecting to the last byte of the response.
    public var timeout: Duration = .seconds(30)
    /// The size of the largest response body that the client accepts, in bytes.
    public var maximumBody = 8 << 20
    /// The path of a PEM file with certificate authorities. The client trusts these authorities instead of the
    /// system's. If the path is `nil`, the client trusts the system's authorities.
    public var certificates: String?
    public var userAgent = "airlock-relay"
    /// The retry policy for requests that do not specify a retry policy.
    public var retry = RetryPolicy.never
    public var clock = RetryClock.system
    /// A function that the client calls before it waits for the next attempt.
    public var willRetry: @Sendable (RetryNotice) -> Void = { _ in }

    /// Creates the default settings.
    ///
    /// - Parameter environment: a closure that returns the value of an environment variable. libcurl ignores
    ///   `CURL_CA_BUNDLE` and `SSL_CERT_FILE`, so this initializer reads these variables. libcurl reads the proxy
    ///   variables itself.
    public init(environment: (String) -> String? = { _ in nil }) {
        let named = ["CURL_CA_BUNDLE", "SSL_CERT_FILE"].lazy.compactMap(environment)
        certificates = named.first { !$0.isEmpty }
    }
}
