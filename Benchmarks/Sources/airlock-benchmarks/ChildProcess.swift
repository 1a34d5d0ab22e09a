import Glibc
import Operations

/// A command and its input. The command can be run any number of times. Each run waits until the command has ended.
struct ChildProcess {
    let command: [String]
    /// The path of the file that is the standard input of the command.
    var input = "/dev/null"

    /// - Parameter output: the path of the file to which the standard output is written.
    /// - Returns: whether the command succeeded.
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

/// A folder of files in memory, so that no disk is measured. The files are removed when this object is destroyed.
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

    /// Returns the path of a file with this name. The file need not exist.
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

/// Writes a file that only its owner may read.
func writeFile(_ bytes: [UInt8], to path: String) throws {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard file >= 0 else { throw WrongResult(description: "cannot create \(path)") }
    defer { close(file) }
    guard unsafe Glibc.write(file, bytes, bytes.count) == bytes.count else {
        throw WrongResult(description: "cannot write \(path)")
    }
}

/// Returns the whole content of a file; `nil` if the file cannot be opened.
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
