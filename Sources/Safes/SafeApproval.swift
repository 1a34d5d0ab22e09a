import AirlockABI
public import AirlockEthereumTypes
public import AirlockRequests

/// Approvals: an owner that is to pay for gas, or is a Safe itself, calls `approveHash(bytes32)` of the Safe in the place
/// of signing its transaction.
extension SafeCall {
    private static let approval = Selector(signature: "approveHash(bytes32)")

    /// The call by which an owner approves a hash.
    public static func approval(of hash: Hash, by safe: Address) -> SafeCall {
        SafeCall(to: safe, value: .zero, data: approval.bytes.bytes + hash.bytes)
    }

    /// The hash that a call approves; `nil` where it is not exactly an approval.
    public var approvedHash: Hash? {
        guard value.isZero, data.count == 36, Selector(of: data.span) == Self.approval else { return nil }
        return Hash(Array(data[4...]))
    }
}

/// What a Safe says of a hash that an owner approved.
public enum SafeApprovalEffect {
    private static let event = Hash.topic(signature: "ApproveHash(bytes32,address)")

    /// What the receipt must hold of an approval; `nil` for any other call.
    public static func effect(of call: SafeCall, by owner: Address) -> Effect? {
        guard let hash = call.approvedHash else { return nil }
        return Effect(events: [
            Effect.Event(contract: call.to) { topics, _ in judge(topics, safe: call.to, hash: hash, owner: owner) }
        ])
    }

    private static func judge(_ topics: [Hash], safe: Address, hash: Hash, owner: Address) -> Effect.Judgement? {
        guard topics.first == event else { return nil }
        let word = Hash { $0 < 12 ? 0 : owner.bytes[$0 - 12] }
        guard topics.count == 3, topics[1] == hash, topics[2] == word else {
            let saw = topics.dropFirst().map { "\($0)" }.joined(separator: " by ")
            return .other(
                [Effect.Difference("approvedHash", saw: saw, expected: "\(hash) by \(owner)")], isOurs: false)
        }
        return .seen(SeenEvent(contract: safe, name: "ApproveHash", subject: ("approvedHash", hash)))
    }
}

extension SafeProposal {
    /// The call by which an owner approves it.
    public var approval: SafeCall { .approval(of: hash, by: domain.safe) }
}

extension SafeRequest {
    /// The transaction by which a Safe approves another's, as its owner.
    public static func approval(of proposal: SafeProposal, by owner: Address, nonce: UInt64) -> SafeRequest {
        let call = proposal.approval
        return SafeRequest(
            .approval,
            .transaction(SafeTransaction(to: call.to, value: call.value, data: call.data, nonce: nonce)),
            chain: proposal.domain.chain, safe: owner)
    }
}
