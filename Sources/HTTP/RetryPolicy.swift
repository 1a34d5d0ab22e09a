import Glibc

/// Whether a request is sent again when it failed, and when.
///
/// The fields, their defaults and the way the wait grows are those of the service's own SDKs. Nothing here tells
/// whether a request may be repeated: that is for whoever sends it to know.
public struct RetryPolicy: Hashable, Sendable {
    public enum Strategy: String, CaseIterable, Sendable {
        case none
        case backoff
    }

    public var strategy: Strategy
    /// The wait before the second attempt; each later one is longer by `exponent`.
    public var initialInterval = Duration.milliseconds(500)
    /// The longest wait, jitter included. What a server asks for may be longer.
    public var maxInterval = Duration.seconds(60)
    public var exponent = 1.5
    /// No attempt begins when this much time has gone by since the first one began.
    public var maxElapsedTime = Duration.seconds(3600)
    /// Whether to try again when no answer came, and not only when it was one of `statusCodes`.
    public var retryConnectionErrors = false
    /// 410 is never among them, whatever is put in: what is gone stays gone (RFC 9110 §15.5.11).
    public var statusCodes: Set<Int> = [429, 500, 502, 503, 504]

    public init(_ strategy: Strategy) { self.strategy = strategy }

    public static let never = RetryPolicy(.none)
    public static let backoff = RetryPolicy(.backoff)

    /// initial × exponentⁿ + jitter, and no more than the longest: n is 0 after the first attempt.
    public func wait(afterAttempt n: Int, jitter: Duration) -> Duration {
        // Bounded, so that nothing times infinity cannot come about.
        let growth = min(pow(exponent, Double(n)), 1e12)
        let seconds = initialInterval / .seconds(1) * growth + jitter / .seconds(1)
        return .seconds(min(seconds, maxInterval / .seconds(1)))
    }

    /// Why another attempt is worth while; `nil` when the result is final.
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

/// What happens between two attempts, for a person to see. Nothing in it is secret.
public struct RetryNotice: Hashable, Sendable {
    /// The server, with all that may be secret cut out.
    public let url: String
    /// Why the last attempt is not the last.
    public let reason: String
    public let wait: Duration
    /// The number of the attempt to come; the first one was 1.
    public let attempt: Int
}
