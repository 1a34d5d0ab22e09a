import Glibc

/// A file that only grows: opened and locked for one writer or many readers at a time, and durable after every append.
///
/// The lock is on the file itself. It is released when the value is destroyed, or by the kernel when the process ends.
public struct AppendOnlyFile: ~Copyable {
    private let file: Descriptor
    public let facts: FileFacts

    /// Opens and locks the file for writing. It must be a regular file that no other user can write.
    ///
    /// With `creating`, a missing file is created, empty and with mode 0600; else the error is `file.missing`.
    public init(_ path: String, creating: Bool, _ wait: LockWait = LockWait()) throws(FileError) {
        let file = try Self.open(path, creating ? O_RDWR | O_APPEND | O_CREAT : O_RDWR | O_APPEND) { code in
            switch code {
            case _ where creating: .cannotCreate
            case ENOENT, ENOTDIR: .missing
            default: .unreadable
            }
        }
        let facts = try Self.check(file)
        if creating {
            // The entry of the folder must survive a power cut as well.
            try Descriptor(opening: parts(of: path).folder, O_RDONLY | O_DIRECTORY, as: path) { _ in .cannotCreate }
                .sync()
        }
        try file.lock(LOCK_EX, wait)
        self.file = file
        self.facts = facts
    }

    /// Opens the file for reading, which needs no write permission, and shares the lock with other readers.
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
            // open(2): O_NOFOLLOW, and the last part of the path is a symbolic link.
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

    /// The current size in bytes.
    public func size() throws(FileError) -> Int { Int(try file.size()) }

    /// The bytes from `offset` on, at most `count`; fewer only at the end.
    public func read(at offset: Int, _ count: Int) throws(FileError) -> [UInt8] { try file.read(at: offset, count) }

    /// The whole content.
    public func read() throws(FileError) -> [UInt8] { try read(at: 0, size()) }

    /// Appends bytes, and returns once they would survive a power cut. If that fails, none of them remains in the file.
    public func append(_ bytes: Span<UInt8>) throws(FileError) {
        let size = try file.size()
        do throws(FileError) {
            try file.write(bytes)
            try file.sync()
        } catch {
            // Otherwise the next reader would find bytes that the disk has not confirmed.
            _ = ftruncate(file.number, size)
            throw error
        }
    }

    /// Returns once the whole content would survive a power cut: a process that was killed may have left some of it
    /// unsynced.
    public func sync() throws(FileError) { try file.sync() }

    /// Cuts off an incomplete end that a crash left.
    public func truncate(to size: Int) throws(FileError) {
        guard ftruncate(file.number, size) == 0 else { throw FileError(.cannotWrite, file.path, errno: errno) }
        try file.sync()
    }

    /// Releases the lock. The existing content can still be read, since it never changes.
    public func unlock() { file.unlock() }

    /// Acquires the writer's lock again. Returns `false` if the path now leads to another file.
    public func lockAgain(_ wait: LockWait = LockWait()) throws(FileError) -> Bool {
        try file.lock(LOCK_EX, wait)
        return FileIdentity(of: file.path) == facts.identity
    }
}

/// How long to wait for a file that another process has locked, and a closure to call when the wait begins.
public struct LockWait: Sendable {
    public let seconds: UInt64
    /// Called once, with the path, when the file is found locked.
    public let tell: @Sendable (String) -> Void

    public init(seconds: UInt64 = 10, tell: @escaping @Sendable (String) -> Void = { _ in }) {
        self.seconds = seconds
        self.tell = tell
    }
}

extension Descriptor {
    /// Acquires a lock of flock(2), or throws `file.locked` when the time is up.
    ///
    /// flock(2) has no time limit of its own, so the lock is tried again and again.
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
