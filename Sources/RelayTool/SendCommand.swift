import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockRequestKinds
import AirlockRequests
import AirlockStrictJSON
import AirlockTokens

/// `send`: sends a payment, and waits until the chain shows its outcome.
enum SendCommand {
    static let notes = """
        RAW is a raw transaction in hexadecimal, with or without 0x. Standard input
        (-) may hold a payment file, or the raw transactions of one payment, one on
        a line.

        Many payments: several operands, a FOLDER with payment files (*.json), or a
        FILE.jsonl with a payment file, an answer of airlock sign --lines or the raw
        transactions of one payment on each line. Standard input may hold such lines if the
        first is a payment file or an answer. All are read and written to the journal
        before the first is sent; a line that airlock refused (ok is false), or that
        cannot be read, refuses all of them. A payment that comes twice is sent once.
        Those of one sender go out in the order of their nonces, 16 transactions at a
        time, those of different senders concurrently. A missing nonce is reported before
        the wait. When a payment is refused, the later ones of the same sender are not
        sent. --timeout counts from the last payment that ended. The
        exit code is 0 when all are settled, or mined where nothing more can be proved;
        else it is that of the first that is not, in the order in which they came.

        The payment is written to the journal before the first byte leaves. Run it any
        number of times: it is paid once. A payment counts as settled when the
        contract's event equals the request in every field; a call that is not known is
        followed to its receipt only, and the status then says mined.

        Of several rungs send starts with the first, or the highest that was ever sent. With
        --climb it sends the next after a minute, leaving out those that offer less than the
        chain asks for now; at most one of them can be mined. If a cancel of the payment was
        begun, send continues the cancel instead.

        At a terminal it shows the payment, its cost and its comparison code, and asks
        once, unless --yes. Without a terminal it sends without asking. --check sends
        nothing, writes nothing to the journal, and ends as send would, as far as is known
        now.

        A permit is sent by somebody else. --transaction HASH follows the transaction
        that they name until its event proves that the request is paid; the journal,
        which keeps what is sent from here, does not know it.

        \(FollowOptions.retryNotes)
        """

    static let yes = Option("--yes", help: "do not ask; without a terminal nothing is asked")
    static let check = Option(
        "--check", help: "do everything except sending: show the payment, its cost and code, and the nodes' answers")
    static let transaction = Option(
        "--transaction", value: "HASH",
        help: "send nothing: follow the transaction with which somebody else sends a permit")

    static func make(_ console: Console) -> Command {
        Command(
            "send", "send a payment, wait until it is mined, and prove that it is settled",
            operands: ["PAYMENT|RAW|FOLDER|FILE.jsonl|-..."],
            options: [RelayOptions.rpc, check, yes, transaction] + FollowOptions.waiting + FollowOptions.climbing
                + FollowOptions.places,
            notes: notes
        ) { arguments in
            let waitPolicy = try FollowOptions.waitPolicy(arguments)
            if arguments.has(transaction) { return try follow(arguments, waitPolicy, console) }
            switch try PaymentOperands.read(arguments.operands, note: console.note) {
            case .one(let signedPayment): return try send(signedPayment, arguments, waitPolicy, console)
            case .many(let batch): return try BatchSending.send(batch, arguments, waitPolicy, console)
            }
        }
    }

    private static func send(
        _ signedPayment: SignedPayment, _ arguments: Arguments, _ waitPolicy: Broadcaster.WaitPolicy, _ console: Console
    ) throws -> ExitCode {
        let nodes = try FollowOptions.nodes(arguments, waitPolicy, console)
        let reporter = ProgressReporter(console)
        if arguments.has(check) {
            let preflight = try reporter.run { try await Broadcaster.preflight(signedPayment, by: nodes) }
            return try put(preflight, of: signedPayment.text, signedPayment.json, arguments, console)
        }
        let journal = try RelayOptions.openJournal(arguments, console)
        if console.hasTerminal, !arguments.has(yes) { try ask(signedPayment, console) }
        let broadcaster = Broadcaster(nodes, journal, waitPolicy, report: reporter.say)
        let outcome = try reporter.run { try await journal.closing { try await broadcaster.send(signedPayment) } }
        try put(outcome, signedPayment, arguments, console)
        if signedPayment.isSlowToCredit { console.note(slowNote) }
        return .done
    }

