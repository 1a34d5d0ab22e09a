import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockHTTP
import AirlockJSONRPC
import Glibc

/// The options for the nodes and the journal, and other options that several commands share.
enum RelayOptions {
    static let rpc = Option(
        "--rpc", value: "URL|@FILE", repeatable: true,
        help: """
            a node, https or on this machine, or a file with one such address per line; more than one may be given \
            (else AIRLOCK_RPC_URL)
            """)
    static let header = Option(
        "--header", value: "LINE", repeatable: true, help: "a header 'Name: value' for every request")
    static let timeout = Option("--timeout", value: "TIME", help: "how long a request may take (default 30s)")
    static let journal = Option(
        "--journal", value: "FILE|postgresql://...|@FILE",
        help: """
            the relay's record of all payments: a SQLite file, a PostgreSQL database, or @FILE with the address of one \
            (else AIRLOCK_JOURNAL, else $XDG_STATE_HOME/airlock/journal.sqlite)
            """)
    static let output = Option("--output", "-o", value: "FILE", help: "write the file; - for standard output")
    static let force = Option("--force", help: "replace an output file that has other content")

    /// Returns the nodes that the command-line options specify. If no option specifies a node, returns the nodes in the
    /// environment variable `AIRLOCK_RPC_URL`.
    ///
    /// - Parameters:
    ///   - arguments: the command line.
    ///   - console: the console, which shows a note before each retry.
    ///   - requestTimeout: the timeout of one request; `nil` selects the default.
    ///   - wait: the maximum time that the whole command waits. After this time, no failed request is retried.
    ///   - observe: a function that is called after each call to a node.
    static func nodes(
        _ arguments: Arguments, _ console: Console, requestTimeout: Duration? = nil, within wait: Duration? = nil,
        observe: @escaping @Sendable (NodeCallReport) -> Void = { _ in }
    ) throws -> Nodes {
        var problems: [Problem] = []
        let urls = urls(arguments, into: &problems)
        let headers = headers(arguments, into: &problems)
        var settings = httpSettings(console)
        settings.retry = RetryOptions.policy(arguments, usual: .none, into: &problems)
        if let wait { settings.retry.maxElapsedTime = min(settings.retry.maxElapsedTime, wait) }
        if let all = ProblemList(problems) { throw all }
        if let requestTimeout { settings.timeout = requestTimeout }
        let client = HTTPClient(settings)
        let nodes = urls.map { EthereumNode($0, client, headers: headers, observe: observe) }
        guard let first = nodes.first else {
            throw Problem(
                UsageRule.missingValue, at: rpc.name, detail: "the node to ask",
                hint: "name it with --rpc, or in the environment variable \(EnvironmentVariable.nodes.rawValue)")
        }
        return Nodes(first, Array(nodes.dropFirst()))
    }

    private static func urls(_ arguments: Arguments, into problems: inout [Problem]) -> [HTTPURL] {
        guard arguments.has(rpc) else {
            let variable = EnvironmentVariable.nodes
            let named = (variable.value ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init)
            return each(named, at: variable.rawValue, into: &problems) { text throws(HTTPError) in try HTTPURL(text) }
        }
        return arguments.values(rpc).flatMap { value in
            NodeFile.nodes(value, into: &problems)
                ?? each([value], at: rpc.name, into: &problems) { text throws(HTTPError) in try HTTPURL(text) }
        }
    }

    static func headers(_ arguments: Arguments, into problems: inout [Problem]) -> [HTTPHeader] {
        each(arguments.values(header), at: header.name, into: &problems) { text throws(HTTPError) in
            try HTTPHeader(line: text)
        }
    }

    /// Returns the HTTP settings that environment variables specify. With these settings, the user sees a note before
    /// each retry.
    static func httpSettings(_ console: Console) -> HTTPSettings {
        var settings = HTTPSettings(environment: EnvironmentVariable.value)
        settings.willRetry = { notice in
            let wait = Int((notice.wait / .milliseconds(100)).rounded(.up))
            console.note(
                "airlock-relay: note: \(notice.reason) (\(notice.url)); attempt \(notice.attempt) in "
                    + "\(wait / 10).\(wait % 10) s\n")
        }
        return settings
    }

    private static func each<Value>(
        _ texts: [String], at place: String, into problems: inout [Problem],
        _ read: (String) throws(HTTPError) -> Value
    ) -> [Value] {
        texts.compactMap { text in
            do throws(HTTPError) { return try read(text) } catch {
                problems += error.problems.map { Problem(UsageRule.invalidValue, because: $0, at: place) }
                return nil
            }
        }
    }

    static func duration(_ arguments: Arguments) throws -> Duration? {
        var problems: [Problem] = []
        let duration = arguments.value(timeout, { try Duration(text: $0) }, into: &problems)
        if let all = ProblemList(problems) { throw all }
        return duration
    }

    /// Opens the journal. Creates the journal and its folder if they are missing.
    static func openJournal(_ arguments: Arguments, _ console: Console) throws -> any PaymentJournal {
        try openJournal(arguments) { console.note("airlock-relay: note: \($0)\n") }
    }

