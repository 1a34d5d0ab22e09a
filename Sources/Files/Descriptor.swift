import Glibc

/// An open file. It is closed when the value is destroyed. The methods for reading and writing repeat system calls that
/// were interrupted or that processed only some of the bytes.
struct Descriptor: ~Copyable {
    let number: Int32
    /// The path as the user gave it, for error messages.
    let path: String

    /// Opens the file `name` in the open folder `folder`. The call never waits for the other end of a FIFO and never
    /// acquires a controlling terminal. Other programs do not inherit the descriptor.
    ///
    /// - Parameter rule: a closure that returns the broken rule for an errno.
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

    /// Duplicates the descriptor of a standard stream.
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

    /// Reads until the file ends or `buffer` is full. Returns the number of bytes.
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

    /// Reads at most `count` bytes from `offset` on. Returns fewer bytes only at the end of the file.
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

    /// Flushes all written data to disk (fsync(2)), so that the data survives a power cut. For a folder, this flushes
    /// the list of its entries.
    func sync() throws(FileError) {
        guard fsync(number) == 0 else { throw FileError(.cannotWrite, path, errno: errno) }
    }

    /// Handles the failure of a system call. Returns if the system call should be repeated. If the file is not ready,
    /// waits for the file before it returns. Throws for any other failure.
    private func wait(until event: Int32, else rule: FileRule) throws(FileError) {
        switch errno {
        case EINTR: return
        // Another process that shares this standard stream has made the stream non-blocking. So this process waits
        // until the stream is ready.
        case EAGAIN:
            var request = pollfd(fd: number, events: Int16(event), revents: 0)
            unsafe poll(&request, 1, -1)
        default: throw FileError(rule, path, errno: errno)
        }
    }
}

/// The identity of a file. It is the same for all paths that lead to the file.
public struct FileIdentity: Hashable, Sendable {
    let device: UInt
    let inode: UInt
}

extension FileIdentity {
    /// Finds the identity of the file that a path leads to now. Returns `nil` if there is no such file.
    public init?(of path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.init(device: status.st_dev, inode: status.st_ino)
    }
}

/// The metadata of an open file, as the kernel reports it. The metadata describes the file that was opened, even if
/// another file now has the same path.
public struct FileFacts: Hashable, Sendable {
    public let identity: FileIdentity
    /// The user who owns the file.
    public let owner: UInt32
    /// The type and the permissions of the file, as in stat(2).
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
