import AirlockLoopbackServer
import AirlockToolSupport
import Foundation

/// One of the relays that share a journal. If the tests are allowed to use PID namespaces, the relay cannot see the
/// processes of the other relays, as if it were on a machine of its own. A test can cut the relay's connections to the
/// node and to the database.
actor FleetRelay {
    nonisolated let number: Int
    nonisolated let node: TCPProxy
    nonisolated let database: TCPProxy

    private let folder: String
    private var tool: RunningTool?
    private var starts = 0
    /// A description of each run that ended by itself. Runs that the test killed are not included.
    private(set) var failures: [String] = []

    init(_ number: Int, in scratch: String, node: UInt16, _ server: PostgreSQLServer) throws {
        guard let port = UInt16(server.port) else { throw Unexpected(server.port) }
        (self.number, folder) = (number, scratch)
        (self.node, database) = (TCPProxy(to: node), TCPProxy(to: port))
        let address = "postgresql://relay:top%2Fsecret%40word@127.0.0.1:\(database.port)/postgres"
        try address.write(toFile: "\(folder)/journal-\(number)", atomically: false, encoding: .utf8)
        try FileManager.default.createDirectory(
            atPath: "\(folder)/inbox-\(number)", withIntermediateDirectories: false)
    }

    /// The command that runs a process in its own PID namespace, with its own /proc. Empty if the tests are not allowed
    /// to do this.
    private static let apart: [String] = {
        let words = ["--pid", "--fork", "--mount-proc", "--kill-child"]
        let run = try? BuiltTool.installed("unshare")?.run(words + ["true"], in: "/")
        return run?.exit == 0 ? ["unshare"] + words : []
    }()
    static var isApart: Bool { !apart.isEmpty }

    func start() throws {
        guard tool == nil else { return }
        starts += 1
        // The test does not read the log while the relay runs, so the log goes to a file.
        let log = "\(folder)/relay-\(number)-\(starts).log"
        guard FileManager.default.createFile(atPath: log, contents: nil) else { throw Unexpected(log) }
        let words = [
            "run", "--inbox", "inbox-\(number)", "--journal", "@journal-\(number)", "--rpc",
            "http://127.0.0.1:\(node.port)", "--log", "json",
        ]
        let relay = try BuiltTool("airlock-relay").path
        let all = Self.apart + [relay] + words
        guard let program = BuiltTool(at: "/usr/bin/env") else { throw Unexpected("there is no env") }
        let environment = ["XDG_STATE_HOME": folder, "XDG_CONFIG_HOME": folder, "HOME": folder]
        tool = try RunningTool(program, all, in: folder, environment: environment, errors: log)
    }

    /// The PID of the relay itself, not of `unshare`; `nil` if the relay does not run.
    private var process: pid_t? {
        guard let tool else { return nil }
        guard Self.isApart else { return tool.process }
        let path = "/proc/\(tool.process)/task/\(tool.process)/children"
        let children = try? String(contentsOfFile: path, encoding: .utf8)
        return children?.split(separator: " ").first.flatMap { pid_t($0) }
    }

    /// The part of the owner's name that identifies this relay in its leases. `nil` if the relay does not run.
    var owner: String? {
        guard let process, let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("NSpid:") }),
            let own = line.split(whereSeparator: \.isWhitespace).last,
            let space = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/pid")
        else { return nil }
        return "\(space)/\(own)/"
    }

    func signal(_ signal: Int32) { if let process { kill(process, signal) } }

    /// Kills the relay, as if its machine lost power.
    func die() throws {
        signal(SIGKILL)
        // If `unshare` has not started the relay yet, kills the whole process group.
        if let tool, process == nil { kill(-tool.process, SIGKILL) }
        _ = try tool?.finish()
        tool = nil
    }

    /// If the relay has ended by itself, records this in `failures`, and starts the relay again as systemd does.
    func watch() throws {
        guard let tool, let stat = try? String(contentsOfFile: "/proc/\(tool.process)/stat", encoding: .utf8),
            stat.split(separator: ") ").last?.hasPrefix("Z") == true
        else { return }
        let exit = try tool.finish().exit
        self.tool = nil
        failures.append("exit \(exit): \(try lastLog.suffix(1000))")
        try start()
    }

    private var lastLog: String {
        get throws { try String(contentsOfFile: "\(folder)/relay-\(number)-\(starts).log", encoding: .utf8) }
    }

    /// Sends SIGTERM to the relay, and waits until it has ended. Returns the exit code, and the log since the last
    /// start.
    func end() throws -> (exit: Int32, log: String) {
        signal(SIGTERM)
        guard let exit = try tool?.finish().exit else { throw Unexpected("relay \(number) does not run") }
        tool = nil
        return (exit, try lastLog)
    }

    /// The log of all runs.
    var log: String {
        get throws {
            try (0..<starts).map {
                try String(contentsOfFile: "\(folder)/relay-\(number)-\($0 + 1).log", encoding: .utf8)
            }.joined()
        }
    }

    /// The lines of the log, without two kinds of lines: the message of unshare(1) when its child is killed, and the
    /// error message of a relay that finds no database server when it starts.
    var lines: [String] {
        get throws {
            let others = ["unshare: ", "airlock-relay: error: the server of the journal ", "hint: "]
            return try log.split(separator: "\n").map(String.init).filter { line in
                !others.contains { line.hasPrefix($0) }
            }
        }
    }
}
