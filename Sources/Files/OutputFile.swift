internal import CLinux
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
    public static func check(
        _ path: String, replacing: Bool, identical: Bool, inputs: [FileIdentity]
    ) throws(FileError) {
        guard path != "-" else { return }
        let target = try Target(path)
        let isTaken = try target.isTaken(inputs: inputs)
        guard !isTaken || replacing || identical else { throw FileError(.exists, path) }
        guard unsafe faccessat(target.folder.number, ".", W_OK | X_OK, AT_EACCESS) == 0 else {
            throw FileError(.cannotCreate, path, errno: errno)
        }
    }

    /// Writes `bytes` to `path`, durably, or to the standard output for `-`.
    ///
    /// The bytes go to a temporary file beside it, which is synced and renamed.
    ///
    /// With `replacing` a regular file with other content is replaced (`--force`); of `inputs`, the files that were
    /// read, none ever is.
    public static func write(
        _ bytes: Span<UInt8>, to path: String, replacing: Bool, inputs: [FileIdentity]
    ) throws(FileError) -> Outcome {
        guard path != "-" else {
            try StandardOutput.write(bytes)
            return .written
        }
        let target = try Target(path)
        if let outcome = try target.standing(bytes, replacing: replacing, inputs: inputs) { return outcome }

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
            if code == EEXIST, let outcome = try target.standing(bytes, replacing: false, inputs: inputs) {
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

    init(_ path: String) throws(FileError) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
        guard !["", ".", ".."].contains(name) else { throw FileError(.cannotCreate, path, errno: EISDIR) }
        folder = try Descriptor(
            opening: slash.map { String(path[...$0]) } ?? ".", O_RDONLY | O_DIRECTORY, as: path, else: Self.rule)
        self.name = name
        self.path = path
    }

    static func rule(_ code: Int32) -> FileRule {
        switch code {
        case ENOSPC, EDQUOT, EIO: .cannotWrite
        default: .cannotCreate
        }
    }

    /// Whether a file stands there already; what may never be replaced is refused.
    func isTaken(inputs: [FileIdentity]) throws(FileError) -> Bool {
        var status = stat()
        guard unsafe fstatat(folder.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return false }
            throw FileError(.cannotCreate, path, errno: errno)
        }
        let facts = FileFacts(status)
        guard facts.isRegular else { throw FileError(.cannotReplace, path) }
        guard !inputs.contains(facts.identity) else { throw FileError(.isInput, path) }
        return true
    }

    /// Nothing when the way is free; `.identical` when there is nothing to do.
    func standing(
        _ bytes: Span<UInt8>, replacing: Bool, inputs: [FileIdentity]
    ) throws(FileError) -> OutputFile.Outcome? {
        guard try isTaken(inputs: inputs) else { return nil }
        if let old = try? InputFile.read(path, limit: bytes.count),
            unsafe bytes.withUnsafeBufferPointer({ unsafe old.bytes.elementsEqual($0) })
        {
            return .identical
        }
        guard replacing else { throw FileError(.exists, path) }
        return nil
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
