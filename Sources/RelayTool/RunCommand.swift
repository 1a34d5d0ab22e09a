import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockStrictJSON
import AirlockWeb
import Synchronization

/// `run`: follows the journal's payments as a service, and reads payment files from a folder.
enum RunCommand {
    static let inbox = Option(
        "--inbox", value: "DIR", help: "take the payment files that are renamed into DIR")
    static let log = Option(
        "--log", value: "FORM", help: "how each line on standard error is written: text or json (default text)")

    static let notes = """
        All open payments of the journal are followed, and those that come into it while
        it runs: by --inbox, or from another command or relay that uses the journal. A
        payment that no node accepts is tried again, first after ten seconds and at last
        every ten minutes.

        A file in DIR holds what send takes: a payment file, or a payment on each line.
        Its payments are written to the journal, and the file is moved to DIR/done. A
        file that is not a payment is moved to DIR/refused, with the reason next to it in
        a file whose name ends with .reason. Files whose names begin with a dot are
        skipped: write a file under such a name, and rename it when it is complete. Of a
        file that holds several payments all are taken, or none. If the name exists
        already in that folder, the file gets a number.

        SIGTERM and SIGINT end it with exit code 0 after the current look at the chain; a
        second one, later, ends it at once. Whatever ends it: the next run continues from
        the journal, and everything is paid once.

        \(WebhookOptions.notes)

        Each line of --log json is a document with time and event. Events of a payment have
        its code, the event of its end has its state, and problems lists what went wrong.

        \(ListenOptions.notes)

        \(RetryOptions.notes)
        """

    static func make(_ console: Console) -> Command {
        Command(
            "run", "follow all payments as a service, and take those that appear in a folder",
            options: [RelayOptions.rpc, inbox] + ListenOptions.all + [log, FollowOptions.confirmations]
                + FollowOptions.climbing + [WebhookOptions.url] + FollowOptions.places,
            notes: notes
        ) { arguments in
            var problems: [Problem] = []
            let waitPolicy = problems.collect { try FollowOptions.waitPolicy(arguments) }
            let form = arguments.value(log, ServiceLog.Form.init(text:), into: &problems) ?? .text
            let monitor = NodeMonitor()
            let nodes = problems.collect {
                try RelayOptions.nodes(
                    arguments, console, requestTimeout: .seconds(30), within: .seconds(60), observe: monitor.note)
            }
            let listen = ListenOptions(arguments, into: &problems)
            let folder = problems.collect { try arguments.value(inbox).map { try Inbox($0) } }
            let named = WebhookOptions.read(arguments, into: &problems)
            if let all = ProblemList(problems) { throw all }
            guard let waitPolicy, let nodes else { throw Problem(InternalRule.unexpected) }
            let serviceLog = ServiceLog(console, form)
            let journal = try RelayOptions.openJournal(
                arguments, diskFullTimeout: .seconds(600), notice: serviceLog.sayOfServer)
            let requests = ServiceRequests()
            let page = try listen.map { listen in
                try ServedPage(listen, arguments, journal, nodes, requests, monitor, serviceLog)
            }
            Interruption.hold()
            let service = PaymentService(
                Broadcaster(nodes, journal, waitPolicy) { progress in
                    monitor.note(progress)
                    serviceLog.say(progress)
                }, tell: serviceLog.say)
            let webhook = named.map { receiver, secret in
                Webhook(
                    receiver, WebhookOptions.client(console), journal, sign: { secret.signature(of: $0) },
                    tell: { serviceLog.say($0, receiver.url) })
            }
            try waiting {
                async let posts: Void? = webhook?.run { Interruption.isAskedToEnd }
                await service.run(
                    arrivals: { await folder.flatMap(\.self)?.take(into: journal, serviceLog.say) ?? [] },
                    requests: requests, isEnding: { Interruption.isAskedToEnd })
                await page?.end()
                _ = await posts
                await journal.close()
            }
            return .done
        }
    }
}

/// The service's log. Each event is one line, as text or as JSON. A repeated event is logged only once.
final class ServiceLog: Sendable {
    enum Form: String, CaseIterable {
        case text
        case json

        init(text: String) throws(Problem) {
            guard let form = Form(rawValue: text) else {
                throw Problem(UsageRule.invalidValue, saw: text, expected: "text or json")
            }
            self = form
        }
    }

    private let console: Console
    private let form: Form
    /// For each subject, such as a node, a file or a receipt, the text of the last log entry about it. If the next
    /// entry about this subject has the same text, it is not logged.
    private let said = Mutex<[String: String]>([:])

    init(_ console: Console, _ form: Form) {
        self.console = console
        self.form = form
    }

    func line(
        _ event: String, _ words: String, _ members: [(String, JSONOutput)] = [], _ problems: [Problem] = []
    ) {
        let time = RelayOptions.now
        switch form {
        case .text:
            let reasons = problems.map { problem in
                let place = problem.shownField.map { " (\($0))" } ?? ""
                return "\(problem.message)\(place)"
            }
            console.note("\(time) \(words)\(reasons.isEmpty ? "" : ": ")\(reasons.joined(separator: "; "))\n")
        case .json:
            var all: [(String, JSONOutput)] = [("time", .string("\(time)")), ("event", .string(event))] + members
            if !problems.isEmpty { all.append(("problems", .array(problems.map(\.json)))) }
            console.note(JSONOutput.object(all).printable + "\n")
        }
    }

