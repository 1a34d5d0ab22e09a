import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockRequests
import AirlockStrictJSON

/// The options that `send`, `cancel` and `resume` share: how to follow a payment, and how to report its outcome.
enum FollowOptions {
    static let confirmations = Option(
        "--confirmations", value: "N",
        help: "wait for this many confirmations; the block that holds it is the first (default 1)")
    static let timeout = Option(
        "--timeout", value: "TIME", help: "end the wait after this time with exit code 75 (default 10m)")
    static let noWait = Option("--no-wait", help: "end as soon as a node has accepted it; resume continues later")
    static let climb = Option("--climb", help: "send the next rung when the current one is not mined in time")
    static let climbAfter = Option("--climb-after", value: "TIME", help: "how long to wait for a rung (default 1m)")

    static let waiting = [confirmations, timeout, noWait]
    static let climbing = [climb, climbAfter]
    static let places = [RelayOptions.journal, RelayOptions.header] + RetryOptions.all

    /// The help text about retries of failed calls to nodes. The help of every command that follows a payment shows it.
    static let retryNotes = """
        The nodes are polled anyway, so --retry is none by default. With backoff each failed
        request is also repeated, for as long as the wait lasts. Nothing is paid twice: what
        is sent again is the same transaction.
        \(RetryOptions.notes)
        """

    static func waitPolicy(_ arguments: Arguments) throws -> Broadcaster.WaitPolicy {
        var problems: [Problem] = []
        var waitPolicy = Broadcaster.WaitPolicy()
        if let count = arguments.value(confirmations, Quantity.uint64, into: &problems) {
            waitPolicy.confirmations = count
        }
        if let length = arguments.value(timeout, { try Duration(text: $0) }, into: &problems) {
            waitPolicy.timeout = length
        }
        let length = arguments.value(climbAfter, { try Duration(text: $0) }, into: &problems)
        if arguments.has(climb) || length != nil { waitPolicy.bumpAfter = length ?? .seconds(60) }
        waitPolicy.isWaiting = !arguments.has(noWait)
        if let all = ProblemList(problems) { throw all }
        return waitPolicy
    }

    static func nodes(
        _ arguments: Arguments, _ waitPolicy: Broadcaster.WaitPolicy, _ console: Console
    ) throws -> Nodes {
        // Each call has a timeout, because it is possible that a node never answers. The timeout is the time that the
        // user wants to wait, but at least 5 and at most 30 seconds.
        try RelayOptions.nodes(
            arguments, console, requestTimeout: min(.seconds(30), max(waitPolicy.timeout, .seconds(5))),
            within: waitPolicy.timeout)
    }

    /// Describes the outcome of a payment as text for the user. If `outcome` is `nil`, the command did not wait for the
    /// outcome, so the text says only that the payment was sent.
    static func text(_ outcome: Broadcaster.Outcome?, _ code: String) -> String {
        guard let outcome else { return "sent \(code)\n" }
        var text = "\(outcome.status) \(outcome.hash) in block \(outcome.receipt.blockNumber)\n"
        if let event = outcome.event {
            let currency = event.spentCurrency.isZero ? "wei" : "units of \(event.spentCurrency)"
            let id = event.first.map { " for \($0.id)" } ?? ""
            text += "paid \(event.spentAmount) \(currency)\(id) to \(event.recipient)\n"
        }
        if let seen = outcome.seen {
            text += "\(seen.name) of \(seen.subjectName) \(seen.subject) by \(seen.contract)\n"
        }
        return text
    }

    static func json(_ outcome: Broadcaster.Outcome?, _ code: String) -> [(String, JSONOutput)] {
        [("code", .string(code))] + (outcome?.json ?? [("status", "sent")])
    }
}

/// `resume`: continues all payments that have not reached a final state, for example because an earlier command was
/// interrupted.
enum ResumeCommand {
    static let notes = """
        resume follows all payments of the journal that are recorded, sent or mined but not
        settled, all at the same time, and sends them again where needed. Nodes of several
        chains may be named: each payment goes to the nodes of its chain, and a payment
        whose chain has no node waits. The exit code is that of the first payment that
        failed.

        \(FollowOptions.retryNotes)
        """

