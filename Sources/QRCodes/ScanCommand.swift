package import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockFiles
import AirlockStrictJSON
import AirlockUR
import Glibc

/// The command `scan`. A scanner reads QR codes from the screen of the other machine. This command receives the text of
/// the QR codes, puts their parts together, and writes the result into a file.
package enum ScanCommand {
    private static let output = Option(
        "--output", "-o", value: "FILE", help: "write the scanned file to FILE; - for standard output")
    private static let force = Option("--force", help: "replace an output file that has other content")
    private static let camera = Option(
        "--camera", help: "start zbarcam (of zbar-tools) as the scanner, as a process of its own")

    private static let notes = """
        Reads the lines of a scanner from standard input: each is the text of one code, with
        or without QR-Code: before it. One code of ur:bytes, or enough of its parts in any
        order, makes the file; then the file is written and the command ends. A payment URI
        with an amount (ethereum:...?..., EIP-681) is a request, and is written as well. A
        scanned file is trusted no more than a file from a stick: whoever reads it next
        checks all of it.

        Other codes are passed over and named. If the input ends before all parts have come,
        nothing is written, and the exit code is 65; if nothing useful came, it is 66.
        """

    /// Makes the command `scan` of a tool.
    ///
    /// - Parameters:
    ///   - tool: the name of the tool.
    ///   - types: the types of Uniform Resources (UR, BCR-2020-005) that are accepted besides `bytes`. For one of these
    ///     types, the output file contains the text of the UR. For `bytes`, it contains the decoded content.
    ///   - seal: a function that restricts the process to the rights that it needs to read untrusted QR codes.
    package static func make(
        _ console: Console, tool: String, types: Set<String> = [], seal: @escaping @Sendable () throws -> Void = {}
    ) -> Command {
        Command(
            "scan", "read QR codes from a scanner or camera, and write the file that they hold",
            options: [output, force, camera], notes: notes
        ) { arguments in
            if arguments.has(.json), arguments.value(output).map({ $0 == "-" }) ?? true {
                throw Problem(
                    UsageRule.missingValue, at: output.name, detail: "with --json this option is needed")
            }
            let path = arguments.value(output) ?? "-"
            try OutputFile.check(path, replacing: arguments.has(force), identical: true)
            let scanner = arguments.has(camera) ? try Scanner.start() : nil
            defer { scanner?.end() }
            try seal()
            var scan = Scan(console, tool: tool, types: types)
            let read = scanner.map { scanner in { try scanner.read() } } ?? console.input
            var lines = LineReader(read)
            while scan.content == nil, let line = try lines.next() { try scan.take(line) }
            scan.endProgress()
            let content = try scan.finish()
            if path == "-" {
                guard isatty(STDOUT_FILENO) == 0 || content.allSatisfy({ 0x20...0x7e ~= $0 || $0 == 0x0a }) else {
                    throw Problem(ScanRule.notText, detail: "\(content.count) bytes")
                }
            }
            _ = try OutputFile.write(content.span, to: path, replacing: arguments.has(force))
            if arguments.has(.json) {
                try console.write(["ok": true, "file": .string(path), "bytes": .string("\(content.count)")])
            } else if path != "-" {
                console.note("\(tool): wrote \(escaped(path, limit: 4096))\n")
            }
            return .done
        }
    }
}

/// The state of a scan: the parts that were received, and the messages that the user has seen.
private struct Scan {
    private let console: Console
    private let tool: String
    private let types: Set<String>
    private var decoder = URDecoder()
    private var shown: String?
    /// The messages that the user has seen already. They are not repeated, because a scanner reads the same QR code
    /// many times.
    private var named: Set<String> = []
    private(set) var content: [UInt8]?

    /// The maximum number of messages about QR codes that cannot be used. Further messages are not shown.
    private static let most = 20

    init(_ console: Console, tool: String, types: Set<String>) {
        self.console = console
        self.tool = tool
        self.types = types
    }

    mutating func take(_ line: Result<[UInt8], Problem>) throws(Problem) {
        let text: Substring
        switch line {
        case .success(let bytes): text = Self.code(in: String(decoding: bytes, as: UTF8.self)[...])
        case .failure(let problem): return passOver(problem)
        }
        guard !text.isEmpty else { return }
        if decoder.progress == nil, Self.isPaymentURI(text) {
            content = Array((text + "\n").utf8)
            return
        }
        let code: URText
        do throws(Problem) { code = try resource(text) } catch { return passOver(error) }
        let isBegun = decoder.progress != nil
        do throws(Problem) {
            try decoder.receive(code)
            content = try decodedContent()
        } catch {
            if !isBegun {
                // The QR code is not part of a message of several codes. The scan goes on as if it had not been read.
                decoder = URDecoder()
            } else if decoder.result != nil || error.rule as? URRule == .wrongChecksum {
                // The new part completes the message, but the message is wrong. More parts could not correct this, so
                // the scan fails.
                endProgress()
                throw error
            }
            return passOver(error)
        }
        showProgress()
    }

