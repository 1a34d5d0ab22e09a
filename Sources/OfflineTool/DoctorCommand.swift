import AirlockCommandLineTool
import AirlockDiagnostics

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
            return try Finding.put(findings, arguments, console)
        }
    }
}
