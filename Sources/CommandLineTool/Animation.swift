internal import Glibc
import Synchronization

/// Pictures at the terminal, one after the other, until the person ends it.
struct Animation {
    private let terminal: Int32

    init(_ terminal: Int32) { self.terminal = terminal }

    /// Which signal came, to be obeyed once the terminal is as it was; 0 for none. A signal may come to any thread.
    private static let signal = Atomic(Int32(0))

    /// Signals that end the process by themselves.
    private static let endings = [SIGTERM, SIGHUP, SIGQUIT]

    /// Shows pictures on a screen of their own until `q` or Ctrl-C is typed, or the terminal goes away. However it ends,
    /// the terminal is as it was. False when there is no terminal.
    ///
    /// - Parameters:
    ///   - milliseconds: how long each picture stays.
    ///   - picture: the picture with an index, for a window of this size, in lines.
    func run(_ milliseconds: Int, _ picture: (Int, Console.Window) -> String) -> Bool {
        var settings = termios()
        guard terminal >= 0, unsafe tcgetattr(terminal, &settings) == 0 else { return false }
        Self.signal.store(0, ordering: .sequentiallyConsistent)
        let before = ([SIGINT] + Self.endings).map { number in
            (number, Glibc.signal(number) { Animation.signal.store($0, ordering: .sequentiallyConsistent) })
        }
        // Stopped half way it would leave a terminal that echoes nothing. Ctrl-Z is a key like any other here.
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
            // Of a window that became another nothing old stays.
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

    /// Waits until then. True where the person has ended it, or is gone.
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
            // q, Q, Ctrl-C and Ctrl-D.
            let endings: Set<UInt8> = [0x71, 0x51, 3, 4]
            if !endings.isDisjoint(with: keys.prefix(read)) { return true }
        }
    }
}
