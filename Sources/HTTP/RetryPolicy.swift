internal import AirlockCCurl
import Glibc

/// Whether and when a failed request is sent again.
///
/// The fields, their defaults and the growth of the wait are those of OpenRouter's SDKs. The sender must know whether a
/// request may be repeated at all.
public struct RetryPolicy: Hashable, Sendable {
    public enum Strategy: String, CaseIterable, Sendable {
        case none
        case backoff
    }

    public var strategy: Strategy
    /// The wait before the second attempt. Each later wait is longer by the factor `exponent`.
    public var initialInterval = Duration.milliseconds(500)
    /// The longest wait, jitter included. A server may request a longer one.
    public var maxInterval = Duration.seconds(60)
    public var exponent = 1.5
    /// No attempt begins later than this after the start of the first one.
    public var maxElapsedTime = Duration.seconds(3600)
    /// Whether to retry after a connection error as well as after one of `statusCodes`.
    public var retryConnectionErrors = false
    /// The statuses after which to retry. 410 is final even if it is in the set (RFC 9110 §15.5.11).
    public var statusCodes: Set<Int> = [429, 500, 502, 503, 504]

    public init(_ strategy: Strategy) { self.strategy = strategy }

    public static let never = RetryPolicy(.none)
    public static let backoff = RetryPolicy(.backoff)

    /// initial × exponentⁿ + jitter, at most the longest wait. n is 0 after the first attempt.
    public func wait(afterAttempt n: Int, jitter: Duration) -> Duration {
        // Bounded, so that zero is never multiplied by infinity.
        let growth = min(pow(exponent, Double(n)), 1e12)
        let seconds = initialInterval / .seconds(1) * growth + jitter / .seconds(1)
        return .seconds(min(seconds, maxInterval / .seconds(1)))
    }

    /// Why to retry; `nil` if the result is final.
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

/// Tells the user of another attempt. It contains no secrets.
public struct RetryNotice: Hashable, Sendable {
    /// The server's address without parts that may be secret.
    public let url: String
    /// Why the request is sent again.
    public let reason: String
    public let wait: Duration
    /// The number of the next attempt, counted from 1.
    public let attempt: Int
}

/// The clock and randomness of retries, which a test replaces.
public struct RetryClock: Sendable {
    /// A monotonic clock.
    public var elapsed: @Sendable () -> Duration
    /// Seconds since 1970, for comparison with dates from servers.
    public var seconds: @Sendable () -> Int
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A random time of up to a second, so that clients that failed together do not retry together.
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

    /// The machine's clock and randomness.
    public static let system: RetryClock = {
        let start = ContinuousClock.now
        return RetryClock(
            elapsed: { ContinuousClock.now - start }, seconds: { time(nil) }, sleep: { try await Task.sleep(for: $0) },
            jitter: { .microseconds(Int.random(in: 0...1_000_000)) })
    }()
}

extension HTTPResponse {
    /// How long the server asks the client to wait (RFC 9110 §10.2.3), in seconds or until a date, as libcurl parses
    /// it; `nil` if there is no such header, or no wait.
    ///
    /// - Parameter now: seconds since 1970.
    public func retryAfter(now: Int) -> Duration? {
        guard let text = header("Retry-After") else { return nil }
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        // The wait is limited to a century.
        let century = 3_155_760_000
        let seconds = isNumber ? Int(text) ?? century : unsafe curl_getdate(text, nil) - now
        return seconds > 0 ? .seconds(min(seconds, century)) : nil
    }
}
