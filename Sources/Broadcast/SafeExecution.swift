import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockRequests
public import AirlockSafes

extension SafeState {
    /// Compares a Safe transaction with the Safe's state on the chain, and returns the differences as problems.
    public func problems(of request: SafeRequest, as transaction: PossibleTransaction) -> [Problem] {
        var problems: [Problem] = []
        if !transaction.isOf(version) {
            problems.append(
                Problem(
                    SafeChainRule.otherVersion, at: request.place("safeTxHash"),
                    saw: "\(transaction.hash), of version \(transaction.versionWords)", expected: "that of \(version)"))
        }
        if transaction.transaction.nonce < nonce {
            problems.append(
                Problem(
                    SafeChainRule.nonceUsed, at: request.place("nonce"), saw: "\(transaction.transaction.nonce)",
                    expected: "\(nonce) or more"))
        }
        if let stated = request.statedThreshold, stated != threshold {
            problems.append(
                Problem(
                    SafeChainRule.otherThreshold, at: request.place("confirmationsRequired"), saw: "\(stated)",
                    expected: "\(threshold)"))
        }
        for confirmation in request.confirmations where !owners.contains(confirmation.owner) {
            problems.append(
                Problem(
                    SafeChainRule.notOwner, at: "\(confirmation.place)/owner", saw: "\(confirmation.owner)",
                    expected: "one of \(owners.map(\.description).joined(separator: ", "))"))
        }
        return problems
    }
}

/// The execution of a Safe transaction, with the owners' signatures combined as the Safe's contract expects them.
public struct SafeExecution: Sendable {
    /// An owner's signature from a separate signature file. The code that creates this value must have checked the
    /// signature. The signatures in the file with the Safe transaction are not of this type.
    public struct OwnSignature: Sendable {
        public let owner: Address
        public let signature: [UInt8]
        /// The path of the signature file.
        public let place: String

        public init(owner: Address, signature: [UInt8], place: String) {
            self.owner = owner
            self.signature = signature
            self.place = place
        }
    }

    public struct Result: Sendable {
        public let transaction: PossibleTransaction
        public let state: SafeState
        /// The owners whose signatures are in the call, in the order of the signatures.
        public let signers: [Address]
        /// The call data of `execTransaction`.
        public let data: [UInt8]
    }

    let request: SafeRequest
    let context: SafeRequest.Context
    let chain: Chain
    let safe: Address
    let hash: Hash?
    let signatures: [OwnSignature]

    /// Creates the execution of a Safe transaction. The initializer does not query a node.
    ///
    /// - Parameters:
    ///   - request: the Safe transaction to execute.
    ///   - context: the chain, the Safe and the nonce. Each of these values is used only if the file with the Safe
    ///     transaction does not contain it.
    ///   - chain: the Safe's chain.
    ///   - safe: the Safe.
    ///   - hash: the hash that the owners signed. With `nil`, the hash is computed from the Safe transaction and from
    ///     the Safe's version on the chain.
    ///   - signatures: signatures of this hash by owners of the Safe.
    public init(
        _ request: SafeRequest, _ context: SafeRequest.Context, chain: Chain, safe: Address, hash: Hash?,
        signatures: [OwnSignature]
    ) {
        self.request = request
        self.context = context
        self.chain = chain
        self.safe = safe
        self.hash = hash
        self.signatures = signatures
    }

