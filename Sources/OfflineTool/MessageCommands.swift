import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockQRCodes
import AirlockKeys
import AirlockMessages
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequestKinds
import AirlockRequests
import AirlockSafes
import AirlockSandbox
import AirlockSigning
import AirlockStrictJSON
import AirlockUR

/// `sign`, `review` and `verify` for messages. A message is typed data (EIP-712) or plain text (EIP-191).
enum MessageCommands {
    /// Reads the file that the operand names. Returns `nil` if the operand is not the path of a file, or if the file
    /// cannot be read. If the file cannot be read, the command later tries to read it again, and then reports the
    /// error.
    static func open(_ arguments: Arguments) -> InputFile? {
        guard let operand = arguments.operand(0), !RequestKinds.isRequest(operand), !URText.begins(operand),
            !Folder.isFolder(operand)
        else {
            return nil
        }
        return try? InputFile.read(operand)
    }

    /// Whether a file contains a message. Returns `false` for a text that may be a mnemonic, so that a mnemonic is
    /// never shown as a message.
    static func isMessage(_ bytes: [UInt8]) -> Bool {
        if SafeOptions.isSafe(bytes) { return true }
        guard SignableMessage.recognises(bytes) else { return false }
        let isText = (try? JSONDocument(bytes)) == nil
        return !isText || !MnemonicWords.make(up: String(decoding: bytes, as: UTF8.self))
    }

    /// Whether the key signs the content of the file as a message. Returns `false` if the file is a Safe transaction
    /// that the user wants to approve on the chain. For such an approval the key signs a transaction and not a message.
    static func signsMessage(_ bytes: [UInt8], _ arguments: Arguments) -> Bool {
        isMessage(bytes) && !SafeOptions.approvesOnChain(bytes, arguments)
    }

    /// The options that apply to transactions only. They are refused for messages.
    private static var useless: [Option] {
        PaymentOptions.single.filter {
            ![PaymentOptions.chain, PaymentOptions.replace].map(\.name).contains($0.name)
                && !(SafeOptions.all + SafeOptions.approving).map(\.name).contains($0.name)
        } + [PaymentOptions.approve, PaymentOptions.rungs, PaymentOptions.cancel]
    }

    static func review(_ file: InputFile, _ arguments: Arguments, _ console: Console) throws -> ExitCode {
        let (asked, _) = try read(file, arguments, console)
        let (request, review) = (asked.request, try asked.review)
        let problems = review.problems.map { $0.inFile(file.path) }
        if arguments.has(.json) {
            try console.write(Console.document(problems, beside: [("review", review.json(\.json))]))
        } else {
            console.note(readAs: request.message.readAs)
            try console.write(review.text(width: console.width, allChecks: arguments.has(PaymentOptions.verbose)))
        }
        return try PaymentCommands.end(problems, arguments)
    }

    static func sign(_ file: InputFile, _ arguments: Arguments, _ console: Console) throws -> ExitCode {
        var (asked, ledger) = try read(file, arguments, console)
        guard let keyPath = arguments.value(PaymentCommands.key) else {
            let missing = Problem(UsageRule.missingValue, at: PaymentCommands.key.name, detail: "the signer's key")
            let others = try asked.review.problems.map { $0.inFile(file.path) }
            throw ProblemList([missing] + others) ?? ProblemList(missing)
        }
        try Sandbox.seal()
        let source = try KeyOptions.source(keyPath)
        try KeyOptions.check(source, arguments)
        asked.request.key = try source.address
        asked.request.ledger = try ledger.read(for: asked.request.key ?? asked.request.message.terms?.owner)
        let review = try asked.review
        PaymentCommands.show(
            "read as: \(asked.request.message.readAs)\n"
                + review.text(
                    width: console.noteWidth, allChecks: arguments.has(PaymentOptions.verbose),
                    bold: console.showsColour)
                + "sandbox      on: this process can open no connection\n\n", arguments, console)
        if let problems = ProblemList(review.problems.map { $0.inFile(file.path) }) { throw problems }
        guard let reviewed = review.reviewed else { throw Problem(InternalRule.unexpected) }
        if let path = arguments.value(PaymentCommands.output) {
            try OutputFile.check(
                path, replacing: arguments.has(PaymentCommands.force), identical: reviewed.isRecorded)
        }
        let consented = try consent(reviewed, arguments, console)
        let key = try KeyOptions.open(source, arguments, console)
        // The address in the key file is verified only when the key is unlocked. Therefore the message is reviewed a
        // second time, now with the address of the unlocked key.
        asked.request.key = key.address
        asked.request.ledger = try ledger.read(for: key.address)
        if let problems = ProblemList(try asked.review.problems.map { $0.inFile(file.path) }) { throw problems }
        let signed = try consented.sign(with: key.secret, recordingIn: ledger)
        _ = consume key
        return try put(signed, arguments, console)
    }

