import Glibc
import Operations

/// A command with what it reads, run to its end any number of times.
struct ChildProcess {
    let command: [String]
    /// The file that is its standard input.
    var input = "/dev/null"

    /// - Parameter output: the file that takes its standard output.
    /// - Returns: whether it ended well.
    @discardableResult
    func run(output: String = "/dev/null") -> Bool {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var process = pid_t()
        guard unsafe posix_spawn(&process, command[0], &actions, nil, &arguments, environ) == 0 else { return false }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status == 0
    }
}

/// Files in memory, so that no disk is measured; taken away when their owner ends.
final class Scratch {
    let path: String
    private var names: Set<String> = []

    init() throws {
        path = "/dev/shm/airlock-benchmarks-\(getpid())"
        guard unsafe mkdir(path, 0o700) == 0 else { throw WrongResult(description: "cannot create \(path)") }
    }

    deinit {
        for name in names { unsafe unlink("\(path)/\(name)") }
        unsafe rmdir(path)
    }

    /// Where a file of this name is or may be.
    func file(_ name: String) -> String {
        names.insert(name)
        return "\(path)/\(name)"
    }

    @discardableResult
    func write(_ bytes: some Collection<UInt8>, to name: String) throws -> String {
        let path = file(name)
        try writeFile(Array(bytes), to: path)
        return path
    }

    func read(_ name: String) -> [UInt8]? { readFile(file(name)) }

    func remove(_ name: String) { unsafe unlink(file(name)) }
}

/// Writes a file that its owner alone may read.
func writeFile(_ bytes: [UInt8], to path: String) throws {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard file >= 0 else { throw WrongResult(description: "cannot create \(path)") }
    defer { close(file) }
    guard unsafe Glibc.write(file, bytes, bytes.count) == bytes.count else {
        throw WrongResult(description: "cannot write \(path)")
    }
}

/// All that is in a file; nothing when it cannot be read.
func readFile(_ path: String) -> [UInt8]? {
    guard let file = unsafe fopen(path, "r") else { return nil }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = unsafe fread(&piece, 1, piece.count, file)
        guard count > 0 else { return bytes }
        bytes += piece[..<count]
    }
}
