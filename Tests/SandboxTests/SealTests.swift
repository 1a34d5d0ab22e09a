import Foundation
import Glibc
import AirlockDiagnostics
import AirlockSandbox
import AirlockTestSupport
import Testing

/// The system calls that a sealed process must not be able to make.
private let forbidden = [
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg",
    "recvfrom", "recvmsg", "recvmmsg", "shutdown", "setsockopt", "getsockopt", "getsockname", "getpeername",
    "io_uring_setup", "io_uring_enter", "io_uring_register", "execve", "execveat", "ptrace", "process_vm_readv",
    "process_vm_writev", "pidfd_getfd", "process_madvise", "bpf", "perf_event_open", "init_module", "finit_module",
    "kexec_load", "kexec_file_load", "unshare", "setns", "request_key",
]

/// Returns the forbidden system calls that this thread can still make.
private func waysOut() -> [String] {
    forbidden.filter { errnoOfSystemCall(numberOfSystemCall($0)) != EPERM }
}

/// Runs `body` in a new thread, and waits for it.
private func inThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}

@Suite("A sealed process")
struct SealTests {
    @Test("has none of the system calls that lead out, in any thread")
    func forbiddenCalls() async {
        await #expect(processExitsWith: .success) {
            let (sealing, resume) = AsyncStream<Void>.makeStream()
            let isSealed = DispatchSemaphore(value: 0)
            async let earlier = inThread {
                resume.finish()
                isSealed.wait()
                return waysOut()
            }
            for await _ in sealing {}
            #expect(waysOut().contains("socket"))
            #expect(!Sandbox.isSealed)

            try Sandbox.seal()
            isSealed.signal()
            #expect(Sandbox.isSealed)
            #expect(waysOut() == [])
            #expect(await earlier == [])
            #expect(await inThread { waysOut() } == [])
        }
    }

    @Test("can neither open a socket, nor use one it had, nor start a program, nor be traced")
    func attempts() async {
        await #expect(processExitsWith: .success) {
            let older = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            #expect(older >= 0)
            try Sandbox.seal()

            for family in [AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK] {
                errno = 0
                #expect(socket(family, Int32(SOCK_STREAM.rawValue), 0) == -1)
                #expect(errno == EPERM)
            }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(9).bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let connected = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(older, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            #expect(connected == -1)
            #expect(errno == EPERM)
            #expect(unsafe send(older, "x", 1, 0) == -1)
            #expect(errno == EPERM)

            var child: pid_t = 0
            var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [strdup("true"), nil]
            #expect(unsafe posix_spawn(&child, "/bin/true", nil, nil, &arguments, nil) == EPERM)
            #expect(unsafe execv("/bin/true", &arguments) == -1)
            #expect(errno == EPERM)
            // The request 0 of ptrace(2) is PTRACE_TRACEME.
            #expect(errnoOfSystemCall(numberOfSystemCall("ptrace"), all: 0) == EPERM)
        }
    }

    @Test("can neither read nor write the memory of another process of its user", .enabled(if: Sandbox.hasLandlock))
    func otherProcesses() async {
        await #expect(processExitsWith: .success) {
            let code = exitCodeOfChild {
                // The parent is another process of this user. Before the seal, this process can open the parent's
                // memory.
                let parent = getppid()
                let memory = "/proc/\(parent)/mem"
                func isOpen(_ file: String, _ flags: Int32 = O_RDONLY) -> Bool { unsafe open(file, flags) >= 0 }
                guard isOpen(memory), isOpen(memory, O_RDWR) else { return false }
                try Sandbox.seal()
                errno = 0
                guard !isOpen(memory), !isOpen(memory, O_RDWR), errno == EACCES else { return false }
                // The process can still read its own memory map, as Swift's runtime does. It can also still read other
                // files of /proc, such as meminfo.
                return isOpen("/proc/self/maps") && isOpen("/proc/meminfo")
            }
            #expect(code == EXIT_SUCCESS)
        }
    }

    @Test(
        "is not made where the kernel has Landlock and refuses it: the call throws", .enabled(if: Sandbox.hasLandlock))
    func landlockRefused() async {
        await #expect(processExitsWith: .success) {
            #expect(deny("landlock_restrict_self", with: EACCES))
            let error = #expect(throws: SandboxError.self) { try Sandbox.seal() }
            #expect(error?.rule == .cannotSeal)
            #expect(error?.detail == "landlock_restrict_self: Permission denied")
        }
    }

    @Test("is made, without closing the memory of others, where the kernel has no Landlock")
    func noLandlock() async {
        await #expect(processExitsWith: .success) {
            #expect(deny("landlock_create_ruleset", with: ENOSYS))
            #expect(!Sandbox.hasLandlock)
            try Sandbox.seal()
            #expect(Sandbox.isSealed)
        }
    }

    @Test("cannot type into its terminal")
    func terminal() async {
        await #expect(processExitsWith: .success) {
            let terminal = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
            var letter = CChar(UInt8(ascii: "x"))
            try Sandbox.seal()
            for above in [UInt(0), 1 << 32] {
                for command in [UInt(TIOCSTI), UInt(TIOCLINUX)] {
                    errno = 0
                    #expect(unsafe ioctl(terminal, command | above, &letter) == -1)
                    #expect(errno == EPERM)
                }
            }
            var size = winsize()
            #expect(unsafe ioctl(terminal, UInt(TIOCGWINSZ), &size) == 0)
        }
    }

    @Test("still has files, threads, time, randomness and pipes")
    func leaves() async {
        await #expect(processExitsWith: .success) {
            try Sandbox.seal()
            let scratch = try Scratch()
            scratch.file("a", "content")
            #expect(try scratch.content("a") == "content")
            #expect(await inThread { true })
            #expect(time(nil) > 0)
            #expect(UInt64.random(in: 0...UInt64.max) != UInt64.random(in: 0...UInt64.max))
            var ends: [Int32] = [0, 0]
            #expect(unsafe pipe(&ends) == 0)
            #expect(unsafe write(ends[1], "x", 1) == 1)
        }
    }

    @Test("can be sealed again, and stays sealed")
    func again() async {
        await #expect(processExitsWith: .success) {
            try Sandbox.seal()
            try Sandbox.seal()
            #expect(Sandbox.isSealed)
        }
    }

    #if arch(x86_64)
        @Test("dies of a system call by x32's numbers")
        func x32() async {
            await #expect(processExitsWith: .signal(SIGSYS)) {
                try Sandbox.seal()
                // The number of the system call is __X32_SYSCALL_BIT plus the number of `socket`.
                _ = errnoOfSystemCall(0x4000_0000 + 41)
            }
        }

        @Test("dies of a system call by i386's numbers")
        func i386() async {
            // The process dies of SIGSYS. If the kernel was built without support for i386, it dies of SIGSEGV.
            await #expect(processExitsWith: .failure) {
                // The machine code of: mov eax, 20 (getpid); int 0x80; ret
                let code: [UInt8] = [0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3]
                let page = unsafe mmap(
                    nil, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                unsafe page?.copyMemory(from: code, byteCount: code.count)
                let getpid = unsafe unsafeBitCast(page, to: (@convention(c) () -> Int32).self)
                try Sandbox.seal()
                _ = getpid()
            }
        }
    #endif

    @Test("is not made where the kernel refuses: the call throws")
    func refused() async {
        await #expect(processExitsWith: .success) {
            #expect(deny("seccomp", with: EACCES))
            let error = #expect(throws: SandboxError.self) { try Sandbox.seal() }
            #expect(error?.rule == .cannotSeal)
            #expect(error?.detail == "seccomp_load: Operation canceled")
            #expect(!Sandbox.isSealed)
        }
    }
}
