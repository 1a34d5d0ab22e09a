import AirlockStrictJSON
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockQRCodes
import AirlockKeys
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSandbox
import AirlockSigning

/// `sign --lines`: reads one request per line from standard input. Writes one line of JSON for each request, in the
/// same order.
enum BatchCommand {
    static let secondEngine = Option(
        "--second-engine", help: "with --lines: have libgcrypt verify each signature too, as it does for one payment")

    /// The maximum number of lines in a chunk. The lines of a chunk are signed and recorded together.
    private static let chunk = 256

    static func run(_ arguments: Arguments, _ console: Console) throws -> ExitCode {
        var problems: [Problem] = []
        var files: [InputFile] = []
        problems += SafeOptions.alone(arguments)
        let ofSafes = (SafeOptions.all + SafeOptions.approving).map(\.name)
        for option in PaymentOptions.single
        where option.name != PaymentOptions.conditions.name && !ofSafes.contains(option.name) && arguments.has(option) {
            let detail =
                option.name == PaymentOptions.replace.name
                ? "a request that replaces another is signed on its own" : "with --lines each line has its own"
            problems.append(Problem(UsageRule.conflict, at: option.name, detail: detail))
        }
        for option in PaymentCommands.puttingOut where arguments.has(option) {
            problems.append(
                Problem(UsageRule.conflict, at: option.name, detail: "with --lines the answers go to standard output"))
        }
        if arguments.has(DescribeCommand.descriptors) {
            problems.append(
                Problem(
                    UsageRule.conflict, at: DescribeCommand.descriptors.name,
                    detail: "with --lines nothing is shown in words"))
        }
        for option in QROutput.options where arguments.has(option) {
            problems.append(
                Problem(
                    UsageRule.conflict, at: option.name,
                    detail: "with --lines nothing is drawn: draw the file of the answers with airlock qr"))
        }
        if arguments.value(PaymentOptions.policy) == nil {
            problems.append(Problem(UsageRule.missingValue, at: PaymentOptions.policy.name))
        }
        if arguments.value(PaymentCommands.key) == nil {
            problems.append(Problem(UsageRule.missingValue, at: PaymentCommands.key.name))
        }
        let policy = problems.collect { try PaymentOptions.readPolicy(arguments, &files) }
        let conditions = problems.collect { try readConditions(arguments, &files) }
        let now = problems.collect { try PaymentOptions.readNow(arguments) }
        let rungs = PaymentOptions.readRungs(arguments, into: &problems)
        let ledger = problems.collect { try LedgerOptions.file(arguments, console) }
        if let all = ProblemList(problems) { throw all }
        guard let policy, let conditions, let now, let ledger, let keyPath = arguments.value(PaymentCommands.key) else {
            throw Problem(InternalRule.unexpected)
        }
        let terms = BatchSigner.Terms(
            policy: policy, now: now, machineTime: { PaymentOptions.machineTime },
            approve: arguments.has(PaymentOptions.approve), rungs: rungs ?? 1,
            cancel: arguments.has(PaymentOptions.cancel), secondEngine: arguments.has(secondEngine),
            conditions: conditions)
        Interrupts.hold()
        try Sandbox.seal()
        let key = try KeyOptions.open(keyPath, arguments, console)
        var signer = try BatchSigner(key.take(), terms, recordingIn: ledger)
        return try answerAll(&signer, sharingConditions: conditions != nil, console)
    }

