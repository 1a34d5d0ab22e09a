internal import AirlockCLinux
import Glibc

/// What a process gives up before it touches a key. It fails closed: whoever calls it ends the process when it throws.
package enum Sandbox {
    /// Keeps this process's memory to itself, and closes what its parent left open.
    ///
    /// To be called first thing in a synchronous `main`, while there is one thread and no file: an `async main` has
    /// descriptors of the runtime's by then, which would be closed under it, and the right to gain rights (prctl(2),
    /// PR_SET_NO_NEW_PRIVS) is given up for the calling thread and those it will start.
    package static func prepareProcess() throws(SandboxError) {
        // Swift's crash handler would print registers and the memory around them. signal(2) fails for no real signal.
        for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGQUIT] { signal(number, SIG_DFL) }
        // No core file, and (prctl(2), PR_SET_DUMPABLE) no debugger of the same user: two ways to the same bytes.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        try check("setrlimit", unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none))
        try check("PR_SET_DUMPABLE", airlock_prctl(PR_SET_DUMPABLE, 0))
        try check("PR_SET_NO_NEW_PRIVS", airlock_prctl(PR_SET_NO_NEW_PRIVS, 1))
        // What is created has the mode that it is created with, whatever the parent's mask takes away.
        umask(0o077)
        // A standard stream that the parent has closed would be the number of the next file opened, and a message
        // would end up in that file. A folder can be neither read nor written, so using the stream stays an error.
        for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) < 0 {
            try check("open", unsafe open("/", O_RDONLY | O_DIRECTORY) == stream ? 0 : -1)
        }
        // Nothing that the parent left open, a socket perhaps, is ours to use.
        try check("close_range", airlock_close_from(3))
    }

    private static func check(_ call: String, _ answer: Int32) throws(SandboxError) {
        guard answer == 0 else { throw SandboxError(.cannotPrepare, call, errno: errno) }
    }
}
