import AirlockABI
public import AirlockEthereumTypes

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
