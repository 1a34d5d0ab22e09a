import AirlockFiles
import AirlockTestSupport
import Foundation
import Testing

@Suite("The files under a folder")
struct FolderTreeTests {
    let scratch: Scratch
    let tree: FolderTree

    init() throws {
        scratch = try Scratch()
        tree = FolderTree(scratch("root"))
        for folder in ["root", "root/in", "root/.hidden"] {
            try FileManager.default.createDirectory(atPath: scratch(folder), withIntermediateDirectories: false)
        }
        scratch.file("outside", "no")
        for name in ["b", "in/a", ".dot", ".hidden/a"] { scratch.file("root/\(name)", name) }
        for (link, target) in [("link", "outside"), ("folder", ""), ("in/back", "root/b")] {
            try FileManager.default.createSymbolicLink(
                atPath: scratch("root/\(link)"), withDestinationPath: target.isEmpty ? scratch.path : scratch(target))
        }
    }

    @Test("are listed without hidden ones and links")
    func list() throws {
        #expect(try tree.files() == ["b", "in/a"])
        let error = #expect(throws: FileError.self) { try FolderTree(scratch("none")).files() }
        #expect(error?.rule == .missing)
    }

    @Test("are read by their relative paths")
    func read() throws {
        #expect(try tree.read("in/a") == Array("in/a".utf8))
        #expect(try tree.read("b", limit: 1) == [UInt8(ascii: "b")])
    }

    @Test(
        "are not read through links, from outside, or as what is no file",
        arguments: [
            ("link", FileRule.symbolicLink), ("folder/outside", .missing), ("in/back", .symbolicLink),
            ("../outside", .missing), ("in/../b", .missing), ("./b", .missing), ("/b", .missing), ("", .missing),
            ("in", .notRegular), ("none", .missing),
        ])
    func refused(name: String, rule: FileRule) {
        let error = #expect(throws: FileError.self) { try tree.read(name) }
        #expect(error?.rule == rule)
    }

    @Test("are not read where they are too large")
    func large() {
        scratch.file("root/large", "12345")
        let error = #expect(throws: FileError.self) { try tree.read("large", limit: 4) }
        #expect(error?.rule == .tooLarge)
    }
}
