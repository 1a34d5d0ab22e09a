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

    /// How one payment ended.
    private typealias End = (shipment: Shipment, outcome: Broadcaster.Outcome?, problems: [Problem])

    static func make(_ console: Console) -> Command {
        Command(
            "resume", "take up every payment that was cut off",
            options: [RelayOptions.rpc] + FollowOptions.patience + FollowOptions.climbing + FollowOptions.places,
            notes: notes
        ) { arguments in
            let patience = try FollowOptions.patience(arguments)
            let journal = try RelayOptions.existingJournal(arguments)
            let shipments = try journal?.unfinished() ?? []
            guard let journal, !shipments.isEmpty else { return try put([], arguments, console) }
            let nodes = try FollowOptions.nodes(arguments, patience, console)
            let voice = ProgressVoice(console)
            let ends = try voice.accompany {
                try await follow(shipments, by: nodes.byChain(), journal, patience, voice)
            }
            for shipment in shipments where !ends.contains(where: { $0.shipment == shipment }) {
                console.note("airlock-relay: note: \(shipment.code) waits for a node of \(shipment.chain)\n")
            }
            return try put(ends, arguments, console)
        }
    }

    private static func follow(
        _ shipments: [Shipment], by nodes: [Chain: Nodes], _ journal: Journal, _ patience: Broadcaster.Patience,
        _ voice: ProgressVoice
    ) async -> [End] {
        await withTaskGroup(of: (Int, End).self) { group in
            for (index, shipment) in shipments.enumerated() {
                guard let nodes = nodes[shipment.chain] else { continue }
                let broadcaster = Broadcaster(nodes, journal, patience, report: voice.say)
                group.addTask {
                    do throws(ProblemList) {
                        return (index, (shipment, try await broadcaster.send(shipment), []))
                    } catch { return (index, (shipment, nil, error.problems)) }
                }
            }
            var ends: [Int: End] = [:]
            for await (index, end) in group { ends[index] = end }
            return shipments.indices.compactMap { ends[$0] }
        }
    }

    private static func put(_ ends: [End], _ arguments: Arguments, _ console: Console) throws -> ExitCode {
        let problems = ends.flatMap(\.problems)
        let good = ends.filter { $0.problems.isEmpty }
        guard arguments.has(.json) else {
            for end in good { try console.write(FollowOptions.text(end.outcome, end.shipment)) }
            return problems.isEmpty ? .done : console.report(problems, asJSON: false, tool: "airlock-relay")
        }
        let payments = good.map { JSONOutput.object(FollowOptions.json($0.outcome, $0.shipment)) }
        try console.write(Console.document(problems, beside: [("payments", .array(payments))]))
        return problems.first?.exit ?? .done
    }
}
