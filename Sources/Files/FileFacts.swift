import Glibc

/// Which file it is, whatever names lead to it.
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

/// What the kernel says of an open file: of that very file, not of what stands at its path by now.
public struct FileFacts: Hashable, Sendable {
    public let identity: FileIdentity
    /// The user it belongs to.
    public let owner: UInt32
    /// Type and permissions, as in stat(2).
    public let mode: UInt32

    init(_ status: stat) {
        identity = FileIdentity(device: status.st_dev, inode: status.st_ino)
        owner = status.st_uid
        mode = status.st_mode
    }

    public var isRegular: Bool { mode & S_IFMT == S_IFREG }

    /// Whether anybody but the effective user and the superuser can change it.
    public var isWritableByOthers: Bool {
        mode & (S_IWGRP | S_IWOTH) != 0 || (owner != geteuid() && owner != 0)
    }
}
