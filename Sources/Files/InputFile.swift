import Glibc

/// A file that was opened once and read completely. Later changes to the file have no effect, because only `bytes` is
/// used.
public struct InputFile: Sendable {
    /// The path as the user gave it.
    public let path: String
    public let bytes: [UInt8]
    public let facts: FileFacts

    /// The default limit on the size of a file that is read whole, in bytes.
    public static let usualLimit = 1 << 20

    /// Reads a regular file, or standard input for `-`. Throws if there are more than `limit` bytes.
    public static func read(_ path: String, limit: Int = usualLimit) throws(FileError) -> InputFile {
        let file = try open(path)
        let facts = try file.facts()
        // The buffer has room for one byte more than the limit. If this byte is filled, the file is too long. The large
        // buffer is cheap, because the kernel provides memory only for pages that are written.
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: limit + 1)
        defer { unsafe buffer.deallocate() }
        let count = try unsafe file.read(into: buffer)
        guard count <= limit else { throw FileError(.tooLarge, path, reason: "more than \(limit) bytes") }
        return InputFile(path: path, bytes: unsafe Array(buffer[..<count]), facts: facts)
    }

    /// Reads a regular file of any size, or the standard input for `-`, piece by piece.
    public static func stream(_ path: String, _ body: (Span<UInt8>) -> Void) throws(FileError) {
        let file = try open(path)
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 16)
        defer { unsafe buffer.deallocate() }
        while true {
            let count = try unsafe file.read(into: buffer)
            guard count > 0 else { return }
            unsafe body(buffer.span.extracting(first: count))
        }
    }

    private static func open(_ path: String) throws(FileError) -> Descriptor {
        guard path != "-" else { return try Descriptor(standard: STDIN_FILENO, else: .unreadable) }
        let file = try Descriptor(opening: path, O_RDONLY, as: path) { code in
            code == ENOENT || code == ENOTDIR ? .missing : .unreadable
        }
        let facts = try file.facts()
        guard facts.isRegular else { throw FileError(.notRegular, path) }
        try FilesInUse.ofThisRun.enter(facts, as: .input, path)
        return file
    }
}

/// A regular file that is read at given offsets. A file that another user can write is refused.
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

    /// Reads at most `count` bytes from `offset` on. Returns fewer bytes only at the end of the file.
    public func read(at offset: Int, _ count: Int) throws(FileError) -> [UInt8] { try file.read(at: offset, count) }
}