    private static func follow(
        _ arguments: Arguments, _ waitPolicy: Broadcaster.WaitPolicy, _ console: Console
    ) throws -> ExitCode {
        var problems: [Problem] = []
        let hash = arguments.value(transaction, { try Hash(hex: $0) }, into: &problems)
        if arguments.has(check) {
            problems.append(
                Problem(UsageRule.conflict, at: transaction.name, detail: "with this option nothing is sent anyway"))
        }
        problems += arguments.operands.dropFirst().map { Problem(UsageRule.surplusOperand, saw: $0) }
        if let all = ProblemList(problems) { throw all }
        guard let hash, let path = arguments.operand(0) else { return .usage }
        let permit = try PaymentOperands.permit(path)
        guard let permit else {
            throw Problem(
                UsageRule.conflict, at: transaction.name, detail: "\(path) is not a permit: send it without this option"
            )
        }
        let nodes = try FollowOptions.nodes(arguments, waitPolicy, console)
        let reporter = ProgressReporter(console)
        let outcome = try reporter.run { try await permit.follow(hash, by: nodes, waitPolicy, report: reporter.say) }
        let code = permit.payment.code
        guard arguments.has(.json) else {
            try console.write(FollowOptions.text(outcome, code))
            return .done
        }
        try console.write(.object([("ok", true)] + FollowOptions.json(outcome, code)))
        return .done
    }

    static let slowNote = "airlock-relay: note: above $500 the credits come about 15 minutes later\n"

    /// Shows the comparison code of the payment, and asks the user whether `airlock` showed the same code. Must be
    /// called before anything is sent.
    private static func ask(_ signedPayment: SignedPayment, _ console: Console) throws {
        let question = "\(signedPayment.text)Is it the code that airlock showed? Type send to send it: "
        let answer = try console.ask(question) ?? ""
        guard answer.trimmed.lowercased() == "send" else { throw Problem(SendRule.declined, at: signedPayment.code) }
    }

    /// Shows the result of `send --check`. Nothing is sent.
    ///
    /// - Parameters:
    ///   - preflight: the answers of the nodes.
    ///   - text: the payment as text.
    ///   - json: the payment as members of the JSON document.
    ///   - arguments: the command line.
    ///   - console: the console.
    static func put(
        _ preflight: Preflight, of text: String, _ json: [(String, JSONOutput)], _ arguments: Arguments,
        _ console: Console
    ) throws -> ExitCode {
        let problems = preflight.problems
        if arguments.has(.json) {
            let members = [("status", JSONOutput.string("checked"))] + json + preflight.json
            try console.write(Console.document(problems, beside: members))
            return problems.first?.exit ?? .done
        }
        try console.write(text)
        for report in preflight.reports {
            let fee = report.baseFee.map { ", base fee \(Amount.format($0, decimals: 9)) gwei" } ?? ""
            try console.write(
                "\(report.node): block \(report.head), nonce \(report.nonce) (\(report.pendingNonce) with what waits)\(fee)\n"
            )
        }
        for note in preflight.notes { try console.write("note: \(note)\n") }
        guard problems.isEmpty else { return console.report(problems, asJSON: false, tool: "airlock-relay") }
        try console.write("nothing was sent\n")
        return .done
    }

    private static func put(
        _ outcome: Broadcaster.Outcome?, _ signedPayment: SignedPayment, _ arguments: Arguments, _ console: Console
    ) throws {
        if arguments.has(.json) {
            return try console.write(.object([("ok", true)] + FollowOptions.json(outcome, signedPayment.code)))
        }
        try console.write(FollowOptions.text(outcome, signedPayment.code))
        if outcome?.state == .mined {
            let known =
                signedPayment.request == nil
                ? "the call is not a known payment, so it was followed to its receipt only"
                : "the receipt says that the call succeeded, and no event proves more"
            console.note("airlock-relay: note: \(known)\n")
        }
    }
}