    static func consent(
        _ message: ReviewedMessage, _ arguments: Arguments, _ console: Console
    ) throws -> ConsentedMessage {
        if arguments.has(PaymentCommands.yes) { return try .ofPolicy(for: message) }
        return try .typed(console.consent([message.question], message.prompt), for: message)
    }

    private static func put(_ signed: SignatureFile, _ arguments: Arguments, _ console: Console) throws -> ExitCode {
        let path = arguments.value(PaymentCommands.output)
        let document = Array((signed.json.text + "\n").utf8)
        if let path {
            _ = try OutputFile.write(
                document.span, to: path, replacing: arguments.has(PaymentCommands.force))
        }
        // If the QR code cannot be drawn, the error is reported at the end, so that the signature is still written to
        // all other outputs.
        var problems: [Problem] = []
        let drawing = problems.collect { try QROutput.make(of: document, arguments, console) } ?? nil
        if arguments.has(.json) {
            try console.write(Console.document(problems, beside: [("signature", signed.json)]))
        } else if arguments.has(PaymentCommands.raw) || path == nil {
            try console.write(Hex.encode(signed.signature) + "\n")
        } else if let path, path != "-" {
            try console.write("\(signed.request) \(signed.digest)\n")
            console.note("airlock: wrote \(escaped(path, limit: 4096))\n")
        }
        drawing?.show(console)
        return try PaymentCommands.end(problems, arguments)
    }

    /// What the user asked to sign. If `approval` is `nil`, the key signs the message in `request`. If `approval` is
    /// not `nil`, `request` contains the transaction of a Safe. `approval` is then the transaction by which a second
    /// Safe, as an owner of the first Safe, approves this transaction. The key signs only `approval`.
    struct Asked {
        var request: MessageRequest
        var approval: SafeProposal?

        var review: MessageReview {
            get throws {
                guard let approval else { return MessageReview(request) }
                var parent = request
                let isOfParent = request.replace.map(request.replaces) ?? true
                if !isOfParent { parent.replace = nil }
                return MessageReview(
                    try MessageRequest(
                        approval, approving: MessageReview(parent), replace: isOfParent ? nil : request.replace))
            }
        }
    }

    /// Reads the message and the options of the command. Throws all problems of this input together.
    private static func read(
        _ file: InputFile, _ arguments: Arguments, _ console: Console
    ) throws -> (Asked, LedgerFile) {
        try read(file.bytes, in: file.path, arguments, console)
    }

