import AirlockDiagnostics
internal import Glibc
import Synchronization

/// A question at the terminal, with an answer of one line. The caller chooses whether the typed characters are shown.
struct Question {
    private let terminal: Int32

    init(_ terminal: Int32) { self.terminal = terminal }

    /// Asks the question. Passes each byte of the answer to `take` immediately, so that no copy of a secret is kept
    /// here. Passes `nil` to `take` if the question is asked again and all bytes so far must be discarded. Returns
    /// `false` if there is no terminal or the terminal was closed.
    ///
    /// If the user types Ctrl-C, the function throws an error, and the process is not terminated. While the answer is
    /// hidden, other signals that would terminate or stop the process are delayed until the page is removed and the
    /// terminal is restored. If the process was stopped and continues, the question is asked again.
    ///
    /// - Parameter page: a function that shows or removes a page of text with the question. It is called with `true` to
    ///   show the page, and with `false` to remove it.
    func ask(
        _ question: String, hidden: Bool, page: (Bool) -> Void = { _ in }, _ take: (UInt8?) -> Void
    ) throws(Problem) -> Bool {
        guard terminal >= 0 else { return false }
        var held = sigset_t()
        var before = sigset_t()
        unsafe sigemptyset(&held)
        for number in [SIGINT] + (hidden ? Self.deferred + [SIGTSTP] : []) { unsafe sigaddset(&held, number) }
        unsafe pthread_sigmask(SIG_BLOCK, &held, &before)
        let action = signal(SIGINT) { _ in }
        defer {
            signal(SIGINT, action)
            unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        }
        var whileWaiting = held
        unsafe pthread_sigmask(SIG_BLOCK, nil, &whileWaiting)
        unsafe sigdelset(&whileWaiting, SIGINT)
        while true {
            switch askOnce(question, hidden, page, &whileWaiting, take) {
            case .answered: return true
            case .closed: return false
            case .interrupted: throw Problem(QuestionRule.interrupted)
            case .stopped:
                // SIGTSTP (Ctrl-Z) was blocked while the question was shown. Unblocking the signal stops the process
                // here, unless the process ignores SIGTSTP.
                var stop = sigset_t()
                unsafe sigemptyset(&stop)
                unsafe sigaddset(&stop, SIGTSTP)
                unsafe pthread_sigmask(SIG_UNBLOCK, &stop, nil)
                unsafe pthread_sigmask(SIG_BLOCK, &stop, nil)
                take(nil)
            }
        }
    }

    /// The reason why the wait for an answer ended.
    private enum End {
        case answered, closed, interrupted, stopped
    }

    /// Asks the question once. Afterwards the page is always removed and the terminal is always restored.
    private func askOnce(
        _ question: String, _ hidden: Bool, _ page: (Bool) -> Void, _ whileWaiting: inout sigset_t,
        _ take: (UInt8) -> Void
    ) -> End {
        var settings = termios()
        if hidden {
            guard unsafe tcgetattr(terminal, &settings) == 0 else { return .closed }
            var quiet = settings
            quiet.c_lflag = quiet.c_lflag & ~tcflag_t(ECHO) | tcflag_t(ECHONL | ICANON | ISIG)
            guard unsafe tcsetattr(terminal, TCSADRAIN, &quiet) == 0 else { return .closed }
        }
        defer { if hidden { unsafe tcsetattr(terminal, TCSADRAIN, &settings) } }
        page(true)
        defer { page(false) }
        // Discard what the user typed before the question was shown, because it cannot be an answer to the question.
        tcflush(terminal, TCIFLUSH)
        guard Console.put(question, on: terminal) else { return .closed }

        var byte: UInt8 = 0
        defer { unsafe explicit_bzero(&byte, 1) }
        while true {
            if let end = wait(&whileWaiting) {
                // Discard the part of a secret that is already typed, because the next program that uses the terminal
                // would read it.
                tcflush(terminal, TCIFLUSH)
                _ = Console.put("\n", on: terminal)
                return end
            }
            let count = unsafe read(terminal, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return .closed }
            if byte == UInt8(ascii: "\n") { return .answered }
            take(byte)
        }
    }

    /// The signals other than Ctrl-C that terminate the process. While an answer is hidden, they are delayed until the
    /// terminal is restored.
    private static let deferred = [SIGTERM, SIGHUP, SIGQUIT]

    /// Waits for input. Ctrl-C has an effect only during this wait. Returns `nil` if there is input. Returns the reason
    /// if the wait was ended by Ctrl-C, or by a pending signal that terminates or stops the process.
    private func wait(_ signals: inout sigset_t) -> End? {
        while true {
            var readable = fd_set()
            let size = MemoryLayout<fd_set>.size
            guard terminal < size * 8 else { return nil }
            // Set the bit of the terminal's file descriptor, as the C macro FD_SET does.
            unsafe withUnsafeMutableBytes(of: &readable) { unsafe $0[Int(terminal / 8)] |= 1 << UInt8(terminal % 8) }
            var moment = timespec(tv_sec: 0, tv_nsec: 100_000_000)
            let count = unsafe pselect(terminal + 1, &readable, nil, nil, &moment, &signals)
            if count < 0 { return errno == EINTR ? .interrupted : nil }
            var pending = sigset_t()
            unsafe sigpending(&pending)
            if Self.deferred.contains(where: { unsafe sigismember(&pending, $0) == 1 }) { return .interrupted }
            if unsafe sigismember(&pending, SIGTSTP) == 1 { return .stopped }
            if count > 0 { return nil }
        }
    }
}

