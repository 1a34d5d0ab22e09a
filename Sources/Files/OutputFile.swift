internal import AirlockCLinux
import Glibc

/// Files that appear whole or not at all, and take no other file's place unasked.
public enum OutputFile {
    public enum Outcome: Hashable, Sendable {
        case written
        /// It stood there already, byte for byte.
        case identical
    }

    /// Throws what `write` would throw before its first byte: for what should be known before a person is asked.
    ///
    /// `identical` says that what stands there may turn out to be what will be written.
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

    /// Writes `bytes` to `path`, durably, or to the standard output for `-`.
    ///
    /// The bytes go to a temporary file beside it, which is synced and renamed.
    ///
    /// With `replacing` a regular file with other content is replaced (`--force`), but none of ``FilesInUse``. The one
    /// exception is `rewritten`: the input that the caller read in order to write it anew.
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
        if let outcome = try target.standing(bytes, replacing: replacing) { return outcome }

        let temporary = ".airlock-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let file = try Descriptor(
            opening: temporary, in: target.folder.number, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, creating: 0o600,
            as: path, else: Target.rule)
        // Once it is renamed there is nothing left to remove.
        defer { unsafe unlinkat(target.folder.number, temporary, 0) }
        try file.write(bytes)
        try file.sync()
        let code = target.take(temporary, replacing: replacing)
        guard code == 0 else {
            // Somebody else was quicker, perhaps with the very same bytes.
            if code == EEXIST, let outcome = try target.standing(bytes, replacing: false) {
                return outcome
            }
            throw FileError(Target.rule(code), path, errno: code)
        }
        try target.folder.sync()
        return .written
    }
}

/// The name that an output will have, in its opened folder.
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

    /// Whether a file stands there already; what may never be replaced is refused.
    func isTaken() throws(FileError) -> Bool {
        var status = stat()
        guard unsafe fstatat(folder.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            guard errno == ENOENT else { throw FileError(.cannotCreate, path, errno: errno) }
            // Such as the ledger that this very command is going to begin.
            guard try !inUse.contains(name, in: folder.facts().identity) else { throw FileError(.isInput, path) }
            return false
        }
        let facts = FileFacts(status)
        guard facts.isRegular else { throw FileError(.cannotReplace, path) }
        guard facts.identity == rewritten || !inUse.contains(facts.identity) else { throw FileError(.isInput, path) }
        return true
    }

    /// `nil` when the way is free; `.identical` when there is nothing to do.
    func standing(_ bytes: Span<UInt8>, replacing: Bool) throws(FileError) -> OutputFile.Outcome? {
        guard try isTaken() else { return nil }
        if try holds(bytes) { return .identical }
        guard replacing else { throw FileError(.exists, path) }
        return nil
    }

    /// Does what stands there hold these very bytes? Read here and not as an input: it is the output.
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

    /// Gives the temporary file its name. The answer is 0, or the errno that says why not.
    func take(_ temporary: String, replacing: Bool) -> Int32 {
        let number = folder.number
        if replacing { return unsafe renameat(number, temporary, number, name) == 0 ? 0 : errno }
        if unsafe airlock_rename_without_replacing(number, temporary, number, name) == 0 { return 0 }
        // rename(2): a file system that does not know the flag (NFS, some of FUSE's). A second name does the same;
        // it is only the second choice because FAT, on a memory stick, has no second names.
        guard errno == EINVAL else { return errno }
        return unsafe linkat(number, temporary, number, name, 0) == 0 ? 0 : errno
    }
}

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

/// The standard output, where results go.
public enum StandardOutput {
    /// Writes all of `bytes`, or throws: a reader that has gone is an error like a full disk, since a result that
    /// nobody got must not look like success.
    public static func write(_ bytes: Span<UInt8>) throws(FileError) {
        _ = survivesBrokenPipe
        try Descriptor(standard: STDOUT_FILENO, else: .cannotWrite).write(bytes)
    }

    /// Else the kernel would end the process before write(2) could answer EPIPE.
    private static let survivesBrokenPipe: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
