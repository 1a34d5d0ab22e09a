import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockKeys
import AirlockMessages
import AirlockPaymentFiles
import AirlockQRCodes
import AirlockRequestKinds
import AirlockRequests
import AirlockSandbox
import AirlockSecp256k1
import AirlockSigning
import AirlockStrictJSON
import AirlockTransactions
import AirlockUR

/// `sign` and `review` for a request from a wallet (ERC-4527). The request is checked like any other request. The
/// answer to the wallet contains only a signature.
enum WalletCommands {
    /// A request from a wallet. It contains a transaction or a message.
    struct Request {
        let wallet: EthSignRequest
        let content: Content
        /// The source of the request, for error messages: the path of the file, or `REQUEST` if the operand itself is
        /// the request.
        let place: String

        enum Content {
            /// The transaction to sign. The key signs it exactly as the wallet sent it.
            case transaction(UnsignedTransaction)
            case message([UInt8])
        }
    }

    /// Reads a wallet's request. The operand can be the request itself or the path of a file that contains it. Returns
    /// `nil` if the operand is neither.
    static func read(_ arguments: Arguments, _ opened: InputFile?) throws -> Request? {
        guard let operand = arguments.operand(0) else { return nil }
        if URText.begins(operand) { return try read(operand, in: "REQUEST") }
        guard let opened, URText.begins(String(decoding: opened.bytes.prefix(3), as: UTF8.self)) else { return nil }
        var text = String(decoding: opened.bytes, as: UTF8.self)
        while text.last?.isNewline ?? false { text.removeLast() }
        return try read(text, in: opened.path)
    }

    private static func read(_ text: String, in place: String) throws -> Request {
        do {
            let wallet = try EthSignRequest(UR(text))
            return Request(wallet: wallet, content: try content(of: wallet), place: place)
        } catch let broken as any RuleBroken {
            // The error message names the source of the request, followed by the name of the wrong ERC-4527 field.
            throw ProblemList(broken.problems.map { $0.at($0.field.map { "\(place)#\($0)" } ?? place) })
                ?? ProblemList(broken)
        }
    }

    private static func content(of request: EthSignRequest) throws -> Request.Content {
        switch request.dataType {
        case .message, .typedData:
            // The data to sign must have the type that the wallet's request states. Without this check, a wallet could
            // tell its user that the data is plain text, and the key would sign a permit or a Safe transaction.
            let root = (try? JSONDocument(request.signData))?.root
            let isTypedData =
                root.map { $0["types"] != nil && $0["primaryType"] != nil && $0["airlock"] == nil } ?? false
            guard request.dataType == .typedData ? isTypedData : root?.kind != .object else {
                throw Problem(
                    WalletRule.otherDataType, at: "data-type", saw: "\(request.dataType.rawValue)",
                    expected: isTypedData ? "2" : "another request: this is neither a text nor typed data")
            }
            return .message(request.signData)
        case .legacyTransaction, .typedTransaction:
            let transaction = try UnsignedTransaction(encoded: request.signData)
            guard (transaction.type == 0) == (request.dataType == .legacyTransaction) else {
                throw Problem(
                    WalletRule.otherDataType, at: "data-type", saw: "\(request.dataType.rawValue)",
                    expected: transaction.type == 0 ? "1" : "4")
            }
            let chain = request.chainID ?? 1
            guard transaction.chainID == chain else {
                throw Problem(
                    WalletRule.otherChain, at: "chain-id", saw: "\(chain)",
                    expected: transaction.chainID.map { "\($0), as the transaction says" }
                        ?? "a transaction that names it")
            }
            return .transaction(transaction)
        }
    }

