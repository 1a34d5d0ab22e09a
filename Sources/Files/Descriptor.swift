import Glibc

/// An open file, closed when the value is destroyed. Interrupted and partial system calls are continued here.
struct Descriptor: ~Copyable {
    let number: Int32
    /// The path as the user gave it, for errors.
    let path: String

    /// Opens `name` in the open folder `folder`. The call never waits for the other end of a FIFO and never acquires a
    /// controlling terminal, and other programs do not inherit the descriptor.
    ///
    /// - Parameter rule: the broken rule for an errno.
    init(
        opening name: String, in folder: Int32 = AT_FDCWD, _ flags: Int32, creating mode: mode_t = 0,
        as path: String, else rule: (Int32) -> FileRule
    ) throws(FileError) {
        var number: Int32
        repeat {
            number = unsafe openat(folder, name, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode)
        } while number < 0 && errno == EINTR
        guard number >= 0 else {
            let code = errno
            throw FileError(rule(code), path, errno: code)
        }
        self.number = number
        self.path = path
    }

    /// A duplicate of a standard stream.
    init(standard stream: Int32, else rule: FileRule) throws(FileError) {
        let number = fcntl(stream, F_DUPFD_CLOEXEC, 3)
        guard number >= 0 else { throw FileError(rule, "-", errno: errno) }
        self.number = number
        self.path = "-"
    }

    deinit { close(number) }

    func facts() throws(FileError) -> FileFacts {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw FileError(.unreadable, path, errno: errno) }
        return FileFacts(status)
    }

    func size() throws(FileError) -> off_t {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw FileError(.unreadable, path, errno: errno) }
        return status.st_size
    }

    /// Reads until the end of the file or of `buffer`, and returns the number of bytes.
    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(FileError) -> Int {
        var count = 0
        while count < buffer.count {
            let rest = unsafe UnsafeMutableBufferPointer(rebasing: buffer[count...])
            let read = unsafe Glibc.read(number, rest.baseAddress, rest.count)
            guard read != 0 else { break }
            if read > 0 { count += read } else { try wait(until: POLLIN, else: .unreadable) }
        }
        return count
    }

    /// The bytes from `offset` on, at most `count`; fewer only at the end of the file.
    func read(at offset: Int, _ count: Int) throws(FileError) -> [UInt8] {
        var failed: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = unsafe UnsafeMutableBufferPointer(rebasing: buffer[filled...])
                let read = unsafe pread(number, rest.baseAddress, rest.count, offset + filled)
                guard read != 0 else { break }
                if read > 0 {
                    filled += read
                } else if errno != EINTR {
                    failed = errno
                    break
                }
            }
        }
        guard failed == 0 else { throw FileError(.unreadable, path, errno: failed) }
        return bytes
    }

    /// Writes all of `bytes`.
    func write(_ bytes: Span<UInt8>) throws(FileError) {
        try unsafe bytes.withUnsafeBufferPointer { bytes throws(FileError) in
            var count = 0
            while count < bytes.count {
                let rest = unsafe UnsafeBufferPointer(rebasing: bytes[count...])
                let written = unsafe Glibc.write(number, rest.baseAddress, rest.count)
                if written >= 0 { count += written } else { try wait(until: POLLOUT, else: .cannotWrite) }
            }
        }
    }

    /// Returns once all that was written, or all entries of a folder, would survive a power cut.
    func sync() throws(FileError) {
        guard fsync(number) == 0 else { throw FileError(.cannotWrite, path, errno: errno) }
    }

    /// After a failed call: returns if the call should be repeated, else throws.
    private func wait(until event: Int32, else rule: FileRule) throws(FileError) {
        switch errno {
        case EINTR: return
        // Another process that shares a standard stream has made it non-blocking.
        case EAGAIN:
            var request = pollfd(fd: number, events: Int16(event), revents: 0)
            unsafe poll(&request, 1, -1)
        default: throw FileError(rule, path, errno: errno)
        }
    }
}

/// The identity of a file, whatever names lead to it.
public struct FileIdentity: Hashable, Sendable {
    let device: UInt
    let inode: UInt
}

extension FileIdentity {
    /// The file that a path leads to now, if there is one.
    public init?(of path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.init(device: status.st_dev, inode: status.st_ino)
    }
}

/// The facts that the kernel reports about an open file itself, whatever its path leads to now.
public struct FileFacts: Hashable, Sendable {
    public let identity: FileIdentity
    /// The user who owns the file.
    public let owner: UInt32
    /// Type and permissions, as in stat(2).
    public let mode: UInt32

    init(_ status: stat) {
        identity = FileIdentity(device: status.st_dev, inode: status.st_ino)
        owner = status.st_uid
        mode = status.st_mode
    }

    public var isRegular: Bool { mode & S_IFMT == S_IFREG }

    /// Whether any user other than the effective user and the superuser can change the file.
    public var isWritableByOthers: Bool {
        mode & (S_IWGRP | S_IWOTH) != 0 || (owner != geteuid() && owner != 0)
    }
}
