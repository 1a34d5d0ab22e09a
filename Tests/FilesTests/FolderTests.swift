import AirlockFiles
import AirlockTestSupport
import Testing

@Suite("A folder")
struct FolderTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("names what is in it, in the order of bytes")
    func names() throws {
        for name in ["b", "a", "B", "\u{e9}", ".hidden"] { scratch.file(name) }
        #expect(try Folder.names(in: scratch.path) == [".hidden", "B", "a", "b", "\u{e9}"])
        #expect(try Folder.names(in: scratch.path + "/") == Folder.names(in: scratch.path))
    }

    @Test("that is none is refused", arguments: ["none", "file"])
    func missing(name: String) throws {
        scratch.file("file")
        let error = #expect(throws: FileError.self) { try Folder.names(in: scratch(name)) }
        #expect(error?.rule == .missing)
    }

    @Test("that may not be read is refused")
    func unreadable() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            scratch.setMode(0o300)
            #expect(scratch.dropSuperuser())
            let error = #expect(throws: FileError.self) { try Folder.names(in: scratch.path) }
            #expect(error?.rule == .unreadable)
        }
    }
}