    /// Whether the text differs from the last log entry about the subject. If it differs, this function also stores the
    /// text as the last log entry.
    func isNews(_ subject: String, _ text: String) -> Bool {
        said.withLock { said in
            if said[subject] == text { return false }
            // The service may run for years. When the table of log entries becomes too large, it is emptied, so that it
            // does not grow forever.
            if said.count > 10_000 { said = [:] }
            said[subject] = text
            return true
        }
    }

    // MARK: Events

    func say(_ progress: Broadcaster.Progress) {
        switch progress {
        case .recorded, .waiting: break
        case .unusable(let error):
            if isNews(error.node, error.problems.map(\.code).joined()) {
                line("node-failed", "\(error.node) did not answer", [("node", .string(error.node))], error.problems)
            }
        case .refused(let step, let error):
            if isNews("\(step.hash) \(error.node)", error.problems.map(\.code).joined()) {
                line(
                    "refused", "\(error.node) did not take \(step.hash)",
                    [("hash", .string("\(step.hash)")), ("node", .string(error.node))], error.problems)
            }
        case .taken(let step, let node):
            _ = isNews("\(step.hash) \(node)", "taken")
            line(
                "sent", "sent \(step.hash) to \(node)", [("hash", .string("\(step.hash)")), ("node", .string(node))])
        case .mined(let receipt, let confirmations):
            let count = "\(confirmations)"
            guard isNews("\(receipt.transactionHash)", "\(receipt.blockHash) \(count)") else { return }
            line(
                "mined", "mined \(receipt.transactionHash) in block \(receipt.blockNumber), confirmations \(count)",
                [
                    ("hash", .string("\(receipt.transactionHash)")), ("block", .string("\(receipt.blockNumber)")),
                    ("confirmations", .string(count)),
                ])
        case .leased(let sender, let chain):
            line(
                "leased", "another relay sends for \(sender) on \(chain)",
                [("chainId", .string("\(chain.id)")), ("from", .string("\(sender)"))])
        case .vanished: line("vanished", "a reorganisation removed a payment's block: waiting again")
        case .cancelling: line("cancelling", "continuing a cancel that was asked for before")
        case .missingNonce(let nonce, let signedPayment, let waiting):
            line(
                "nonce-missing",
                "nonce \(nonce) of \(signedPayment.sender) is missing: \(signedPayment.code) waits, one of \(waiting)",
                [
                    ("code", .string(signedPayment.code)), ("chainId", .string("\(signedPayment.chain.id)")),
                    ("from", .string("\(signedPayment.sender)")), ("nonce", .string("\(nonce)")),
                ])
        }
    }

    func say(_ event: PaymentService.Event) {
        switch event {
        case .began(let count): line("began", "following \(payments(count))", [("open", .string("\(count)"))])
        case .found(let count):
            if count > 0 { line("found", "found \(payments(count)) in the journal", [("open", .string("\(count)"))]) }
        case .noNode(let chain):
            line("no-node", "payments on \(chain) wait for a node", [("chainId", .string("\(chain.id)"))])
        case .ended(let ending):
            let state = ending.outcome?.state ?? ending.state
            var members = of(ending)
            if let hash = ending.outcome?.hash { members.append(("hash", .string("\(hash)"))) }
            members.append(("state", .string(state.rawValue)))
            line("ended", "\(state.rawValue) \(ending.signedPayment.code)", members, ending.problems)
        case .postponed(let ending, let delay):
            line(
                "postponed", "\(ending.signedPayment.code) is tried again in \(delay.components.seconds) s",
                of(ending) + [("seconds", .string("\(delay.components.seconds)"))], ending.problems)
        case .failed(let problems):
            if isNews("journal", problems.problems.map(\.code).joined()) {
                line("journal-failed", "the journal failed", [], problems.problems)
            }
        case .ending(let count): line("ending", "ending with \(payments(count)) open", [("open", .string("\(count)"))])
        }
    }

    /// Logs the address at which the web page is served.
    func sayListening(_ address: String) {
        line("listening", "listening on http://\(address)/", [("address", .string(address))])
    }

    /// Logs that the journal's PostgreSQL server is down or the journal's disk is full, and later that this problem is
    /// over.
    func sayOfServer(_ words: String) { line("journal-server", words) }

    func say(_ event: Inbox.Event) {
        switch event {
        case .taken(let file, let count):
            line(
                "taken", "took \(payments(count)) from \(escaped(file))",
                [("file", .string(file)), ("payments", .string("\(count)"))])
        case .refused(let file, let problems):
            line("file-refused", "refused \(escaped(file))", [("file", .string(file))], problems.problems)
        case .left(let file, let problems):
            if isNews("file \(file)", problems.problems.map(\.code).joined()) {
                line("file-left", "left \(escaped(file)) where it is", [("file", .string(file))], problems.problems)
            }
        }
    }

    private func of(_ ending: Broadcaster.Ending) -> [(String, JSONOutput)] {
        [
            ("code", .string(ending.signedPayment.code)), ("chainId", .string("\(ending.signedPayment.chain.id)")),
            ("from", .string("\(ending.signedPayment.sender)")),
        ]
    }

    private func payments(_ count: Int) -> String { count == 1 ? "1 payment" : "\(count) payments" }
}