    /// Reads the Safe's state from the chain, checks the signatures, and simulates the transaction.
    ///
    /// - Parameters:
    ///   - nodes: the nodes to query. All nodes that answer must agree.
    ///   - sender: the account that will send the transaction; `nil` if the account is not known yet.
    public func measure(_ nodes: Nodes, from sender: Address?) async throws(ProblemList) -> Result {
        let state = try await nodes.safe(safe, on: chain)
        let reachable = try await nodes.reachable(on: chain).nodes
        let transaction = try choose(state)
        var problems = state.problems(of: request, as: transaction)
        if transaction.transaction.nonce > state.nonce {
            problems.append(
                Problem(
                    SafeChainRule.nonceAhead, at: request.place("nonce"), saw: "\(transaction.transaction.nonce)",
                    expected: "\(state.nonce)"))
        }
        for one in signatures where !state.owners.contains(one.owner) {
            problems.append(
                Problem(
                    SafeChainRule.notOwner, at: "/signer", saw: "\(one.owner)",
                    expected: "one of \(state.owners.map(\.description).joined(separator: ", "))"
                ).inFile(one.place))
        }
        var signers = signers(of: transaction.hash, &problems)
        signers.removeAll { !state.owners.contains($0.owner) }
        let silent = state.owners.filter { owner in !signers.contains { $0.owner == owner } }
        let approved = try await reachable.approvals(of: transaction.hash, by: silent, safe)
        signers += silent.filter(approved.contains).map(SafeSigner.init(approving:))
        if UInt64(signers.count) < state.threshold {
            problems.append(Self.tooFew(signers, silent.filter { !approved.contains($0) }, state))
        }
        if let all = ProblemList(problems) { throw all }
        // The Safe checks only as many signatures as its threshold requires, so the call contains only this number.
        // Signatures of accounts are chosen first, then approvals, and then signatures of contracts.
        let chosen = signers.sorted { ($0.kind, $0.owner.word) < ($1.kind, $1.owner.word) }
            .prefix(Int(clamping: state.threshold)).sorted { $0.owner.word < $1.owner.word }
        let data = try Self.call(transaction.transaction, SafeSigner.joined(chosen))
        try await simulate(data, from: sender, reachable.all[0])
        return Result(transaction: transaction, state: state, signers: chosen.map(\.owner), data: data)
    }

    private func choose(_ state: SafeState) throws(ProblemList) -> PossibleTransaction {
        let all = request.possibilities(context)
        if let hash {
            if let found = all.first(where: { $0.hash == hash }) { return found }
        } else {
            let fitting = all.filter { $0.isOf(state.version) }
            if fitting.count == 1, let only = fitting.first { return only }
        }
        throw ProblemList(
            Problem(
                SafeRule.otherHash, at: request.place("safeTxHash"), saw: hash.map { "\($0)" } ?? "no hash",
                expected: all.map { "\($0.hash)" }.prefix(3).joined(separator: ", or ")))
    }

    /// Returns one ``SafeSigner`` for each owner whose signature is in a signature file or in the file with the Safe
    /// transaction. Approvals in the file are ignored, because approvals are read from the chain.
    private func signers(of hash: Hash, _ problems: inout [Problem]) -> [SafeSigner] {
        var signers = signatures.map { SafeSigner(owner: $0.owner, kind: .account, head: $0.signature) }
        for confirmation in request.confirmations {
            do throws(ProblemList) {
                let signer: SafeSigner?
                switch try confirmation.standing(hash) {
                case .signed:
                    signer = SafeSigner(owner: confirmation.owner, kind: .account, head: confirmation.signature)
                case .unchecked: signer = SafeSigner(contract: confirmation)
                }
                if let signer { signers.append(signer) }
            } catch { problems += error.problems }
        }
        var owners: Set<Address> = []
        return signers.filter { owners.insert($0.owner).inserted }
    }

    private static func tooFew(_ signers: [SafeSigner], _ silent: [Address], _ state: SafeState) -> Problem {
        func list(_ all: [Address]) -> String {
            all.isEmpty ? "nobody" : all.map(\.description).joined(separator: ", ")
        }
        let missing = state.threshold - UInt64(signers.count)
        return Problem(
            SafeChainRule.belowThreshold,
            expected: "\(missing) more of \(list(silent))",
            detail: "\(signers.count) of \(state.threshold) that must sign: \(list(signers.map(\.owner)))")
    }

    // MARK: Call data of the execution

    private static func call(_ transaction: SafeTransaction, _ signatures: [UInt8]) throws(ProblemList) -> [UInt8] {
        guard let function = SafeTransaction.execution else { throw ProblemList(Problem(RequestRule.otherCall)) }
        do throws(ABIError) { return try function.encodeCall(transaction.executionArguments(signatures)) } catch {
            throw ProblemList(error)
        }
    }

    private func simulate(_ data: [UInt8], from sender: Address?, _ node: EthereumNode) async throws(ProblemList) {
        let answer: [UInt8]
        do throws(NodeError) {
            answer = try await node.call(CallRequest(from: sender, to: safe, data: data))
        } catch {
            guard let refusal = error.refusal, refusal.rule == .reverted else { throw ProblemList(error) }
            throw ProblemList(Self.reverted(refusal.data, safe))
        }
        guard FixedBytes<32>(answer).map({ UInt256($0) }) == 1 else {
            throw ProblemList(Problem(SafeChainRule.innerFails, at: "\(safe)", saw: Hex.encode(answer)))
        }
    }