    static func read(
        _ bytes: [UInt8], in path: String, _ arguments: Arguments, _ console: Console
    ) throws -> (Asked, LedgerFile) {
        // A file that is not JSON would be signed as a text message. If the user gives conditions, it may be a table of
        // payments, because a text has no conditions. So the hint names the command for a table.
        let isText = (try? JSONDocument(bytes)) == nil
        let hint = isText ? "leave the option out; for a table of payments: airlock request payroll FILE" : nil
        var problems = useless.filter(arguments.has).map {
            Problem(RequestRule.argumentUnused, at: $0.name, detail: "a message is not a transaction", hint: hint)
        }
        problems += SafeOptions.conflicts(arguments)
        var files: [InputFile] = []
        let policy = problems.collect { try PaymentOptions.readPolicy(arguments, &files) }
        let message = policy.flatMap { policy in
            problems.collect { try readMessage(bytes, in: path, policy, arguments) }
        }
        if !SafeOptions.isSafe(bytes) { problems += SafeOptions.unusedOfMessage(arguments) }
        let approval = problems.collect {
            try message.flatMap { message in
                try policy.flatMap { try SafeOptions.approval(of: message, $0, arguments) }
            }
        }
        let ledger = problems.collect { try LedgerOptions.file(arguments, console) }
        let signed = problems.collect { try ledger?.read(for: message?.terms?.owner) }
        let clock = PaymentOptions.machineTime
        let now = problems.collect { try PaymentOptions.readNow(arguments) ?? clock }
        let chain = arguments.value(PaymentOptions.chain, { try Chain($0) }, into: &problems)
        let replace = arguments.value(PaymentOptions.replace, { try Hash(hex: $0) }, into: &problems)
        if let message, let policy, message.typedData == nil, !policy.allowsTexts {
            // The error must not quote the file. The user may have named the wrong file, and this file may contain a
            // secret.
            problems.append(
                Problem(
                    MessageRule.textNotAllowed, at: path, saw: policy.origin,
                    expected: "a policy with \"text\":true"))
        }
        if let all = ProblemList(problems) { throw all }
        guard let message, let policy, let ledger, let now else { throw Problem(InternalRule.unexpected) }
        var request = MessageRequest(message, now: now, clock: clock, policy: policy)
        request.chain = chain
        request.replace = replace
        request.ledger = signed.flatMap(\.self)
        request.machineTime = { PaymentOptions.machineTime }
        request.descriptors = try DescribeCommand.folder(arguments, policy: policy, at: now)
        let owner = approval.flatMap(\.self)
        request.ownerSafe = owner?.domain.safe
        return (Asked(request: request, approval: owner), ledger)
    }

    /// Reads typed data or plain text. Refuses a text that may be a mnemonic, and does not show this text.
    static func message(_ bytes: [UInt8]) throws -> SignableMessage {
        let message = try SignableMessage(bytes)
        if case .text(let text) = message.content, MnemonicWords.areHidden(in: text.text) {
            throw Problem(MessageRule.mnemonic)
        }
        return message
    }

    static func readMessage(
        _ bytes: [UInt8], in path: String, _ policy: Policy, _ arguments: Arguments, of safe: Address? = nil
    ) throws -> SignableMessage {
        let isSafe = SafeOptions.isSafe(bytes)
        let given = isSafe ? nil : try SafeOptions.given(arguments)
        do {
            if isSafe { return try SafeOptions.read(bytes, policy, arguments) }
            let message = try message(bytes)
            guard let safe = given?.safe ?? safe else { return message }
            return try SignableMessage(message, of: safe, given ?? .init(), listed: policy.safes)
        } catch let error as any RuleBroken {
            let problems = error.problems.map { problem in
                problem.field.map(\.isEmpty) ?? true ? problem.at(path) : problem.inFile(path)
            }
            throw ProblemList(problems) ?? ProblemList(error)
        }
    }

    // MARK: Verify

    private static func chain(_ arguments: Arguments) throws -> Chain? {
        var problems: [Problem] = []
        let chain = arguments.value(PaymentOptions.chain, { try Chain($0) }, into: &problems)
        if let all = ProblemList(problems) { throw all }
        return chain
    }

    /// Reads the message that must have been signed. Throws if the user gave another chain than that of the message.
    static func readSigned(
        _ bytes: [UInt8], in path: String, _ policy: Policy, _ arguments: Arguments, of safe: Address? = nil
    ) throws -> SignableMessage {
        let message = try readMessage(bytes, in: path, policy, arguments, of: safe)
        if let problem = try message.problem(with: chain(arguments)) { throw problem }
        return message
    }

    /// Checks the form, the chain and the deadline of a message, and whether the policy allows it. This check needs no
    /// key and no ledger.
    static func verify(
        _ message: SignableMessage, _ policy: Policy, _ now: Timestamp, _ arguments: Arguments
    ) throws -> [Check] {
        if message.typedData == nil, !policy.allowsTexts {
            throw Problem(MessageRule.textNotAllowed, saw: policy.origin, expected: "a policy with \"text\":true")
        }
        var request = MessageRequest(message, now: now, policy: policy)
        request.chain = try chain(arguments)
        return MessageReview(request, withLedger: false).checks
    }
}
