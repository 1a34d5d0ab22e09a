import CommandLineTool
import EthereumTypes
import Files
import Keys
import Problems
import Sandbox
import Signing
import StrictJSON

/// `sign --lines`: many charges from standard input, one JSON line out for each, in order.
enum BatchCommand {
    static let secondEngine = Option(
        "--second-engine", help: "with --lines: have libgcrypt verify each signature too, as it does for one payment")

    /// How many lines are signed, and then recorded in one go, at a time.
    private static let chunk = 1024

    static func run(_ arguments: Arguments, _ console: Console) throws -> ExitCode {
        var problems: [Problem] = []
        var files: [InputFile] = []
        for option in PaymentOptions.single where arguments.has(option) {
            problems.append(Problem(UsageRule.conflict, at: option.name, detail: "each line says its own with --lines"))
        }
        if arguments.value(PaymentOptions.policy) == nil {
            problems.append(Problem(UsageRule.missingValue, at: PaymentOptions.policy.name))
        }
        if arguments.value(PaymentCommands.key) == nil {
            problems.append(Problem(UsageRule.missingValue, at: PaymentCommands.key.name))
        }
        let policy = PaymentOptions.collect(&problems) { try PaymentOptions.readPolicy(arguments, &files) }
        let now = PaymentOptions.collect(&problems) { try PaymentOptions.readNow(arguments) }
        let rungs = arguments.value(PaymentOptions.rungs, PaymentOptions.readRungs, into: &problems)
        let path = PaymentOptions.collect(&problems) { try PaymentOptions.ledgerPath(arguments) }
        if let all = ProblemList(problems) { throw all }
        guard let policy, let now, let path, let keyPath = arguments.value(PaymentCommands.key) else {
            throw Problem(InternalRule.unexpected)
        }
        let terms = BatchSigner.Terms(
            policy: policy, now: now, approve: arguments.has(PaymentOptions.approve), rungs: rungs ?? 1,
            cancel: arguments.has(PaymentOptions.cancel), secondEngine: arguments.has(secondEngine))
        Interrupts.hold()
        try Sandbox.seal()
        let key = try KeyOptions.open(keyPath, arguments, console)
        var signer = try BatchSigner(key.take(), terms, recordingIn: LedgerFile(path))
        return try answerAll(&signer, console)
    }

    private static func answerAll(_ signer: inout BatchSigner, _ console: Console) throws -> ExitCode {
        var reader = LineReader(console.input)
        var exit = ExitCode.done
        var count = 0
        while true {
            var lines: [Result<[UInt8], Problem>] = []
            do {
                // The first is waited for; after it only what is there already, so that nobody waits for an answer.
                while lines.count < chunk, lines.isEmpty || reader.hasLine, let line = try reader.next() {
                    lines.append(line)
                }
            } catch let problem as Problem {
                guard problem.exit == .interrupted else { throw problem }
                throw Problem(
                    InputRule.interrupted, detail: "\(count) lines are answered; go on with line \(count + 1)")
            }
            guard !lines.isEmpty else { return exit }
            let answers = try signer.sign(lines, clock: PaymentOptions.machineTime)
            try console.write(answers.map { $0.json.text + "\n" }.joined())
            if answers.contains(where: { !$0.isSigned }) { exit = .refused }
            count += lines.count
            if console.showsProgress { console.note("\r\(count) lines") }
            if Interrupts.isPending {
                throw Problem(
                    InputRule.interrupted, detail: "\(count) lines are answered; go on with line \(count + 1)")
            }
        }
    }
}
