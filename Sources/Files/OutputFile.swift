internal import AirlockCLinux
import Glibc

/// Writes files atomically. An existing file is replaced only on request.
public enum OutputFile {
    public enum Outcome: Hashable, Sendable {
        case written
        /// The file existed already and had the same bytes, so it was left unchanged.
        case identical
    }

    /// Checks whether an output file can be written to this path. If not, throws the same error as `write`. An error
    /// that occurs only during writing, such as a full disk, is not found here. A tool can call this function before it
    /// asks the user a question, so that the user sees the error first.
    ///
    /// If `identical` is `true`, an existing file is accepted, because it might have the same bytes as the output. Only
    /// `write` compares the bytes.
    public static func check(_ path: String, replacing: Bool, identical: Bool) throws(FileError) {
        try check(path, replacing: replacing, identical: identical, FilesInUse.ofThisRun)
    }

    static func check(
        _ path: String, replacing: Bool, identical: Bool, _ inUse: FilesInUse
    ) throws(FileError) {
        guard path != "-" else { return }
        let target = try Target(path, inUse)
        let isTaken = try target.isTaken()
        guard !isTaken || replacing || identical else { throw FileError(.exists, path) }
        guard unsafe faccessat(target.folder.number, ".", W_OK | X_OK, AT_EACCESS) == 0 else {
            throw FileError(.cannotCreate, path, errno: errno)
        }
    }

    /// Writes `bytes` to `path`, and flushes the file to disk. The path `-` stands for standard output.
    ///
    /// The bytes are written to a temporary file in the same folder. The temporary file is flushed to disk and then
    /// renamed.
    ///
    /// If `replacing` is `true` (`--force`), an existing regular file with different content is replaced. A file in
    /// ``FilesInUse`` is never replaced, with one exception: the file `rewritten`, which the caller has read in order
    /// to rewrite it.
    public static func write(
        _ bytes: Span<UInt8>, to path: String, replacing: Bool, rewriting rewritten: FileIdentity? = nil
    ) throws(FileError) -> Outcome {
        try write(bytes, to: path, replacing: replacing, rewriting: rewritten, FilesInUse.ofThisRun)
    }

    static func write(
        _ bytes: Span<UInt8>, to path: String, replacing: Bool, rewriting rewritten: FileIdentity? = nil,
        _ inUse: FilesInUse
    ) throws(FileError) -> Outcome {
        guard path != "-" else {
            try StandardOutput.write(bytes)
            return .written
        }
        let target = try Target(path, inUse, rewriting: rewritten)
        if let outcome = try target.existingOutcome(bytes, replacing: replacing) { return outcome }

        let temporary = ".airlock-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let file = try Descriptor(
            opening: temporary, in: target.folder.number, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, creating: 0o600,
            as: path, else: Target.rule)
        // Removes the temporary file if it still exists. It no longer exists after it was renamed, but linkat(2) leaves
        // it in place.
        defer { unsafe unlinkat(target.folder.number, temporary, 0) }
        try file.write(bytes)
        try file.sync()
        let code = target.publish(temporary, replacing: replacing)
        guard code == 0 else {
            // Another process might have created the file after the check above. If that file has the same bytes, this
            // is not an error.
            if code == EEXIST, let outcome = try target.existingOutcome(bytes, replacing: false) {
                return outcome
            }
            throw FileError(Target.rule(code), path, errno: code)
        }
        try target.folder.sync()
        return .written
    }
}

/// The location of an output file. It consists of the file's name and the descriptor of the file's folder.
private struct Target: ~Copyable {
    let folder: Descriptor
    let name: String
    let path: String
    private let inUse: FilesInUse
    private let rewritten: FileIdentity?

    init(_ path: String, _ inUse: FilesInUse, rewriting rewritten: FileIdentity? = nil) throws(FileError) {
        let (parent, name) = parts(of: path)
        guard !["", ".", ".."].contains(name) else { throw FileError(.cannotCreate, path, errno: EISDIR) }
        folder = try Descriptor(opening: parent, O_RDONLY | O_DIRECTORY, as: path, else: Self.rule)
        self.name = name
        self.path = path
        self.inUse = inUse
        self.rewritten = rewritten
    }

    static func rule(_ code: Int32) -> FileRule {
        switch code {
        case ENOSPC, EDQUOT, EIO: .cannotWrite
        default: .cannotCreate
        }
    }

