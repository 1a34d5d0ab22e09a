import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockFiles
import AirlockWeb

/// The options of the web page that `run` serves: the address of the page, and the rules for access to it.
struct ListenOptions {
    static let listen = Option(
        "--listen", value: "ADDRESS:PORT",
        help: "serve the page on this address, such as 127.0.0.1:8080; port 0 picks one")
    static let metrics = Option("--metrics", help: "serve /metrics for Prometheus, too")
    static let anywhere = Option(
        "--listen-anywhere", help: "allow an address that other machines reach; needs --listen-password-file")
    static let password = Option(
        "--listen-password-file", value: "FILE", help: "ask for the password in FILE, with any user name (HTTP Basic)")
    static let name = Option(
        "--listen-name", value: "NAME", repeatable: true,
        help: "a host name under which the page is reached, such as behind a proxy; more than one may be given")

    static let all = [listen, metrics, anywhere, password, name]

    static let notes = """
        --listen serves a page that shows all payments, takes new ones, and resumes and
        cancels them, and its API (see docs/api.md). The page loads nothing from elsewhere.
        The address must be one that only this machine can reach, such as 127.0.0.1 or
        [::1], unless --listen-anywhere allows another: then a password is needed, and a TLS
        proxy in front of it. Requests for a host other than an address, localhost or a
        --listen-name are refused.
        """

    let address: WebAddress
    let hasMetrics: Bool
    let access: WebAccess

    /// Reads the options. Returns `nil` if the user does not want a web page.
    init?(_ arguments: Arguments, into problems: inout [Problem]) {
        guard let text = arguments.value(Self.listen) else {
            for option in Self.all.dropFirst() where arguments.has(option) {
                problems.append(Problem(UsageRule.conflict, at: option.name, detail: "it needs \(Self.listen.name)"))
            }
            return nil
        }
        let password = problems.collect { try arguments.value(Self.password).map { try ListenPassword($0) } }
        for name in arguments.values(Self.name) where !Self.isName(name) {
            problems.append(
                Problem(UsageRule.invalidValue, at: Self.name.name, saw: name, expected: "a name such as relay.example")
            )
        }
        guard let address = WebAddress(text) else {
            problems.append(
                Problem(
                    UsageRule.invalidValue, at: Self.listen.name, saw: text,
                    expected: "an address and a port, such as 127.0.0.1:8080 or [::1]:8080"))
            return nil
        }
        if !address.isLoopback {
            let wanted = [
                (Self.anywhere, "the address can be reached from other machines"), (Self.password, "for others"),
            ]
            for (option, why) in wanted where !arguments.has(option) {
                problems.append(
                    Problem(UsageRule.missingValue, at: Self.listen.name, saw: text, detail: "\(option.name): \(why)"))
            }
        }
        self.address = address
        hasMetrics = arguments.has(Self.metrics)
        let names = arguments.values(Self.name)
        if let own = password.flatMap(\.self) {
            access = WebAccess(names: names) { own.isSame($0) }
        } else {
            access = WebAccess(names: names)
        }
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253
            && text.utf8.allSatisfy("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.".utf8.contains)
    }
}

/// The password of the web page. The password is never shown. The memory that holds it is wiped when this value is
/// destroyed. Any thread can read the password.
private final class ListenPassword: @unchecked Sendable {
    private static let shortest = 12
    private let file: SecretFile
    /// The byte range of the password in the file.
    private let range: Range<Int>

    /// Reads a password file with a single line. A byte order mark and the line break are not part of the password.
    init(_ path: String) throws {
        let file = try SecretFile.read(path, limit: 1024)
        guard let range = file.withBytes({ bytes in ListenPassword.line(in: bytes) }) else {
            throw Problem(
                UsageRule.invalidValue, at: ListenOptions.password.name, detail: "the file has more than one line")
        }
        guard range.count >= Self.shortest else {
            throw Problem(
                UsageRule.invalidValue, at: ListenOptions.password.name,
                detail: "the password has fewer than \(Self.shortest) bytes")
        }
        self.file = file
        self.range = range
    }

    /// Returns the range of the line in the file, or `nil` if the file has more than one line.
    private static func line(in bytes: Span<UInt8>) -> Range<Int>? {
        let hasMark = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
        let start = hasMark ? 3 : 0
        var end = bytes.count
        while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
        for index in start..<end where bytes[index] == 0x0A || bytes[index] == 0x0D { return nil }
        return start..<end
    }

    func isSame(_ given: [UInt8]) -> Bool {
        file.withBytes { bytes in
            var difference = given.count ^ range.count
            for index in given.indices {
                difference |= Int(given[index] ^ bytes[range.lowerBound + index % range.count])
            }
            return difference == 0
        }
    }
}

/// The web page of the running service.
final class ServedPage: Sendable {
    private let server: WebServer
    private let watching: Task<Void, Never>

    init(
        _ options: ListenOptions, _ arguments: Arguments, _ journal: any PaymentJournal, _ nodes: Nodes,
        _ requests: ServiceRequests, _ monitor: NodeMonitor, _ serviceLog: ServiceLog
    ) throws {
        // The journal must exist here, because `run` has already opened it for writing and has created it if it was
        // missing. If the journal does not exist, this is a bug in Airlock.
        guard let reader = try RelayOptions.journalLocation(arguments).read() else {
            throw Problem(InternalRule.unexpected)
        }
        let page = PageService(reading: reader, journal, requests, monitor)
        let routes = Page.routes(token: options.access.token) + page.routes(hasMetrics: options.hasMetrics)
        let server = try WebServer(options.address, routes, options.access) { PageService.document([$0]) }
        serviceLog.sayListening(server.address)
        self.server = server
        watching = Task { await page.watch(server, nodes) }
    }

    /// Stops the server, and closes all connections.
    func end() async {
        watching.cancel()
        server.stop()
        await watching.value
    }
}
