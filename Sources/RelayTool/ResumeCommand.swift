import AirlockBroadcast
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockDiagnostics
import AirlockStrictJSON

/// `resume`: takes up all payments that no run has seen to their end.
enum ResumeCommand {
    static let notes = """
        All payments of the journal that are recorded, sent or mined, and not settled,
        are sent again where they have to be and followed, at the same time. Nodes of
        several chains may be named: each payment goes to those of its own chain, and
        one that has none waits. The exit code is that of the first that did not end
        well.

        \(FollowOptions.retryNotes)
        """

    static func make(_ console: Console) -> Command {
        Command(
            "resume", "take up every payment that was cut off",
            options: [RelayOptions.rpc] + FollowOptions.patience + FollowOptions.climbing + FollowOptions.places,
            notes: notes
        ) { arguments in
            let patience = try FollowOptions.patience(arguments)
            let journal = try RelayOptions.existingJournal(arguments, console)
            let shipments = try waiting { try await journal?.unfinished() ?? [] }
            guard let journal, !shipments.isEmpty else { return try put([], arguments, console) }
            let nodes = try FollowOptions.nodes(arguments, patience, console)
            let voice = ProgressVoice(console, isOfMany: shipments.count > 1)
            let broadcaster = Broadcaster(nodes, journal, patience, report: voice.say)
            let ends = try voice.accompany {
                try await journal.closing { try await broadcaster.send(shipments, by: nodes.byChain()) }
            }
            let ended = Set(ends.map(\.index))
            for (index, shipment) in shipments.enumerated() where !ended.contains(index) {
                console.note("airlock-relay: note: \(shipment.code) waits for a node of \(shipment.chain)\n")
            }
            return try put(ends, arguments, console)
        }
    }

    private static func put(_ ends: [Broadcaster.Ending], _ arguments: Arguments, _ console: Console) throws -> ExitCode
    {
        let problems = ends.flatMap(\.problems)
        let good = ends.filter { $0.problems.isEmpty }
        guard arguments.has(.json) else {
            for end in good { try console.write(FollowOptions.text(end.outcome, end.shipment.code)) }
            return problems.isEmpty ? .done : console.report(problems, asJSON: false, tool: "airlock-relay")
        }
        let payments = good.map { JSONOutput.object(FollowOptions.json($0.outcome, $0.shipment.code)) }
        try console.write(Console.document(problems, beside: [("payments", .array(payments))]))
        return problems.first?.exit ?? .done
    }
}
