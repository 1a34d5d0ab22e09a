import AirlockFiles
import AirlockTestSupport
import Glibc
import Testing

@Suite("An output folder")
struct OutputFolderTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func write(_ files: [(String, String)], to path: String) throws(FileError) {
        var folder = try OutputFolder(path)
        for (name, text) in files { try folder.write(text.bytes.span, to: name) }
        try folder.finish()
    }

    @Test(
        "has its name once it is whole, and those above it are created", arguments: ["new", "new/", "a/b/new", "empty"])
    func written(name: String) throws {
        #expect(unsafe mkdir(scratch("empty"), 0o755) == 0)
        var folder = try OutputFolder(scratch(name))
        try folder.write("1".bytes.span, to: "one")
        if name != "empty" { #expect(!Folder.isFolder(scratch(name))) }
        try folder.finish()
        #expect(try Folder.names(in: scratch(name)) == ["one"])
        #expect(try scratch.content("\(name)/one") == "1")
        #expect(try !Folder.names(in: scratch.path).contains { $0.hasPrefix(".") })
    }

    @Test("is gone with all of its files when it is left, or a file cannot be written")
    func left() throws {
        do {
            var folder = try OutputFolder(scratch("left"))
            try folder.write("1".bytes.span, to: "one")
        }
        #expect(throws: FileError.self) { try write([("one", "1"), ("one", "2")], to: scratch("left")) }
        #expect(throws: FileError.self) { try write([("one", "1"), ("a/b", "2")], to: scratch("left")) }
        #expect(try scratch.names.isEmpty)
    }

    @Test("takes no other's place")
    func taken() throws {
        scratch.file("file")
        scratch.folder("full")
        scratch.file("full/file", "mine")
        for (name, rule) in [("file", FileRule.cannotReplace), ("full", .folderNotEmpty), ("full/.", .folderNotEmpty)] {
            #expect(throws: FileError.self) { try write([], to: scratch(name)) }.map { #expect($0.rule == rule) }
            #expect(throws: FileError.self) { try OutputFolder.check(scratch(name)) }.map { #expect($0.rule == rule) }
        }
        // Before the output folder is finished, another folder appears at the same path. The output folder must not
        // replace it.
        var error: FileError?
        do throws(FileError) {
            let folder = try OutputFolder(scratch("late"))
            scratch.folder("late")
            scratch.file("late/file", "mine")
            try folder.finish()
        } catch let found { error = found }
        #expect(error?.rule == .folderNotEmpty)
        #expect(try scratch.names == ["file", "full", "late"] && scratch.content("late/file") == "mine")
        for name in ["", "..", "empty/."] {
            #expect(throws: FileError.self) { try write([], to: name.isEmpty ? "" : scratch(name)) }
        }
    }
}
