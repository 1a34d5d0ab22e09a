import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockKeys
import AirlockDiagnostics
import AirlockSandbox
import AirlockSecp256k1
import AirlockSigning
import AirlockStrictJSON
import AirlockTransactions
import AirlockTypedData

/// The commands `tx encode` and `typed-data sign`. With `--blind`, these commands sign the given data without checking
/// it against a request or a policy.
enum BlindCommands {
    private static let blind = Option(
        "--blind", help: "sign it without a request or a policy, after showing it and asking; recorded in the ledger")
    private static let yes = Option("--yes", help: "do not ask; needed when there is no terminal")
    private static let options =
        [
            PaymentCommands.key, blind, yes,
        ] + LedgerOptions.all + KeyOptions.opening

    static func transactionEncode(_ console: Console) -> Command {
        Command(
            "tx encode", "encode a transaction from the JSON of inspect --json; with -k and --blind also sign it",
            operands: ["FILE"], options: options + [.lines],
            notes: """
                Without -k the raw transaction is unsigned. To sign --lines, give --yes.

                A call that is listed as allowed needs no --blind: write the unsigned
                transaction to a file, and give that to airlock sign (airlock help call).
                """
        ) { arguments in
            let keyPath = try requested(arguments)
            if arguments.has(.lines) {
                guard let keyPath else { return try console.answerLines { unsigned(try InspectedTransaction($0)) } }
                return try signLines(keyPath, arguments, console)
            }
            let path = arguments.operands[0]
            let inspected = try ProblemList.inFile(path) {
                try InspectedTransaction(JSONDocument(InputFile.read(path).bytes).root)
            }
            guard let keyPath else {
                try put(unsigned(inspected), arguments, console)
                return .done
            }
            let transaction = inspected.transaction
            let signing = BlindSigning(.transaction(transaction), clock: PaymentOptions.machineTime)
            let signature = try sign(signing, keyPath, arguments, console, by: inspected.requireSigner) {
                Inspection.text(Inspection.document(of: transaction), width: console.width, limit: .max)
            }
            try put(answer(SignedTransaction(transaction, signature)), arguments, console)
            return .done
        }
    }

    static func typedDataSign(_ console: Console) -> Command {
        Command(
            "typed-data sign", "sign typed data (EIP-712) without a policy", operands: ["FILE"], options: options,
            notes: """
                airlock sign FILE signs typed data whose domain and type are listed in messages,
                and shows what they allow others to take. This command is for all other
                typed data.
                """
        ) { arguments in
            guard let keyPath = try requested(arguments) else {
                throw Problem(UsageRule.missingValue, at: PaymentCommands.key.name, detail: "the key to sign with")
            }
            let path = arguments.operands[0]
            let data = try ProblemList.inFile(path) {
                try TypedData(JSONDocument(InputFile.read(path).bytes).root)
            }
            let signing = BlindSigning(.typedData(data), clock: PaymentOptions.machineTime)
            let signature = try sign(signing, keyPath, arguments, console, by: { _ in }) {
                shown(data, width: console.width)
            }
            try put(Answer("signature", "\(signature)"), arguments, console)
            return .done
        }
    }

    /// Formats all values of typed data, each with the name of its type. Long values come first. If they came last,
    /// they could scroll the short values off the screen.
    private static func shown(_ data: TypedData, width: Int) -> String {
        let values = data.members.map { ("\($0.path) (\($0.type))", $0.text) }
        let lines =
            [("type", data.encodeType)] + values.filter { $0.1.utf8.count > 256 }
            + [("primary type", data.primaryType)] + values.filter { $0.1.utf8.count <= 256 }
            + [("digest", "\(data.digest)")]
        return Inspection.text(lines.map { (escaped($0.0, limit: .max), .string($0.1)) }, width: width, limit: .max)
    }

    /// Returns the path of the key file. Returns `nil` if the user wants no signature. `-k` and `--blind` must be given
    /// together.
    private static func requested(_ arguments: Arguments) throws -> String? {
        let path = arguments.value(PaymentCommands.key)
        if path != nil, !arguments.has(blind) {
            throw Problem(
                UsageRule.missingValue, at: blind.name, detail: "this would be signed without a request",
                hint: "airlock sign FILE signs calls and messages that the policy lists; otherwise give --blind")
        }
        if path == nil, arguments.has(blind) { throw Problem(UsageRule.missingValue, at: PaymentCommands.key.name) }
        return path
    }

