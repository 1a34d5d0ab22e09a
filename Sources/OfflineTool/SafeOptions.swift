import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockMessages
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequestKinds
import AirlockRequests
import AirlockSafes
import AirlockSigning
import AirlockStrictJSON

/// The options for a Safe transaction. They supply values that the transaction's file does not contain.
enum SafeOptions {
    private static let safe = Option(
        "--safe", value: "ADDRESS", help: "the Safe that executes the batch, or for which the message is signed")
    private static let nonce = Option("--safe-nonce", value: "N", help: "the Safe's nonce for a batch")
    private static let version = Option(
        "--safe-version", value: "VERSION", help: "the Safe's version, such as 1.4.1; must match the policy")
    private static let proof = Option(
        "--safe-proof", value: "FILE",
        help: "a proof of the Safe's owners, version, threshold and nonce; they must match the policy")
    private static let anyChecksum = Option(
        "--any-checksum", help: "only warn if the checksum of a batch is wrong")

    static let approveHash = Option(
        "--approve-hash", help: "approve a Safe transaction on chain, with a transaction of the owner's account")
    static let ownerSafe = Option(
        "--owner-safe", value: "ADDRESS",
        help: "with --approve-hash: approve as this Safe, which owns the other, with its nonce --safe-nonce")

    static let all = [safe, nonce, version, proof, anyChecksum]
    static let approving = [approveHash, ownerSafe]

    /// Returns a problem for each option about Safes that the user gave. Call this if the request is not a Safe
    /// transaction, because these options then have no effect.
    static func unused(
        _ arguments: Arguments, because detail: String = "this is not a Safe transaction"
    ) -> [Problem] {
        (all + approving).filter(arguments.has).map {
            Problem(RequestRule.argumentUnused, at: $0.name, detail: detail)
        }
    }

    /// Returns a problem for each option about Safes that has no effect on a message. Call this if the request is a
    /// message. If the user gave `--safe`, the Safe signs the message, so `--safe` and `--safe-version` are allowed.
    /// Without `--safe`, no option about Safes is allowed.
    static func unusedOfMessage(_ arguments: Arguments) -> [Problem] {
        guard arguments.has(safe) else { return unused(arguments) }
        return unused(arguments).filter { ![safe.name, version.name].contains($0.field) }
    }

    /// Returns a problem for each option about Safes that the user gave. Call this if several requests are signed
    /// together, because a Safe transaction must be signed alone.
    static func alone(_ arguments: Arguments) -> [Problem] {
        (all + approving).filter(arguments.has).map {
            Problem(UsageRule.conflict, at: $0.name, detail: "a Safe transaction is signed on its own")
        }
    }

    /// Returns a problem if the user gave `--owner-safe` without `--approve-hash`.
    static func conflicts(_ arguments: Arguments) -> [Problem] {
        guard arguments.has(ownerSafe), !arguments.has(approveHash) else { return [] }
        return [
            Problem(
                UsageRule.conflict, at: ownerSafe.name, detail: "a Safe that owns another approves its transaction",
                hint: "give \(approveHash.name) too")
        ]
    }

    /// Whether the user wants the owner's account to send a transaction that approves the Safe transaction on the
    /// chain. If not, the owner signs the Safe transaction itself as a message.
    static func approvesOnChain(_ bytes: [UInt8], _ arguments: Arguments) -> Bool {
        arguments.has(approveHash) && !arguments.has(ownerSafe) && isSafe(bytes)
    }

    static func isSafe(_ bytes: [UInt8]) -> Bool {
        (try? JSONDocument(bytes)).map { SafeRequest.recognises($0.root) } ?? false
    }

    /// Reads the values of the options about a Safe transaction.
    static func given(_ arguments: Arguments) throws -> SafeProposal.Given {
        var problems: [Problem] = []
        var given = SafeProposal.Given()
        given.chain = arguments.value(PaymentOptions.chain, { try Chain($0) }, into: &problems)
        given.safe = arguments.value(safe, { try Address($0) }, into: &problems)
        // If the user gave `--owner-safe`, the option `--safe-nonce` gives the nonce of the owner Safe, which approves
        // the Safe transaction. Therefore its value is not used as the nonce of the Safe transaction in the file.
        let typed = arguments.value(nonce, Quantity.uint64, into: &problems)
        given.nonce = arguments.has(ownerSafe) ? nil : typed
        given.version = arguments.value(version, { try SafeVersion($0) }, into: &problems)
        given.proof = arguments.value(proof).flatMap { path in problems.collect { try readProof(path) } }
        given.takesAnyChecksum = arguments.has(anyChecksum)
        if let all = ProblemList(problems) { throw all }
        return given
    }

