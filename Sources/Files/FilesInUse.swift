import Glibc
import Synchronization

/// The files that one run of a tool reads, and those that hold its records. No output may replace one of them.
///
/// Whatever opens a file in this module registers it here, so that no command has to list its inputs. Files are
/// compared by device and inode: a hard link or a symbolic link to one is the same file.
public final class FilesInUse: Sendable {
    /// The files of this process. Nothing is registered before the tool calls ``begin()``: a file that was read once
    /// stays an input only in a process that runs one command and ends.
    public static let ofThisRun = FilesInUse()

    public enum Use: Sendable {
        /// The file is read, and must not be written.
        case input
        /// The ledger or the journal. It is written only by appending to it, or by its database.
        case record
    }

    private struct State {
        var isKept = false
        var uses: [FileIdentity: Use] = [:]
        /// Files that another library opens, or that may not exist yet.
        var paths: Set<String> = []
    }

    private let state = Mutex(State())

    init() {}

    /// Registers all files that are opened from now on, and standard input if it is a regular file.
    public func begin() {
        state.withLock { $0.isKept = true }
        var status = stat()
        guard unsafe fstat(STDIN_FILENO, &status) == 0 else { return }
        _ = try? enter(FileFacts(status), as: .input, "-")
    }

    /// Registers an open file. Throws if the same file is used both as an input and as a record.
    func enter(_ facts: FileFacts, as use: Use, _ path: String) throws(FileError) {
        guard facts.isRegular else { return }
        let isFree = state.withLock { state in
            guard state.isKept else { return true }
            guard let known = state.uses[facts.identity] else {
                state.uses[facts.identity] = use
                return true
            }
            return known == use
        }
        guard isFree else { throw FileError(.isInput, path) }
    }

    /// Registers a file by its path, if another library opens it, or if it does not exist yet.
    public func claim(_ path: String) {
        state.withLock { state in if state.isKept { _ = state.paths.insert(path) } }
    }

    /// Whether this file is registered.
    func contains(_ identity: FileIdentity) -> Bool {
        let state = state.withLock { $0 }
        return state.uses[identity] != nil || state.paths.contains { FileIdentity(of: $0) == identity }
    }

    /// Whether a registered file will be created under this name in this folder.
    func contains(_ name: String, in folder: FileIdentity) -> Bool {
        state.withLock { $0 }.paths.contains { path in
            let (parent, last) = parts(of: path)
            return last == name && FileIdentity(of: parent) == folder
        }
    }
}

/// The folder of a path, and the name in it.
func parts(of path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    return (String(path[...slash]), String(path[path.utf8.index(after: slash)...]))
}
