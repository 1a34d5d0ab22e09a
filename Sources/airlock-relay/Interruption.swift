import Glibc

/// What happens when a person interrupts the tool.
enum Interruption {
    /// Ends with 130 at once, whatever is going on: what the journal has written is whole at every moment.
    static func endCleanly() {
        signal(SIGINT) { _ in
            let text: StaticString = "\nairlock-relay: interrupted; run the same command again to go on\n"
            // Nothing else may be called in a signal's handler.
            unsafe _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
            _exit(130)
        }
        // Whoever started this may have had it blocked, and that is inherited.
        var interrupt = sigset_t()
        unsafe sigemptyset(&interrupt)
        unsafe sigaddset(&interrupt, SIGINT)
        unsafe pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
    }
}
