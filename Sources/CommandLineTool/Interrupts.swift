internal import Glibc

/// Ctrl-C and its like, held back while a piece of work must not be left half done.
///
/// Nothing is handled: the signals stay pending in the kernel, and the work asks for them between its pieces.
package enum Interrupts {
    private static var signals: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&set, number) }
        return set
    }

    /// From here on an interrupt waits. To be called before other threads begin, which then hold it back as well.
    package static func hold() {
        var set = signals
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Is one waiting?
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
