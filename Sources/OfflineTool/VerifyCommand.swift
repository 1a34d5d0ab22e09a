import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockPaymentFiles
import AirlockPolicies
import AirlockSafes
import AirlockDiagnostics
import AirlockMessages
import AirlockRequestKinds
import AirlockRequests
import AirlockSigning
import AirlockStrictJSON

/// `verify`: checks a request, a signed payment, a signature or evidence. Needs no key.
enum VerifyCommand {
    private static let request = Option(
        "--request", value: "FILE", help: "the message or Safe transaction that must have been signed")

    /// Reads a signature file, and verifies the signature. If the user gave a message with `--request`, the signature
    /// must be valid for this message. If the message is a Safe transaction, also throws the problems of this
    /// transaction. Returns `nil` if the file is not a signature file.
    private static func signature(
        _ bytes: [UInt8], _ operand: String, _ policy: Policy, _ arguments: Arguments
    ) throws -> SignatureFile? {
        guard let root = (try? JSONDocument(bytes))?.root, root["airlock"] != nil,
            root["kind"]?.string == SignatureFile.kind
        else { return nil }
        return try ProblemList.inFile(operand) { () throws -> SignatureFile? in
            let signed = try SignatureFile(bytes)
            try signed.verify()
            guard let path = arguments.value(request) else {
                try refuseSafeOptions(arguments)
                return signed
            }
            let asked = try InputFile.read(path).bytes
            try refuseSafeOptions(of: asked, arguments)
            let read = try MessageCommands.readSigned(
                asked, in: path, policy, arguments, of: signed.request == "message" ? signed.safe : nil)
            let approval = try SafeOptions.approval(of: read, policy, arguments)
            try refuse((read.safe?.problems ?? []) + (approval?.problems ?? []), in: path, policy)
            let message = try approval.map { try SignableMessage($0) } ?? read
            guard message.digest == signed.digest else {
                throw Problem(
                    MessageRule.otherDigest, at: "/digest", saw: "\(signed.digest)", expected: "\(message.digest)")
            }
            func shown(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "none" }
            let members: [(field: String, saw: String, expected: String)] = [
                ("/request", signed.request, message.kind),
                ("/chainId", shown(signed.chain), shown(message.chain)),
                ("/safe", shown(signed.safe), shown(message.ofSafe?.safe)),
                ("/nonce", shown(signed.safeNonce), shown(message.safe?.transaction.nonce)),
            ]
            let differences = members.filter { $0.saw != $0.expected }.map {
                Problem(MessageRule.otherDigest, at: $0.field, saw: $0.saw, expected: $0.expected)
            }
            if let all = ProblemList(differences) { throw all }
            if let owners = message.safeRules?.owners, owners[signed.signer] == nil {
                throw Problem(
                    SafeRule.notOwner, at: "/signer", saw: "\(signed.signer)",
                    expected: owners.keys.map(\.description).sorted().joined(separator: ", "))
            }
            return signed
        }
    }

    /// Refuses a Safe transaction that has problems. If the user gave no policy, problems that only a policy could
    /// resolve are ignored. So a signature can be compared with its transaction on a machine that has no policy.
    private static func refuse(_ problems: [Problem], in path: String, _ policy: Policy) throws {
        let counted = problems.filter { !policy.isBuiltIn || !($0.rule is SafePolicyRule) }
        if let all = ProblemList(counted.map { $0.inFile(path) }) { throw all }
    }

    /// Refuses the options about Safes. Call this if there is no message to which they could apply.
    private static func refuseSafeOptions(_ arguments: Arguments) throws {
        let detail = "there is no Safe transaction to compare with: give \(request.name)"
        if let all = ProblemList(SafeOptions.unused(arguments, because: detail)) { throw all }
    }

    /// Refuses the options about Safes that have no effect on this message.
    private static func refuseSafeOptions(of message: [UInt8], _ arguments: Arguments) throws {
        guard !SafeOptions.isSafe(message) else { return }
        if let all = ProblemList(SafeOptions.unusedOfMessage(arguments)) { throw all }
    }

    private static func end(_ signed: SignatureFile, _ arguments: Arguments, _ console: Console) throws -> ExitCode {
        let kind = signed.safeNonce == nil ? "message" : "Safe transaction"
        let checks = [
            Check(.signature, findings: ["\(signed.signer) signed \(signed.digest)"]),
            arguments.has(request)
                ? Check(.request, "message", findings: ["that is the digest of the \(kind)"])
                : Check(.request, "message", findings: [], warnings: ["--request FILE compares it with a message"]),
        ]
        if arguments.has(.json) {
            try console.write([
                "ok": true, "kind": .string(SignatureFile.kind), "code": .string(signed.code),
                "digest": .string("\(signed.digest)"), "signer": .string("\(signed.signer)"),
                "checks": .array(checks.map { $0.json(\.json) }),
            ])
        } else {
            try console.write("code \(signed.code)\n")
            for check in checks { try console.write(check.text(width: console.width)) }
        }
        return .done
    }

