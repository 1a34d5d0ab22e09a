import Foundation
public import Glibc

/// A folder of a test's own, removed when the test ends.
public final class Scratch: Sendable {
    public let path: String

    public init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "airlock-files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    deinit {
        setMode(0o700)
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Sets the rights on this folder itself.
    public func setMode(_ mode: mode_t) { unsafe chmod(path, mode) }

    /// A path in this folder.
    public func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// A file in this folder.
    @discardableResult public func file(_ name: String, _ content: String = "", mode: mode_t = 0o644) -> String {
        _ = FileManager.default.createFile(atPath: self(name), contents: Data(content.utf8))
        unsafe chmod(self(name), mode)
        return self(name)
    }

    /// A folder in this one, with those on the way to it.
    public func folder(_ name: String) {
        try? FileManager.default.createDirectory(atPath: self(name), withIntermediateDirectories: true)
    }

    /// What a file in this folder holds.
    public func content(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: self(name))), as: UTF8.self)
    }

    /// Becomes a user without rights, in an exit test that runs as the superuser. The folder becomes that user's, who
    /// has to remove it.
    public func dropSuperuser() -> Bool {
        unsafe geteuid() != 0 || (chown(path, 65534, 0) == 0 && setuid(65534) == 0)
    }

    /// What is in the folder.
    public var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }
}

extension String {
    /// Its UTF-8.
    public var bytes: [UInt8] { Array(utf8) }
}
