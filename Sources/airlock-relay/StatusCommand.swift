import Broadcast
import CommandLineTool
import Files
import Problems
import StrictJSON

/// `status`: what the journal knows, without asking anybody.
enum StatusCommand {
    static func make(_ console: Console) -> Command {
        Command(
            "status", "show what the journal knows of all payments, or of one", operands: ["[ID]"],
            options: [RelayOptions.journal],
            notes: "ID is a comparison code, a charge's or an intent's id, or a transaction's hash."
        ) { arguments in
            let name = arguments.operand(0)
            let journal = try RelayOptions.journalToRead(arguments)
            if journal == nil, let name {
                throw Problem(JournalRule.unknownPayment, at: try RelayOptions.journalPath(arguments), saw: name)
            }
            let payments = try journal?.payments(name) ?? []
            if arguments.has(.json) {
                try console.write(["ok": true, "payments": .array(payments.map(\.json))])
            } else {
                for payment in payments { try console.write(payment.text) }
            }
            return .done
        }
    }
}

extension JournalPayment {
    fileprivate var text: String {
        var lines = ["\(state.rawValue)  \(code)  \(changedAt)"]
        let about = [chargeID.map { "charge \(escaped($0))" }, method, expires.map { "until \($0)" }]
        let said = about.compactMap(\.self).joined(separator: ", ")
        if !said.isEmpty { lines.append("  \(said)") }
        for transaction in transactions {
            let role = transaction.role ?? "raw"
            // Of a single variant its number says nothing.
            let isOne = transactions.count { $0.role == role && $0.nonce == transaction.nonce } < 2
            let rung = isOne ? "" : transaction.rung.map { " rung \($0)" } ?? ""
            let fate = transaction.block.map { "in block \($0)" } ?? transaction.answer ?? "not sent"
            lines.append("  \(role)\(rung) \(transaction.nonce) \(transaction.hash) \(fate)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
