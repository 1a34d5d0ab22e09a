internal import AirlockCLinux
import Glibc

/// Functions for folders and the files in them.
public enum Folder {
    /// Whether the path leads to a folder.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Lists the names of all files and folders in a folder, sorted by the bytes of the names. `.` and `..` are left
    /// out.
    public static func names(in path: String) throws(FileError) -> [String] {
        guard let folder = unsafe opendir(path) else {
            let isMissing = errno == ENOENT || errno == ENOTDIR
            throw FileError(isMissing ? .missing : .unreadable, path, errno: errno)
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Moves a file into a subfolder. This method never replaces another file. If the subfolder already has a file of
    /// this name, the method appends the next free number to the name.
    ///
    /// - Returns: the new path, or `nil` if the file no longer exists.
    public static func move(_ name: String, from folder: String, into subfolder: String) throws(FileError) -> String? {
        for number in 1... {
            let path = "\(folder)/\(subfolder)/\(name)" + (number == 1 ? "" : ".\(number)")
            if unsafe airlock_rename_without_replacing(AT_FDCWD, "\(folder)/\(name)", AT_FDCWD, path) == 0 {
                return path
            }
            switch errno {
            case EEXIST: continue
            case ENOENT where isFolder("\(folder)/\(subfolder)"): return nil
            default: throw FileError(.cannotCreate, path, errno: errno)
            }
        }
        return nil
    }
}

/// A folder whose files, also those in its subfolders, are opened by relative paths. Symbolic links in a path are not
/// followed, and no path can lead outside the folder.
public struct FolderTree: Sendable {
    /// The path as the user gave it. This path may itself be a symbolic link. Symbolic links inside the folder are not
    /// followed.
    public let path: String

    /// The maximum number of levels of subfolders that are searched, and the maximum number of files that are listed.
    /// Deeper subfolders are left out. If there are more files, an error is thrown.
    static let maximumDepth = 8
    static let maximumCount = 20_000

    public init(_ path: String) { self.path = path }

    /// Reads a whole regular file. Each part of the path must be an ordinary name. An empty part, `.` and `..` are
    /// refused.
    public func read(_ name: String, limit: Int = InputFile.usualLimit) throws(FileError) -> [UInt8] {
        let shown = "\(path)/\(name)"
        let steps = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let last = steps.last, steps.allSatisfy({ !["", ".", ".."].contains($0) }) else {
            throw FileError(.missing, shown, reason: "the path leaves its folder")
        }
        var folder = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY, as: path, else: Self.rule)
        for step in steps.dropLast() {
            folder = try Descriptor(
                opening: step, in: folder.number, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, as: shown, else: Self.rule)
        }
        let file = try Descriptor(opening: last, in: folder.number, O_RDONLY | O_NOFOLLOW, as: shown, else: Self.rule)
        let facts = try file.facts()
        guard facts.isRegular else { throw FileError(.notRegular, shown) }
        try FilesInUse.ofThisRun.enter(facts, as: .input, shown)
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: limit + 1)
        defer { unsafe buffer.deallocate() }
        let count = try unsafe file.read(into: buffer)
        guard count <= limit else { throw FileError(.tooLarge, shown, reason: "more than \(limit) bytes") }
        return unsafe Array(buffer[..<count])
    }

    /// Lists the relative paths of all regular files, sorted by the bytes of the paths. Hidden files, hidden folders
    /// and symbolic links are left out.
    public func files() throws(FileError) -> [String] {
        var found: [String] = []
        try list("", depth: 0, into: &found)
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private func list(_ folder: String, depth: Int, into found: inout [String]) throws(FileError) {
        let place = folder.isEmpty ? path : "\(path)/\(folder)"
        for name in try Folder.names(in: place) where !name.hasPrefix(".") {
            let relative = folder.isEmpty ? name : "\(folder)/\(name)"
            var status = stat()
            guard unsafe lstat("\(path)/\(relative)", &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR where depth < Self.maximumDepth: try list(relative, depth: depth + 1, into: &found)
            case S_IFREG: found.append(relative)
            default: break
            }
            guard found.count <= Self.maximumCount else {
                throw FileError(.tooLarge, path, reason: "more than \(Self.maximumCount) files")
            }
        }
    }

    private static func rule(_ code: Int32) -> FileRule {
        code == ELOOP ? .symbolicLink : code == ENOENT || code == ENOTDIR ? .missing : .unreadable
    }
}

/// The folders of the XDG Base Directory Specification (0.8) that Airlock uses.
public enum BaseDirectory: String, CaseIterable, Sendable {
    case config = "XDG_CONFIG_HOME"
    case state = "XDG_STATE_HOME"

    /// Returns the path of this XDG folder.
    ///
    /// - Parameter environment: a closure that returns the value of an environment variable.
    public func path(_ environment: (String) -> String?) throws(FileError) -> String {
        // The XDG Base Directory Specification: "All paths set in these environment variables must be absolute. If an
        // implementation encounters a relative path in any of these variables it should consider the path invalid and
        // ignore it."
        if let path = environment(rawValue), path.hasPrefix("/") { return path }
        guard let home = environment("HOME"), home.hasPrefix("/") else { throw FileError(.noHome, rawValue) }
        return switch self {
        case .config: home + "/.config"
        case .state: home + "/.local/state"
        }
    }

    /// Creates a folder and its missing parents. The new folders get mode 0700, as the XDG specification requires.
    public static func create(_ path: String) throws(FileError) {
        var part = path.hasPrefix("/") ? "/" : ""
        for name in path.split(separator: "/") {
            part += name + "/"
            guard unsafe mkdir(part, 0o700) == 0 || errno == EEXIST else {
                throw FileError(.cannotCreate, path, errno: errno)
            }
        }
    }
}
