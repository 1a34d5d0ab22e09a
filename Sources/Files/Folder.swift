import Glibc

/// What is in a folder.
public enum Folder {
    /// Is it the path of a folder?
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder, in the order of their bytes, without the two that every folder has.
    public static func names(in path: String) throws(FileError) -> [String] {
        guard let folder = unsafe opendir(path) else {
            let isMissing = errno == ENOENT || errno == ENOTDIR
            throw FileError(isMissing ? .missing : .unreadable, path, errno: errno)
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
