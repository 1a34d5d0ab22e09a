import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockStrictJSON

/// `cancel`: uses up the nonces of a payment, so that it cannot be mined any more.
enum CancelCommand {
    static let notes = """
        ID is a comparison code, a request's id or reference, or a transaction's hash.
        The payment has to be signed with --cancel. The cancel of every nonce that is
        still open is sent; each outbids all other transactions of its nonce. It ends
        with 25 when the payment's own nonce is cancelled, and as send does when the
        payment was mined first. Once begun, send and resume go on with the cancel.

        \(FollowOptions.retryNotes)
        """

    static func make(_ console: Console) -> Command {
        Command(
            "cancel", "send every cancel of a payment whose nonce is still open", operands: ["ID"],
            options: [RelayOptions.rpc] + FollowOptions.patience + FollowOptions.places, notes: notes
        ) { arguments in
            let patience = try FollowOptions.patience(arguments)
            let name = arguments.operands[0]
            guard let journal = try RelayOptions.existingJournal(arguments, console) else {
                throw Problem(JournalRule.unknownPayment, at: "\(try RelayOptions.journalPlace(arguments))", saw: name)
            }
            let shipment = try waiting { try await journal.shipment(name) }
            let nodes = try FollowOptions.nodes(arguments, patience, console)
            let voice = ProgressVoice(console)
            let broadcaster = Broadcaster(nodes, journal, patience, report: voice.say)
            let outcome = try voice.accompany { try await journal.closing { try await broadcaster.cancel(shipment) } }
            if arguments.has(.json) {
                try console.write(.object([("ok", true)] + FollowOptions.json(outcome, shipment.code)))
            } else {
                try console.write(FollowOptions.text(outcome, shipment.code))
            }
            return .done
        }
    }
}
