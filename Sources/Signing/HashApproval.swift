public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockMessages
package import AirlockPolicies
import AirlockRequestKinds
public import AirlockRequests
package import AirlockSafes
public import AirlockStrictJSON

/// The call with which an owner of a Safe approves the hash of a Safe transaction on chain. An owner can send this call
/// instead of signing the transaction. Payment files, the ledger and the relay treat the approval as a request of the
/// kind `call`.
public struct HashApproval: Sendable {
    let domain: (chain: Chain, safe: Address)
    let hash: Hash
    let payer: Address?
    /// The review of the Safe transaction that the call approves. `nil` if the approval was read from the signed bytes
    /// of the call, which contain only the hash.
    let review: MessageReview?

    /// Makes the approval of a reviewed Safe transaction. Returns `nil` if the review is of another kind of message, or
    /// of a transaction with which one Safe approves the transaction of another Safe.
    public init?(of review: MessageReview) {
        guard let safe = review.request.message.safe, review.request.approved == nil else { return nil }
        domain = (safe.domain.chain, safe.domain.safe)
        hash = safe.hash
        payer = nil
        self.review = review
    }

    /// Reads the approval from a signed call. Returns `nil` if the call is not an approval, or if the policy does not
    /// list the Safe.
    init?(_ call: SignedCall, listedIn rules: (any KindRules)?) {
        let safeCall = SafeCall(to: call.to, value: call.value, data: call.data)
        guard let hash = safeCall.approvedHash, (rules as? SafeRules)?.safes[call.to] != nil else { return nil }
        domain = (call.chain, call.to)
        self.hash = hash
        payer = call.payer
        review = nil
    }

    private func call(from payer: Address) -> (any Request)? {
        let call = SafeCall.approval(of: hash, by: domain.safe)
        let signed = SignedCall(
            chain: domain.chain, payer: payer, to: call.to, value: call.value, data: call.data, name: "")
        return RequestKinds.reading(signed)?.request
    }
}

extension HashApproval {
    /// Returns the request as an approval. Returns `nil` if the request is not an approval.
    static func of(_ subject: any Request) -> HashApproval? {
        // The types are compared before the cast, because a failing cast with `as?` is slow.
        type(of: subject) == HashApproval.self ? subject as? HashApproval : nil
    }
}

extension HashApproval: Request {
    public static let kind = "call"

    public static let rules: [any Rule.Type] = []

    public static func reading(_ signed: SignedCall) -> RecognisedCall? { nil }

    public static func recognises(_ root: JSONValue) -> Bool { false }

    public static func read(_ root: JSONValue) throws(ProblemList) -> HashApproval {
        throw ProblemList(Problem(RequestRule.unknownKind, at: root.pointer))
    }

    public static var policySection: PolicySection? { SafeRules.section }

    public func isSame(as other: any Request) -> Bool {
        guard let other = other as? HashApproval else { return false }
        return domain == other.domain && hash == other.hash
    }

    public var readAs: String { review?.request.message.readAs ?? "approval of a Safe transaction" }

    public var form: String { "the call approves the hash of a Safe transaction, and does nothing else" }

    public var terms: Terms {
        Terms(
            chain: domain.chain, payer: payer, payee: domain.safe, owed: [], expires: nil,
            places: Terms.Places(
                chain: "/chainId", payer: ArgumentPlace.payer.rawValue, payee: "/to", currency: "/value",
                amount: "/value", expires: "/expires", reference: "/data"))
    }

    public func reference(payer: Address) -> Reference {
        call(from: payer)?.reference(payer: payer) ?? Reference(kind: Self.kind, text: "", of: [hash.bytes])
    }

    public var pins: [Pin] { [] }

    public var sharesConditions: Bool { false }

    public func expiry(at now: Timestamp) -> Problem? { nil }

    public func referenced(_ text: String) throws(Problem) -> any Request {
        throw Problem(RequestRule.argumentUnused, at: .reference, detail: "a Safe's nonce is what is signed once")
    }

    public func requireMethod(_ name: String) throws(Problem) {
        guard name == "auto" else { throw Problem(RequestRule.argumentUnused, saw: name, expected: "auto") }
    }

    public func prove() throws(ProblemList) -> any ProvedRequest { ProvedApproval(approval: self) }

    /// Checks the payer of the approval. If the policy lists the Safe, it must also list the payer as an owner of this
    /// Safe. If the approval contains the review of the Safe transaction, nothing is checked here, because that review
    /// has already checked the owner.
    public func judged(by rules: (any KindRules)?, payer: Address?) -> PolicyResult {
        var judgement = PolicyResult()
        judgement.mostNative = .zero
        guard review == nil, let safe = (rules as? SafeRules)?.safes[domain.safe] else { return judgement }
        judgement.findings.append("the Safe is listed")
        if let payer {
            judgement.require(safe.owners[payer] != nil, "the payer is an owner") {
                Problem(
                    SafeRule.notOwner, at: terms.places.payer, saw: "\(payer)",
                    expected: safe.owners.keys.map(\.description).sorted().joined(separator: ", "))
            }
        }
        return judgement
    }

    public func facts(_ words: PolicyFormatter) -> Facts {
        let name = (words.rules as? SafeRules)?.safes[domain.safe].map { escaped($0.name, limit: 40) } ?? ""
        let approved =
            review.map { "what follows. \($0.request.summary)" }
            ?? "the hash \(hash) of the Safe \(domain.safe.labelled(name)) on \(domain.chain)"
        return Facts(
            identity: [("approves", ["\(hash)"])],
            deed: "Approve as an owner, by a transaction of its account, \(approved)",
            members: [("approvedHash", "\(hash)")])
    }

    func call(_ inputs: ActionInputs) throws(ProblemList) -> Action {
        guard let call = call(from: inputs.payer) else { throw ProblemList(Problem(RequestRule.otherCall)) }
        return try call.prove().action(inputs)
    }
}

extension Policy {
    /// The policy's rules for Safes on each chain.
    package var safes: [Chain: SafeRules] {
        chains.compactMapValues { $0.sections[SafeRules.section.name] as? SafeRules }
    }
}

private struct ProvedApproval: ProvedRequest {
    let approval: HashApproval

    var findings: [String] { [] }

    var warnings: [String] {
        approval.review == nil ? ["which transaction has the hash is not in the signed bytes"] : []
    }

    func action(_ inputs: ActionInputs) throws(ProblemList) -> Action { try approval.call(inputs) }
}