extension SignedPayment {
    /// Whether OpenRouter waits for more confirmations before it adds the credits. OpenRouter does so if the payment is
    /// above $500. The result is `false` if the request is not known to be of the oldest kind. It is also `false` for a
    /// currency other than USDC, because the value in dollars is then unknown.
    var isSlowToCredit: Bool {
        guard let request = reading?.request, request.reference(payer: sender).legacy != nil else { return false }
        return KnownTokens.on(chain).flatMap { request.terms.owed(of: $0.usdc) }.map { $0 > 500_000_000 } ?? false
    }
}

extension String {
    /// This string without the white space at its start and its end.
    var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}

/// Sends the payments of a `send` command that has several payments.
enum BatchSending {
    static func send(
        _ batch: PaymentBatch, _ arguments: Arguments, _ waitPolicy: Broadcaster.WaitPolicy, _ console: Console
    ) throws -> ExitCode {
        let nodes = try FollowOptions.nodes(arguments, waitPolicy, console)
        let reporter = ProgressReporter(console, isOfMany: true)
        if arguments.has(SendCommand.check) {
            let preflight = try reporter.run { try await Broadcaster.preflight(batch.signedPayments, by: nodes) }
            let payments = batch.items.map { place, one in
                JSONOutput.object([("place", .string(place))] + one.json)
            }
            let json: [(String, JSONOutput)] = [("code", .string(batch.code)), ("payments", .array(payments))]
            return try SendCommand.put(preflight, of: batch.text, json, arguments, console)
        }
        let journal = try RelayOptions.openJournal(arguments, console)
        if console.hasTerminal, !arguments.has(SendCommand.yes) { try ask(batch, console) }
        let broadcaster = Broadcaster(nodes, journal, waitPolicy, report: reporter.say)
        let endings = try reporter.run {
            try await journal.closing { try await broadcaster.send(batch.signedPayments) }
        }
        return try put(endings, of: batch, arguments, console)
    }

    private static func ask(_ batch: PaymentBatch, _ console: Console) throws {
        let question = "\(batch.text)Are these the payments that airlock signed? Type send to send them: "
        let answer = try console.ask(question) ?? ""
        guard answer.trimmed.lowercased() == "send" else { throw Problem(SendRule.declined, at: batch.code) }
    }

    private static func put(
        _ endings: [Broadcaster.Ending], of batch: PaymentBatch, _ arguments: Arguments, _ console: Console
    ) throws -> ExitCode {
        var (problems, payments): ([Problem], [JSONOutput]) = ([], [])
        for ending in endings {
            let place = batch.items[ending.index].place
            let own = ending.problems.map { problem in
                problem.at(problem.shownField.map { "\(place): \($0)" } ?? place)
            }
            problems += own
            guard arguments.has(.json) else { continue }
            var members: [(String, JSONOutput)] = [
                ("place", .string(place)), ("code", .string(ending.signedPayment.code)),
            ]
            members += ending.outcome?.json ?? [("status", .string(ending.state.rawValue))]
            if let first = own.first { members.append(("error", first.json)) }
            payments.append(.object(members))
        }
        if arguments.has(.json) {
            try console.write(Console.document(problems, beside: [("payments", .array(payments))]))
        } else {
            if !problems.isEmpty { _ = console.report(problems, asJSON: false, tool: "airlock-relay") }
            try console.write(PaymentBatch.summary(of: endings))
        }
        let isSlow = endings.contains { $0.problems.isEmpty && $0.signedPayment.isSlowToCredit }
        if isSlow { console.note(SendCommand.slowNote) }
        return problems.first?.exit ?? .done
    }
}
