import Glibc

/// A file that was opened once and read whole: what is in `bytes` is what is used.
public struct InputFile: Sendable {
    /// As it was given.
    public let path: String
    public let bytes: [UInt8]
    public let facts: FileFacts

    /// Reads a regular file, or the standard input for `-`: at most `limit` bytes, else it is refused.
    public static func read(_ path: String, limit: Int = 1 << 20) throws(FileError) -> InputFile {
        let file =
            path == "-"
            ? try Descriptor(standard: STDIN_FILENO, else: .unreadable)
            : try Descriptor(opening: path, O_RDONLY, as: path) { code in
                code == ENOENT || code == ENOTDIR ? .missing : .unreadable
            }
        let facts = try file.facts()
        guard facts.isRegular || path == "-" else { throw FileError(.notRegular, path) }
        // One byte more than allowed, to see that there is more. Pages that are not written cost nothing.
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: limit + 1)
        defer { unsafe buffer.deallocate() }
        let count = try unsafe file.read(into: buffer)
        guard count <= limit else { throw FileError(.tooLarge, path, reason: "more than \(limit) bytes") }
        return InputFile(path: path, bytes: unsafe Array(buffer[..<count]), facts: facts)
    }
}
