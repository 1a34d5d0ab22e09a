import Foundation
import Glibc

/// A tool as it was built for the tests, or another program, run as its users run it.
public struct BuiltTool: Sendable {
    public let path: String

    /// The tool of this name that stands beside the tests, or in the folder that AIRLOCK_BINARIES names: so the same
    /// tests look at a release.
    public init(_ name: String) throws {
        let folder =
            ProcessInfo.processInfo.environment["AIRLOCK_BINARIES"].flatMap { $0.isEmpty ? nil : URL(filePath: $0) }
            ?? URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        path = folder.appending(path: name).path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ToolFailure("there is no \(path): build it first")
        }
    }

    /// The program at a path, where there is one.
    public init?(at path: String) {
        guard FileManager.default.isExecutableFile(atPath: path) else { return nil }
        self.path = path
    }

    /// A program of the system's, where it is installed.
    public static func installed(_ name: String) -> BuiltTool? {
        ["/usr/bin", "/bin", "/usr/local/bin"].lazy.compactMap { BuiltTool(at: "\($0)/\(name)") }.first
    }

    /// What stands at the standard input.
    public enum Input: Sendable {
        /// /dev/null, as under cron.
        case nothing
        /// A pipe that held this text; at most 64 KiB.
        case text(String)
        case file(String)
        /// No descriptor at all.
        case closed
    }

    /// Runs it in a session of its own, where it has no terminal, and waits until it has ended.
    ///
    /// - Parameter seconds: after which it never will.
    public func run(
        _ arguments: [String], in folder: String, input: Input = .nothing, environment: [String: String] = [:],
        seconds: Double = 60
    ) throws -> Outcome {
        let out = try Channel()
        let error = try Channel()
        let source = try Self.open(input)
        let child = try Child(
            [path] + arguments, in: folder, environment: environment,
            streams: [.inherit(source), .inherit(out.writer), .inherit(error.writer)])
        if source >= 0 { close(source) }
        out.closeWriter()
        error.closeWriter()
        let said = try Channel.readAll([out, error], seconds: seconds) { child.end() }
        return Outcome(exit: child.wait(), out: said[0], err: said[1])
    }

    private static func open(_ input: Input) throws -> Int32 {
        let descriptor: Int32
        switch input {
        case .closed: return -1
        case .nothing: descriptor = unsafe Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
        case .file(let path): descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        case .text(let text):
            let channel = try Channel()
            try channel.write(text)
            descriptor = fcntl(channel.reader, F_DUPFD_CLOEXEC, 3)
        }
        guard descriptor >= 0 else { throw ToolFailure("no input: \(errno)") }
        return descriptor
    }
}

/// How a tool ended, and what it said.
public struct Outcome: Sendable {
    /// The exit code; a signal's number below zero where one ended it.
    public let exit: Int32
    public let out: String
    public let err: String

    public init(exit: Int32, out: String, err: String) {
        self.exit = exit
        self.out = out
        self.err = err
    }
}

/// Why a test could not run a tool.
public struct ToolFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// A pipe whose ends no other child inherits.
final class Channel {
    let reader: Int32
    private(set) var writer: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw ToolFailure("no pipe: \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reader = ends[0]
        writer = ends[1]
    }

    deinit {
        close(reader)
        closeWriter()
    }

    func closeWriter() {
        if writer >= 0 { close(writer) }
        writer = -1
    }

    /// Puts a short text in, and nothing after it.
    func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard bytes.count <= 1 << 16, unsafe Glibc.write(writer, bytes, bytes.count) == bytes.count else {
            throw ToolFailure("the text does not fit into a pipe")
        }
        closeWriter()
    }

    /// Reads all channels until their writers are closed.
    static func readAll(_ channels: [Channel], seconds: Double, late: () -> Void) throws -> [String] {
        var said = channels.map { _ in [UInt8]() }
        var open = channels.map { pollfd(fd: $0.reader, events: Int16(POLLIN), revents: 0) }
        let end = Date(timeIntervalSinceNow: seconds)
        while open.contains(where: { $0.fd >= 0 }) {
            guard unsafe poll(&open, nfds_t(open.count), 1000) >= 0 || errno == EINTR else { break }
            for index in open.indices where open[index].revents != 0 {
                if !append(to: &said[index], from: open[index].fd) { open[index].fd = -1 }
            }
            guard Date() < end else {
                late()
                throw ToolFailure("the tool did not end in time")
            }
        }
        return said.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Appends what is there; false when nothing will come any more.
    static func append(to bytes: inout [UInt8], from descriptor: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe read(descriptor, &buffer, buffer.count)
        if count > 0 { bytes += buffer[..<count] }
        return count > 0
    }
}