    /// Opens the journal. Creates the journal and its folder if they are missing.
    ///
    /// - Parameters:
    ///   - arguments: the command line.
    ///   - diskFullTimeout: how long to wait for free space if a write finds the disk full.
    ///   - notice: a function that receives a message for the user. It is called when the PostgreSQL server is down or
    ///     the journal's disk is full, and again when this problem is over.
    static func openJournal(
        _ arguments: Arguments, diskFullTimeout: Duration = .zero, notice: @escaping @Sendable (String) -> Void
    ) throws -> SQLJournal {
        if let named = try namedJournal(arguments) {
            return try named.open(diskFullTimeout: diskFullTimeout, notice: notice)
        }
        let path = try usualJournal
        if let slash = path.lastIndex(of: "/") { try BaseDirectory.create(String(path[..<slash])) }
        return try JournalLocation.file(path).open(diskFullTimeout: diskFullTimeout, notice: notice)
    }

    /// Opens the journal for writing. Returns `nil` if the journal does not exist. If the user specified a file that
    /// does not exist, throws an error instead.
    static func existingJournal(_ arguments: Arguments, _ console: Console) throws -> (any PaymentJournal)? {
        guard let journal = try journalToRead(arguments) else { return nil }
        return try waiting {
            await journal.close()
            return try openJournal(arguments, console)
        }
    }

    /// Opens the journal read-only. Returns `nil` if the journal does not exist. If `named` is `mustExist` and the user
    /// specified a file that does not exist, throws an error instead.
    static func journalToRead(
        _ arguments: Arguments, named: NamedJournal = .mustExist
    ) throws -> (any PaymentJournal)? {
        let place = try journalLocation(arguments)
        if let journal = try place.read() { return journal }
        guard case .file(let path) = place, named == .mustExist, try namedJournal(arguments) != nil else { return nil }
        if unsafe access(path, F_OK) != 0 { throw Problem(FileRule.missing, at: path) }
        return nil
    }

    /// What to do if the user specifies a journal that does not exist: throw an error, or continue without a journal.
    enum NamedJournal {
        case mustExist
        case mayBeMissing
    }

    static func journalLocation(_ arguments: Arguments) throws -> JournalLocation {
        try namedJournal(arguments) ?? .file(usualJournal)
    }

    private static func namedJournal(_ arguments: Arguments) throws -> JournalLocation? {
        if let text = arguments.value(journal) {
            return try JournalLocation(text, at: journal.name, isArgument: true)
        }
        let variable = EnvironmentVariable.journal
        guard let text = variable.value else { return nil }
        return try JournalLocation(text, at: variable.rawValue, isArgument: false)
    }

    private static var usualJournal: String {
        get throws { try BaseDirectory.state.path(EnvironmentVariable.value) + "/airlock/journal.sqlite" }
    }

    static var now: Timestamp { Timestamp(seconds: UInt64(max(0, time(nil)))) }
}

/// A file with the addresses of servers, for `--rpc @FILE`. An address can contain an API key, which should not appear
/// on the command line.
enum NodeFile {
    /// Reads the nodes from the file that `--rpc @FILE` names. Returns `nil` if the value does not begin with `@`.
    ///
    /// The file has one address on each line. Blank lines and lines that begin with # are ignored. An error gives the
    /// line number but does not quote the line, because the line may contain an API key.
    static func nodes(_ value: String, into problems: inout [Problem]) -> [HTTPURL]? {
        value.hasPrefix("@")
            ? urls(in: String(value.dropFirst()), for: RelayOptions.rpc.name, "a node", into: &problems) : nil
    }

    /// Reads the servers from the value of an option. The value is an address, or `@FILE` for a file with addresses.
    static func servers(_ value: String, for option: String, into problems: inout [Problem]) -> [HTTPURL] {
        if value.hasPrefix("@") {
            return urls(in: String(value.dropFirst()), for: option, "a server", into: &problems)
        }
        do throws(HTTPError) { return [try HTTPURL(value)] } catch {
            problems += error.problems.map { Problem(UsageRule.invalidValue, because: $0, at: option) }
            return []
        }
    }

    private static func urls(
        in path: String, for option: String, _ what: String, into problems: inout [Problem]
    ) -> [HTTPURL] {
        let content: InputFile
        do throws(FileError) { content = try InputFile.read(path) } catch {
            problems += error.problems
            return []
        }
        var urls: [HTTPURL] = []
        let lines = String(decoding: content.bytes, as: UTF8.self).split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            guard let first = line.firstIndex(where: { !$0.isWhitespace }), line[first] != "#",
                let last = line.lastIndex(where: { !$0.isWhitespace })
            else { continue }
            do throws(HTTPError) { urls.append(try HTTPURL(String(line[first...last]))) } catch {
                let place = "\(path), line \(index + 1)"
                problems += error.problems.map { Problem(UsageRule.invalidValue, because: $0, at: place) }
            }
        }
        if urls.isEmpty, problems.isEmpty {
            let words = "no line of \(escaped(path, limit: 256)) names \(what)"
            problems.append(Problem(UsageRule.missingValue, at: option, detail: words))
        }
        return urls
    }
}
