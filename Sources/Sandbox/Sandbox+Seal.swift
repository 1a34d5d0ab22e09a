internal import AirlockCLinux
internal import AirlockCSeccomp
import Glibc

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
        try check(
            "SCMP_FLTATR_ACT_BADARCH", unsafe seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS))
        try check("SCMP_FLTATR_CTL_TSYNC", unsafe seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1))
        let refusal = airlock_scmp_act_errno(UInt16(EPERM))
        for name in forbidden {
            try check(name, unsafe seccomp_rule_add_array(filter, refusal, seccomp_syscall_resolve_name(name), 0, nil))
        }
        for command in forbiddenTerminalCommands {
            // ioctl's command is 32 bits wide; what is above them must not tell two commands apart.
            let isCommand = scmp_arg_cmp(
                arg: 1, op: SCMP_CMP_MASKED_EQ, datum_a: scmp_datum_t(UInt32.max), datum_b: scmp_datum_t(command))
            let ioctl = unsafe seccomp_syscall_resolve_name("ioctl")
            try check("ioctl", unsafe seccomp_rule_add_array(filter, refusal, ioctl, 1, [isCommand]))
        }
        try check("seccomp_load", unsafe seccomp_load(filter))
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
    private static func check(_ call: String, _ answer: Int32) throws(SandboxError) {
        guard answer == 0 else { throw SandboxError(.cannotSeal, call, errno: -answer) }
    }
}
