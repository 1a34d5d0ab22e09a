internal import AirlockCLinux
internal import AirlockCSeccomp
package import AirlockDiagnostics
import Glibc

/// Functions that take permissions away from this process. Call them before the process reads a key. If one of them
/// throws, terminate the process.
package enum Sandbox {
    /// Protects this process's memory from other processes, and closes inherited file descriptors.
    ///
    /// Call this function first in a synchronous `main`, while the process has only one thread and no open file. In an
    /// `async main`, the Swift runtime already has file descriptors of its own, and this function would close them.
    /// Also, PR_SET_NO_NEW_PRIVS (prctl(2)) does not apply to threads that are already running, such as those of the
    /// runtime. It applies only to the calling thread and to threads that the calling thread starts later.
    package static func prepareProcess() throws(SandboxError) {
        // After a crash, Swift's crash handler would print registers and nearby memory, which may contain a key. So the
        // signals that a crash causes get their default actions. signal(2) cannot fail for these signals.
        for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGQUIT] { signal(number, SIG_DFL) }
        // Forbids core files, and forbids debuggers of the same user to attach (prctl(2), PR_SET_DUMPABLE). Core files
        // and debuggers would expose the key.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        try check("setrlimit", unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none))
        try check("PR_SET_DUMPABLE", airlock_prctl(PR_SET_DUMPABLE, 0))
        try check("PR_SET_NO_NEW_PRIVS", airlock_prctl(PR_SET_NO_NEW_PRIVS, 1))
        // Sets the umask, so that only this user can access new files. The umask of the parent process is ignored.
        umask(0o077)
        // If the parent process closed a standard stream, the next file that is opened would get the file descriptor of
        // that stream. Messages would then be written into that file. So the root folder is opened first and gets this
        // descriptor. Reading from a folder or writing to it fails, so any use of the stream is still an error.
        for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) < 0 {
            try check("open", unsafe open("/", O_RDONLY | O_DIRECTORY) == stream ? 0 : -1)
        }
        // Closes all other file descriptors that the parent process left open, such as sockets.
        try check("close_range", airlock_close_from(3))
    }

    private static func check(_ call: String, _ answer: Int32) throws(SandboxError) {
        guard answer == 0 else { throw SandboxError(.cannotPrepare, call, errno: errno) }
    }
}

extension Sandbox {
    /// The system calls that the filter forbids after ``seal()``. They could reach other processes, the network or the
    /// kernel, or circumvent the filter.
    ///
    /// This is a deny list. An allow list could lack a system call that Swift's runtime or libc makes, and then a
    /// payment would fail.
    private static let forbidden = [
        // System calls on sockets of every family. Even through a Unix socket, data can reach a network.
        "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg",
        "recvfrom", "recvmsg", "recvmmsg", "shutdown", "setsockopt", "getsockopt", "getsockname", "getpeername",
        // Through the queue of io_uring, a process could use sockets without the system calls above. seccomp does not
        // filter requests in this queue.
        "io_uring_setup", "io_uring_enter", "io_uring_register",
        // System calls that start other programs.
        "execve", "execveat",
        // System calls that reach the memory or the open sockets of other processes.
        "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "process_madvise",
        // System calls that change the kernel or switch to another namespace. A process of the user root could use
        // them.
        "bpf", "perf_event_open", "init_module", "finit_module", "kexec_load", "kexec_file_load", "unshare", "setns",
        // If a process calls request_key(2), the kernel can start another program to find the requested key.
        "request_key",
    ]

    /// The commands of ioctl(2) that insert input into the terminal. After this process has exited, the shell would run
    /// that input as a command.
    private static let forbiddenTerminalCommands = [TIOCSTI, TIOCLINUX]

