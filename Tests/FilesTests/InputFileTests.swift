import AirlockFiles
import Foundation
import Glibc
import AirlockTestSupport
import AirlockDiagnostics
import Testing

@Suite("An input file")
struct InputFileTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("is read whole, with what it is", arguments: [0, 1, 100, 1 << 20])
    func whole(count: Int) throws {
        let path = scratch.file("in", String(repeating: "x", count: count), mode: 0o640)
        let input = try InputFile.read(path)
        #expect(input.path == path)
        #expect(input.bytes == Array(repeating: UInt8(ascii: "x"), count: count))
        #expect(input.facts.isRegular)
        #expect(input.facts.mode & 0o777 == 0o640)
        #expect(input.facts.owner == geteuid())
    }

    @Test("is refused beyond its limit, and taken at it")
    func limit() throws {
        let path = scratch.file("in", "12345")
        #expect(try InputFile.read(path, limit: 5).bytes == "12345".bytes)
        let error = #expect(throws: FileError.self) { try InputFile.read(path, limit: 4) }
        #expect(error?.rule == .tooLarge)
        #expect(error?.reason == "more than 4 bytes")
    }

    @Test("is refused when it is missing, a folder, a fifo or a device")
    func refused() throws {
        scratch.file("file")
        #expect(unsafe mkfifo(scratch("fifo"), 0o600) == 0)
        let table: [(String, FileRule)] = [
            (scratch("missing"), .missing), (scratch("file") + "/below", .missing), (scratch.path, .notRegular),
            (scratch("fifo"), .notRegular), ("/dev/null", .notRegular), ("/dev/zero", .notRegular),
        ]
        for (path, rule) in table {
            let error = #expect(throws: FileError.self) { try InputFile.read(path) }
            #expect(error?.rule == rule)
            #expect(error?.path == path)
        }
    }

    @Test("is refused when its rights forbid reading")
    func unreadable() async throws {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            let path = scratch.file("in", mode: 0)
            scratch.setMode(0o777)
            #expect(scratch.dropSuperuser())
            let error = #expect(throws: FileError.self) { try InputFile.read(path) }
            #expect(error?.rule == .unreadable)
            #expect(error?.reason == "Permission denied")
        }
    }

    @Test("is followed through a symbolic link, and is the same file by every name")
    func identity() throws {
        let path = scratch.file("in", "x")
        #expect(unsafe symlink(path, scratch("symbolic")) == 0)
        #expect(unsafe link(path, scratch("hard")) == 0)
        let identity = try InputFile.read(path).facts.identity
        #expect(try InputFile.read(scratch("symbolic")).facts.identity == identity)
        #expect(try InputFile.read(scratch("hard")).facts.identity == identity)
        #expect(try InputFile.read(scratch.file("other", "x")).facts.identity != identity)
    }

    @Test(
        "says whether others can write it",
        arguments: [(0o600, false), (0o644, false), (0o444, false), (0o664, true), (0o602, true), (0o620, true)]
            as [(mode_t, Bool)])
    func writable(mode: mode_t, byOthers: Bool) throws {
        #expect(try InputFile.read(scratch.file("in", mode: mode)).facts.isWritableByOthers == byOthers)
    }

    @Test("of another user is one that others can write", .enabled(if: geteuid() == 0, "chown needs the superuser"))
    func otherOwner() throws {
        let path = scratch.file("in", mode: 0o644)
        #expect(unsafe chown(path, 65534, 0) == 0)
        #expect(try InputFile.read(path).facts.isWritableByOthers)
    }

    @Test("is streamed in pieces, whatever its size", arguments: [0, 1, 1 << 16, 3 << 20])
    func streamed(count: Int) throws {
        let path = scratch.file("in", String(repeating: "x", count: count))
        var seen = 0
        var foreign = 0
        try InputFile.stream(path) { piece in
            seen += piece.count
            for index in piece.indices where piece[index] != UInt8(ascii: "x") { foreign += 1 }
        }
        #expect(seen == count)
        #expect(foreign == 0)
        #expect(throws: FileError.self) { try InputFile.stream("/dev/zero") { _ in } }
    }

    @Test("is the standard input for a dash, in pieces and also from a non-blocking pipe")
    func standardInput() async {
        await #expect(processExitsWith: .success) {
            var ends: [Int32] = [0, 0]
            #expect(unsafe pipe(&ends) == 0)
            #expect(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
            dup2(ends[0], STDIN_FILENO)
            let writing = ends[1]
            Thread.detachNewThread {
                for piece in ["first ", "second"] {
                    usleep(20_000)
                    _ = unsafe write(writing, piece, piece.utf8.count)
                }
                close(writing)
            }
            let input = try InputFile.read("-")
            #expect(input.path == "-")
            #expect(input.bytes == "first second".bytes)
        }
    }

    @Test("is refused as standard input beyond its limit, and when there is none")
    func standardInputRefused() async {
        await #expect(processExitsWith: .success) {
            var ends: [Int32] = [0, 0]
            #expect(unsafe pipe(&ends) == 0)
            dup2(ends[0], STDIN_FILENO)
            _ = unsafe write(ends[1], "12345", 5)
            var error = #expect(throws: FileError.self) { try InputFile.read("-", limit: 4) }
            #expect(error?.rule == .tooLarge)
            close(STDIN_FILENO)
            error = #expect(throws: FileError.self) { try InputFile.read("-") }
            #expect(error?.rule == .unreadable)
            #expect(error?.reason == "Bad file descriptor")
        }
    }
}