    static func make(_ console: Console) -> Command {
        Command(
            "verify",
            "check a request, a signed payment, a signature or evidence, without a key",
            operands: ["REQUEST | PAYMENT | SIGNATURE | FOLDER"],
            options: PaymentOptions.judging + [request, PaymentOptions.chain] + SafeOptions.all
                + SafeOptions.approving + [EvidenceCommand.knownHead],
            notes: """
                With a signature, --request FILE names the message or the Safe transaction that must
                have been signed. With a payment that approves a hash, it names the Safe transaction
                that must have this hash. With --approve-hash, --owner-safe and --safe-nonce the
                signature must be the approval by a Safe that owns the other.

                FOLDER was made by airlock evidence. Everything in it is checked again from its
                files alone, and the output names what can only be believed. --head names an entry
                of the ledger that you know from elsewhere.
                """
        ) { arguments in
            if Folder.isFolder(arguments.operands[0]) {
                let unused =
                    PaymentOptions.judging + [request, PaymentOptions.chain] + SafeOptions.all + SafeOptions.approving
                if let all = ProblemList(
                    unused.filter(arguments.has).map {
                        Problem(RequestRule.argumentUnused, at: $0.name, detail: "the folder has all that is needed")
                    })
                {
                    throw all
                }
                return try EvidenceCommand.verify(arguments.operands[0], arguments, console)
            }
            if let saw = arguments.value(EvidenceCommand.knownHead) {
                throw Problem(
                    RequestRule.argumentUnused, at: EvidenceCommand.knownHead.name, saw: saw,
                    detail: "this is not a folder of evidence")
            }
            var problems: [Problem] = []
            var files: [InputFile] = []
            let policy = problems.collect { try PaymentOptions.readPolicy(arguments, &files) }
            let now = problems.collect {
                try PaymentOptions.readNow(arguments) ?? PaymentOptions.machineTime
            }
            let operand = arguments.operands[0]
            let bytes = problems.collect {
                RequestKinds.isRequest(operand) ? Array(operand.utf8) : try InputFile.read(operand).bytes
            }
            if let all = ProblemList(problems) { throw all }
            guard let policy, let now, let bytes else { throw Problem(InternalRule.unexpected) }
            if let signed = try signature(bytes, operand, policy, arguments) {
                return try end(signed, arguments, console)
            }
            if let path = arguments.value(request), MessageCommands.isMessage(bytes) {
                throw Problem(
                    RequestRule.argumentUnused, at: request.name, saw: path, detail: "this is not a signature")
            }
            if MessageCommands.isMessage(bytes), !RequestKinds.isRequest(operand) {
                try refuseSafeOptions(of: bytes, arguments)
                let message = try MessageCommands.readMessage(bytes, in: operand, policy, arguments)
                let checks = try MessageCommands.verify(message, policy, now, arguments)
                let problems = checks.flatMap(\.problems)
                if arguments.has(.json) {
                    let members: [(String, JSONOutput)] = [
                        ("kind", .string(message.kind)), ("readAs", .string(message.readAs)),
                        ("checks", .array(checks.map { $0.json(\.json) })),
                    ]
                    try console.write(Console.document(problems, beside: members))
                } else {
                    console.note(readAs: message.readAs)
                    for check in checks { try console.write(check.text(width: console.width)) }
                }
                return try PaymentCommands.end(problems, arguments)
            }
            try FileKind.require(.request, .payment, of: bytes, in: operand)
            var verification = try ProblemList.inFile(operand) {
                try Verification(bytes, policy: policy, now: now)
            }
            let useless =
                verification.approved == nil
                ? SafeOptions.unused(arguments)
                : arguments.has(request)
                    ? SafeOptions.approving.filter(arguments.has).map {
                        Problem(RequestRule.argumentUnused, at: $0.name, detail: "the payment is itself an approval")
                    } : []
            if let all = ProblemList(useless) { throw all }
            if verification.approved != nil, !arguments.has(request) { try refuseSafeOptions(arguments) }
            if let path = arguments.value(request) {
                guard let approved = verification.approved else {
                    throw Problem(
                        RequestRule.argumentUnused, at: request.name, saw: path, detail: "this is not a signature")
                }
                let message = try MessageCommands.readSigned(InputFile.read(path).bytes, in: path, policy, arguments)
                try refuse(message.safe?.problems ?? [], in: path, policy)
                guard message.digest == approved.hash, message.safe?.domain.safe == approved.safe,
                    message.chain == approved.chain
                else {
                    throw Problem(
                        SafeRule.unknownHash, at: operand, saw: "\(approved.hash) of \(approved.safe)",
                        expected: "\(message.digest)")
                }
                verification.checks.append(
                    Check(.request, "approval", findings: ["that is the hash of the Safe transaction"]))
            }
            if arguments.has(.json) {
                try console.write(Console.document(verification.problems, beside: verification.json(\.json)))
            } else {
                if let kind = verification.readAs { console.note(readAs: kind) }
                if let code = verification.code { try console.write("code \(code)\n") }
                if let sentence = verification.summary?.sentence {
                    for line in wrapped(onlyPrintable(sentence), width: console.width) {
                        try console.write(line + "\n")
                    }
                }
                for check in verification.checks { try console.write(check.text(width: console.width)) }
            }
            return try PaymentCommands.end(verification.problems, arguments)
        }
    }
}
