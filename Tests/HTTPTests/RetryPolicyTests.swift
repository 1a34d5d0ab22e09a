import Testing

@testable import AirlockHTTP

@Suite("A policy of retries")
struct RetryPolicyTests {
    @Test("has the defaults of the service's own SDKs, and repeats nothing unless it is asked to")
    func defaults() {
        let policy = RetryPolicy.backoff
        #expect(policy.initialInterval == .milliseconds(500))
        #expect(policy.maxInterval == .seconds(60))
        #expect(policy.exponent == 1.5)
        #expect(policy.maxElapsedTime == .seconds(3600))
        #expect(policy.statusCodes == [429, 500, 502, 503, 504])
        #expect(!policy.retryConnectionErrors)
        #expect(RetryPolicy.never.strategy == .none && HTTPSettings().retry == .never)
    }

    /// Each row has the number n of the attempt (counted from 0), the jitter in milliseconds, and the expected wait.
    static let waits: [(Int, Int, Duration)] = [
        (0, 0, .milliseconds(500)), (1, 0, .milliseconds(750)), (2, 0, .milliseconds(1125)),
        (0, 1000, .milliseconds(1500)), (3, 250, .microseconds(1_937_500)),
        // 500 ms x 1.5^11 is 43.2 s, and 500 ms x 1.5^12 is 64.9 s. From n = 12 on, the wait is therefore limited to 60
        // s, including the jitter.
        (11, 0, .microseconds(43_248_779)), (12, 0, .seconds(60)), (12, 1000, .seconds(60)), (100_000, 0, .seconds(60)),
    ]

    @Test("waits initial x exponent^n and the jitter, capped", arguments: waits)
    func wait(n: Int, jitter: Int, expected: Duration) {
        let wait = RetryPolicy.backoff.wait(afterAttempt: n, jitter: .milliseconds(jitter))
        #expect(wait > expected - .microseconds(1) && wait < expected + .microseconds(1), "\(wait)")
    }

    @Test("takes other figures, and none of them to infinity")
    func figures() {
        var policy = RetryPolicy.backoff
        (policy.initialInterval, policy.exponent, policy.maxInterval) = (.seconds(2), 3, .seconds(1000))
        #expect((0...3).map { policy.wait(afterAttempt: $0, jitter: .zero) } == [2, 6, 18, 54].map { .seconds($0) })
        policy.initialInterval = .zero
        #expect(policy.wait(afterAttempt: 5000, jitter: .seconds(1)) == .seconds(1))
    }
}

@Suite("The header Retry-After")
struct RetryAfterTests {
    private static func wait(_ text: String?, now: Int = 784_111_770) -> Duration? {
        let headers = text.map { [HTTPHeader(received: "Retry-After", $0)] } ?? []
        return HTTPResponse(status: 503, headers: headers, body: []).retryAfter(now: now)
    }

    @Test(
        "is a number of seconds, or a date in one of the three forms of RFC 9110",
        arguments: [
            ("7", 7), ("120", 120), ("99999999999999999999999", 3_155_760_000), ("Sun, 06 Nov 1994 08:49:37 GMT", 7),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 7), ("Sun Nov  6 08:49:37 1994", 7),
            ("Sat, 12 Nov 1994 08:49:30 GMT", 518_400), ("Fri, 31 Dec 9999 23:59:59 GMT", 3_155_760_000),
        ])
    func read(text: String, seconds: Int) {
        #expect(Self.wait(text) == .seconds(seconds))
    }

    @Test(
        "asks for no wait if it is absent, zero, past or no date",
        arguments: [
            nil, "", "0", "-1", "1.5", "soon", "7 seconds", "Sun, 06 Nov 1994 08:49:30 GMT",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT", "Thu, 32 Nov 1994 08:49:37 GMT",
        ] as [String?])
    func none(text: String?) {
        #expect(Self.wait(text) == nil)
    }
}
