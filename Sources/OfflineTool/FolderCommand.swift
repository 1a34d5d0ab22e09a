import AirlockKeys
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockQRCodes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSandbox
import AirlockSigning
import AirlockStrictJSON

/// `sign FOLDER -o FOLDER`: signs every request of a folder, and writes one payment file for each request.
enum FolderCommand {
    static func run(_ arguments: Arguments, _ console: Console) throws -> ExitCode {
        let folder = arguments.operands[0]
        guard let output = arguments.value(PaymentCommands.output), output != "-" else {
            throw Problem(UsageRule.missingValue, at: "--output", detail: "the folder for the payment files")
        }
        if let one = ([PaymentCommands.raw] + QROutput.options).first(where: arguments.has) {
            throw Problem(
                UsageRule.conflict, at: one.name,
                detail: "the payments of a folder go into files, which airlock qr draws")
        }
        if let all = ProblemList(SafeOptions.alone(arguments)) { throw all }
        guard let keyPath = arguments.value(PaymentCommands.key) else {
            throw Problem(UsageRule.missingValue, at: PaymentCommands.key.name, detail: "the payer's key")
        }
        let names = try Folder.names(in: folder).filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
        guard !names.isEmpty else { throw Problem(FolderRule.noRequests, at: folder) }
        let inputs = try PaymentOptions.read(arguments, console, requests: names.map { "\(folder)/\($0)" })
        let payers = Set(inputs.requests.compactMap(\.payer))
        guard payers.count <= 1 else {
            throw Problem(
                FolderRule.severalPayers, at: folder, saw: payers.map { "\($0)" }.sorted().joined(separator: ", "))
        }
        try Sandbox.seal()
        let source = try KeyOptions.source(keyPath)
        try KeyOptions.check(source, arguments)
        let claimed = try source.address
        let series = try series(names, inputs.requests, claimed, in: folder)
        let reviewed = try payments(of: series, in: folder, arguments, console)
        try BaseDirectory.create(output)
        for (name, payment) in reviewed {
            try OutputFile.check(
                "\(output)/\(name)", replacing: arguments.has(PaymentCommands.force), identical: payment.isRecorded)
        }
        let consented = try consents(to: reviewed.map(\.payment), arguments, console)
        let key = try KeyOptions.open(source, arguments, console)
        // Until the key was unlocked, the address in the key file was not verified. If the key has a different address,
        // the payments are reviewed again with the key's address.
        if key.address != claimed {
            let proved = try Self.series(names, inputs.requests, key.address, in: folder)
            if let problems = ProblemList(proved.reviews.flatMap(\.review.problems)) { throw problems }
        }
        // All payments are recorded in the ledger before the first payment file is written.
        var session = try LedgerSession(inputs.ledger, for: key.secret, after: inputs.request.ledger?.head)
        let payments = try consented.map { try $0.sign(with: key.secret, recordingIn: &session) }
        try session.sync()
        session.release()
        var documents: [JSONOutput] = []
        for ((name, reviewed), payment) in zip(reviewed, payments) {
            let document = Array((payment.json.text + "\n").utf8)
            _ = try OutputFile.write(
                document.span, to: "\(output)/\(name)", replacing: arguments.has(PaymentCommands.force))
            if arguments.has(.json) {
                documents.append(["file": .string(name), "payment": payment.json])
            } else {
                try console.write(row(name, payment, reviewed))
            }
        }
        if arguments.has(.json) {
            try console.write(["ok": true, "payments": .array(documents)])
        } else {
            let folder = escaped(output, limit: 4096)
            console.note("airlock: wrote \(payments.count) to \(folder); next, online: airlock-relay send \(folder)\n")
        }
        // The payments are added to the comparison code in the order of `names`, because the code depends on the order,
        // and the relay sends the files in the order of `names`.
        let written = Dictionary(uniqueKeysWithValues: zip(reviewed.map(\.name), payments))
        var code = BatchComparisonCode()
        for name in names { code.add(written[name]?.signingHashes ?? []) }
        code.show(console)
        return .done
    }

