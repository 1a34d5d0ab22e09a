import Synchronization

/// One HTTP client: any number of requests at once over connections that are kept and used again.
///
/// It follows no redirect, takes no more than the settings allow, and speaks plain http to this machine only. Let go
/// of it and its thread ends.
public final class HTTPClient: Sendable {
    private let settings: HTTPSettings
    private let loop: TransferLoop

    public init(_ settings: HTTPSettings = HTTPSettings()) {
        self.settings = settings
        self.loop = TransferLoop()
    }

    deinit { loop.close() }

    /// Sends the request, again and again as the policy says, and returns the whole answer: the last one, where there are
    /// several. Cancelling the task ends a transfer or a wait at once.
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

/// A request on its way to the thread that carries it out.
struct Submission: Sendable {
    let request: HTTPRequest
    let settings: HTTPSettings
    let isCancelled: CancellationFlag
    let continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>
}

/// Said by the task, heard by the thread.
final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}

/// How a client speaks to every server.
public struct HTTPSettings: Sendable {
    /// For the name, the connection and the encryption together.
    public var connectTimeout: Duration = .seconds(10)
    /// For a whole attempt, connection and answer included.
    public var timeout: Duration = .seconds(30)
    /// The largest body that is taken, in bytes.
    public var maximumBody = 8 << 20
    /// A PEM file of the authorities to trust in place of the system's.
    public var certificates: String?
    public var userAgent = "airlock-relay"
    /// For requests that have no policy of their own.
    public var retry = RetryPolicy.never
    public var clock = RetryClock.system
    /// Hears of every attempt after the first, before the wait for it.
    public var willRetry: @Sendable (RetryNotice) -> Void = { _ in }

    /// - Parameter environment: looks up a variable; curl's own and OpenSSL's names for the file of authorities are
    ///   understood, because the library reads neither. Proxies it finds by itself.
    public init(environment: (String) -> String? = { _ in nil }) {
        let named = ["CURL_CA_BUNDLE", "SSL_CERT_FILE"].lazy.compactMap(environment)
        certificates = named.first { !$0.isEmpty }
    }
}
