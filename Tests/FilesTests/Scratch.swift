import Foundation
import Glibc

/// A folder of a test's own, removed when the test ends.
final class Scratch {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "airlock-files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    deinit {
        setMode(0o700)
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Sets the rights on this folder itself.
    func setMode(_ mode: mode_t) { unsafe chmod(path, mode) }

    /// A path in this folder.
    func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// A file in this folder.
    @discardableResult func file(_ name: String, _ content: String = "", mode: mode_t = 0o644) -> String {
        _ = FileManager.default.createFile(atPath: self(name), contents: Data(content.utf8))
        unsafe chmod(self(name), mode)
        return self(name)
    }

    func content(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: self(name))), as: UTF8.self)
    }

    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }
}

extension String {
    var bytes: [UInt8] { Array(utf8) }
}

/// Becomes a user without rights, in an exit test that runs as the superuser.
func dropSuperuser() -> Bool { geteuid() != 0 || setuid(65534) == 0 }
