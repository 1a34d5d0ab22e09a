import Glibc

/// How long to wait for a file that another process has locked, and whom to tell.
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
    /// Takes a lock of flock(2), or throws `file.locked` when the time is over.
    ///
    /// flock(2) itself waits without an end, so the lock is tried again and again.
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
