import AirlockHTTP
import Synchronization

/// A clock whose time advances only when the client sleeps. It records the sleeps.
final class ScriptedClock: Sendable {
    private let waits = Mutex<[Duration]>([])
    private let jitter: Duration

    /// The current time in Unix seconds: 1994-11-06T08:49:37Z, the date in the examples of RFC 9110.
    static let now = 784_111_777

    init(jitter: Duration = .zero) { self.jitter = jitter }

    /// The lengths of all sleeps so far, in order.
    var slept: [Duration] { waits.withLock { $0 } }

    var clock: RetryClock {
        RetryClock(
            elapsed: { self.slept.reduce(.zero, +) }, seconds: { Self.now },
            sleep: { wait in self.waits.withLock { $0.append(wait) } }, jitter: { self.jitter })
    }
}
