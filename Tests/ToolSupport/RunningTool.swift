import Foundation
import Glibc

/// A tool that runs while the test goes on, and is killed when this is gone.
public final class RunningTool {
    public enum Stream: Int, CaseIterable, Sendable {
        case out
        case err
    }

    /// The tool's process, to look at or to signal.
    public var process: Int32 { child.identifier }

    private let child: Child
    /// Kept, so that it is open as long as this is here.
    private let input: Channel?
    /// By stream; nothing for one that goes elsewhere.
    private let channels: [Channel?]
    /// Those that have not ended.
    private var open: [pollfd]
    private var said = Stream.allCases.map { _ in [UInt8]() }
    /// How much of that has been waited for.
    private var heard = Stream.allCases.map { _ in 0 }

    /// Runs a tool in a session of its own, where it has no terminal.
    ///
    /// - Parameter errors: a file that standard error goes to, of a tool that says more than anybody listens to.
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

    /// Waits until the tool has said a line that holds a text, after the lines that were waited for before.
    @discardableResult
    public func wait(for text: String, on stream: Stream = .out) throws -> String {
        let end = Date(timeIntervalSinceNow: 60)
        repeat {
            while let line = nextLine(stream) { if line.contains(text) { return line } }
        } while try Date() < end && listen()
        throw ToolFailure("the tool never said \(text), but: \(Stream.allCases.map(all).joined())")
    }

    /// Waits until the tool has ended. All that it has said counts, also what was waited for.
    ///
    /// - Parameter seconds: after which it never will.
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

    /// Takes what is said, as soon as something is; false when nothing will be any more.
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
