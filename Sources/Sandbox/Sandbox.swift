internal import AirlockCLinux
internal import AirlockCSeccomp
package import AirlockDiagnostics
import Glibc

/// Rights that a process gives up before it touches a key. If a function throws, the caller must end the process.
package enum Sandbox {
    /// Protects this process's memory from other processes, and closes inherited file descriptors.
    ///
    /// Call it first in a synchronous `main`, while there is one thread and no open file. In an `async main` the Swift
    /// runtime has descriptors of its own already, which this would close; and PR_SET_NO_NEW_PRIVS (prctl(2)) holds
    /// only for the calling thread and the threads that it starts later.
    package static func prepareProcess() throws(SandboxError) {
        // Swift's crash handler would print registers and the memory near them. signal(2) cannot fail for these
        // signals.
        for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGQUIT] { signal(number, SIG_DFL) }
        // No core file, and no debugger of the same user (prctl(2), PR_SET_DUMPABLE): both would expose the key.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        try check("setrlimit", unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none))
        try check("PR_SET_DUMPABLE", airlock_prctl(PR_SET_DUMPABLE, 0))
        try check("PR_SET_NO_NEW_PRIVS", airlock_prctl(PR_SET_NO_NEW_PRIVS, 1))
        // New files are accessible to this user alone, whatever umask the parent had.
        umask(0o077)
        // If the parent closed a standard stream, the next opened file would get its number, and messages would be
        // written into that file. A folder takes the number instead: it can be neither read nor written, so that using
        // the stream stays an error.
        for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) < 0 {
            try check("open", unsafe open("/", O_RDONLY | O_DIRECTORY) == stream ? 0 : -1)
        }
        // Close whatever else the parent left open, such as a socket.
        try check("close_range", airlock_close_from(3))
    }

    private static func check(_ call: String, _ answer: Int32) throws(SandboxError) {
        guard answer == 0 else { throw SandboxError(.cannotPrepare, call, errno: errno) }
    }
}

extension Sandbox {
    /// The system calls that a sealed process cannot make: those that reach beyond the process, and those that
    /// circumvent the filter.
    ///
    /// A deny list, not an allow list: Swift's runtime and libc make calls that an allow list could miss, and a payment
    /// would then fail.
    private static let forbidden = [
        // Sockets of every family: behind a Unix socket there may be a network.
        "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg",
        "recvfrom", "recvmsg", "recvmmsg", "shutdown", "setsockopt", "getsockopt", "getsockname", "getpeername",
        // io_uring makes the same calls through a queue that seccomp does not filter.
        "io_uring_setup", "io_uring_enter", "io_uring_register",
        // Starting other programs.
        "execve", "execveat",
        // Other processes: their memory and their open sockets.
        "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "process_madvise",
        // The kernel and other namespaces, which a process of the superuser could change.
        "bpf", "perf_event_open", "init_module", "finit_module", "kexec_load", "kexec_file_load", "unshare", "setns",
        // The kernel starts a program to find a key (request_key(2)).
        "request_key",
    ]

    /// Terminal commands (ioctl(2)) that insert input, which a shell would run after this process has ended.
    private static let forbiddenTerminalCommands = [TIOCSTI, TIOCLINUX]

    /// Blocks the network, starting programs and access to other processes, for all threads and permanently: from now
    /// on each such call fails with EPERM.
    ///
    /// A filter of system calls does not see which file is opened, and through /proc/PID/mem a process can read and
    /// write the memory of its user's other processes. If the kernel has Landlock (``hasLandlock``), this thread and
    /// the threads that it starts later lose that access too: a process in a Landlock domain cannot inspect processes
    /// outside of it (landlock(7), "Ptrace restrictions").
    package static func seal() throws(SandboxError) {
        guard let filter = unsafe seccomp_init(SCMP_ACT_ALLOW) else {
            throw SandboxError(.cannotSeal, "seccomp_init", errno: ENOMEM)
        }
        defer { unsafe seccomp_release(filter) }
        // x32 and i386 have other numbers for the same calls. This program never makes such calls.
        try require(
            "SCMP_FLTATR_ACT_BADARCH", unsafe seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS))
        try require("SCMP_FLTATR_CTL_TSYNC", unsafe seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1))
        let refusal = airlock_scmp_act_errno(UInt16(EPERM))
        for name in forbidden {
            let call = unsafe seccomp_syscall_resolve_name(name)
            try require(name, unsafe seccomp_rule_add_array(filter, refusal, call, 0, nil))
        }
        for command in forbiddenTerminalCommands {
            // The kernel reads the low 32 bits of ioctl's command alone, so the filter must ignore the others.
            let isCommand = scmp_arg_cmp(
                arg: 1, op: SCMP_CMP_MASKED_EQ, datum_a: scmp_datum_t(UInt32.max), datum_b: scmp_datum_t(command))
            let ioctl = unsafe seccomp_syscall_resolve_name("ioctl")
            try require("ioctl", unsafe seccomp_rule_add_array(filter, refusal, ioctl, 1, [isCommand]))
        }
        try require("seccomp_load", unsafe seccomp_load(filter))
        // Landlock requires PR_SET_NO_NEW_PRIVS, which libseccomp has set with the filter above.
        guard hasLandlock, airlock_landlock_restrict() != 0 else { return }
        throw SandboxError(.cannotSeal, "landlock_restrict_self", errno: errno)
    }

    /// Whether the kernel has Landlock (Linux 5.13, and enabled at boot), with which ``seal()`` blocks access to the
    /// memory of other processes.
    package static var hasLandlock: Bool { airlock_landlock_version() > 0 }

    /// Whether the kernel refuses this process a socket.
    ///
    /// A container may have installed a filter already. Only an attempt shows what a filter blocks.
    package static var isSealed: Bool {
        airlock_prctl(PR_GET_SECCOMP, 0) == SECCOMP_MODE_FILTER && airlock_ask_for_impossible_socket() < 0
            && errno == EPERM
    }

    /// libseccomp returns a negative errno.
    private static func require(_ call: String, _ answer: Int32) throws(SandboxError) {
        guard answer == 0 else { throw SandboxError(.cannotSeal, call, errno: -answer) }
    }
}

/// The rules of the sandbox.
package enum SandboxRule: String, Rule {
    case cannotPrepare = "sandbox.cannot-prepare"
    case cannotSeal = "sandbox.cannot-seal"

    package var meaning: String {
        switch self {
        case .cannotPrepare: "the kernel does not let this process protect its memory"
        case .cannotSeal: "the kernel does not take this process's network away"
        }
    }
}

/// A right that the process could not give up. The process must end before it touches a key.
package struct SandboxError: RuleBroken, Hashable, Sendable {
    package let rule: SandboxRule
    /// The call that was refused, and the reason.
    package let detail: String

    init(_ rule: SandboxRule, _ call: String, errno code: Int32) {
        self.rule = rule
        self.detail = unsafe "\(call): \(String(cString: strerror(code)))"
    }

    package var problems: [Problem] { [Problem(rule, detail: detail)] }
}
