import AirlockHTTP
import Testing

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

    /// n, the jitter in milliseconds, and the wait.
    static let waits: [(Int, Int, Duration)] = [
        (0, 0, .milliseconds(500)), (1, 0, .milliseconds(750)), (2, 0, .milliseconds(1125)),
        (0, 1000, .milliseconds(1500)), (3, 250, .microseconds(1_937_500)),
        // 500 ms x 1.5^11 is 43.2 s and 1.5^12 of it 64.9 s: from there on the cap holds, jitter included.
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

@Suite("The date of a header")
struct HTTPDateTests {
    static let good: [(String, Int)] = [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
        ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
    ]

    @Test("is read to the second", arguments: good)
    func read(text: String, seconds: Int) {
        #expect(HTTPDate.seconds(text) == seconds)
    }

    @Test(
        "is refused in any other form, and when there is no such day or time",
        arguments: [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 6 Nov 1994 08:49:37 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT", "Sun,  06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:60 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 +8:49:37 GMT",
            "Wed, 00 Nov 1994 08:49:37 GMT", "Thu, 31 Nov 1994 08:49:37 GMT", "Wed, 29 Feb 2023 08:49:37 GMT",
            "Thu, 29 Feb 2100 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT", "Wed, 31 Dec 1969 23:59:59 GMT",
        ])
    func refused(text: String) {
        #expect(HTTPDate.seconds(text) == nil)
    }
}
