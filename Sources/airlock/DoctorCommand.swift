import CommandLineTool
import Problems
import StrictJSON

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
        let head = [(status.rawValue, 6), (subject, 9)].reduce("") { text, column in
            text + column.0 + String(repeating: " ", count: max(1, column.1 - column.0.utf8.count))
        }
        let indent = String(repeating: " ", count: head.utf8.count)
        var hints: [String] = []
        for hint in problems.compactMap(\.hint).map({ "hint: \($0)" }) where !hints.contains(hint) {
            hints.append(hint)
        }
        let lines = ([text] + hints).flatMap { wrapped($0, width: width - head.utf8.count) }
        return lines.enumerated().map { ($0 == 0 ? head : indent) + $1 + "\n" }.joined()
    }

    fileprivate var json: JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("subject", .string(subject)), ("status", .string(status.rawValue)), ("text", .string(text)),
        ]
        if !problems.isEmpty { members.append(("problems", .array(problems.map(\.json)))) }
        return .object(members)
    }
}
