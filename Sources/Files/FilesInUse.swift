import Glibc
import Synchronization

/// The files that one run of a tool reads, or keeps its records in. No output takes the place of one of them.
///
/// Whatever opens a file in this module enters it here, so no command lists its own inputs. A file is known by device
/// and inode: a hard link or a symbolic link to it is the same file.
public final class FilesInUse: Sendable {
    /// Those of this process. Nothing is entered before the tool calls ``begin()``: only a process that ends with its
    /// one command can say that a file which was read once stays an input.
    public static let ofThisRun = FilesInUse()

    public enum Use: Sendable {
        /// Read, and never to be written.
        case input
        /// The ledger or the journal: written, but only by appending to it or by its database.
        case record
    }

    private struct State {
        var isKept = false
        var uses: [FileIdentity: Use] = [:]
        /// Files that another library opens, or that may not be there yet.
        var paths: Set<String> = []
    }

    private let state = Mutex(State())

    init() {}

    /// Enters what is opened from now on, and the standard input where it is a regular file.
    public func begin() {
        state.withLock { $0.isKept = true }
        var status = stat()
        guard unsafe fstat(STDIN_FILENO, &status) == 0 else { return }
        _ = try? enter(FileFacts(status), as: .input, "-")
    }

    /// Enters an open file. A record that is an input is refused, and an input that is a record.
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

    /// Enters a file by its path: one that another library opens, or that is going to be created.
    public func claim(_ path: String) {
        state.withLock { state in if state.isKept { _ = state.paths.insert(path) } }
    }

    /// Is this one of them?
    func contains(_ identity: FileIdentity) -> Bool {
        let state = state.withLock { $0 }
        return state.uses[identity] != nil || state.paths.contains { FileIdentity(of: $0) == identity }
    }

    /// Is one of them going to be created under this name of a folder?
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