    /// Refuses the options that do not apply to a wallet's request. The request determines the content to sign and the
    /// key, and the answer is a signature and not a raw transaction.
    private static func checkOptions(_ arguments: Arguments) throws(ProblemList) {
        let useless =
            [
                PaymentOptions.approve, PaymentOptions.rungs, PaymentOptions.cancel, PaymentCommands.raw,
                KeyOptions.path,
                KeyOptions.passwordFile,
            ] + SafeOptions.all + SafeOptions.approving
        let problems = useless.filter(arguments.has).map {
            Problem(
                UsageRule.conflict, at: $0.name, detail: "a wallet's request determines the content and the key")
        }
        if let all = ProblemList(problems) { throw all }
    }

    // MARK: Review

    static func review(_ request: Request, _ arguments: Arguments, _ console: Console) throws -> ExitCode {
        try checkOptions(arguments)
        switch request.content {
        case .transaction(let transaction):
            var inputs = try inputs(transaction, request, arguments, console)
            inputs.request.key = request.wallet.address
            let review = Review(inputs.request)
            if arguments.has(.json) {
                try console.write(Console.document(review.problems, beside: [("review", review.json(\.json))]))
            } else {
                note(request, review.request.subject.readAs, console)
                try console.write(review.text(width: console.width, allChecks: arguments.has(PaymentOptions.verbose)))
            }
            return try PaymentCommands.end(review.problems, arguments)
        case .message(let bytes):
            var (asked, _) = try MessageCommands.read(bytes, in: request.place, arguments, console)
            try requireChain(asked.request.message.chain, request)
            asked.request.key = request.wallet.address
            let review = try asked.review
            if arguments.has(.json) {
                try console.write(Console.document(review.problems, beside: [("review", review.json(\.json))]))
            } else {
                note(request, asked.request.message.readAs, console)
                try console.write(review.text(width: console.width, allChecks: arguments.has(PaymentOptions.verbose)))
            }
            return try PaymentCommands.end(review.problems, arguments)
        }
    }

    private static func origin(_ request: Request) -> String {
        // The wallet's name in the request is not verified. A wallet can claim any name.
        request.wallet.origin.map { ", which names itself \(escaped($0, limit: 40)) (not verified)" } ?? ""
    }

    private static func note(_ request: Request, _ kind: String, _ console: Console) {
        console.note("read as: request of a wallet\(origin(request)): \(kind)\n")
    }

    // MARK: Sign

    static func sign(_ request: Request, _ arguments: Arguments, _ console: Console) throws -> ExitCode {
        try checkOptions(arguments)
        guard let keyPath = arguments.value(PaymentCommands.key) else {
            throw Problem(UsageRule.missingValue, at: PaymentCommands.key.name, detail: "the account's key")
        }
        let path = try ShownAccounts().path(of: request.wallet)
        try Sandbox.seal()
        let source = try KeyOptions.source(keyPath)
        guard case .mnemonic = source.form else { throw Problem(WalletRule.noMnemonic, at: PaymentCommands.key.name) }
        // A wallet's request may lack the signer's address, and a mnemonic does not contain it. Therefore the key must
        // be unlocked to get the address.
        let key = try KeyOptions.open(source, at: path, arguments, console)
        guard key.sourceFingerprint == request.wallet.path.sourceFingerprint else {
            throw Problem(
                WalletRule.otherKey, at: PaymentCommands.key.name,
                saw: key.sourceFingerprint.map(ShownAccounts.text),
                expected: request.wallet.path.sourceFingerprint.map(ShownAccounts.text))
        }
        if let address = request.wallet.address, address != key.address {
            throw Problem(
                WalletRule.otherAddress, at: "\(request.place)#address", saw: "\(address)", expected: "\(key.address)")
        }
        let signature =
            switch request.content {
            case .transaction(let transaction): try sign(transaction, with: key, request, arguments, console)
            case .message(let bytes): try sign(bytes, with: key, request, arguments, console)
            }
        _ = consume key
        let answer = try EthSignature(id: request.wallet.id, signature: signature, origin: "airlock")
        return try put(answer.ur, signature, arguments, console)
    }

