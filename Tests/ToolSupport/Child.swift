import Glibc

/// A running process, in a session of its own and with an environment of its own.
final class Child {
    enum Stream {
        /// The child gets this descriptor of the test process as the stream. If the number is negative, the child's
        /// stream is closed.
        case inherit(Int32)
        /// The child opens this file for reading.
        case read(String)
        /// The child opens this file or terminal for reading and writing. The first terminal that a session opens
        /// becomes its controlling terminal.
        case open(String)
    }

    let identifier: pid_t
    private var status: Int32?

    /// Starts the process.
    ///
    /// - Parameter streams: the standard streams in their order.
    init(_ words: [String], in folder: String, environment: [String: String], streams: [Stream]) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        for (stream, source) in streams.enumerated() {
            let number = Int32(stream)
            switch source {
            case .inherit(let descriptor) where descriptor < 0:
                unsafe posix_spawn_file_actions_addclose(&actions, number)
            case .inherit(let descriptor):
                unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, number)
            case .open(let path):
                unsafe posix_spawn_file_actions_addopen(&actions, number, path, O_RDWR, 0)
            case .read(let path):
                unsafe posix_spawn_file_actions_addopen(&actions, number, path, O_RDONLY, 0)
            }
        }
        try unsafe Self.closeOthers(in: &actions, from: Int32(streams.count))
        // 0x80 is the value of POSIX_SPAWN_SETSID. Swift does not import this macro, because it is a GNU extension. The
        // child gets an empty signal mask, as from a user's shell. Without this mask, it would inherit that of a test
        // thread, which blocks signals.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, 0x80 | Int16(POSIX_SPAWN_SETSIGMASK))
        // env(1) sets the folder and the environment, and then becomes the tool. The tool does not get any variable of
        // the tests' environment.
        let settings = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let all = ["/usr/bin/env", "--chdir=\(folder)"] + settings + words
        var arguments = unsafe all.map { unsafe strdup($0) } + [nil]
        defer { _ = unsafe arguments.map { unsafe free($0) } }
        var nothing: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
        var identifier: pid_t = 0
        let code = unsafe posix_spawn(&identifier, all[0], &actions, &attributes, &arguments, &nothing)
        guard code == 0 else { throw ToolFailure("cannot start \(words[0]): \(code)") }
        self.identifier = identifier
    }

    /// Closes, in the child, all descriptors of the test process other than the standard streams, such as the socket of
    /// a server or the end of a new pipe. Without this call, the child could keep them open after the test has closed
    /// them.
    private static func closeOthers(in actions: inout posix_spawn_file_actions_t, from first: Int32) throws {
        typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        // Swift does not import posix_spawn_file_actions_addclosefrom_np, because it is a GNU extension.
        guard let symbol = unsafe dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else {
            throw ToolFailure("there is no posix_spawn_file_actions_addclosefrom_np")
        }
        _ = unsafe unsafeBitCast(symbol, to: CloseFrom.self)(&actions, first)
    }

    deinit {
        if status == nil {
            end()
            _ = wait()
        }
    }

    /// Kills the process and all processes in its process group.
    func end() { kill(-identifier, SIGKILL) }

    /// Waits until the process has ended. Returns the exit code, or the negative number of the signal that ended the
    /// process.
    func wait() -> Int32 {
        if let status { return status }
        var raw: Int32 = 0
        while unsafe waitpid(identifier, &raw, 0) < 0, errno == EINTR {}
        let signal = raw & 0x7f
        let answer = signal == 0 ? raw >> 8 & 0xff : -signal
        status = answer
        return answer
    }
}