    /// The problem to report if the Safe reverts. Since version 1.3.0, the Safe's revert reason is an error code.
    private static func reverted(_ data: [UInt8], _ safe: Address) -> Problem {
        guard let revert = ContractRevert(data, among: ContractError.solidity),
            case .string(let text)? = revert.arguments?.first
        else { return Problem(SafeChainRule.wouldRevert, at: "\(safe)", revertedWith: data) }
        let meaning = meanings.first { text.hasPrefix($0.code) }?.meaning
        return Problem(SafeChainRule.wouldRevert, at: "\(safe)", saw: text, detail: meaning)
    }

    /// The meanings of the Safe's error codes. The last two entries are prefixes that match groups of codes.
    private static let meanings: [(code: String, meaning: String)] = [
        ("GS000", "the Safe is not set up"), ("GS001", "the Safe has no threshold"),
        ("GS010", "there is too little gas for what the Safe calls"),
        ("GS011", "the Safe cannot pay for the gas in native currency"),
        ("GS012", "the Safe cannot pay for the gas in the token"),
        ("GS013", "what the Safe calls fails"), ("GS020", "there are too few signatures"),
        ("GS021", "a contract's signature points into the other signatures"),
        ("GS022", "a contract's signature points beyond the end"),
        ("GS023", "a contract's signature is cut off"),
        ("GS024", "a contract that owns the Safe does not accept its signature"),
        ("GS025", "an owner has not approved the hash"),
        ("GS026", "a signature is not an owner's, or they are not in the order of the owners"),
        ("GS030", "only an owner can approve a hash"), ("GS031", "only the Safe itself can do this"),
        ("GS1", "a module of the Safe is wrong"), ("GS2", "an owner or the threshold is wrong"),
    ]
}

/// An owner's signature in the form that the Safe's function `checkNSignatures` reads.
struct SafeSigner {
    enum Kind: Int, Comparable {
        case account, approval, contract

        static func < (one: Kind, other: Kind) -> Bool { one.rawValue < other.rawValue }
    }

    let owner: Address
    let kind: Kind
    /// The values r, s and v. For an owner that is a contract, `head` contains only r. The values s and v are added
    /// later, because s is the offset of the dynamic part (``tail``).
    let head: [UInt8]
    /// The dynamic part of the signature of an owner that is a contract. The Safe passes these bytes to the contract,
    /// which checks them (EIP-1271).
    var tail: [UInt8] = []

    init(owner: Address, kind: Kind, head: [UInt8]) {
        self.owner = owner
        self.kind = kind
        self.head = head
    }

    /// Creates the signature of an owner who has approved the hash on the chain. r is the owner's address, and v is 1.
    init(approving owner: Address) {
        self.init(owner: owner, kind: .approval, head: owner.word.bytes + Array(repeating: 0, count: 32) + [1])
    }

    /// Reads the signature of an owner that is a contract. The signature begins with r, s and v. r is the contract's
    /// address, s is the offset of the dynamic part, and v is 0. The dynamic part consists of a length, followed by
    /// this number of bytes.
    init?(contract confirmation: Confirmation) {
        let bytes = confirmation.signature
        guard bytes.count >= 97, bytes[64] == 0, let word = FixedBytes<32>(Array(bytes[32..<64])),
            let start = UInt64(exactly: UInt256(word)).flatMap({ Int(exactly: $0) }), start >= 65,
            start <= bytes.count - 32, let size = FixedBytes<32>(Array(bytes[start..<start + 32])),
            let length = UInt64(exactly: UInt256(size)), length <= UInt64(bytes.count - start - 32)
        else { return nil }
        self.init(owner: confirmation.owner, kind: .contract, head: confirmation.owner.word.bytes)
        tail = Array(bytes[start..<start + 32 + Int(length)])
    }

    /// The fixed parts of all signatures, in the order that the Safe requires. The dynamic parts of the signatures
    /// follow.
    static func joined(_ signers: [SafeSigner]) -> [UInt8] {
        var (heads, tails): ([UInt8], [UInt8]) = ([], [])
        for signer in signers {
            if signer.kind == .contract {
                let place = UInt64(65 * signers.count + tails.count)
                heads += signer.head + UInt256(place).word.bytes + [0]
                tails += signer.tail
            } else {
                heads += signer.head
            }
        }
        return heads + tails
    }
}
