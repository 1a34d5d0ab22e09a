internal import AirlockCLinux
import Glibc

/// A folder that is written under a temporary name. It is renamed when all of its files are complete and flushed to
/// disk. A folder that is never finished is removed.
///
/// The new folder can replace an existing folder only if the existing folder is empty.
public struct OutputFolder: ~Copyable {
    private let parent: Descriptor
    private let folder: Descriptor
    private let name: String
    private let path: String
    private let temporary: String
    private var files: [String] = []

    /// Throws if anything other than an empty folder exists at this path. ``finish()`` would throw the same error.
    public static func check(_ path: String) throws(FileError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard Folder.isFolder(path) else { throw FileError(.cannotReplace, path) }
        guard try Folder.names(in: path).isEmpty else { throw FileError(.folderNotEmpty, path) }
    }

    /// Creates the temporary folder, and the missing parents of the path.
    public init(_ path: String) throws(FileError) {
        try Self.check(path)
        let (above, name) = parts(
            of: String(path[..<(path.lastIndex { $0 != "/" }.map(path.index(after:)) ?? path.startIndex)]))
        guard !["", ".", ".."].contains(name) else { throw FileError(.cannotCreate, path, errno: EISDIR) }
        try BaseDirectory.create(above)
        let parent = try Descriptor(opening: above, O_RDONLY | O_DIRECTORY, as: path) { _ in .cannotCreate }
        let temporary = ".airlock-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        guard unsafe mkdirat(parent.number, temporary, 0o700) == 0 else {
            throw FileError(Self.rule(errno), path, errno: errno)
        }
        let folder: Descriptor
        do throws(FileError) {
            folder = try Descriptor(
                opening: temporary, in: parent.number, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, as: path, else: Self.rule)
        } catch {
            unsafe unlinkat(parent.number, temporary, AT_REMOVEDIR)
            throw error
        }
        self.parent = parent
        self.folder = folder
        self.name = name
        self.path = path
        self.temporary = temporary
    }

    private static func rule(_ code: Int32) -> FileRule {
        switch code {
        case ENOSPC, EDQUOT, EIO: .cannotWrite
        case ENOTEMPTY: .folderNotEmpty
        case ENOTDIR: .cannotReplace
        // After the check, another process has created a folder at this path.
        case EEXIST: .folderNotEmpty
        default: .cannotCreate
        }
    }

    /// Removes the temporary folder and all files in it, if the folder still exists. It no longer exists after it was
    /// renamed to its final name.
    deinit {
        guard unsafe faccessat(parent.number, temporary, F_OK, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        for file in files { unsafe unlinkat(folder.number, file, 0) }
        unsafe unlinkat(parent.number, temporary, AT_REMOVEDIR)
    }

    /// Writes one file of the folder.
    ///
    /// - Parameters:
    ///   - bytes: the content of the file.
    ///   - name: the name of the file. No other file of the folder may have the same name.
    public mutating func write(_ bytes: Span<UInt8>, to name: String) throws(FileError) {
        let file = try Descriptor(
            opening: name, in: folder.number, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, creating: 0o600,
            as: "\(path)/\(name)", else: Self.rule)
        files.append(name)
        try file.write(bytes)
        try file.sync()
    }

    /// Flushes the folder to disk, and renames it to its final name.
    public consuming func finish() throws(FileError) {
        try folder.sync()
        guard unsafe renameat(parent.number, temporary, parent.number, name) == 0 else {
            throw FileError(Self.rule(errno), path, errno: errno)
        }
        try parent.sync()
    }
}
