import Foundation
public import Glibc

/// A temporary folder of one test. It is removed when this object is released.
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

    /// Sets the permissions of this folder itself.
    public func setMode(_ mode: mode_t) { unsafe chmod(path, mode) }

    /// Returns the path of the file or folder with this name in this folder.
    public func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// Writes a file in this folder, and returns the file's path.
    @discardableResult public func file(_ name: String, _ content: String = "", mode: mode_t = 0o644) -> String {
        _ = FileManager.default.createFile(atPath: self(name), contents: Data(content.utf8))
        unsafe chmod(self(name), mode)
        return self(name)
    }

    /// Creates a folder in this folder, with all missing folders on its path.
    public func folder(_ name: String) {
        try? FileManager.default.createDirectory(atPath: self(name), withIntermediateDirectories: true)
    }

    /// Returns the content of a file in this folder.
    public func content(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: self(name))), as: UTF8.self)
    }

    /// Makes the process an unprivileged user if it is the superuser. Call this function only in an exit test. The
    /// folder gets the new user as its owner, because this user has to remove the folder. Returns whether the process
    /// is unprivileged now.
    public func dropSuperuser() -> Bool {
        unsafe geteuid() != 0 || (chown(path, 65534, 0) == 0 && setuid(65534) == 0)
    }

    /// The names of the files and folders in this folder, sorted.
    public var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }
}

extension String {
    /// The UTF-8 bytes of the text.
    public var bytes: [UInt8] { Array(utf8) }
}
