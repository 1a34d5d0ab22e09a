@testable import AirlockFiles
import Foundation
import Glibc
import AirlockDiagnostics
import AirlockTestSupport
import Testing

@Suite("An output file")
struct OutputFileTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @discardableResult
    private func write(
        _ text: String, to path: String, replacing: Bool = false, _ inUse: FilesInUse = FilesInUse()
    ) throws(FileError) -> OutputFile.Outcome {
        let bytes = text.bytes
        return try OutputFile.write(bytes.span, to: path, replacing: replacing, inUse)
    }

    private func refusal(
        _ text: String, to path: String, replacing: Bool = false, _ inUse: FilesInUse = FilesInUse()
    ) -> FileRule? {
        #expect(throws: FileError.self) { try write(text, to: path, replacing: replacing, inUse) }?.rule
    }

    @Test("is written whole, for its owner alone, and leaves nothing beside it", arguments: [0, 1, 1 << 20])
    func written(count: Int) throws {
        let text = String(repeating: "x", count: count)
        #expect(try write(text, to: scratch("out")) == .written)
        #expect(try scratch.content("out") == text)
        #expect(try InputFile.read(scratch("out")).facts.mode & 0o777 == 0o600)
        #expect(try scratch.names == ["out"])
    }

    @Test("that stands already with the same content is a success, and not written again")
    func identical() throws {
        let path = scratch.file("out", "same")
        let before = try InputFile.read(path).facts
        #expect(try write("same", to: path) == .identical)
        #expect(try write("same", to: path, replacing: true) == .identical)
        #expect(try InputFile.read(path).facts == before)
    }

    @Test(
        "that stands already with other content is replaced only when asked", arguments: ["", "sam", "sane", "same!"])
    func exists(old: String) throws {
        let path = scratch.file("out", old)
        #expect(refusal("same", to: path) == .exists)
        #expect(try scratch.content("out") == old)
        #expect(try write("same", to: path, replacing: true) == .written)
        #expect(try scratch.content("out") == "same")
        #expect(try scratch.names == ["out"])
    }

    @Test("never takes an input's place, by whichever name", arguments: [false, true])
    func input(replacing: Bool) throws {
        let inUse = FilesInUse()
        inUse.begin()
        try inUse.enter(InputFile.read(scratch.file("in", "input")).facts, as: .input, "in")
        #expect(unsafe link(scratch("in"), scratch("hard")) == 0)
        for name in ["in", "hard"] {
            for text in ["output", "input"] {
                #expect(refusal(text, to: scratch(name), replacing: replacing, inUse) == .isInput)
            }
        }
        #expect(try scratch.content("in") == "input")
        #expect(try scratch.names == ["hard", "in"])
    }

    @Test("never replaces what is no regular file", arguments: [false, true])
    func cannotReplace(replacing: Bool) throws {
        #expect(unsafe mkdir(scratch("folder"), 0o700) == 0)
        #expect(unsafe mkfifo(scratch("fifo"), 0o600) == 0)
        #expect(unsafe symlink(scratch.file("file"), scratch("symbolic")) == 0)
        #expect(unsafe symlink("nowhere", scratch("dangling")) == 0)
        for path in ["folder", "fifo", "symbolic", "dangling"].map({ scratch($0) }) + ["/dev/null"] {
            #expect(refusal("x", to: path, replacing: replacing) == .cannotReplace)
        }
        #expect(try scratch.names == ["dangling", "fifo", "file", "folder", "symbolic"])
    }

    @Test("needs a folder and a name")
    func noFolder() {
        scratch.file("file")
        for name in ["missing/out", "file/out", "", "sub/", ".", ".."] {
            #expect(refusal("x", to: scratch(name)) == .cannotCreate)
        }
        #expect(refusal("x", to: "") == .cannotCreate)
        #expect(refusal("x", to: scratch(String(repeating: "n", count: 256))) == .cannotCreate)
    }

    @Test("needs a folder that one may write")
    func readOnlyFolder() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            scratch.setMode(0o555)
            #expect(scratch.dropSuperuser())
            let error = #expect(throws: FileError.self) {
                try OutputFile.write("x".bytes.span, to: scratch("out"), replacing: false)
            }
            #expect(error?.rule == .cannotCreate)
            #expect(error?.reason == "Permission denied")
        }
    }

    @Test("that does not fit on the disk leaves nothing", .enabled(if: geteuid() == 0, "mount needs the superuser"))
    func diskFull() throws {
        #expect(unsafe mkdir(scratch("disk"), 0o700) == 0)
        try #require(unsafe mount("tmpfs", scratch("disk"), "tmpfs", 0, "size=16k") == 0)
        // A process that has just started can still use the disk for a moment, and a normal unmount would then fail.
        // MNT_DETACH unmounts a disk that is still in use.
        defer { unsafe umount2(scratch("disk"), Int32(MNT_DETACH)) }
        let error = #expect(throws: FileError.self) {
            try write(String(repeating: "x", count: 1 << 15), to: scratch("disk/out"))
        }
        #expect(error?.rule == .cannotWrite)
        #expect(error?.reason == "No space left on device")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch("disk")).isEmpty)
        #expect(try write("fits", to: scratch("disk/out")) == .written)
    }

    @Test("is written by one of many at once: the others see it", arguments: [true, false])
    func concurrent(same: Bool) async throws {
        let path = scratch("out")
        let outcomes = await withTaskGroup(of: Result<OutputFile.Outcome, FileError>.self) { group in
            for writer in 0..<16 {
                group.addTask {
                    Result { () throws(FileError) in
                        let bytes = "writer \(same ? 0 : writer)".bytes
                        return try OutputFile.write(bytes.span, to: path, replacing: false)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == .success(.written) } == 1)
        if same {
            #expect(outcomes.count { $0 == .success(.identical) } == 15)
        } else {
            #expect(outcomes.count { (try? $0.get()) == nil } == 15)
        }
        #expect(try scratch.content("out").hasPrefix("writer "))
        #expect(try scratch.names == ["out"])
    }

    @Test("replaces nothing either where the file system cannot rename so, by a second name")
    func withoutRenameFlags() async {
        await #expect(processExitsWith: .success) {
            #expect(deny("renameat2", with: EINVAL))
            let scratch = try Scratch()
            #expect(try OutputFile.write("x".bytes.span, to: scratch("out"), replacing: false) == .written)
            #expect(try scratch.content("out") == "x")
            #expect(try scratch.names == ["out"])
            let error = #expect(throws: FileError.self) {
                try OutputFile.write("y".bytes.span, to: scratch("out"), replacing: false)
            }
            #expect(error?.rule == .exists)
            #expect(try scratch.names == ["out"])
        }
    }

    @Test("needs a file system that can do either, and leaves nothing")
    func withoutSecondNames() async {
        await #expect(processExitsWith: .success) {
            #expect(deny("renameat2", with: EINVAL))
            #expect(deny("linkat", with: EPERM))
            let scratch = try Scratch()
            let error = #expect(throws: FileError.self) {
                try OutputFile.write("x".bytes.span, to: scratch("out"), replacing: false)
            }
            #expect(error?.rule == .cannotCreate)
            #expect(error?.reason == "Operation not permitted")
            #expect(try scratch.names == [])
        }
    }

    @Test("that the disk did not confirm is an error", arguments: [EIO, ENOSPC])
    func notSynced(code: Int32) async {
        await #expect(processExitsWith: .success) { [code] in
            #expect(deny("fsync", with: code))
            let scratch = try Scratch()
            let error = #expect(throws: FileError.self) {
                try OutputFile.write("x".bytes.span, to: scratch("out"), replacing: false)
            }
            #expect(error?.rule == .cannotWrite)
            #expect(try scratch.names == [])
        }
    }

    @Test("is named relative to the working folder too")
    func relative() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            #expect(unsafe chdir(scratch.path) == 0)
            #expect(try OutputFile.write("x".bytes.span, to: "out", replacing: false) == .written)
            #expect(try scratch.content("out") == "x")
        }
    }
}
