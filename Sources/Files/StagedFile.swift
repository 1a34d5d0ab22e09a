import Glibc

/// A file that is written piece by piece, and has its name only once it is whole and durable. Left before, it is gone.
///
/// For what a tool keeps for itself, and may write anew: it replaces whatever has the name.
public struct StagedFile: ~Copyable {
    private let folder: Descriptor
    private let file: Descriptor
    private let name: String
    private let temporary: String

    public init(_ path: String) throws(FileError) {
        let (parent, name) = parts(of: path)
        let folder = try Descriptor(opening: parent, O_RDONLY | O_DIRECTORY, as: path) { _ in .cannotCreate }
        let temporary = ".airlock-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let file = try Descriptor(
            opening: temporary, in: folder.number, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, creating: 0o600,
            as: path, else: { _ in .cannotCreate })
        self.folder = folder
        self.file = file
        self.name = name
        self.temporary = temporary
    }

    /// Once it is renamed there is nothing left to remove.
    deinit { unsafe unlinkat(folder.number, temporary, 0) }

    public func write(_ bytes: Span<UInt8>) throws(FileError) { try file.write(bytes) }

    /// Makes it durable, and gives it its name.
    ///
    /// - Parameter isKept: `false` for a file that no other run of the tool reads: it need not outlast a power cut.
    public func finish(isKept: Bool = true) throws(FileError) {
        if isKept { try file.sync() }
        guard unsafe renameat(folder.number, temporary, folder.number, name) == 0 else {
            throw FileError(.cannotWrite, file.path, errno: errno)
        }
        if isKept { try folder.sync() }
    }

    /// Removes a file that was finished before; one that is not there is fine.
    public static func remove(_ path: String) { unsafe unlink(path) }
}
