import AirlockCommandLineTool
import Glibc
import AirlockDiagnostics
import AirlockStrictJSON
import Synchronization

/// What happens when a person interrupts the tool, or the system ends it.
enum Interruption {
    /// How far the one document on standard output is.
    private enum Stage: UInt8, AtomicRepresentable {
        case unsaid
        case onItsWay
        /// Or there is to be none.
        case said
        /// The document says that it was interrupted.
        case ended
    }

    private static let stage = Atomic(Stage.said)
    private static let isAsked = Atomic(false)
    /// Whether the first signal is only noted, since the command looks for it.
    private static let isHeld = Atomic(false)
    /// When the signal came that was noted, in seconds; 0 before.
    private static let noted = Atomic(0)

    /// From here on the first signal is noted. Another one ends the process, unless it comes with the first: timeout(1)
    /// signals a process by itself, and with its group.
    static func hold() { isHeld.store(true, ordering: .sequentiallyConsistent) }

    /// Was the process asked to end since ``hold()``?
    static var isAskedToEnd: Bool { noted.load(ordering: .sequentiallyConsistent) != 0 }
    /// Made before it is needed: a signal's handler can make nothing.
    nonisolated(unsafe) private static var document = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)

    /// Ends with 130 at once, whatever is going on: what the journal has written is whole at every moment.
    ///
    /// - Parameter asJSON: whether a document has to say it, where none has said anything yet.
    /// - Returns: the console to use from here on, whose documents are neither cut off nor followed by that one.
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
        // Whoever started this may have had them blocked, and that is inherited.
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
        // The handler runs on another thread, and ends the process.
        if stage.exchange(.onItsWay, ordering: .sequentiallyConsistent) == .ended { while true { pause() } }
    }

    private static func finish() {
        stage.store(.said, ordering: .sequentiallyConsistent)
        if isAsked.load(ordering: .sequentiallyConsistent) { end() }
    }

    /// Nothing but calls that signal-safety(7) lists: it runs in a signal's handler.
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
            // It is whole in a moment; unless nobody reads it, and somebody asks again.
            if !isAsked.exchange(true, ordering: .sequentiallyConsistent) { return }
        case .said:
            let text: StaticString = "\nairlock-relay: interrupted; run the same command again to go on\n"
            _ = unsafe write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
        case .ended: return
        }
        _exit(130)
    }
}
