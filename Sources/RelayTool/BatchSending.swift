import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockJSONRPC
import AirlockStrictJSON

/// `send` of many payments.
enum BatchSending {
    static func send(
        _ batch: PaymentBatch, _ arguments: Arguments, _ patience: Broadcaster.Patience, _ console: Console
    ) throws -> ExitCode {
        let nodes = try FollowOptions.nodes(arguments, patience, console)
        let voice = ProgressVoice(console, isOfMany: true)
        if arguments.has(SendCommand.check) {
            let examination = try voice.accompany { try await Broadcaster.examine(batch.shipments, by: nodes) }
            let payments = batch.items.map { place, one in
                JSONOutput.object([("place", .string(place))] + one.json)
            }
            let json: [(String, JSONOutput)] = [("code", .string(batch.code)), ("payments", .array(payments))]
            return try SendCommand.put(examination, of: batch.text, json, arguments, console)
        }
        let journal = try RelayOptions.openJournal(arguments, console)
        if console.hasTerminal, !arguments.has(SendCommand.yes) { try ask(batch, console) }
        let broadcaster = Broadcaster(nodes, journal, patience, report: voice.say)
        let endings = try voice.accompany {
            try await journal.closing { try await broadcaster.send(batch.shipments) }
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
            var members: [(String, JSONOutput)] = [("place", .string(place)), ("code", .string(ending.shipment.code))]
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
        let isSlow = endings.contains { $0.problems.isEmpty && $0.shipment.isSlowToCredit }
        if isSlow { console.note(SendCommand.slowNote) }
        return problems.first?.exit ?? .done
    }
}
