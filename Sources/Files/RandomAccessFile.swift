import Glibc

/// A file that is read in places: regular, and writable by nobody else.
public struct RandomAccessFile: ~Copyable, Sendable {
    private let file: Descriptor
    public let facts: FileFacts
    public let size: Int

    public init(_ path: String) throws(FileError) {
        let file = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW, as: path) { code in
            switch code {
            case ENOENT, ENOTDIR: .missing
            case ELOOP: .symbolicLink
            default: .unreadable
            }
        }
        let facts = try file.facts()
        guard facts.isRegular else { throw FileError(.noStream, path) }
        guard !facts.isWritableByOthers else { throw FileError(.writableByOthers, path) }
        let size = Int(try file.size())
        self.file = file
        self.facts = facts
        self.size = size
    }

    /// The bytes from `offset` on, at most `count`; fewer only at the end.
    public func read(at offset: Int, _ count: Int) throws(FileError) -> [UInt8] { try file.read(at: offset, count) }
}
