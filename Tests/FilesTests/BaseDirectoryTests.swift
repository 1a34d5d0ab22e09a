import AirlockFiles
import Glibc
import AirlockDiagnostics
import AirlockTestSupport
import Testing

@Suite("The XDG base directories")
struct BaseDirectoryTests {
    @Test(
        "are the variable's value when that is absolute, else the default below HOME",
        arguments: [
            (BaseDirectory.config, ["XDG_CONFIG_HOME": "/c", "HOME": "/h"], "/c"),
            (.config, ["XDG_CONFIG_HOME": "/c"], "/c"),
            (.config, ["XDG_CONFIG_HOME": "relative", "HOME": "/h"], "/h/.config"),
            (.config, ["XDG_CONFIG_HOME": "", "HOME": "/h"], "/h/.config"),
            (.config, ["XDG_STATE_HOME": "/s", "HOME": "/h"], "/h/.config"),
            (.state, ["XDG_STATE_HOME": "/s", "HOME": "/h"], "/s"),
            (.state, ["HOME": "/h"], "/h/.local/state"),
        ])
    func path(directory: BaseDirectory, environment: [String: String], path: String) throws {
        #expect(try directory.path { environment[$0] } == path)
    }

    @Test("need a home", arguments: [[:], ["HOME": ""], ["HOME": "h"], ["HOME": "h", "XDG_STATE_HOME": "s"]])
    func noHome(environment: [String: String]) {
        for directory in BaseDirectory.allCases {
            let error = #expect(throws: FileError.self) { try directory.path { environment[$0] } }
            #expect(error?.rule == .noHome)
            #expect(error?.path == directory.rawValue)
        }
    }

    @Test("are created with all that is missing above them, for the user alone")
    func create() throws {
        let scratch = try Scratch()
        try BaseDirectory.create(scratch("a/b//c"))
        try BaseDirectory.create(scratch("a/b/c/"))
        var status = stat()
        for name in ["a", "a/b", "a/b/c"] {
            #expect(unsafe stat(scratch(name), &status) == 0)
            #expect(status.st_mode == S_IFDIR | 0o700)
        }
        scratch.file("file")
        let error = #expect(throws: FileError.self) { try BaseDirectory.create(scratch("file/a")) }
        #expect(error?.rule == .cannotCreate)
    }
}
