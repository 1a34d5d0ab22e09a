internal import Glibc
public import Problems

/// One question at the terminal, and its answer: one line, typed in the open or hidden.
struct Question {
    private let terminal: Int32

    init(_ terminal: Int32) { self.terminal = terminal }

    /// Asks, and hands each byte of the answer over as it is read, so that no copy of a secret is made here. False when
    /// there is no terminal, or when it closed.
    ///
    /// Ctrl-C ends the question and not the process: what ends early is then reported as everything else is. Other
    /// signals that end or stop the process wait until the terminal is as it was before.
    func ask(_ question: String, hidden: Bool, _ take: (UInt8) -> Void) throws(Problem) -> Bool {
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

        var settings = termios()
        if hidden {
            guard unsafe tcgetattr(terminal, &settings) == 0 else { return false }
            var quiet = settings
            quiet.c_lflag = quiet.c_lflag & ~tcflag_t(ECHO) | tcflag_t(ECHONL | ICANON | ISIG)
            guard unsafe tcsetattr(terminal, TCSADRAIN, &quiet) == 0 else { return false }
        }
        defer { if hidden { unsafe tcsetattr(terminal, TCSADRAIN, &settings) } }
        // What was typed before the question was there answers another one, or none: nobody agrees to what is not shown.
        tcflush(terminal, TCIFLUSH)
        guard Console.put(question, on: terminal) else { return false }

        var byte: UInt8 = 0
        defer { unsafe explicit_bzero(&byte, 1) }
        while true {
            guard wait(&whileWaiting) else {
                // Half a secret must not be left to whoever reads the terminal next.
                tcflush(terminal, TCIFLUSH)
                _ = Console.put("\n", on: terminal)
                throw Problem(QuestionRule.interrupted)
            }
            let count = unsafe read(terminal, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return false }
            if byte == UInt8(ascii: "\n") { return true }
            take(byte)
        }
    }

    /// Signals that end the process, once the terminal is as it was before.
    private static let deferred = [SIGTERM, SIGHUP, SIGQUIT]

    /// Waits until there is something to read, and lets Ctrl-C in for that time alone; false when it came, or a signal
    /// that waits to end the process.
    private func wait(_ signals: inout sigset_t) -> Bool {
        while true {
            var readable = fd_set()
            let size = MemoryLayout<fd_set>.size
            guard terminal < size * 8 else { return true }
            // FD_SET, which is a macro: the descriptor's bit.
            unsafe withUnsafeMutableBytes(of: &readable) { unsafe $0[Int(terminal / 8)] |= 1 << UInt8(terminal % 8) }
            var moment = timespec(tv_sec: 0, tv_nsec: 200_000_000)
            let count = unsafe pselect(terminal + 1, &readable, nil, nil, &moment, &signals)
            if count > 0 { return true }
            if count < 0 { return errno != EINTR }
            var pending = sigset_t()
            unsafe sigpending(&pending)
            if Self.deferred.contains(where: { unsafe sigismember(&pending, $0) == 1 }) { return false }
        }
    }
}

/// The rules of questions.
public enum QuestionRule: String, Rule {
    case interrupted = "question.interrupted"

    public var meaning: String { "interrupted at a question" }
    public var next: String { "nothing was done: run the command again to be asked again" }
    public var exit: ExitCode { .interrupted }
}