    /// Blocks the network, the start of other programs, and access to other processes. The block is permanent and
    /// applies to all threads: every forbidden system call fails with EPERM.
    ///
    /// A filter of system calls does not see which file is opened. Through /proc/PID/mem, a process could still read
    /// and write the memory of other processes of the same user. If the kernel has Landlock (``hasLandlock``), that
    /// access is blocked too, for this thread and for threads that it starts later. A process in a Landlock domain
    /// cannot inspect processes outside of the domain (landlock(7), "Ptrace restrictions").
    package static func seal() throws(SandboxError) {
        guard let filter = unsafe seccomp_init(SCMP_ACT_ALLOW) else {
            throw SandboxError(.cannotSeal, "seccomp_init", errno: ENOMEM)
        }
        defer { unsafe seccomp_release(filter) }
        // The x32 and i386 interfaces have other numbers for the same system calls, so the filter would not recognise
        // system calls through these interfaces. This program never uses them. So the filter makes the kernel kill the
        // process if it uses one of them.
        try require(
            "SCMP_FLTATR_ACT_BADARCH", unsafe seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS))
        try require("SCMP_FLTATR_CTL_TSYNC", unsafe seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1))
        let refusal = airlock_scmp_act_errno(UInt16(EPERM))
        for name in forbidden {
            let call = unsafe seccomp_syscall_resolve_name(name)
            try require(name, unsafe seccomp_rule_add_array(filter, refusal, call, 0, nil))
        }
        for command in forbiddenTerminalCommands {
            // The kernel reads only the low 32 bits of the ioctl command, so the filter must ignore the high bits.
            let isCommand = scmp_arg_cmp(
                arg: 1, op: SCMP_CMP_MASKED_EQ, datum_a: scmp_datum_t(UInt32.max), datum_b: scmp_datum_t(command))
            let ioctl = unsafe seccomp_syscall_resolve_name("ioctl")
            try require("ioctl", unsafe seccomp_rule_add_array(filter, refusal, ioctl, 1, [isCommand]))
        }
        try require("seccomp_load", unsafe seccomp_load(filter))
        // Landlock requires PR_SET_NO_NEW_PRIVS. libseccomp set this attribute when it loaded the filter above.
        guard hasLandlock, airlock_landlock_restrict() != 0 else { return }
        throw SandboxError(.cannotSeal, "landlock_restrict_self", errno: errno)
    }

    /// Whether the kernel has Landlock. Landlock exists since Linux 5.13, and must be enabled at boot. ``seal()`` uses
    /// Landlock to block access to the memory of other processes.
    package static var hasLandlock: Bool { airlock_landlock_version() > 0 }

    /// Whether the kernel refuses to create a socket for this process.
    ///
    /// A container can install its own filter for the process, and that filter can allow sockets. So the existence of a
    /// filter does not prove that the network is blocked. Therefore this property also tries to create a socket.
    package static var isSealed: Bool {
        airlock_prctl(PR_GET_SECCOMP, 0) == SECCOMP_MODE_FILTER && airlock_ask_for_impossible_socket() < 0
            && errno == EPERM
    }

    /// Throws if `answer`, the result of a libseccomp function, is not 0. It is then a negative errno.
    private static func require(_ call: String, _ answer: Int32) throws(SandboxError) {
        guard answer == 0 else { throw SandboxError(.cannotSeal, call, errno: -answer) }
    }
}

/// The error codes of the sandbox. `cannotPrepare` means that the kernel does not protect this process's memory.
/// `cannotSeal` means that the kernel does not enforce the block that ``Sandbox/seal()`` describes.
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

/// The error that is thrown if a permission could not be taken away from the process. The process must then exit before
/// it reads a key.
package struct SandboxError: RuleBroken, Hashable, Sendable {
    package let rule: SandboxRule
    /// The function or system call that failed, and the reason.
    package let detail: String

    init(_ rule: SandboxRule, _ call: String, errno code: Int32) {
        self.rule = rule
        self.detail = unsafe "\(call): \(String(cString: strerror(code)))"
    }

    package var problems: [Problem] { [Problem(rule, detail: detail)] }
}