    private static func readProof(_ path: String) throws -> SafeProof {
        let bytes = try InputFile.read(path).bytes
        try FileKind.require(.safeProof, of: bytes, in: path)
        do throws(ProblemList) { return try SafeProof(bytes) } catch {
            throw ProblemList(error.problems.map { $0.field == nil ? $0.at(path) : $0.inFile(path) }) ?? error
        }
    }

    /// Reads a Safe transaction. Values about the Safe that the file does not contain come from the policy and the
    /// options. Refuses `--owner-safe` for a batch: `--safe-nonce` is then the nonce of the owner Safe, so no option
    /// gives the nonce of the batch.
    static func read(_ bytes: [UInt8], _ policy: Policy, _ arguments: Arguments) throws -> SignableMessage {
        let request = try SafeRequest(bytes)
        if case .calls = request.content, arguments.has(ownerSafe) {
            throw Problem(
                UsageRule.conflict, at: ownerSafe.name,
                detail: "a batch has no nonce, and \(nonce.name) is that of the Safe which approves",
                hint: "propose it to the transaction service, and take the transaction from there")
        }
        return try SignableMessage(SafeProposal(request, given(arguments), listed: policy.safes))
    }

    // MARK: Approvals

    /// Returns the transaction by which one Safe approves the transaction of another Safe. The option `--owner-safe`
    /// names the approving Safe. This function does not check that the approving Safe is an owner of the other Safe,
    /// because the review checks this. Returns `nil` if the user did not give `--owner-safe`, or if the message is not
    /// a Safe transaction.
    static func approval(
        of message: SignableMessage, _ policy: Policy, _ arguments: Arguments
    ) throws -> SafeProposal? {
        guard let proposal = message.safe, arguments.has(ownerSafe) else { return nil }
        var problems: [Problem] = []
        let owner = arguments.value(ownerSafe, { try Address($0) }, into: &problems)
        let number = arguments.value(nonce, Quantity.uint64, into: &problems)
        if number == nil, problems.isEmpty {
            problems.append(Problem(SafeRule.noNonce, at: .safeNonce, detail: "that of the Safe which approves"))
        }
        if let all = ProblemList(problems) { throw all }
        guard let owner, let number else { return nil }
        return try SafeProposal(.approval(of: proposal, by: owner, nonce: number), listed: policy.safes)
    }

    // MARK: describe

    /// Describes a Safe transaction to the user, even if the policy does not allow this transaction or if there is no
    /// policy.
    static func describe(
        _ bytes: [UInt8], _ policy: Policy?, _ folder: DescriptorFolder?, at now: Timestamp, _ arguments: Arguments,
        _ console: Console
    ) throws -> ExitCode {
        let request = try SafeRequest(bytes)
        var given = try given(arguments)
        let chain = given.chain
        let listed = policy?.safes ?? [:]
        let isListed =
            (request.safe ?? given.safe).map { safe in listed.contains { $0.value.safes[safe] != nil } } ?? false
        let hasDomain =
            given.proof(of: request.safe ?? given.safe, on: request.chain ?? given.chain) != nil
            || (request.chain ?? given.chain) != nil && given.version != nil || isListed
        // If the version or the chain of the Safe is not known, a default value is used. The message hash does not
        // depend on the chain. It is the same in all versions that have the same names of fields.
        if !hasDomain {
            given.version = given.version ?? (isListed ? nil : request.newestVersion)
            given.chain = given.chain ?? .ethereum
        }
        let proposal = try SafeProposal(request, given, listed: listed)
        var message = MessageRequest(try SignableMessage(proposal), now: now, policy: policy ?? .builtIn)
        message.descriptors = folder
        let review = MessageReview(message, withLedger: false)
        let refused = proposal.problems.filter { policy != nil || !($0.rule is SafePolicyRule) }
        let otherChain = [message.message.problem(with: chain)].compactMap(\.self)
        // A trusted descriptor can refuse a call of the Safe. The other problems are only shown, as warnings.
        let words = review.checks.filter { $0.subject == .words }
        let problems = words.flatMap(\.problems)
        let warnings = (refused + otherChain).map(\.message) + proposal.warnings + words.flatMap(\.warnings)
        if arguments.has(.json) {
            var members = review.safeDescription(withDomain: hasDomain)
            members.append(("warnings", .array(warnings.map { .string($0) })))
            try console.write(
                Console.document(
                    problems,
                    beside: [("kind", .string(SafeRequest.kind)), ("readAs", .string(message.message.readAs))] + members
                ))
            return try PaymentCommands.end(problems, arguments)
        }
        var text =
            "read as: \(message.message.readAs)\n" + review.safeDescription(width: console.width, withDomain: hasDomain)
        for warning in warnings { text += tabulated("warn", [warning], column: 13, width: console.width) }
        try console.write(text)
        return try PaymentCommands.end(problems, arguments)
    }
}
