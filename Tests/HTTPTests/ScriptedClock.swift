import AirlockHTTP
import Synchronization

/// A clock that advances only by sleeping. It records the sleeps.
final class ScriptedClock: Sendable {
    private let waits = Mutex<[Duration]>([])
    private let jitter: Duration

    /// 1994-11-06T08:49:37Z, when RFC 9110's example was sent.
    static let now = 784_111_777

    init(jitter: Duration = .zero) { self.jitter = jitter }

    /// The sleeps so far.
    var slept: [Duration] { waits.withLock { $0 } }

    var clock: RetryClock {
        RetryClock(
            elapsed: { self.slept.reduce(.zero, +) }, seconds: { Self.now },
            sleep: { wait in self.waits.withLock { $0.append(wait) } }, jitter: { self.jitter })
    }
}