    /// Reads the conditions file, which applies to all lines with payments. A line that contains its own conditions is
    /// then refused. Returns `nil` if the user gave no conditions file. In that case every line with a payment must
    /// contain its own conditions.
    private static func readConditions(
        _ arguments: Arguments, _ files: inout [InputFile]
    ) throws -> (measured: Conditions, file: String)? {
        guard let path = arguments.value(PaymentOptions.conditions) else { return nil }
        guard path != "-" else {
            throw Problem(
                UsageRule.conflict, at: PaymentOptions.conditions.name, detail: "standard input holds the lines")
        }
        let conditions = try PaymentOptions.readConditions(path, &files)
        var missing: [Problem] = []
        func require(_ isThere: Bool, _ field: String) {
            if !isThere { missing.append(Problem(SigningRule.missingValue, at: field).inFile(path)) }
        }
        require(conditions.nonce != nil, "/nonce")
        require(conditions.maxFeePerGas != nil, "/maxFeePerGas")
        require(conditions.maxPriorityFeePerGas != nil, "/maxPriorityFeePerGas")
        if let all = ProblemList(missing) { throw all }
        return (conditions, path)
    }

    private static func answerAll(
        _ signer: inout BatchSigner, sharingConditions: Bool, _ console: Console
    ) throws -> ExitCode {
        var reader = LineReader(console.input, isReady: console.inputIsReady)
        var exit = ExitCode.done
        var count = 0
        var code = BatchComparisonCode()
        var inHand: BatchSigner.Chunk?
        while true {
            let lines = try next(&reader, waiting: inHand == nil)
            // While this thread records and writes the current chunk, the other cores sign the next chunk.
            let next = lines.isEmpty ? nil : signer.begin(lines)
            if let chunk = inHand {
                let answers = try signer.finish(chunk)
                var text: [UInt8] = []
                for answer in answers {
                    switch answer {
                    case .signed(let line, let signingHashes):
                        text += line
                        // The comparison code `code` covers the transactions of all lines. It does not cover messages,
                        // because each signed message has its own comparison code.
                        if !signingHashes.isEmpty { code.add(signingHashes) }
                    case .refused(let problems):
                        text += (Console.document(problems).printable + "\n").utf8
                        exit = .refused
                    }
                }
                try console.write(String(decoding: text, as: UTF8.self))
                count += answers.count
                if console.showsProgress { console.note("\r\(count) lines") }
            } else if next == nil {
                guard Interrupts.isPending else {
                    if count > 0, console.showsProgress { console.note("\n") }
                    code.show(console)
                    if count == 0 { console.note("airlock: signed 0 payments\n") }
                    return exit
                }
                // If all lines share one conditions file, the nonces of a line follow the nonces of the previous lines.
                // Therefore, after an interruption, the user must give the whole input again from the first line. Every
                // line then gets the same nonces as before.
                let next =
                    sharingConditions
                    ? "give all lines again: these get the same answers" : "continue with line \(count + 1)"
                throw Problem(InputRule.interrupted, detail: "\(count) lines are answered; \(next)")
            }
            inHand = next
        }
    }

    /// Reads the lines of the next chunk. The result is empty if there is no more input, or if the user has interrupted
    /// the command. If `waiting` is `false`, the result is also empty if no line has arrived yet. The caller then
    /// writes the answers to the current chunk before it waits for more lines.
    private static func next(_ reader: inout LineReader, waiting: Bool) throws -> [Result<[UInt8], Problem>] {
        var lines: [Result<[UInt8], Problem>] = []
        do {
            // If `waiting` is `true`, the command waits for the first line of the chunk. It reads further lines only if
            // they have already arrived, because waiting for a late line would delay the answers to earlier lines.
            while lines.count < chunk, !Interrupts.isPending, try waiting && lines.isEmpty || reader.hasLine(),
                let line = try reader.next()
            {
                lines.append(line)
            }
        } catch let problem as Problem {
            guard problem.rule as? InputRule == .interrupted else { throw problem }
        }
        return lines
    }
}

extension BatchComparisonCode {
    /// Shows the comparison code of all signed payments together. `airlock-relay send` also shows this code, and the
    /// user compares the two codes.
    func show(_ console: Console) {
        guard count > 0 else { return }
        console.note("airlock: signed \(count == 1 ? "1 payment" : "\(count) payments"), code over all \(code)\n")
    }
}
