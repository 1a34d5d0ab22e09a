import Glibc

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