    /// Signs each line when it arrives. The user cannot be asked about each line, so `--yes` is required.
    private static func signLines(_ keyPath: String, _ arguments: Arguments, _ console: Console) throws -> ExitCode {
        guard arguments.has(yes) else {
            throw Problem(UsageRule.missingValue, at: yes.name, detail: "--lines cannot ask about each line")
        }
        let ledger = try LedgerOptions.file(arguments, console)
        try Sandbox.seal()
        let key = try KeyOptions.open(keyPath, arguments, console)
        var session = try LedgerSession(ledger, for: key.secret, after: nil)
        // The lock on the ledger is released here, because other processes may sign while this process waits for input.
        session.release()
        return try console.answerLines { line in
            let inspected = try InspectedTransaction(line)
            try inspected.requireSigner(key.address)
            let transaction = inspected.transaction
            let signing = BlindSigning(.transaction(transaction), clock: PaymentOptions.machineTime)
            if let problems = ProblemList(signing.problems) { throw problems }
            try session.hold()
            defer { session.release() }
            let warnings = try signing.ownWarnings(from: key.address, session.ledger)
            let signature = try ConsentedBlindSigning.ofScript(for: signing)
                .sign(with: key.secret, recordingIn: &session)
            try session.sync()
            return answer(try SignedTransaction(transaction, signature), warnings)
        }
    }

    private static func answer(_ signed: SignedTransaction, _ warnings: [String] = []) -> Answer {
        let raw = Hex.encode(signed.raw)
        return Answer(text: raw, [("raw", .string(raw)), ("hash", .string("\(signed.hash)"))], warnings: warnings)
    }

    private static func unsigned(_ inspected: InspectedTransaction) -> Answer {
        Answer("raw", Hex.encode(inspected.transaction.encoded))
    }

    /// Shows the data, asks the user to confirm (unless `--yes` is given), signs the data, and records the signature in
    /// the ledger. The closure `check` gets the address of the key, and throws if the data requires a different signer.
    private static func sign(
        _ signing: BlindSigning, _ keyPath: String, _ arguments: Arguments, _ console: Console,
        by check: (Address) throws(Problem) -> Void, showing: () -> String
    ) throws -> Signature {
        // The checks that do not use the key come first. If they came later, the user might type the key's password for
        // data that is refused anyway.
        if let problems = ProblemList(signing.problems) { throw problems }
        let ledger = try LedgerOptions.file(arguments, console)
        try Sandbox.seal()
        let source = try KeyOptions.source(keyPath)
        try KeyOptions.check(source, arguments)
        /// Shows the data and the signer. Then asks the user to confirm, unless `--yes` is given.
        func consented(from signer: Address) throws -> ConsentedBlindSigning {
            try check(signer)
            let known = try ledger.read(for: signer)
            var signing = signing
            signing.reviewedHead = known?.head
            var shown = showing() + "signer                \(signer)\n"
            for warning in try signing.warnings(from: signer, known) {
                shown += "warn: \(warning)\n"
            }
            guard !arguments.has(yes) else {
                console.note(shown)
                return .ofScript(for: signing)
            }
            console.present(shown)
            let answer = try console.consent([signing.question(from: signer)], BlindSigning.prompt)
            return try .typed(answer, for: signing)
        }
        // The review shows the signer's address. If the key file contains the address, the key is unlocked after the
        // user has confirmed. If the key file does not contain the address, the key is unlocked first, because the
        // address is not known before.
        guard let signer = try source.address else {
            let key = try KeyOptions.open(source, arguments, console)
            return try consented(from: key.address).sign(with: key.secret, recordingIn: ledger)
        }
        let consented = try consented(from: signer)
        let key = try KeyOptions.open(source, arguments, console)
        return try consented.sign(with: key.secret, recordingIn: ledger)
    }

    private static func put(_ answer: Answer, _ arguments: Arguments, _ console: Console) throws {
        if arguments.has(.json) {
            try console.write(.object([("ok", true)] + answer.members))
        } else {
            try console.write(answer.text + "\n")
        }
    }
}