    /// Whether the file exists already. Throws if a file at this path must never be written or replaced.
    func isTaken() throws(FileError) -> Bool {
        var status = stat()
        guard unsafe fstatat(folder.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            guard errno == ENOENT else { throw FileError(.cannotCreate, path, errno: errno) }
            // The file does not exist yet. Its path can be reserved for another file, for example for the ledger that
            // this command will create. If so, writing the output to this path is refused.
            guard try !inUse.contains(name, in: folder.facts().identity) else { throw FileError(.isInput, path) }
            return false
        }
        let facts = FileFacts(status)
        guard facts.isRegular else { throw FileError(.cannotReplace, path) }
        guard facts.identity == rewritten || !inUse.contains(facts.identity) else { throw FileError(.isInput, path) }
        return true
    }

    /// Returns `nil` if the file must be written, or `.identical` if an existing file already has these bytes. Throws
    /// if an existing file must not be replaced.
    func existingOutcome(_ bytes: Span<UInt8>, replacing: Bool) throws(FileError) -> OutputFile.Outcome? {
        guard try isTaken() else { return nil }
        if try holds(bytes) { return .identical }
        guard replacing else { throw FileError(.exists, path) }
        return nil
    }

    /// Whether the existing file has exactly these bytes. The file is opened without registering it as an input,
    /// because it is the output.
    private func holds(_ bytes: Span<UInt8>) throws(FileError) -> Bool {
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count + 1)
        defer { unsafe buffer.deallocate() }
        guard
            let old = try? Descriptor(
                opening: name, in: folder.number, O_RDONLY | O_NOFOLLOW, as: path, else: { _ in .unreadable })
        else { return false }
        guard let count = try? unsafe old.read(into: buffer) else { return false }
        return unsafe bytes.withUnsafeBufferPointer { unsafe $0.elementsEqual(buffer[..<count]) }
    }

    /// Renames the temporary file to its final name. Returns 0, or the errno if the rename fails.
    func publish(_ temporary: String, replacing: Bool) -> Int32 {
        let number = folder.number
        if replacing { return unsafe renameat(number, temporary, number, name) == 0 ? 0 : errno }
        if unsafe airlock_rename_without_replacing(number, temporary, number, name) == 0 { return 0 }
        // renameat2(2) returns EINVAL if the file system does not support RENAME_NOREPLACE. Examples are NFS and some
        // FUSE file systems. There, a hard link has the same effect, because linkat(2) never replaces a file. The
        // rename is tried first, because FAT has no hard links and memory sticks often use FAT.
        guard errno == EINVAL else { return errno }
        return unsafe linkat(number, temporary, number, name, 0) == 0 ? 0 : errno
    }
}

/// A file that is written in pieces under a temporary name. It is renamed when it is complete and flushed to disk. A
/// file that is never finished is removed.
///
/// ``finish(isKept:)`` replaces any existing file of the same name. So use this type only for files that a tool can
/// create again, such as an index.
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

    /// Removes the temporary file if it still exists. It no longer exists after it was renamed to its final name.
    deinit { unsafe unlinkat(folder.number, temporary, 0) }

    public func write(_ bytes: Span<UInt8>) throws(FileError) { try file.write(bytes) }

    /// Flushes the file to disk, and renames it to its final name.
    ///
    /// - Parameter isKept: `false` for a file that no other run of the tool reads. Such a file is not flushed, because
    ///   the file does not have to survive a power cut.
    public func finish(isKept: Bool = true) throws(FileError) {
        if isKept { try file.sync() }
        guard unsafe renameat(folder.number, temporary, folder.number, name) == 0 else {
            throw FileError(.cannotWrite, file.path, errno: errno)
        }
        if isKept { try folder.sync() }
    }

    /// Removes the file that was finished at this path, if it exists.
    public static func remove(_ path: String) { unsafe unlink(path) }
}

/// The standard output, to which the tools write the results of commands.
public enum StandardOutput {
    /// Writes all of `bytes`, or throws. A closed pipe is an error, because a result that nobody received must not look
    /// like success.
    public static func write(_ bytes: Span<UInt8>) throws(FileError) {
        _ = survivesBrokenPipe
        try Descriptor(standard: STDOUT_FILENO, else: .cannotWrite).write(bytes)
    }

    /// Ignores SIGPIPE. If it were not ignored, it would terminate the process before write(2) could return EPIPE.
    private static let survivesBrokenPipe: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