    static func make(_ console: Console) -> Command {
        Command(
            "resume", "continue every payment that was interrupted",
            options: [RelayOptions.rpc] + FollowOptions.waiting + FollowOptions.climbing + FollowOptions.places,
            notes: notes
        ) { arguments in
            let waitPolicy = try FollowOptions.waitPolicy(arguments)
            let journal = try RelayOptions.existingJournal(arguments, console)
            let signedPayments = try waiting { try await journal?.unfinished() ?? [] }
            guard let journal, !signedPayments.isEmpty else { return try put([], arguments, console) }
            let nodes = try FollowOptions.nodes(arguments, waitPolicy, console)
            let reporter = ProgressReporter(console, isOfMany: signedPayments.count > 1)
            let broadcaster = Broadcaster(nodes, journal, waitPolicy, report: reporter.say)
            let ends = try reporter.run {
                try await journal.closing {
                    let (reached, failures) = try await nodes.byChain()
                    for failure in failures { reporter.say(.unusable(failure)) }
                    return try await broadcaster.send(signedPayments, by: reached)
                }
            }
            let ended = Set(ends.map(\.index))
            for (index, signedPayment) in signedPayments.enumerated() where !ended.contains(index) {
                console.note("airlock-relay: note: \(signedPayment.code) waits for a node of \(signedPayment.chain)\n")
            }
            return try put(ends, arguments, console)
        }
    }

    private static func put(_ ends: [Broadcaster.Ending], _ arguments: Arguments, _ console: Console) throws -> ExitCode
    {
        let problems = ends.flatMap(\.problems)
        let good = ends.filter { $0.problems.isEmpty }
        guard arguments.has(.json) else {
            for end in good { try console.write(FollowOptions.text(end.outcome, end.signedPayment.code)) }
            return problems.isEmpty ? .done : console.report(problems, asJSON: false, tool: "airlock-relay")
        }
        let payments = good.map { JSONOutput.object(FollowOptions.json($0.outcome, $0.signedPayment.code)) }
        try console.write(Console.document(problems, beside: [("payments", .array(payments))]))
        return problems.first?.exit ?? .done
    }
}

/// `cancel`: sends the cancelling transactions of a payment, which have the same nonces as the payment's other
/// transactions. After a cancelling transaction is mined, no other transaction with its nonce can be mined.
enum CancelCommand {
    static let notes = """
        ID is a comparison code, a request's id or reference, or a transaction's hash.
        The payment must have been signed with --cancel. The cancel of every nonce that is
        still open is sent; each outbids all other transactions of its nonce. The exit code
        is 25 if the payment's own nonce was cancelled, and that of send if the payment was
        mined first. From then on, send, resume and run send only the cancels, even if no
        node could be reached now.

        \(FollowOptions.retryNotes)
        """

    static func make(_ console: Console) -> Command {
        Command(
            "cancel", "cancel a payment that is not mined yet: send the cancels that were signed with it",
            operands: ["ID"],
            options: [RelayOptions.rpc] + FollowOptions.waiting + FollowOptions.places, notes: notes
        ) { arguments in
            let waitPolicy = try FollowOptions.waitPolicy(arguments)
            let name = arguments.operands[0]
            guard let journal = try RelayOptions.existingJournal(arguments, console) else {
                throw Problem(
                    JournalRule.unknownPayment, at: "\(try RelayOptions.journalLocation(arguments))", saw: name)
            }
            let signedPayment = try waiting { try await journal.signedPayment(name) }
            let nodes = try FollowOptions.nodes(arguments, waitPolicy, console)
            let reporter = ProgressReporter(console)
            let broadcaster = Broadcaster(nodes, journal, waitPolicy, report: reporter.say)
            let outcome = try reporter.run { try await journal.closing { try await broadcaster.cancel(signedPayment) } }
            if arguments.has(.json) {
                try console.write(.object([("ok", true)] + FollowOptions.json(outcome, signedPayment.code)))
            } else {
                try console.write(FollowOptions.text(outcome, signedPayment.code))
            }
            return .done
        }
    }
}
