internal import AirlockCCurl
import Glibc

/// The rules for sending a failed request again.
///
/// The fields, their default values and the formula for the wait are the same as in OpenRouter's SDKs. This type does
/// not know whether a request may be sent twice. The caller must decide this.
public struct RetryPolicy: Hashable, Sendable {
    public enum Strategy: String, CaseIterable, Sendable {
        case none
        case backoff
    }

    public var strategy: Strategy
    /// The wait before the second attempt. Each later wait is longer by the factor `exponent`.
    public var initialInterval = Duration.milliseconds(500)
    /// The longest wait, including the jitter. It does not limit the wait that the server requests with `Retry-After`.
    public var maxInterval = Duration.seconds(60)
    public var exponent = 1.5
    /// The longest time from the start of the first attempt to the start of the last attempt.
    public var maxElapsedTime = Duration.seconds(3600)
    /// Whether to retry after a connection error too, and not only after a status in ``statusCodes``.
    public var retryConnectionErrors = false
    /// The HTTP statuses after which the client retries. After status 410 the client never retries, even if the set
    /// contains 410 (RFC 9110 §15.5.11).
    public var statusCodes: Set<Int> = [429, 500, 502, 503, 504]

    public init(_ strategy: Strategy) { self.strategy = strategy }

    public static let never = RetryPolicy(.none)
    public static let backoff = RetryPolicy(.backoff)

    /// Computes the wait before the next attempt: initialInterval × exponentⁿ + jitter, but at most `maxInterval`. n is
    /// 0 after the first attempt.
    public func wait(afterAttempt n: Int, jitter: Duration) -> Duration {
        // The power of `exponent` is limited to 10^12. Without this limit, the power could become infinite. Infinity
        // multiplied by an interval of zero is not a number (NaN).
        let growth = min(pow(exponent, Double(n)), 1e12)
        let seconds = initialInterval / .seconds(1) * growth + jitter / .seconds(1)
        return .seconds(min(seconds, maxInterval / .seconds(1)))
    }

    /// Returns the reason for sending the request again. Returns `nil` if it must not be sent again.
    func reason(_ result: Result<HTTPResponse, HTTPError>) -> String? {
        guard strategy == .backoff else { return nil }
        switch result {
        case .success(let response):
            let isRetried = response.status != 410 && statusCodes.contains(response.status)
            return isRetried ? "the server answered with status \(response.status)" : nil
        case .failure(let error):
            switch error.rule {
            case .unreachable, .timeout, .cutOff: return retryConnectionErrors ? error.rule.meaning : nil
            default: return nil
            }
        }
    }
}

/// A notice for the user that a request will be sent again. The notice contains no secrets.
public struct RetryNotice: Hashable, Sendable {
    /// The server's address without parts that may be secret.
    public let url: String
    /// The reason why the request is sent again.
    public let reason: String
    public let wait: Duration
    /// The number of the next attempt. The first attempt has the number 1.
    public let attempt: Int
}

/// The clock and the random numbers that retries use. Tests use their own clock and numbers instead.
public struct RetryClock: Sendable {
    /// The time since a fixed moment, measured by a monotonic clock.
    public var elapsed: @Sendable () -> Duration
    /// The current time in seconds since 1970. It is compared with the dates that servers send.
    public var seconds: @Sendable () -> Int
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A random time of up to one second, which is added to the computed wait. Without this time, clients whose
    /// requests failed at the same time would also retry at the same time.
    public var jitter: @Sendable () -> Duration

    public init(
        elapsed: @escaping @Sendable () -> Duration, seconds: @escaping @Sendable () -> Int,
        sleep: @escaping @Sendable (Duration) async throws -> Void, jitter: @escaping @Sendable () -> Duration
    ) {
        self.elapsed = elapsed
        self.seconds = seconds
        self.sleep = sleep
        self.jitter = jitter
    }

    /// The clock and the random numbers of this machine.
    public static let system: RetryClock = {
        let start = ContinuousClock.now
        return RetryClock(
            elapsed: { ContinuousClock.now - start }, seconds: { time(nil) }, sleep: { try await Task.sleep(for: $0) },
            jitter: { .microseconds(Int.random(in: 0...1_000_000)) })
    }()
}

extension HTTPResponse {
    /// Reads the header `Retry-After` (RFC 9110 §10.2.3). Returns the time that the server asks the client to wait. The
    /// header contains a number of seconds, or a date that libcurl parses. Returns `nil` if the header is missing or
    /// asks for no wait.
    ///
    /// - Parameter now: the current time in seconds since 1970.
    public func retryAfter(now: Int) -> Duration? {
        guard let text = header("Retry-After") else { return nil }
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        // A wait of more than a century is shortened to a century.
        let century = 3_155_760_000
        let seconds = isNumber ? Int(text) ?? century : unsafe curl_getdate(text, nil) - now
        return seconds > 0 ? .seconds(min(seconds, century)) : nil
    }
}
