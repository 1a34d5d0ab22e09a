import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockKeys
import AirlockPaymentFiles
import AirlockQRCodes
import AirlockRequests
import AirlockSandbox
import AirlockSigning
import AirlockStrictJSON

/// The commands `sign` and `review`. Both review a request, but only `sign` also signs it.
enum PaymentCommands {
    static let key = Option("--key", "-k", value: "FILE", help: "a file with the payer's key, which only you can read")
    static let yes = Option(
        "--yes", help: "do not ask; needs a policy that pins recipients and caps amounts and the fee")
    static let output = Option("--output", "-o", value: "FILE", help: "write the payment file; - for standard output")
    static let force = Option("--force", help: "replace an output file that has other content")
    static let raw = Option("--raw", help: "print only the raw transactions, one per line")
    /// The options for the output of one payment. They set the output file, whether an existing file is replaced, and
    /// whether only the raw transactions are printed.
    static let puttingOut = [output, force, raw]

    static func review(_ console: Console) -> Command {
        Command(
            "review", "print what would be signed, and what was checked", operands: ["REQUEST"],
            options: PaymentOptions.all, notes: PaymentOptions.notes
        ) { arguments in
            let opened = MessageCommands.open(arguments)
            if let request = try WalletCommands.read(arguments, opened) {
                return try WalletCommands.review(request, arguments, console)
            }
            if let opened, MessageCommands.signsMessage(opened.bytes, arguments) {
                return try MessageCommands.review(opened, arguments, console)
            }
            let inputs = try PaymentOptions.read(arguments, console, opened: opened)
            let review = Review(inputs.request)
            let problems = inputs.refused(by: review, arguments)
            if arguments.has(.json) {
                try console.write(Console.document(problems, beside: [("review", review.json(\.json))]))
            } else {
                console.note(readAs: inputs.request.subject.readAs)
                try console.write(review.text(width: console.width, allChecks: arguments.has(PaymentOptions.verbose)))
            }
            return try end(problems, arguments)
        }
    }

    static func sign(_ console: Console) -> Command {
        Command(
            "sign", "review a request or a folder of requests, ask for confirmation, sign and write the payment",
            operands: ["REQUEST | FOLDER"],
            options: [key] + KeyOptions.opening + PaymentOptions.all + [yes] + puttingOut + QROutput.options
                + [.lines, BatchCommand.secondEngine],
            notes: PaymentOptions.notes + """


                The review is shown on standard error, and on the terminal where you are asked to
                type sign, or the last six digits of a recipient that no policy pins. After that you
                are asked for the password. Without -o, --raw and --json the raw transaction is
                printed. A message that is signed alone has no raw transaction: it needs -o, --json
                or --qr.

                With --qr the payment file, or the signature file of a message, is drawn as a QR
                code that holds it as a uniform resource (ur:bytes). If one code is too small,
                several parts are shown in turn (a fountain code), until you type q; the scanner on
                the other machine may miss some of them. airlock-relay scan writes the file.

                ur:eth-sign-request/..., or a file that holds it, is the request of a wallet
                (ERC-4527) to which airlock account has shown an account. The answer is
                ur:eth-signature, and with --qr a code for the wallet. See docs/wallets.md.

                For a folder, sign signs the request in each .json file. The nonces follow the order
                of the deadlines. -o names the folder for the payment files. If one request is
                refused, nothing is signed.

                With --lines each line of standard input is {"request":{...}}. Its conditions are in
                the line, or in -c for all lines. The nonce in -c is for the first line that is
                signed; each further line that is signed takes the next nonce. The same lines again,
                with the same ledger, give the same transactions. If the request of a line is typed
                data, the line has no other member: its answer is {"ok":true,"signature":{...}}, and
                is not for airlock-relay send.

                Many payments end with one code over all of them on standard error, which
                airlock-relay send shows too.
                """
        ) { arguments in
            if arguments.has(.lines) { return try BatchCommand.run(arguments, console) }
            if Folder.isFolder(arguments.operands[0]) { return try FolderCommand.run(arguments, console) }
            if arguments.value(output) == "-", arguments.has(.json) || arguments.has(raw) {
                throw Problem(UsageRule.conflict, at: output.name, detail: "standard output can have only one form")
            }
            try QROutput.check(arguments)
            let opened = MessageCommands.open(arguments)
            if let request = try WalletCommands.read(arguments, opened) {
                return try WalletCommands.sign(request, arguments, console)
            }
            if let opened, MessageCommands.signsMessage(opened.bytes, arguments) {
                return try MessageCommands.sign(opened, arguments, console)
            }
            var inputs = try PaymentOptions.read(arguments, console, opened: opened)
            if inputs.request.signsMessageAlone { try checkHasFile(arguments) }
            guard let keyPath = arguments.value(key) else {
                // The user did not give the option `--key`. This problem is reported together with all problems of the
                // request.
                let missing = Problem(UsageRule.missingValue, at: key.name, detail: "the payer's key")
                let others = inputs.refused(by: Review(inputs.request), arguments)
                throw ProblemList([missing] + others) ?? ProblemList(missing)
            }
            try Sandbox.seal()
            // The checks that do not use a secret come first, so that the user does not type a password for a request
            // that is then refused.
            let source = try KeyOptions.source(keyPath)
            try KeyOptions.check(source, arguments)
            inputs.take(try source.address)
            let review = Review(inputs.request)
            // The following text tells the user that the sandbox is on. The sandbox is certainly on, because otherwise
            // `Sandbox.seal()` would have thrown an error.
            show(
                "read as: \(inputs.request.subject.readAs)\n"
                    + review.text(
                        width: console.noteWidth, allChecks: arguments.has(PaymentOptions.verbose),
                        bold: console.showsColour)
                    + "sandbox      on: this process can open no connection\n\n", arguments, console)
            if let problems = ProblemList(inputs.refused(by: review, arguments)) { throw problems }
            guard let reviewed = review.payment else { throw Problem(InternalRule.unexpected) }
            if let path = arguments.value(output) {
                // If the output file cannot be created or must not be replaced, the command fails here, before the user
                // is asked to confirm the payment and before the ledger is changed.
                try OutputFile.check(path, replacing: arguments.has(force), identical: reviewed.isRecorded)
            }
            let consented = try consent(arguments, reviewed, console)
            let key = try KeyOptions.open(source, arguments, console)
            // The address in the key file is verified only when the key is unlocked. Therefore the payment is reviewed
            // a second time, now with the address of the unlocked key.
            inputs.take(key.address)
            if let problems = ProblemList(Review(inputs.request).problems) { throw problems }
            let payment = try consented.sign(with: key.secret, recordingIn: inputs.ledger)
            // The key is wiped from memory before the output is written, because the output can be a QR code that is
            // shown for minutes.
            _ = consume key
            return try put(payment, arguments, console)
        }
    }

