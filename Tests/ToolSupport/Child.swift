import Glibc

/// A running process, in a session of its own and with an environment of its own.
final class Child {
    enum Stream {
        /// What is open here; below zero for none.
        case inherit(Int32)
        /// Opened by the child, to be read.
        case read(String)
        /// Opened by the child: the first terminal that a session opens becomes its own.
        case open(String)
    }

    let identifier: pid_t
    private var status: Int32?

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
        // 0x80 is <spawn.h>'s POSIX_SPAWN_SETSID, which Swift does not see because it is GNU's.
        // The threads that tests run on hold signals back; a person's shell does not.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, 0x80 | Int16(POSIX_SPAWN_SETSIGMASK))
        // env(1), which gets none of the tests' own environment, sets the folder and the tool's and becomes the tool.
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

    /// What the tests have open besides is not the child's, which could live longer than it: a server's port, or the
    /// end of a pipe that was made just now.
    private static func closeOthers(in actions: inout posix_spawn_file_actions_t, from first: Int32) throws {
        typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        // Swift does not see it, because it is GNU's.
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

    /// Ends it at once, with what it has begun.
    func end() { kill(-identifier, SIGKILL) }

    /// Waits until it has ended: the exit code, or the signal's number below zero.
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
