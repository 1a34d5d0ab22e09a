import Broadcast
import CommandLineTool
import EthereumTypes
import Files
import JSONRPC
import PaymentFiles
import Problems
import StrictJSON
import TransferProtocol

/// `send`: gives a payment to the chain, and waits until the chain has said how it ended.
enum SendCommand {
    static let confirmations = Option(
        "--confirmations", value: "N", help: "wait for so many blocks, the one that holds it included (default 1)")
    static let timeout = Option(
        "--timeout", value: "TIME", help: "end the wait after so long with exit code 75 (default 10m)")

    static let notes = """
        RAW is a raw transaction in hexadecimal, with or without 0x. Standard input
        (-) may hold a payment file, or raw transactions, one on a line.

        The payment is written to the journal before the first byte leaves. Run it any
        number of times: it is paid once. A payment counts as settled when the
        contract's event equals the intent in every field; a call that is not known is
        followed to its receipt only, and the status then says mined.
        """

    static func make(_ console: Console) -> Command {
        Command(
            "send", "send a payment, wait until it is mined, and prove that it is settled",
            operands: ["PAYMENT|RAW|-"],
            options: [RelayOptions.rpc, confirmations, timeout, RelayOptions.journal, RelayOptions.header], notes: notes
        ) { arguments in
            var problems: [Problem] = []
            var patience = Broadcaster.Patience()
            if let count = arguments.value(confirmations, Quantity.uint64, into: &problems) {
                patience.confirmations = count
            }
            if let length = arguments.value(timeout, { try Duration(text: $0) }, into: &problems) {
                patience.timeout = length
            }
            if let all = ProblemList(problems) { throw all }
            let shipment = try read(arguments.operands[0])
            // One silent node must not outlast the wait by much.
            let nodes = try RelayOptions.nodes(
                arguments, requestTimeout: min(.seconds(30), max(patience.timeout, .seconds(5))))
            let voice = ProgressVoice(console)
            let broadcaster = Broadcaster(nodes, try RelayOptions.openJournal(arguments), patience, report: voice.say)
            let outcome = try waiting { try await broadcaster.send(shipment) }
            try put(outcome, arguments, console)
            if shipment.isSlowToCredit {
                console.note("airlock-relay: note: above $500 the credits come about 15 minutes later\n")
            }
            return .done
        }
    }

    private static func read(_ operand: String) throws -> Shipment {
        if Shipment.isRaw(operand) { return try Shipment(hexadecimal: operand) }
        return try Shipment(reading: InputFile.read(operand).bytes)
    }

    private static func put(_ outcome: Broadcaster.Outcome, _ arguments: Arguments, _ console: Console) throws {
        if arguments.has(.json) {
            try console.write(.object([("ok", true)] + outcome.json))
            return
        }
        try console.write("\(outcome.status) \(outcome.hash) in block \(outcome.receipt.blockNumber)\n")
        if let event = outcome.event {
            let currency = event.spentCurrency.isZero ? "wei" : "units of \(event.spentCurrency)"
            try console.write("paid \(event.spentAmount) \(currency) for \(event.id) to \(event.recipient)\n")
        } else {
            console.note("airlock-relay: note: the call is no known payment; it was followed to its receipt only\n")
        }
    }
}

extension Shipment {
    /// The service waits for more confirmations above $500, as far as the currency tells dollars.
    fileprivate var isSlowToCredit: Bool {
        guard let intent = expectation?.intent, let needed = intent.needed else { return false }
        return intent.recipientCurrency == Deployment.on(chain)?.usdc && needed > 500_000_000
    }
}
