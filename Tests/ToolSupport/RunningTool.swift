import Foundation
import Glibc

/// A tool that runs while the test continues. It is killed when this object is released.
public final class RunningTool {
    public enum Stream: Int, CaseIterable, Sendable {
        case out
        case err
    }

    /// The PID of the tool, to inspect it or to send it a signal.
    public var process: Int32 { child.identifier }

    private let child: Child
    /// The pipe of standard input. It stays open as long as this object exists.
    private let input: Channel?
    /// The pipe of each output stream; `nil` for a stream that goes to a file.
    private let channels: [Channel?]
    /// The output streams as the array that poll(2) takes. A stream that has ended has a negative descriptor, so that
    /// poll ignores it.
    private var open: [pollfd]
    private var said = Stream.allCases.map { _ in [UInt8]() }
    /// For each output stream, the number of bytes that ``wait(for:on:)`` has read.
    private var heard = Stream.allCases.map { _ in 0 }

    /// Starts a tool in a session of its own, where it has no terminal.
    ///
    /// - Parameter errors: a file for standard error. Use it for a tool that writes more than the test reads.
    public init(
        _ tool: BuiltTool, _ arguments: [String], in folder: String, input: BuiltTool.Input = .nothing,
        environment: [String: String] = [:], errors: String? = nil
    ) throws {
        let source: Child.Stream
        switch input {
        case .closed: (source, self.input) = (.inherit(-1), nil)
        case .nothing: (source, self.input) = (.read("/dev/null"), nil)
        case .file(let path): (source, self.input) = (.read(path), nil)
        case .text(let text):
            let channel = try Channel()
            try channel.write(text)
            (source, self.input) = (.inherit(channel.reader), channel)
        case .silence:
            let channel = try Channel()
            (source, self.input) = (.inherit(channel.reader), channel)
        }
        let out = try Channel()
        let err = errors == nil ? try Channel() : nil
        child = try Child(
            [tool.path] + arguments, in: folder, environment: environment,
            streams: [source, .inherit(out.writer), errors.map { .open($0) } ?? .inherit(err?.writer ?? -1)])
        channels = [out, err]
        open = channels.map { pollfd(fd: $0?.reader ?? -1, events: Int16(POLLIN), revents: 0) }
        out.closeWriter()
        err?.closeWriter()
    }

    /// Waits until the tool has written a line that contains the text, and returns this line. Begins after the line
    /// that the previous call returned.
    @discardableResult
    public func wait(for text: String, on stream: Stream = .out) throws -> String {
        let end = Date(timeIntervalSinceNow: 60)
        repeat {
            while let line = nextLine(stream) { if line.contains(text) { return line } }
        } while try Date() < end && listen()
        throw ToolFailure("the tool never said \(text), but: \(Stream.allCases.map(all).joined())")
    }

    /// Waits until the tool has ended. Returns its whole output, including the lines that ``wait(for:on:)`` has
    /// returned.
    ///
    /// - Parameter seconds: the maximum waiting time. If the tool has not ended by then, it is killed and an error is
    ///   thrown.
    public func finish(seconds: Double = 120) throws -> Outcome {
        let end = Date(timeIntervalSinceNow: seconds)
        while try listen() {
            guard Date() < end else {
                child.end()
                throw ToolFailure("the tool did not end in time, and said: \(Stream.allCases.map(all).joined())")
            }
        }
        return Outcome(exit: child.wait(), out: all(.out), err: all(.err))
    }

    /// Waits at most a second for output, and stores it. Returns false if all output streams have ended.
    private func listen() throws -> Bool {
        guard open.contains(where: { $0.fd >= 0 }) else { return false }
        guard unsafe poll(&open, nfds_t(open.count), 1000) >= 0 || errno == EINTR else {
            throw ToolFailure("nothing can be heard: \(errno)")
        }
        for index in open.indices where open[index].revents != 0 {
            if !Channel.append(to: &said[index], from: open[index].fd) { open[index].fd = -1 }
        }
        return true
    }

    private func all(_ stream: Stream) -> String { String(decoding: said[stream.rawValue], as: UTF8.self) }

    private func nextLine(_ stream: Stream) -> String? {
        let rest = said[stream.rawValue][heard[stream.rawValue]...]
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        heard[stream.rawValue] = end + 1
        return String(decoding: rest[..<end], as: UTF8.self)
    }
}
