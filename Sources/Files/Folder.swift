internal import AirlockCLinux
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

    /// Moves a file out of a folder into one below it, and takes no other file's place: where its name is taken it gets
    /// the next one that is free, with a number at its end.
    ///
    /// - Returns: its new path; `nil` where it is gone already.
    public static func move(_ name: String, from folder: String, into subfolder: String) throws(FileError) -> String? {
        for number in 1... {
            let path = "\(folder)/\(subfolder)/\(name)" + (number == 1 ? "" : ".\(number)")
            if unsafe airlock_rename_without_replacing(AT_FDCWD, "\(folder)/\(name)", AT_FDCWD, path) == 0 {
                return path
            }
            switch errno {
            case EEXIST: continue
            case ENOENT where isFolder("\(folder)/\(subfolder)"): return nil
            default: throw FileError(.cannotCreate, path, errno: errno)
            }
        }
        return nil
    }
}