    private static func series(
        _ names: [String], _ requests: [PaymentRequest], _ key: Address?, in folder: String
    ) throws(ProblemList) -> PaymentSeries {
        do throws(ProblemList) {
            return try PaymentSeries(
                zip(names, requests).map { name, request in
                    var request = request
                    request.key = key
                    return (name, request)
                })
        } catch {
            throw ProblemList(error.problems.map { $0.at("\(folder)/\($0.field ?? "")") }) ?? error
        }
    }

    /// Shows the reviews of all payments. Throws if any review has a problem.
    private static func payments(
        of series: PaymentSeries, in folder: String, _ arguments: Arguments, _ console: Console
    ) throws -> [(name: String, payment: ReviewedPayment)] {
        var problems: [Problem] = []
        var payments: [(name: String, payment: ReviewedPayment)] = []
        for (name, review) in series.reviews {
            let text = review.text(
                width: console.noteWidth, allChecks: arguments.has(PaymentOptions.verbose), bold: console.showsColour)
            PaymentCommands.show("\(escaped(name))\n\n\(text)\n", arguments, console)
            problems += review.problems.map { $0.at(PaymentOptions.place($0, in: "\(folder)/\(name)")) }
            if let payment = review.payment { payments.append((name, payment)) }
        }
        if let all = ProblemList(problems) { throw all }
        return payments
    }

    /// Asks the user to confirm the payments. With `--yes`, asks nothing, and throws if the policy leaves anything to
    /// confirm. One question covers all payments that the policy allows. This question also covers each payment whose
    /// amount is the only point to confirm, because the policy sets no cap for it. For each remaining payment, the user
    /// is asked a separate question.
    private static func consents(
        to payments: [ReviewedPayment], _ arguments: Arguments, _ console: Console
    ) throws -> [ConsentedPayment] {
        if arguments.has(PaymentCommands.yes) { return try payments.map { try .ofPolicy(for: $0) } }
        func isAskedWithOthers(_ payment: ReviewedPayment) -> Bool { payment.openPoints.allSatisfy(\.isAmount) }
        var answerToAll: String?
        return try payments.map { payment in
            guard isAskedWithOthers(payment) else {
                return try .typed(console.consent([payment.question], payment.prompt), for: payment)
            }
            let answer =
                try answerToAll
                ?? console.consent(payments.filter(isAskedWithOthers).map(\.question), payment.prompt)
            answerToAll = answer
            return try .typed(answer, for: payment)
        }
    }

    /// Formats the lines of one payment in the summary. Each transaction has a line with the file's name, role, nonce
    /// and hash. If the role is `pay` or `permit`, the line also contains the amount.
    private static func row(_ name: String, _ payment: Payment, _ reviewed: ReviewedPayment) -> String {
        payment.transactions.map { transaction in
            let amount = [.pay, .permit].contains(transaction.role) ? " \(reviewed.amount)" : ""
            return "\(escaped(name)) \(transaction.role.rawValue) \(transaction.nonce) \(transaction.hash)\(amount)\n"
        }.joined()
    }
}

/// The error codes for signing a folder of requests.
enum FolderRule: String, Advised {
    case noRequests = "folder.no-charges"
    case severalPayers = "folder.several-payers"

    var meaning: String {
        switch self {
        case .noRequests: "there is no .json file in the folder"
        case .severalPayers: "the requests in the folder are for several payers"
        }
    }

    var next: String {
        switch self {
        case .noRequests: "save each request as a .json file in it"
        case .severalPayers: "make a folder for each payer: each has its own key and nonces"
        }
    }

    var exit: ExitCode {
        switch self {
        case .noRequests: .missingInput
        case .severalPayers: .refused
        }
    }
}