    /// Throws if the output options do not suit a permit. A permit has no raw transaction, so the output must be a
    /// payment file, JSON or a QR code.
    private static func checkHasFile(_ arguments: Arguments) throws(Problem) {
        let hint = "give -o or --json"
        if arguments.has(raw) {
            throw Problem(UsageRule.conflict, at: raw.name, detail: "a permit has no raw transaction", hint: hint)
        }
        if arguments.value(output) == nil, !arguments.has(.json), !QROutput.isAsked(arguments) {
            throw Problem(
                UsageRule.missingValue, at: output.name, detail: "a permit goes into a payment file", hint: hint)
        }
    }

    private static func consent(
        _ arguments: Arguments, _ payment: ReviewedPayment, _ console: Console
    ) throws -> ConsentedPayment {
        if arguments.has(yes) { return try .ofPolicy(for: payment) }
        return try .typed(console.consent([payment.question], payment.prompt), for: payment)
    }

    /// Shows a review on standard error. If the user must confirm the payment and standard error is redirected, the
    /// review is also shown at the terminal.
    static func show(_ review: String, _ arguments: Arguments, _ console: Console) {
        if arguments.has(yes) { console.note(review) } else { console.present(review) }
    }

    /// Writes the payment to all outputs. If the user gave an output file, it is written first, so that nothing is
    /// printed before it is saved.
    private static func put(
        _ payment: Payment, _ arguments: Arguments, _ console: Console
    ) throws -> ExitCode {
        let path = arguments.value(output)
        let document = Array((payment.json.text + "\n").utf8)
        if let path {
            _ = try OutputFile.write(document.span, to: path, replacing: arguments.has(force))
        }
        // If the QR code cannot be drawn, the error is reported at the end, so that the payment is still written to all
        // other outputs.
        var problems: [Problem] = []
        let drawing = problems.collect { try QROutput.make(of: document, arguments, console) } ?? nil
        if arguments.has(.json) {
            try console.write(Console.document(problems, beside: [("payment", payment.json)]))
        } else if arguments.has(raw) || path == nil {
            for raw in payment.transactions.compactMap(\.raw) { try console.write(Hex.encode(raw) + "\n") }
        } else if let path, path != "-" {
            for transaction in payment.transactions {
                try console.write("\(transaction.role.rawValue) \(transaction.nonce) \(transaction.hash)\n")
            }
            let file = escaped(path, limit: 4096)
            console.note("airlock: wrote \(file); next, online: airlock-relay send \(file)\n")
        }
        // The QR code is drawn last, because any output after it could scroll it off the screen.
        drawing?.show(console)
        return try end(problems, arguments)
    }

    /// Finishes a command whose output was already written. If there are no problems, returns the exit code for
    /// success. If there are problems and the user did not give `--json`, throws them. With `--json` the output already
    /// contains the problems, so this function returns the exit code of the first problem.
    static func end(_ problems: [Problem], _ arguments: Arguments) throws -> ExitCode {
        guard let all = ProblemList(problems) else { return .done }
        guard arguments.has(.json) else { throw all }
        return all.problems[0].exit
    }
}

extension Console {
    /// Shows all questions together at the terminal, and returns the user's answer, which applies to all of them. If
    /// the terminal is closed, returns an empty string, which counts as a refusal.
    func consent(_ questions: [String], _ prompt: String) throws -> String {
        guard hasTerminal else { throw Problem(SigningRule.nobodyToAsk) }
        // The questions are wrapped to the width of the terminal, which is read from standard error. If standard error
        // is not a terminal, the width is unknown, and 80 columns are assumed.
        let width = noteWidth == .max ? 80 : noteWidth
        let lines = questions.flatMap { wrapped($0, width: width) }
        if lines.count == 1, lines[0].count + 1 + prompt.count <= width {
            return try ask("\(lines[0]) \(prompt)") ?? ""
        }
        return try ask(lines.map { $0 + "\n" }.joined() + prompt) ?? ""
    }
}
