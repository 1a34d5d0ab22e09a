import Glibc

/// The exclusive right to use what a lock file stands for, given back when the owner ends, or by the kernel when the
/// process does.
public struct FileLock: ~Copyable {
    private let file: Descriptor

    /// Takes the lock, creating the lock file when it is missing.
    ///
    /// With `waiting` it waits for another holder; else it throws `file.locked` at once.
    public init(_ path: String, waiting: Bool = true) throws(FileError) {
        let file = try Descriptor(opening: path, O_RDWR | O_CREAT | O_NOFOLLOW, creating: 0o600, as: path) { _ in
            .cannotCreate
        }
        while flock(file.number, waiting ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
            guard errno == EINTR else {
                throw FileError(errno == EWOULDBLOCK ? .locked : .cannotCreate, path, errno: errno)
            }
        }
        self.file = file
    }
}
