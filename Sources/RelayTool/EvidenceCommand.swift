import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockFiles
import AirlockPaymentFiles
import AirlockStrictJSON

/// `evidence`: what the journal knows of one payment, for the folder that `airlock evidence` makes.
enum EvidenceCommand {
    static let notes = """
        ID is a comparison code, a request's id or reference, or a transaction's hash.
        The file has the states that the payment came into, every attempt with the
        node's answer, the blocks and the events, each with its time; of more than
        2000 attempts the latest, and of a node's words the first 200 characters. It is
        the relay's word: airlock evidence --relay FILE puts it into a folder of
        evidence, whose page says so.
        """

    static func make(_ console: Console) -> Command {
        Command(
            "evidence", "write what the journal knows of one payment, for airlock evidence", operands: ["ID"],
            options: [RelayOptions.journal, RelayOptions.output, RelayOptions.force], notes: notes
        ) { arguments in
            let name = arguments.operands[0]
            guard let journal = try RelayOptions.journalToRead(arguments) else {
                throw Problem(JournalRule.unknownPayment, at: "\(try RelayOptions.journalPlace(arguments))", saw: name)
            }
            let evidence = try waiting {
                try await journal.closing { try await journal.evidence(name, at: RelayOptions.now) }
            }
            let text = evidence.json.printable + "\n"
            let path = arguments.value(RelayOptions.output)
            if path == "-", arguments.has(.json) {
                throw Problem(
                    UsageRule.conflict, at: RelayOptions.output.name, detail: "standard output takes one form alone")
            }
            if let path {
                _ = try OutputFile.write(Array(text.utf8).span, to: path, replacing: arguments.has(RelayOptions.force))
            }
            if arguments.has(.json) {
                try console.write(.object([("ok", true), ("evidence", evidence.json)]))
            } else if let path, path != "-" {
                let file = escaped(path, limit: 4096)
                console.note("airlock-relay: wrote \(file); next, with the rest: airlock evidence --relay \(file)\n")
            } else if path == nil {
                try console.write(text)
            }
            return .done
        }
    }
}
