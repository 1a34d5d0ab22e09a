import Glibc

/// A file that only grows: opened and locked for one writer at a time, and durable after every append.
///
/// The lock is on the file itself and is given back when the owner ends, or by the kernel when the process does.
public struct AppendOnlyFile: ~Copyable {
    private let file: Descriptor
    public let facts: FileFacts

    /// Opens and locks the file. It must be regular, this user's own, and writable by nobody else.
    ///
    /// With `creating` a missing file is created, empty and with mode 0600; else it is `file.missing`.
    public init(_ path: String, creating: Bool) throws(FileError) {
        guard path != "-" else { throw FileError(.noStream, path) }
        FilesInUse.ofThisRun.claim(path)
        var flags = O_RDWR | O_APPEND | O_NOFOLLOW
        if creating { flags |= O_CREAT }
        let file = try Descriptor(opening: path, flags, creating: 0o600, as: path) { code in
            switch code {
            // open(2): O_NOFOLLOW, and the last part of the path is a symbolic link.
            case ELOOP: .symbolicLink
            case EISDIR: .noStream
            case _ where creating: .cannotCreate
            case ENOENT, ENOTDIR: .missing
            default: .unreadable
            }
        }
        while flock(file.number, LOCK_EX) != 0 {
            guard errno == EINTR else { throw FileError(.cannotCreate, path, errno: errno) }
        }
        let facts = try file.facts()
        guard facts.isRegular else { throw FileError(.noStream, path) }
        guard !facts.isWritableByOthers else { throw FileError(.writableByOthers, path) }
        if creating {
            // The name has to outlast a power cut as well.
            let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
            let folder = slash.map { String(path[...$0]) } ?? "."
            try Descriptor(opening: folder, O_RDONLY | O_DIRECTORY, as: path) { _ in .cannotCreate }.sync()
        }
        try FilesInUse.ofThisRun.enter(facts, as: .record, path)
        self.file = file
        self.facts = facts
    }

    /// All that is in it.
    public func read() throws(FileError) -> [UInt8] {
        guard lseek(file.number, 0, SEEK_SET) == 0 else { throw FileError(.unreadable, file.path, errno: errno) }
        let size = Int(try file.size())
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: size)
        defer { unsafe buffer.deallocate() }
        let count = try unsafe file.read(into: buffer)
        return unsafe Array(buffer[..<count])
    }

    /// Adds bytes at the end, and returns once they would outlast a power cut. Where that fails, none of them is left.
    public func append(_ bytes: Span<UInt8>) throws(FileError) {
        let size = try file.size()
        do throws(FileError) {
            try file.write(bytes)
            try file.sync()
        } catch {
            // Else the next reader would find what no disk has confirmed.
            _ = ftruncate(file.number, size)
            throw error
        }
    }

    /// Returns once all that was read would outlast a power cut: a process that was killed may have left it unsynced.
    public func sync() throws(FileError) { try file.sync() }

    /// Takes away what a crash left unfinished at the end.
    public func truncate(to size: Int) throws(FileError) {
        guard ftruncate(file.number, size) == 0 else { throw FileError(.cannotWrite, file.path, errno: errno) }
        try file.sync()
    }
}
