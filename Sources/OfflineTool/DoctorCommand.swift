import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockStrictJSON

/// `doctor`: whether this machine is ready to sign.
enum DoctorCommand {
    static func make(_ console: Console) -> Command {
        Command(
            "doctor", "say, line by line, whether this machine is ready to sign",
            options: [PaymentCommands.key, PaymentOptions.policy] + LedgerOptions.all,
            notes: "Each line is ok, warn or bad, and says what to do. Exit 0 when nothing is bad."
        ) { arguments in
            let now = PaymentOptions.machineTime
            // Before a key is read, as everywhere.
            let sandbox = Examination.sandbox()
            let key =
                sandbox.status == .ok
                ? Examination.key(arguments.value(PaymentCommands.key))
                : Finding("key", .warn, [Problem(DoctorRule.noKey)])
            let findings = [
                Examination.clock(now), Examination.network(), key, Examination.memory(), sandbox, Examination.fips(),
                Examination.policy(arguments), Examination.ledger(arguments, now, console),
            ]
            let bad = findings.filter { $0.status == .bad }.flatMap(\.problems)
            if arguments.has(.json) {
                try console.write(Console.document(bad, beside: [("findings", .array(findings.map(\.json)))]))
            } else {
                for finding in findings { try console.write(finding.lines(width: console.width)) }
            }
            return bad.first?.exit ?? .done
        }
    }
}

extension Finding {
    /// What was found, and under it what to do about it.
    fileprivate func lines(width: Int) -> String {
        let head = status.rawValue + String(repeating: " ", count: max(1, 6 - status.rawValue.utf8.count)) + subject
        var hints: [String] = []
        for hint in problems.map({ "hint: \($0.hint)" }) where !hints.contains(hint) {
            hints.append(hint)
        }
        return tabulated(head, [text] + hints, column: 15, width: width)
    }

    fileprivate var json: JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("subject", .string(subject)), ("status", .string(status.rawValue)), ("text", .string(text)),
        ]
        if !problems.isEmpty { members.append(("problems", .array(problems.map(\.json)))) }
        return .object(members)
    }
}
