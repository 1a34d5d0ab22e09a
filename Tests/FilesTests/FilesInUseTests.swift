import Glibc
import AirlockDiagnostics
import AirlockTestSupport
import Testing

@testable import AirlockFiles

@Suite("The files that a run uses")
struct FilesInUseTests {
    let scratch: Scratch
    let inUse = FilesInUse()

    init() throws {
        scratch = try Scratch()
        inUse.begin()
    }

    private func facts(_ name: String) throws -> FileFacts { try InputFile.read(scratch(name)).facts }

    private func check(_ name: String) -> FileRule? {
        do throws(FileError) {
            try OutputFile.check(scratch(name), replacing: true, identical: true, inUse)
            return nil
        } catch { return error.rule }
    }

    @Test("are the same file under each of its names", arguments: ["log", "hard"])
    func links(name: String) throws {
        scratch.file("log", "one")
        scratch.file("other", "two")
        #expect(unsafe link(scratch("log"), scratch("hard")) == 0)
        #expect(unsafe symlink("log", scratch("symbolic")) == 0)
        #expect(check(name) == nil)
        try inUse.enter(facts("symbolic"), as: .input, "symbolic")
        #expect(check(name) == .isInput)
        #expect(check("other") == nil)
    }

    @Test("include what another library opens, and what is going to be created")
    func claimed() throws {
        #expect(unsafe mkdir(scratch("folder"), 0o700) == 0)
        #expect(unsafe symlink("folder", scratch("symbolic")) == 0)
        inUse.claim(scratch("symbolic/journal"))
        #expect(check("folder/journal") == .isInput)
        #expect(check("folder/other") == nil && check("journal") == nil)
        scratch.file("folder/journal", "mine")
        #expect(unsafe link(scratch("folder/journal"), scratch("hard")) == 0)
        #expect(check("folder/journal") == .isInput && check("hard") == .isInput)
    }

    @Test("are inputs or records, and never both", arguments: [FilesInUse.Use.input, .record])
    func uses(use: FilesInUse.Use) throws {
        scratch.file("log", "one")
        try inUse.enter(facts("log"), as: use, "log")
        try inUse.enter(facts("log"), as: use, "log")
        let other: FilesInUse.Use = use == .input ? .record : .input
        let error = #expect(throws: FileError.self) { try inUse.enter(facts("log"), as: other, "link") }
        #expect(error?.rule == .isInput && error?.path == "link")
    }

    @Test("are replaced by the one who read a file to write it anew, and by nobody else")
    func rewritten() throws {
        scratch.file("key", "old")
        scratch.file("other", "old")
        let (key, other) = try (facts("key"), facts("other"))
        for facts in [key, other] { try inUse.enter(facts, as: .input, "") }
        func write(_ name: String) throws(FileError) -> OutputFile.Outcome {
            try OutputFile.write("new".bytes.span, to: scratch(name), replacing: true, rewriting: key.identity, inUse)
        }
        #expect(try write("key") == .written)
        #expect(#expect(throws: FileError.self) { try write("other") }?.rule == .isInput)
        #expect(try scratch.content("key") == "new" && scratch.content("other") == "old")
    }

    @Test("are none before the run begins")
    func notBegun() throws {
        let idle = FilesInUse()
        scratch.file("log", "one")
        try idle.enter(facts("log"), as: .input, "log")
        try idle.enter(facts("log"), as: .record, "log")
        idle.claim(scratch("log"))
        #expect(try !idle.contains(facts("log").identity))
    }
}
