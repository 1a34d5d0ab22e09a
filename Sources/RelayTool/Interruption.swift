import AirlockCommandLineTool
import Glibc
import AirlockDiagnostics
import AirlockStrictJSON
import Synchronization

/// Handles SIGINT and SIGTERM.
enum Interruption {
    /// The state of the JSON document that is written to standard output. Standard output must contain exactly one
    /// document, even if the command is interrupted.
    private enum Stage: UInt8, AtomicRepresentable {
        case unsaid
        case onItsWay
        /// In this state the signal handler must not write a JSON document. Either the command has already written its
        /// own document, or the command writes no JSON at all.
        case said
        /// The signal handler has written a JSON document about the interruption.
        case ended
    }

    private static let stage = Atomic(Stage.said)
    private static let isAsked = Atomic(false)
    /// Whether ``hold()`` was called. If so, the first signal does not terminate the process. The signal is only
    /// recorded in ``isAskedToEnd``, which the command reads regularly.
    private static let isHeld = Atomic(false)
    /// The time of the first recorded signal, in seconds; 0 if no signal was recorded.
    private static let noted = Atomic(0)

    /// Makes the signal handler only record the first signal. A later signal terminates the process. Exception: a
    /// signal that comes less than two seconds after the first one is ignored, because the program timeout(1) sends its
    /// signal twice: to the process and to the process group.
    static func hold() { isHeld.store(true, ordering: .sequentiallyConsistent) }

    /// Whether the process has received a signal since ``hold()`` was called.
    static var isAskedToEnd: Bool { noted.load(ordering: .sequentiallyConsistent) != 0 }
    /// The JSON document about an interruption. It is built in advance, because a signal handler must not allocate
    /// memory.
    nonisolated(unsafe) private static var document = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)

    /// Installs the handler for SIGINT and SIGTERM. If ``hold()`` was not called, each of these signals immediately
    /// terminates the process with exit code 130. This is safe because the journal is always consistent.
    ///
    /// - Parameters:
    ///   - console: the console.
    ///   - asJSON: whether the signal handler writes a JSON document about the interruption. If the command has already
    ///     written its own document, the handler writes none.
    /// - Returns: the console that the command must use from now on. If a first signal arrives while the command writes
    ///   a JSON document to this console, the process exits only after this document is complete.
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
        // The parent process may have blocked these signals, and a process inherits the signal mask of its parent.
        // Therefore the signals are unblocked here.
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
        Problem(InputRule.interrupted, hint: "run the same command again to continue: what was sent is paid only once")
    }

    private static func copied(_ text: String) -> UnsafeBufferPointer<UInt8> {
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
        _ = unsafe bytes.initialize(from: text.utf8)
        return UnsafeBufferPointer(bytes)
    }

    private static func begin() {
        // The signal handler has already written a JSON document on another thread, and it will soon terminate the
        // process. Until then this thread does nothing, because it must not write a second document.
        if stage.exchange(.onItsWay, ordering: .sequentiallyConsistent) == .ended { while true { pause() } }
    }

    private static func finish() {
        stage.store(.said, ordering: .sequentiallyConsistent)
        if isAsked.load(ordering: .sequentiallyConsistent) { end() }
    }

    /// Runs in a signal handler. Therefore it is allowed to call only the functions that signal-safety(7) lists.
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
            // The command is writing a JSON document to standard output. The first signal that arrives in this state
            // does not interrupt the write, and the process exits after the document is complete. But if nobody reads
            // standard output, the write blocks forever. Therefore a second signal terminates the process immediately.
            if !isAsked.exchange(true, ordering: .sequentiallyConsistent) { return }
        case .said:
            let text: StaticString = "\nairlock-relay: interrupted; run the same command again to continue\n"
            _ = unsafe write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
        case .ended: return
        }
        _exit(130)
    }
}