    private static func inputs(
        _ transaction: UnsignedTransaction, _ request: Request, _ arguments: Arguments, _ console: Console
    ) throws -> PaymentOptions.Inputs {
        let subject = try RequestKinds.read(Array(Hex.encode(request.wallet.signData).utf8))
        var inputs = try PaymentOptions.read(arguments, console, subject: subject)
        inputs.request.exact = transaction
        return inputs
    }

    private static func sign(
        _ transaction: UnsignedTransaction, with key: borrowing KeyFile, _ request: Request, _ arguments: Arguments,
        _ console: Console
    ) throws -> [UInt8] {
        var inputs = try inputs(transaction, request, arguments, console)
        inputs.request.key = key.address
        inputs.request.ledger = try inputs.ledger.read(for: key.address)
        let review = Review(inputs.request)
        show(request, review.request.subject.readAs, arguments, console) {
            review.text(width: $0, allChecks: $1, bold: $2)
        }
        if let problems = ProblemList(review.problems) { throw problems }
        guard let reviewed = review.payment else { throw Problem(InternalRule.unexpected) }
        try checkOutput(arguments, isRecorded: reviewed.isRecorded)
        let consented: ConsentedPayment =
            try arguments.has(PaymentCommands.yes)
            ? .ofPolicy(for: reviewed) : .typed(console.consent([reviewed.question], reviewed.prompt), for: reviewed)
        let payment = try consented.sign(with: key.secret, recordingIn: inputs.ledger)
        guard payment.transactions.count == 1, let raw = payment.transactions[0].raw else {
            throw Problem(InternalRule.unexpected)
        }
        let signed = try SignedTransaction(raw: raw)
        guard signed.transaction == transaction else { throw Problem(InternalRule.unexpected) }
        return rAndS(signed.signature) + recovery(signed.signature.yParity, of: transaction)
    }

    private static func sign(
        _ bytes: [UInt8], with key: borrowing KeyFile, _ request: Request, _ arguments: Arguments, _ console: Console
    ) throws -> [UInt8] {
        var (asked, ledger) = try MessageCommands.read(bytes, in: request.place, arguments, console)
        try requireChain(asked.request.message.chain, request)
        asked.request.key = key.address
        asked.request.ledger = try ledger.read(for: key.address)
        let review = try asked.review
        show(request, asked.request.message.readAs, arguments, console) {
            review.text(width: $0, allChecks: $1, bold: $2)
        }
        if let problems = ProblemList(review.problems) { throw problems }
        guard let reviewed = review.reviewed else { throw Problem(InternalRule.unexpected) }
        try checkOutput(arguments, isRecorded: reviewed.isRecorded)
        let consented = try MessageCommands.consent(reviewed, arguments, console)
        // The signature consists of r, s and v. The value of v is 27 or 28.
        return try consented.sign(with: key.secret, recordingIn: ledger).signature
    }

    /// Throws if the output file cannot be written. Must be called before the user is asked to confirm and before the
    /// ledger is changed.
    private static func checkOutput(_ arguments: Arguments, isRecorded: Bool) throws {
        guard let file = arguments.value(PaymentCommands.output) else { return }
        try OutputFile.check(file, replacing: arguments.has(PaymentCommands.force), identical: isRecorded)
    }

    /// Throws if the message and the wallet's request name different chains.
    private static func requireChain(_ chain: Chain?, _ request: Request) throws(Problem) {
        guard let chain, let claimed = request.wallet.chainID, claimed != chain.id else { return }
        throw Problem(
            WalletRule.otherChain, at: "\(request.place)#chain-id", saw: "\(claimed)",
            expected: "\(chain.id), as the message says")
    }

    private static func show(
        _ request: Request, _ kind: String, _ arguments: Arguments, _ console: Console,
        _ text: (_ width: Int, _ allChecks: Bool, _ bold: Bool) -> String
    ) {
        let review = text(console.noteWidth, arguments.has(PaymentOptions.verbose), console.showsColour)
        PaymentCommands.show(
            "read as: request of a wallet\(origin(request)): \(kind)\n" + review
                + "sandbox      on: this process can open no connection\n\n", arguments, console)
    }

