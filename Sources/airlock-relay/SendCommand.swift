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
    static let notes = """
        RAW is a raw transaction in hexadecimal, with or without 0x. Standard input
        (-) may hold a payment file, or raw transactions, one on a line.

        The payment is written to the journal before the first byte leaves. Run it any
        number of times: it is paid once. A payment counts as settled when the
        contract's event equals the intent in every field; a call that is not known is
        followed to its receipt only, and the status then says mined.

        Of several rungs it sends the first, or the highest that was ever sent. With
        --climb it goes on to the next after a minute, leaving out those that offer
        less than the chain asks for now; at most one of them can be mined. When a
        cancel of the payment was begun, it goes on with that, and not with paying.

        \(FollowOptions.retryNotes)
        """

    static func make(_ console: Console) -> Command {
        Command(
            "send", "send a payment, wait until it is mined, and prove that it is settled",
            operands: ["PAYMENT|RAW|-"],
            options: [RelayOptions.rpc] + FollowOptions.patience + FollowOptions.climbing + FollowOptions.places,
            notes: notes
        ) { arguments in
            let patience = try FollowOptions.patience(arguments)
            let shipment = try read(arguments.operands[0])
            let nodes = try FollowOptions.nodes(arguments, patience, console)
            let voice = ProgressVoice(console)
            let broadcaster = Broadcaster(nodes, try RelayOptions.openJournal(arguments), patience, report: voice.say)
            let outcome = try voice.accompany { try await broadcaster.send(shipment) }
            try put(outcome, shipment, arguments, console)
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

    private static func put(
        _ outcome: Broadcaster.Outcome?, _ shipment: Shipment, _ arguments: Arguments, _ console: Console
    ) throws {
        if arguments.has(.json) {
            return try console.write(.object([("ok", true)] + FollowOptions.json(outcome, shipment)))
        }
        try console.write(FollowOptions.text(outcome, shipment))
        if shipment.expectation == nil, outcome != nil {
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
