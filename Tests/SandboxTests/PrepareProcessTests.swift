import AirlockCLinux
import Foundation
import Glibc
import AirlockDiagnostics
import AirlockSandbox
import AirlockTestSupport
import Testing

/// Returns a value from this thread's status in /proc; `nil` if the value is missing.
private func status(_ name: String) -> String? {
    let text = try? FileHandle(forReadingFrom: URL(filePath: "/proc/thread-self/status")).readToEnd()
    return text.map { String(decoding: $0, as: UTF8.self) }?.split(separator: "\n")
        .first { $0.hasPrefix(name + ":") }?.split(separator: "\t").last.map(String.init)
}

/// Returns the signals for which this process has a handler, as a bit mask.
private func caught() -> UInt64? { status("SigCgt").flatMap { UInt64($0, radix: 16) } }

private func isOpen(_ number: Int32) -> Bool { fcntl(number, F_GETFD) >= 0 }

/// `prepareProcess` must run in a process with one thread, as it does in `main`. The test process has other threads,
/// and the function would close their descriptors. So each test in which the function succeeds runs it in a child
/// process.
@Suite("A prepared process")
struct PrepareProcessTests {
    @Test("creates files with the mode they are to have, under whatever mask it was started")
    func mask() async {
        await #expect(processExitsWith: .success) {
            let code = exitCodeOfChild {
                umask(0o777)
                try Sandbox.prepareProcess()
                return umask(0) == 0o077
            }
            #expect(code == EXIT_SUCCESS)
        }
    }

    @Test("leaves no core file, cannot be dumped, and gains no rights")
    func memory() async {
        await #expect(processExitsWith: .success) {
            let code = exitCodeOfChild {
                var limit = rlimit(rlim_cur: 1, rlim_max: 1)
                try Sandbox.prepareProcess()
                return unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0
                    && limit.rlim_cur == 0 && limit.rlim_max == 0
                    && airlock_prctl(PR_GET_DUMPABLE, 0) == 0
                    && status("NoNewPrivs") == "1"
            }
            #expect(code == EXIT_SUCCESS)
            #expect(status("NoNewPrivs") == "0")
        }
    }

    @Test("leaves crashes to the kernel")
    func signals() async {
        await #expect(processExitsWith: .success) {
            let numbers = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGQUIT]
            for number in numbers { signal(number) { _ in } }
            let mask = numbers.reduce(UInt64(0)) { $0 | 1 << UInt64($1 - 1) }
            #expect(caught().map { $0 & mask } == mask)
            let code = exitCodeOfChild {
                try Sandbox.prepareProcess()
                return caught().map { $0 & mask } == 0
            }
            #expect(code == EXIT_SUCCESS)
        }
    }

    @Test("has no descriptor but the standard streams")
    func descriptors() async {
        await #expect(processExitsWith: .success) {
            #expect(dup2(STDIN_FILENO, 500) == 500)
            let code = exitCodeOfChild {
                try Sandbox.prepareProcess()
                return (0...2).allSatisfy { isOpen($0) } && !(3...500).contains { isOpen($0) }
            }
            #expect(code == EXIT_SUCCESS)
        }
    }

    @Test("never opens a file as a standard stream that was closed, nor uses the closed one")
    func closedStreams() async {
        await #expect(processExitsWith: .success) {
            let code = exitCodeOfChild {
                close(STDIN_FILENO)
                close(STDOUT_FILENO)
                try Sandbox.prepareProcess()
                var byte: UInt8 = 0
                return unsafe open("/dev/null", O_RDWR) == 3
                    && read(STDIN_FILENO, &byte, 1) == -1
                    && write(STDOUT_FILENO, &byte, 1) == -1
            }
            #expect(code == EXIT_SUCCESS)
        }
    }

    @Test(
        "is not made where the kernel refuses: the call throws",
        arguments: [
            ("prctl", "PR_SET_DUMPABLE: Permission denied"), ("prlimit64", "setrlimit: Permission denied"),
            ("close_range", "close_range: Permission denied"),
        ])
    func refused(systemCall: String, detail: String) async {
        await #expect(processExitsWith: .success) { [systemCall, detail] in
            #expect(deny(systemCall, with: EACCES))
            let error = #expect(throws: SandboxError.self) { try Sandbox.prepareProcess() }
            #expect(error?.rule == .cannotPrepare)
            #expect(error?.detail == detail)
        }
    }
}