/// The error codes for questions to the user.
package enum QuestionRule: String, Advised {
    case interrupted = "question.interrupted"

    package var meaning: String { "interrupted at a question" }
    package var next: String { "nothing was done: run the command again to be asked again" }
    package var exit: ExitCode { .interrupted }
}

/// Shows a series of pictures at the terminal until the user stops it.
struct Animation {
    private let terminal: Int32

    init(_ terminal: Int32) { self.terminal = terminal }

    /// The signal that was received last; 0 if no signal was received. The variable is atomic, because any thread can
    /// receive the signal. Ctrl-C only ends the animation. A signal such as SIGTERM takes effect after the terminal is
    /// restored.
    private static let signal = Atomic(Int32(0))

    /// Signals that normally terminate the process.
    private static let endings = [SIGTERM, SIGHUP, SIGQUIT]

    /// Shows pictures on the terminal's alternate screen. Returns when the user types `q` or Ctrl-C, or when the
    /// terminal is closed. The terminal is always restored. Returns `false` if there is no terminal.
    ///
    /// - Parameters:
    ///   - milliseconds: how long each picture is shown.
    ///   - picture: returns the text of the picture with the given index, for a window of the given size.
    func run(_ milliseconds: Int, _ picture: (Int, Console.Window) -> String) -> Bool {
        var settings = termios()
        guard terminal >= 0, unsafe tcgetattr(terminal, &settings) == 0 else { return false }
        Self.signal.store(0, ordering: .sequentiallyConsistent)
        let before = ([SIGINT] + Self.endings).map { number in
            (number, Glibc.signal(number) { Animation.signal.store($0, ordering: .sequentiallyConsistent) })
        }
        // Ctrl-Z is ignored here, because a stopped process would leave the terminal without echo.
        let stop = Glibc.signal(SIGTSTP, SIG_IGN)
        var quiet = settings
        quiet.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG | IEXTEN)
        unsafe tcsetattr(terminal, TCSAFLUSH, &quiet)
        _ = Console.put("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J", on: terminal)
        show(milliseconds, picture)
        _ = Console.put("\u{1B}[?25h\u{1B}[?1049l", on: terminal)
        unsafe tcsetattr(terminal, TCSAFLUSH, &settings)
        for (number, action) in before { Glibc.signal(number, action) }
        Glibc.signal(SIGTSTP, stop)
        let came = Self.signal.load(ordering: .sequentiallyConsistent)
        if Self.endings.contains(came) { raise(came) }
        return true
    }

    private func show(_ milliseconds: Int, _ picture: (Int, Console.Window) -> String) {
        let clock = ContinuousClock()
        var end = clock.now
        var index = 0
        var shownIn: Console.Window?
        while Self.signal.load(ordering: .sequentiallyConsistent) == 0 {
            let window = Console.window(of: terminal) ?? Console.Window(columns: 80, rows: 24)
            // If the size of the window has changed, clear the whole window before the picture is drawn.
            let start = shownIn == window ? "\u{1B}[H" : "\u{1B}[2J\u{1B}[H"
            shownIn = window
            let lines = picture(index, window).split(separator: "\n", omittingEmptySubsequences: false)
            let text = start + lines.joined(separator: "\u{1B}[K\n") + "\u{1B}[J"
            guard Console.put(text, on: terminal) else { return }
            index += 1
            end = max(end.advanced(by: .milliseconds(milliseconds)), clock.now)
            if isEnded(by: end) { return }
        }
    }

    /// Waits until the time `end`. Returns `true` if the user has stopped the animation, or if the terminal is closed.
    private func isEnded(by end: ContinuousClock.Instant) -> Bool {
        while true {
            let left = end - ContinuousClock().now
            let (seconds, attoseconds) = left.components
            let milliseconds = max(0, Int32(seconds) * 1000 + Int32(attoseconds / 1_000_000_000_000_000))
            var request = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
            let count = unsafe poll(&request, 1, milliseconds)
            if count < 0 { return errno != EINTR }
            if count == 0 { return false }
            var keys = [UInt8](repeating: 0, count: 64)
            let read = unsafe Glibc.read(terminal, &keys, keys.count)
            guard read > 0 else { return true }
            // The keys q, Q, Ctrl-C and Ctrl-D stop the animation.
            let endings: Set<UInt8> = [0x71, 0x51, 3, 4]
            if !endings.isDisjoint(with: keys.prefix(read)) { return true }
        }
    }
}

/// Delays Ctrl-C and similar signals while the process does work that it must finish.
///
/// There is no signal handler. The kernel keeps the signals pending, and the code checks for them between two pieces of
/// work.
package enum Interrupts {
    private static var signals: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&set, number) }
        return set
    }

    /// Keeps Ctrl-C and similar signals pending from now on. This function must be called before other threads are
    /// started, because a thread inherits the signal mask.
    package static func hold() {
        var set = signals
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Whether the process has received Ctrl-C or a similar signal that is still pending.
    package static var isPending: Bool {
        var pending = sigset_t()
        guard unsafe sigpending(&pending) == 0 else { return false }
        return [SIGINT, SIGTERM, SIGHUP].contains { unsafe sigismember(&pending, $0) == 1 }
    }

    static var areHeld: Bool {
        var mask = sigset_t()
        guard unsafe pthread_sigmask(SIG_BLOCK, nil, &mask) == 0 else { return false }
        return unsafe sigismember(&mask, SIGINT) == 1
    }
}
