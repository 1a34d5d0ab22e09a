internal import AirlockCLinux
internal import AirlockCSeccomp
package import AirlockDiagnostics
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

extension Sandbox {
    /// The system calls that a sealed process has no more. All of them are ways out, or ways around the others.
    ///
    /// A list of what is forbidden rather than of what is allowed: Swift's runtime and libc use calls that no list
    /// foresees, and one of them would be missing on the day that money has to move.
    private static let forbidden = [
        // The network, whatever its family, and Unix sockets, behind which there may be a network.
        "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg",
        "recvfrom", "recvmsg", "recvmmsg", "shutdown", "setsockopt", "getsockopt", "getsockname", "getpeername",
        // The same calls and more, through a queue that no filter sees.
        "io_uring_setup", "io_uring_enter", "io_uring_register",
        // Other programs, which need not be honest.
        "execve", "execveat",
        // Other processes: their memory and their open sockets.
        "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "process_madvise",
        // The kernel itself and other namespaces, which the superuser could still reach for.
        "bpf", "perf_event_open", "init_module", "finit_module", "kexec_load", "kexec_file_load", "unshare", "setns",
        // The kernel starts a program to find a key (request_key(2)).
        "request_key",
    ]

    /// Commands to a terminal that type into it, which is to run any program once this one has ended.
    private static let forbiddenTerminalCommands = [TIOCSTI, TIOCLINUX]

    /// Takes the network, other programs and other processes away, from all threads and for good: each such call
    /// fails with EPERM from here on.
    ///
    /// No filter of system calls sees which file is opened, and through /proc/PID/mem a process can read and write the
    /// memory of every other one of its user. Where the kernel has Landlock (``hasLandlock``) this thread and those
    /// that it will start lose that too: a process in a Landlock domain can inspect none outside of it
    /// (landlock(7), "Ptrace restrictions").
    package static func seal() throws(SandboxError) {
        guard let filter = unsafe seccomp_init(SCMP_ACT_ALLOW) else {
            throw SandboxError(.cannotSeal, "seccomp_init", errno: ENOMEM)
        }
        defer { unsafe seccomp_release(filter) }
        // x32 and i386 have numbers of their own for the same calls. No honest code of ours uses them.
        try require(
            "SCMP_FLTATR_ACT_BADARCH", unsafe seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS))
        try require("SCMP_FLTATR_CTL_TSYNC", unsafe seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1))
        let refusal = airlock_scmp_act_errno(UInt16(EPERM))
        for name in forbidden {
            let call = unsafe seccomp_syscall_resolve_name(name)
            try require(name, unsafe seccomp_rule_add_array(filter, refusal, call, 0, nil))
        }
        for command in forbiddenTerminalCommands {
            // ioctl's command is 32 bits wide; what is above them must not tell two commands apart.
            let isCommand = scmp_arg_cmp(
                arg: 1, op: SCMP_CMP_MASKED_EQ, datum_a: scmp_datum_t(UInt32.max), datum_b: scmp_datum_t(command))
            let ioctl = unsafe seccomp_syscall_resolve_name("ioctl")
            try require("ioctl", unsafe seccomp_rule_add_array(filter, refusal, ioctl, 1, [isCommand]))
        }
        try require("seccomp_load", unsafe seccomp_load(filter))
        // After the filter, with which libseccomp has set PR_SET_NO_NEW_PRIVS, as Landlock demands.
        guard hasLandlock, airlock_landlock_restrict() != 0 else { return }
        throw SandboxError(.cannotSeal, "landlock_restrict_self", errno: errno)
    }

    /// Whether the kernel has Landlock (Linux 5.13, and enabled at boot), with which ``seal()`` closes the memory of
    /// other processes.
    package static var hasLandlock: Bool { airlock_landlock_version() > 0 }

    /// Whether this process has no network, by the kernel's own word.
    ///
    /// A container may have put the process under some filter already: only its answer says what the filter does.
    package static var isSealed: Bool {
        airlock_prctl(PR_GET_SECCOMP, 0) == SECCOMP_MODE_FILTER && airlock_ask_for_impossible_socket() < 0
            && errno == EPERM
    }

    /// libseccomp answers with a negative errno.
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

/// A right that the process could not give up; it must end before it touches a key.
package struct SandboxError: RuleBroken, Hashable, Sendable {
    package let rule: SandboxRule
    /// Which call was refused, and why.
    package let detail: String

    init(_ rule: SandboxRule, _ call: String, errno code: Int32) {
        self.rule = rule
        self.detail = unsafe "\(call): \(String(cString: strerror(code)))"
    }

    package var problems: [Problem] { [Problem(rule, detail: detail)] }
}
