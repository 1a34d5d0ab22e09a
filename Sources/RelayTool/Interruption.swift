import AirlockCommandLineTool
import Glibc
import AirlockDiagnostics
import AirlockStrictJSON
import Synchronization

/// Handles SIGINT and SIGTERM.
enum Interruption {
    /// The progress of the one JSON document on standard output.
    private enum Stage: UInt8, AtomicRepresentable {
        case unsaid
        case onItsWay
        /// The command's document is written, or there will be none.
        case said
        /// The document of the interruption is written.
        case ended
    }

    private static let stage = Atomic(Stage.said)
    private static let isAsked = Atomic(false)
    /// Whether the first signal is only recorded, for the command to check.
    private static let isHeld = Atomic(false)
    /// The time of the recorded signal in seconds; 0 if there was none.
    private static let noted = Atomic(0)

    /// From here on the first signal is only recorded, and another one ends the process. Signals within two seconds
    /// count as one: timeout(1) signals a process twice, by itself and with its group.
    static func hold() { isHeld.store(true, ordering: .sequentiallyConsistent) }

    /// Whether a signal has come since ``hold()``.
    static var isAskedToEnd: Bool { noted.load(ordering: .sequentiallyConsistent) != 0 }
    /// Prepared in advance: a signal handler must not allocate memory.
    nonisolated(unsafe) private static var document = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)

    /// From here on a signal ends the process at once with exit code 130. This is safe, since the journal is consistent
    /// at every moment.
    ///
    /// - Parameters:
    ///   - console: the console.
    ///   - asJSON: whether to write a JSON document about the interruption, if none is written yet.
    /// - Returns: the console to use from here on. Its documents are neither cut off nor followed by that of the
    ///   interruption.
    static func endCleanly(_ console: Console, asJSON: Bool) -> Console {
        var console = console
        if asJSON {
            unsafe document = copied(Console.document([problem]).text + "\n")
            stage.store(.unsaid, ordering: .sequentiallyConsistent)
            let write = console.write
            console.write = { text in
                begin()
                defer { finish() }
                try write(text)
            }
        }
        // The parent process may have blocked the signals, and this process inherits the mask.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in Interruption.end() }
            unsafe sigaddset(&signals, number)
        }
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        return console
    }

    private static var problem: Problem {
        Problem(InputRule.interrupted, hint: "run the same command again to go on: what was sent is paid once")
    }

    private static func copied(_ text: String) -> UnsafeBufferPointer<UInt8> {
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
        _ = unsafe bytes.initialize(from: text.utf8)
        return UnsafeBufferPointer(bytes)
    }

    private static func begin() {
        // The handler runs on another thread, and is about to end the process.
        if stage.exchange(.onItsWay, ordering: .sequentiallyConsistent) == .ended { while true { pause() } }
    }

    private static func finish() {
        stage.store(.said, ordering: .sequentiallyConsistent)
        if isAsked.load(ordering: .sequentiallyConsistent) { end() }
    }

    /// Runs in a signal handler: uses only calls that signal-safety(7) lists.
    private static func end() {
        if isHeld.load(ordering: .sequentiallyConsistent) {
            let now = max(1, time(nil))
            let (isFirst, first) = noted.compareExchange(expected: 0, desired: now, ordering: .sequentiallyConsistent)
            if isFirst || now - first < 2 { return }
        }
        let (_, before) = stage.compareExchange(
            expected: .unsaid, desired: .ended, ordering: .sequentiallyConsistent)
        switch before {
        case .unsaid:
            _ = unsafe write(STDOUT_FILENO, document.baseAddress, document.count)
        case .onItsWay:
            // The document is complete in a moment. If its reader hangs, a second signal ends the process.
            if !isAsked.exchange(true, ordering: .sequentiallyConsistent) { return }
        case .said:
            let text: StaticString = "\nairlock-relay: interrupted; run the same command again to go on\n"
            _ = unsafe write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
        case .ended: return
        }
        _exit(130)
    }
}
