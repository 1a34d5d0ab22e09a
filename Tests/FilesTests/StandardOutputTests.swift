import AirlockFiles
import Foundation
import Glibc
import AirlockDiagnostics
import AirlockTestSupport
import Testing

@Suite("The standard output")
struct StandardOutputTests {
    @Test("gets every byte, also through a narrow non-blocking pipe")
    func whole() async {
        await #expect(processExitsWith: .success) {
            var ends: [Int32] = [0, 0]
            #expect(unsafe pipe(&ends) == 0)
            #expect(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
            let shown = dup(STDOUT_FILENO)
            dup2(ends[1], STDOUT_FILENO)
            close(ends[1])
            let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let reader = FileHandle(fileDescriptor: ends[0])
            async let received = Task.detached { try reader.readToEnd() }.value
            let outcome = try OutputFile.write(bytes.span, to: "-", replacing: false)
            dup2(shown, STDOUT_FILENO)
            #expect(outcome == .written)
            #expect(try await received.map { Array($0) } == bytes)
        }
    }

    @Test("that nobody reads any more, or that is full, is an error and not the end of the process")
    func refused() async {
        await #expect(processExitsWith: .success) {
            func refusal() -> FileError? {
                #expect(throws: FileError.self) { try StandardOutput.write("x".bytes.span) }
            }
            var ends: [Int32] = [0, 0]
            #expect(unsafe pipe(&ends) == 0)
            close(ends[0])
            dup2(ends[1], STDOUT_FILENO)
            let broken = refusal()
            #expect(broken?.rule == .cannotWrite)
            #expect(broken?.path == "-")
            #expect(broken?.reason == "Broken pipe")

            unsafe dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO)
            #expect(refusal()?.reason == "No space left on device")
            close(STDOUT_FILENO)
            #expect(refusal()?.reason == "Bad file descriptor")
        }
    }
}
