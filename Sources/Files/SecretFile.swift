import Glibc

/// A file that holds a key or a passphrase. It is read only if no other user has access to it. Its bytes are wiped from
/// memory when the value is destroyed.
@safe public struct SecretFile: ~Copyable {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    public private(set) var count = 0
    public let facts: FileFacts

    /// Reads a regular file. The effective user must own it, and its group and all others must have no access.
    ///
    /// `-` (standard input) is refused, because it can be a pipe, and nobody knows who else reads from that pipe.
    public static func read(_ path: String, limit: Int = 1 << 16) throws(FileError) -> SecretFile {
        let file = try open(path)
        let facts = try facts(of: file)
        var secret = unsafe SecretFile(buffer: .allocate(capacity: limit + 1), facts: facts)
        secret.count = try unsafe file.read(into: secret.buffer)
        guard secret.count <= limit else { throw FileError(.tooLarge, path, reason: "more than \(limit) bytes") }
        return secret
    }

    /// Throws if the file cannot be read. Call this function before you ask the user anything, because the answer would
    /// be useless without the file.
    public static func check(_ path: String) throws(FileError) { _ = try facts(of: open(path)) }

    private static func open(_ path: String) throws(FileError) -> Descriptor {
        guard path != "-" else { throw FileError(.noStream, path) }
        return try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW, as: path) { code in
            switch code {
            case ENOENT, ENOTDIR: .missing
            // With O_NOFOLLOW, open(2) returns ELOOP if the last part of the path is a symbolic link.
            case ELOOP: .symbolicLink
            default: .unreadable
            }
        }
    }

    /// Returns the metadata of the open file. Throws if anybody but the user has access to the file.
    private static func facts(of file: borrowing Descriptor) throws(FileError) -> FileFacts {
        let path = file.path
        let facts = try file.facts()
        guard facts.isRegular else { throw FileError(.noStream, path) }
        guard facts.owner == geteuid() else { throw FileError(.otherOwner, path) }
        guard facts.mode & (S_IRWXG | S_IRWXO) == 0 else { throw FileError(.readableByOthers, path) }
        // The file must be neither executable nor setuid, setgid or sticky.
        guard [0o600, 0o400].contains(facts.mode & 0o7777) else { throw FileError(.secretMode, path) }
        try FilesInUse.ofThisRun.enter(facts, as: .input, path)
        return facts
    }

    private init(buffer: UnsafeMutableBufferPointer<UInt8>, facts: FileFacts) {
        unsafe self.buffer = buffer
        self.facts = facts
    }

    deinit {
        if let start = unsafe buffer.baseAddress { unsafe explicit_bzero(start, buffer.count) }
        unsafe buffer.deallocate()
    }

    /// Calls `body` with the bytes.
    public borrowing func withBytes<Value: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try unsafe body(buffer.span.extracting(first: count))
    }
}
