import Foundation
import Glibc

/// A pseudo terminal with a tool that runs in it. The test acts as the user.
public final class Terminal {
    /// The PID of the tool, to inspect it while it waits.
    public var process: Int32 { child.identifier }

    private let person: Int32
    private let child: Child
    private let out: Channel
    private var shown: [UInt8] = []
    private let before: [UInt32]
    private let owner: AnyObject?

    /// Starts a tool in the terminal. The tool's standard input, standard error and controlling terminal are the
    /// terminal. Its standard output goes elsewhere, as in `airlock sign … > raw.txt`.
    ///
    /// - Parameters:
    ///   - columns: the width of the terminal.
    ///   - rows: the height of the terminal.
    ///   - typedAhead: the text that is typed before the tool starts.
    ///   - owner: an object that must exist as long as the tool runs, such as the owner of its folder.
    public init(
        _ tool: BuiltTool, _ arguments: [String], in folder: String, environment: [String: String] = [:],
        columns: UInt16 = 80, rows: UInt16 = 24, typedAhead: String = "", keeping owner: AnyObject? = nil
    ) throws {
        self.owner = owner
        person = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var lock: Int32 = 0
        var number: Int32 = 0
        // The two hexadecimal numbers are TIOCSPTLCK and TIOCGPTN (see ioctl_tty(2)). Swift does not import these
        // macros.
        guard unsafe ioctl(person, 0x4004_5431, &lock) == 0, unsafe ioctl(person, 0x8004_5430, &number) == 0 else {
            throw ToolFailure("there is no pseudo terminal: \(errno)")
        }
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard unsafe ioctl(person, UInt(TIOCSWINSZ), &size) == 0 else { throw ToolFailure("no size: \(errno)") }
        let path = "/dev/pts/\(number)"
        out = try Channel()
        before = Self.settings(of: person)
        let keys = Array(typedAhead.utf8)
        guard unsafe write(person, keys, keys.count) == keys.count else { throw ToolFailure("nothing typed: \(errno)") }
        child = try Child(
            [tool.path] + arguments, in: folder, environment: environment,
            streams: [.open(path), .inherit(out.writer), .open(path)])
        out.closeWriter()
    }

    deinit { close(person) }

    /// Whether the terminal has the same settings as before the tool ran.
    public var isAsBefore: Bool { Self.settings(of: person) == before }

    /// Waits until the terminal has shown the text `count` times.
    public func wait(for text: String, count: Int = 1) throws {
        let end = Date(timeIntervalSinceNow: 60)
        var request = pollfd(fd: person, events: Int16(POLLIN), revents: 0)
        while screen.components(separatedBy: text).count <= count {
            guard Date() < end else { throw ToolFailure("the tool never said \(text), but: \(screen)") }
            guard unsafe poll(&request, 1, 1000) > 0 else { continue }
            guard Channel.append(to: &shown, from: person) else {
                throw ToolFailure("the tool ended before it said \(text), with: \(screen)")
            }
        }
    }

    /// All output that the terminal has shown so far.
    public var screen: String { String(decoding: shown, as: UTF8.self) }

    /// Types keys. A control character stands for its key: for example, U+0003 is Ctrl-C.
    public func type(_ keys: String) {
        let bytes = Array(keys.utf8)
        _ = unsafe write(person, bytes, bytes.count)
    }

    /// Waits until the tool has ended, and returns its outcome. The member `err` of the outcome is all output that the
    /// terminal has shown.
    public func finish() throws -> Outcome {
        // Reads standard output and the terminal at the same time. If the test did not read the terminal, a tool with
        // much output would block.
        var said: [UInt8] = []
        var open = [out.reader, person].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let end = Date(timeIntervalSinceNow: 60)
        while open[0].fd >= 0 {
            guard unsafe poll(&open, 2, 1000) >= 0 || errno == EINTR else { break }
            if open[0].revents != 0, !Channel.append(to: &said, from: open[0].fd) { open[0].fd = -1 }
            if open[1].revents != 0, !Channel.append(to: &shown, from: open[1].fd) { open[1].fd = -1 }
            guard Date() < end else {
                child.end()
                throw ToolFailure("the tool did not end in time")
            }
        }
        let exit = child.wait()
        var request = pollfd(fd: person, events: Int16(POLLIN), revents: 0)
        while unsafe poll(&request, 1, 0) > 0, Channel.append(to: &shown, from: person) {}
        return Outcome(exit: exit, out: String(decoding: said, as: UTF8.self), err: screen)
    }

    private static func settings(of descriptor: Int32) -> [UInt32] {
        var settings = termios()
        guard unsafe tcgetattr(descriptor, &settings) == 0 else { return [] }
        return [settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag]
    }
}