    private static func rAndS(_ signature: Signature) -> [UInt8] { signature.r.bytes + signature.s.bytes }

    /// Computes v as wallets expect it in a signed transaction. For a typed transaction, and for a legacy transaction
    /// without a chain ID, v is the parity of y. For a legacy transaction with a chain ID, v is computed according to
    /// EIP-155. This value is longer than one byte if the chain ID is large.
    private static func recovery(_ yParity: UInt8, of transaction: UnsignedTransaction) -> [UInt8] {
        guard transaction.type == 0, let chain = transaction.chainID else { return [yParity] }
        let v = UInt128(chain) * 2 + 35 + UInt128(yParity)
        let bytes = stride(from: 120, through: 0, by: -8).map { UInt8(truncatingIfNeeded: v >> UInt128($0)) }
        return Array(bytes.drop { $0 == 0 })
    }

    private static func put(
        _ ur: UR, _ signature: [UInt8], _ arguments: Arguments, _ console: Console
    ) throws -> ExitCode {
        let path = arguments.value(PaymentCommands.output)
        if let path {
            _ = try OutputFile.write(
                Array((ur.text + "\n").utf8).span, to: path, replacing: arguments.has(PaymentCommands.force))
        }
        var problems: [Problem] = []
        let drawing = problems.collect { try QROutput.make(of: ur, arguments, console) } ?? nil
        if arguments.has(.json) {
            try console.write(
                Console.document(
                    problems, beside: [("ur", .string(ur.text)), ("signature", .string(Hex.encode(signature)))]))
        } else if path == nil {
            try console.write(ur.text + "\n")
        } else if let path, path != "-" {
            console.note("airlock: wrote \(escaped(path, limit: 4096)): show it to the wallet\n")
        }
        drawing?.show(console)
        return try PaymentCommands.end(problems, arguments)
    }
}

/// The error codes for requests from wallets.
enum WalletRule: String, Advised {
    case noMnemonic = "wallet.no-mnemonic"
    case noFingerprint = "wallet.no-fingerprint"
    case neverShown = "wallet.account-never-shown"
    case otherPath = "wallet.path-not-shown"
    case otherKey = "wallet.other-key"
    case otherAddress = "wallet.other-address"
    case otherChain = "wallet.other-chain"
    case otherDataType = "wallet.other-data-type"

    var meaning: String {
        switch self {
        case .noMnemonic: "a wallet's accounts come from a mnemonic, but the key file holds none"
        case .noFingerprint: "the request does not say which key must sign it"
        case .neverShown: "no account of this key was ever shown to a wallet"
        case .otherPath: "the request is for a key that belongs to none of the accounts that were shown"
        case .otherKey: "the request is not for the key in the file"
        case .otherAddress: "the address in the request is not that of the key at its path"
        case .otherChain: "the request and its content are for different chains"
        case .otherDataType: "the data to be signed does not have the type that the request states"
        }
    }

    var next: String {
        switch self {
        case .noMnemonic: "give a file with a mnemonic; with another kind of key sign a request file instead"
        case .noFingerprint: "connect the wallet again: scan what airlock account shows"
        case .neverShown, .otherPath: "if it is your wallet, show it the account first: airlock account -k KEY --qr"
        case .otherKey: "use the key whose account was shown to the wallet"
        case .otherAddress, .otherChain, .otherDataType:
            "do not sign: the wallet is wrong, or somebody altered the request"
        }
    }

    var exit: ExitCode {
        switch self {
        case .noMnemonic: .usage
        case .noFingerprint, .neverShown, .otherPath, .otherKey, .otherAddress, .otherChain, .otherDataType: .refused
        }
    }
}
