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

/// All that retries need from outside, so that a test can be the time.
public struct RetryClock: Sendable {
    /// Time that only goes forward, from any beginning.
    public var elapsed: @Sendable () -> Duration
    /// Seconds since 1970, which the dates of servers are compared with.
    public var seconds: @Sendable () -> Int
    public var sleep: @Sendable (Duration) async throws -> Void
    /// Up to a second, by chance: many who failed at once shall not come back at once.
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

    /// The machine's.
    public static let system: RetryClock = {
        let start = ContinuousClock.now
        return RetryClock(
            elapsed: { ContinuousClock.now - start }, seconds: { time(nil) }, sleep: { try await Task.sleep(for: $0) },
            jitter: { .microseconds(Int.random(in: 0...1_000_000)) })
    }()
}

/// The one form in which dates are sent: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7, IMF-fixdate).
public enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since 1970; `nil` for the two obsolete forms, and for days and times that do not exist.
    public static func seconds(_ text: String) -> Int? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[5] == "GMT", let day = number(parts[1], 2), let year = number(parts[3], 4),
            let month = months.firstIndex(where: { $0 == parts[2] }), year >= 1970
        else { return nil }
        let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let before = year - 1
        let leapDays = before / 4 - before / 100 + before / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400)
        let date = (year - 1970) * 365 + leapDays + lengths[..<month].reduce(0, +) + day - 1
        // The first of January 1970 was a Thursday.
        guard 1...lengths[month] ~= day, parts[0] == "\(days[(date + 4) % 7]),", let time = time(parts[4]) else {
            return nil
        }
        return date * 86_400 + time
    }

    /// A leap second is none: no clock here knows it.
    private static func time(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hour = number(parts[0], 2), let minute = number(parts[1], 2),
            let second = number(parts[2], 2), hour < 24, minute < 60, second < 60
        else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    private static func number(_ text: Substring, _ count: Int) -> Int? {
        let isDigits = text.utf8.count == count && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        return isDigits ? Int(text) : nil
    }
}

extension HTTPResponse {
    /// How long the server asks to wait (RFC 9110 §10.2.3), in either form; `nil` when it does not ask, or for no
    /// time at all.
    ///
    /// - Parameter now: seconds since 1970.
    public func retryAfter(now: Int) -> Duration? {
        guard let text = header("Retry-After") else { return nil }
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        // A century is as long as whatever is longer.
        let century = 3_155_760_000
        let seconds = isNumber ? Int(text) ?? century : HTTPDate.seconds(text).map { $0 - now } ?? 0
        return seconds > 0 ? .seconds(min(seconds, century)) : nil
    }
}
