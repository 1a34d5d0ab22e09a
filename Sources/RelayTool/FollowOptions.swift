import AirlockRequests
import AirlockBroadcast
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockStrictJSON

/// What `send`, `cancel` and `resume` have in common: how a payment is followed, and what is said of its end.
enum FollowOptions {
    static let confirmations = Option(
        "--confirmations", value: "N", help: "wait for so many blocks, the one that holds it included (default 1)")
    static let timeout = Option(
        "--timeout", value: "TIME", help: "end the wait after so long with exit code 75 (default 10m)")
    static let noWait = Option("--no-wait", help: "end as soon as a node has taken it; resume goes on later")
    static let climb = Option("--climb", help: "send the next rung when one is not mined in time")
    static let climbAfter = Option("--climb-after", value: "TIME", help: "how long a rung is waited for (default 1m)")

    static let patience = [confirmations, timeout, noWait]
    static let climbing = [climb, climbAfter]
    static let places = [RelayOptions.journal, RelayOptions.header] + RetryOptions.all

    /// How the nodes are asked, whatever the command.
    static let retryNotes = """
        Nodes are asked again with every look at the chain, so --retry is none unless
        backoff is asked for; then a question that failed is repeated by itself too, for
        as long as the wait lasts. Nothing is paid twice by that: what is sent again is
        the same transaction.
        \(RetryOptions.notes)
        """

    static func patience(_ arguments: Arguments) throws -> Broadcaster.Patience {
        var problems: [Problem] = []
        var patience = Broadcaster.Patience()
        if let count = arguments.value(confirmations, Quantity.uint64, into: &problems) {
            patience.confirmations = count
        }
        if let length = arguments.value(timeout, { try Duration(text: $0) }, into: &problems) {
            patience.timeout = length
        }
        let length = arguments.value(climbAfter, { try Duration(text: $0) }, into: &problems)
        if arguments.has(climb) || length != nil { patience.climb = length ?? .seconds(60) }
        patience.isWaiting = !arguments.has(noWait)
        if let all = ProblemList(problems) { throw all }
        return patience
    }

    static func nodes(
        _ arguments: Arguments, _ patience: Broadcaster.Patience, _ console: Console
    ) throws -> Nodes {
        // One silent node must not outlast the wait by much.
        try RelayOptions.nodes(
            arguments, console, requestTimeout: min(.seconds(30), max(patience.timeout, .seconds(5))),
            within: patience.timeout)
    }

    /// What there is to say of a payment that ended well; or that is sent, where nobody waits for its end.
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