    /// Returns the content of the output file. Returns `nil` if parts of the message are missing.
    private func decodedContent() throws(Problem) -> [UInt8]? {
        guard let ur = decoder.result else { return nil }
        return ur.type == "bytes" ? try ur.bytes() : Array((ur.text + "\n").utf8)
    }

    /// Reads the text of a QR code as a Uniform Resource, or as a part of one, of a type that is accepted.
    private func resource(_ text: Substring) throws(Problem) -> URText {
        let code = try URText(text)
        guard code.type == "bytes" || types.contains(code.type) else {
            let expected = (["bytes"] + types.sorted()).joined(separator: " or ")
            throw Problem(URRule.otherType, saw: code.type, expected: expected)
        }
        return code
    }

    /// Returns the text of the QR code, without the prefixes and white space that scanners add.
    private static func code(in line: Substring) -> Substring {
        var code = line
        while code.first?.isWhitespace ?? false { code.removeFirst() }
        while code.last?.isWhitespace ?? false { code.removeLast() }
        for prefix in ["QR-Code:", "QR Code:", "QRCODE:"] where code.lowercased().hasPrefix(prefix.lowercased()) {
            code = code.dropFirst(prefix.count)
            break
        }
        return code
    }

    /// Whether the text of a QR code is a payment URI (EIP-681) with parameters. Without parameters, the text is only
    /// an address.
    private static func isPaymentURI(_ text: Substring) -> Bool {
        text.prefix(9).lowercased() == "ethereum:" && text.utf8.contains(UInt8(ascii: "?")) && text.utf8.count <= 4096
            && text.utf8.allSatisfy { 0x21...0x7e ~= $0 }
    }

    private mutating func passOver(_ problem: Problem) {
        let sentence = "\(tool): passed over: \(problem.message)\n"
        guard named.count < Self.most, named.insert(sentence).inserted else { return }
        endProgress()
        console.note(sentence)
    }

    private mutating func showProgress() {
        guard let progress = decoder.progress, progress.of > 1, console.showsProgress else { return }
        let text = "\(progress.received) of \(progress.of)"
        guard text != shown else { return }
        console.note("\r\(text)")
        shown = text
    }

    /// Writes a line break after the progress text, if such a text is shown.
    mutating func endProgress() {
        if shown != nil { console.note("\n") }
        shown = nil
    }

    func finish() throws(Problem) -> [UInt8] {
        if let content { return content }
        guard let progress = decoder.progress else { throw Problem(ScanRule.nothing) }
        throw Problem(ScanRule.incomplete, detail: "\(progress.received) of \(progress.of) parts came")
    }
}

/// A scanner, which runs as a separate process and writes lines of text.
private final class Scanner: Sendable {
    private let process: pid_t
    private let lines: Int32

    private static let words = ["zbarcam", "--raw", "--quiet", "-Sdisable", "-Sqrcode.enable"]

    private init(process: pid_t, lines: Int32) {
        self.process = process
        self.lines = lines
    }

    static func start() throws(Problem) -> Scanner {
        var pipe: [Int32] = [0, 0]
        guard unsafe Glibc.pipe(&pipe) == 0 else { throw failure(errno) }
        defer { close(pipe[1]) }
        // Because of FD_CLOEXEC, a program that this process starts does not inherit the two ends of the pipe. For the
        // scanner, posix_spawn duplicates the writing end as standard output, and the duplicate stays open.
        for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO)
        var words = unsafe Self.words.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var process = pid_t()
        let code = unsafe posix_spawnp(&process, Self.words[0], &actions, nil, &words, environ)
        guard code == 0 else {
            close(pipe[0])
            throw failure(code)
        }
        return Scanner(process: process, lines: pipe[0])
    }

    private static func failure(_ code: Int32) -> Problem {
        Problem(ScanRule.noScanner, detail: unsafe "\(words[0]): \(String(cString: strerror(code)))")
    }

    func read() throws(Problem) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe Glibc.read(lines, &bytes, bytes.count)
            if count >= 0 { return Array(bytes.prefix(count)) }
            guard errno == EINTR else { throw Problem(InputRule.unreadable) }
        }
    }

    func end() {
        close(lines)
        kill(process, SIGTERM)
        waitpid(process, nil, 0)
    }
}

/// The error codes of the command `scan`.
package enum ScanRule: String, Advised {
    case nothing = "scan.nothing"
    case incomplete = "scan.incomplete"
    case notText = "scan.not-text"
    case noScanner = "scan.no-scanner"

    package var meaning: String {
        switch self {
        case .nothing: "no code that holds a file was scanned"
        case .incomplete: "the scanner ended before all parts came"
        case .notText: "the scanned file is not plain text, and is not written to a terminal"
        case .noScanner: "no scanner could be started"
        }
    }

    package var next: String {
        switch self {
        case .nothing:
            "check what the scanner reads: make the code larger and the screen brighter, black on white"
        case .incomplete: "scan again, for longer: the parts are shown in turn until somebody ends it"
        case .notText: "name a file with -o"
        case .noScanner: "install zbar-tools, or pipe the lines of another scanner in"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .nothing, .noScanner: .missingInput
        case .incomplete: .malformedInput
        case .notText: .cannotWrite
        }
    }
}
