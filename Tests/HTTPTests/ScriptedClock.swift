import AirlockHTTP
import Synchronization

/// A time that passes only when somebody sleeps, and remembers every sleep.
final class ScriptedClock: Sendable {
    private let waits = Mutex<[Duration]>([])
    private let jitter: Duration

    /// 1994-11-06T08:49:37Z, when RFC 9110's example was sent.
    static let now = 784_111_777

    init(jitter: Duration = .zero) { self.jitter = jitter }

    /// All that was slept.
    var slept: [Duration] { waits.withLock { $0 } }

    var clock: RetryClock {
        RetryClock(
            elapsed: { self.slept.reduce(.zero, +) }, seconds: { Self.now },
            sleep: { wait in self.waits.withLock { $0.append(wait) } }, jitter: { self.jitter })
    }
}
