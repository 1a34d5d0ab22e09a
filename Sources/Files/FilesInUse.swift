import Glibc
import Synchronization

/// The files that one run of a tool reads, and the files that hold its records. No output may replace one of these
/// files.
///
/// Every function that reads an input or opens a record, such as the ledger, registers the file here. Therefore no
/// command has to list its inputs. Files are compared by device and inode, because a hard link or a symbolic link leads
/// to the same file.
public final class FilesInUse: Sendable {
    /// The files that this process uses. A registered file stays registered until the process exits. This suits a tool,
    /// which runs one command and then exits. It does not suit a process that runs several commands, because a later
    /// command is allowed to write a file that an earlier command has read. Such a process does not call ``begin()``.
    /// Without this call, no file is registered.
    public static let ofThisRun = FilesInUse()

    public enum Use: Sendable {
        /// The file is an input of the command. The command must not write to it.
        case input
        /// The file is the ledger or the journal. Only Airlock itself writes the ledger. Only a database library writes
        /// the journal.
        case record
    }

    private struct State {
        var isKept = false
        var uses: [FileIdentity: Use] = [:]
        /// The paths that are registered. A file is registered by its path if another library opens the file, or if the
        /// file might be created later.
        var paths: Set<String> = []
    }

    private let state = Mutex(State())

    init() {}

    /// Starts to register all files that are opened from now on. Also registers standard input if it is a regular file.
    public func begin() {
        state.withLock { $0.isKept = true }
        var status = stat()
        guard unsafe fstat(STDIN_FILENO, &status) == 0 else { return }
        _ = try? enter(FileFacts(status), as: .input, "-")
    }

    /// Registers an open file as an input or as a record. Throws if an input is already registered as a record, or a
    /// record as an input.
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

    /// Registers a file by its path. Use this method if another library opens the file, or if the file does not exist
    /// yet.
    public func claim(_ path: String) {
        state.withLock { state in if state.isKept { _ = state.paths.insert(path) } }
    }

    /// Whether the file with this identity is registered.
    func contains(_ identity: FileIdentity) -> Bool {
        let state = state.withLock { $0 }
        return state.uses[identity] != nil || state.paths.contains { FileIdentity(of: $0) == identity }
    }

    /// Whether one of the registered paths is the path of the file `name` in this folder. The file does not have to
    /// exist.
    func contains(_ name: String, in folder: FileIdentity) -> Bool {
        state.withLock { $0 }.paths.contains { path in
            let (parent, last) = parts(of: path)
            return last == name && FileIdentity(of: parent) == folder
        }
    }
}

/// Splits a path into its folder and its last component.
func parts(of path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    return (String(path[...slash]), String(path[path.utf8.index(after: slash)...]))
}
