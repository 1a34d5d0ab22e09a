import Glibc

/// A file to which bytes can only be appended. It is locked for one writer or for several readers at a time. Each
/// append is flushed to disk before it returns.
///
/// The lock is on the file itself, and not on a separate lock file. The lock is released when this value is destroyed.
/// If the process exits earlier, the kernel releases the lock.
public struct AppendOnlyFile: ~Copyable {
    private let file: Descriptor
    public let facts: FileFacts

    /// Opens the file for writing and locks it. It must be a regular file that no other user can write.
    ///
    /// If there is no file and `creating` is `true`, creates an empty file with mode 0600. If there is no file and
    /// `creating` is `false`, throws `file.missing`.
    ///
    /// Another process can replace the file while this process waits for the lock. The new file is then opened instead.
    public init(_ path: String, creating: Bool, _ wait: LockWait = LockWait()) throws(FileError) {
        let file = try Self.locked(path, creating: creating, wait)
        let facts = try file.facts()
        self.file = file
        self.facts = facts
    }

    /// How often the file is opened at most. It is opened again if it was replaced before its lock was acquired.
    private static let mostFiles = 8

    private static func locked(_ path: String, creating: Bool, _ wait: LockWait) throws(FileError) -> Descriptor {
        for _ in 0..<mostFiles {
            let file = try Self.open(path, creating ? O_RDWR | O_APPEND | O_CREAT : O_RDWR | O_APPEND) { code in
                switch code {
                case ENOENT where !creating, ENOTDIR where !creating: .missing
                default: .cannotCreate
                }
            }
            let facts = try Self.check(file)
            if creating {
                // The folder is flushed to disk too, because the folder's entry for a new file must also survive a
                // power cut.
                try Descriptor(opening: parts(of: path).folder, O_RDONLY | O_DIRECTORY, as: path) { _ in .cannotCreate }
                    .sync()
            }
            try file.lock(LOCK_EX, wait)
            if FileIdentity(of: path) == facts.identity { return file }
        }
        throw FileError(.locked, path, reason: "it was replaced \(mostFiles) times")
    }

    /// Opens the file for reading. The user does not need permission to write the file. Several readers can hold the
    /// lock at the same time.
    public init(reading path: String, _ wait: LockWait = LockWait()) throws(FileError) {
        let file = try Self.open(path, O_RDONLY) { code in
            switch code {
            case ENOENT, ENOTDIR: .missing
            default: .unreadable
            }
        }
        let facts = try Self.check(file)
        try file.lock(LOCK_SH, wait)
        self.file = file
        self.facts = facts
    }

    private static func open(
        _ path: String, _ flags: Int32, else rule: (Int32) -> FileRule
    ) throws(FileError) -> Descriptor {
        guard path != "-" else { throw FileError(.noStream, path) }
        FilesInUse.ofThisRun.claim(path)
        return try Descriptor(opening: path, flags | O_NOFOLLOW, creating: 0o600, as: path) { code in
            switch code {
            // With O_NOFOLLOW, open(2) returns ELOOP if the last part of the path is a symbolic link.
            case ELOOP: .symbolicLink
            case EISDIR: .noStream
            default: rule(code)
            }
        }
    }

    private static func check(_ file: borrowing Descriptor) throws(FileError) -> FileFacts {
        let facts = try file.facts()
        guard facts.isRegular else { throw FileError(.noStream, file.path) }
        guard !facts.isWritableByOthers else { throw FileError(.writableByOthers, file.path) }
        try FilesInUse.ofThisRun.enter(facts, as: .record, file.path)
        return facts
    }

    /// Returns the current size in bytes.
    public func size() throws(FileError) -> Int { Int(try file.size()) }

    /// Reads at most `count` bytes from `offset` on. Returns fewer bytes only at the end of the file.
    public func read(at offset: Int, _ count: Int) throws(FileError) -> [UInt8] { try file.read(at: offset, count) }

    /// Reads the whole content.
    public func read() throws(FileError) -> [UInt8] { try read(at: 0, size()) }

    /// Appends bytes. Returns only when the bytes would survive a power cut. If the append fails, tries to remove the
    /// bytes from the file again, and throws.
    public func append(_ bytes: Span<UInt8>) throws(FileError) {
        let size = try file.size()
        do throws(FileError) {
            try file.write(bytes)
            try file.sync()
        } catch {
            // Remove the appended bytes, because the disk has not confirmed them. If they remained in the file, the
            // next reader could take them for a stored entry.
            _ = ftruncate(file.number, size)
            throw error
        }
    }

    /// Flushes the whole content to disk. This is necessary because another process may have been killed after it
    /// appended bytes and before it flushed them.
    public func sync() throws(FileError) { try file.sync() }

    /// Shortens the file to `size` bytes. This removes an incomplete last entry that a crash left in the file.
    public func truncate(to size: Int) throws(FileError) {
        guard ftruncate(file.number, size) == 0 else { throw FileError(.cannotWrite, file.path, errno: errno) }
        try file.sync()
    }

    /// Releases the lock. This process can still read the bytes that the file has now, because later writers only
    /// append.
    public func unlock() { file.unlock() }

    /// Locks the file for writing again after ``unlock()``. Returns `false` if the file's path now leads to another
    /// file or to no file.
    public func lockAgain(_ wait: LockWait = LockWait()) throws(FileError) -> Bool {
        try file.lock(LOCK_EX, wait)
        return FileIdentity(of: file.path) == facts.identity
    }
}

/// The settings for waiting until another process unlocks a file: the maximum wait, and a closure that is called when
/// the wait begins.
public struct LockWait: Sendable {
    public let seconds: UInt64
    /// A closure that is called once if another process has locked the file. Its argument is the path of the file.
    public let tell: @Sendable (String) -> Void

    public init(seconds: UInt64 = 10, tell: @escaping @Sendable (String) -> Void = { _ in }) {
        self.seconds = seconds
        self.tell = tell
    }
}

extension Descriptor {
    /// Acquires a lock with flock(2), or throws `file.locked` when the time is up.
    ///
    /// flock(2) has no parameter for a time limit, so the function tries again and again.
    func lock(_ operation: Int32, _ wait: LockWait) throws(FileError) {
        var pause: useconds_t = 1_000
        var waited: UInt64 = 0
        while flock(number, operation | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK:
                guard waited < wait.seconds * 1_000_000 else {
                    throw FileError(.locked, path, reason: "waited \(wait.seconds) s")
                }
                if waited == 0 { wait.tell(path) }
                usleep(pause)
                waited += UInt64(pause)
                pause = min(pause * 2, 20_000)
            default: throw FileError(.cannotCreate, path, errno: errno)
            }
        }
    }

    func unlock() { flock(number, LOCK_UN) }
}
