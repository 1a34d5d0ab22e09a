public import AirlockABI
public import AirlockEthereumTypes
public import AirlockRequests

extension SafeTransaction {
    /// The function of a Safe that executes a signed transaction. Anybody who has the owners' signatures can call it.
    public static let execution = try? ABIFunction(
        "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)")

    /// Returns the arguments for a call of ``execution``. The signatures must be in the encoding that the Safe's
    /// contract expects.
    public func executionArguments(_ signatures: [UInt8]) -> [ABIValue] {
        [
            .address(to), .uint(value), .bytes(data), .uint(UInt256(UInt64(operation.rawValue))), .uint(safeTxGas),
            .uint(baseGas), .uint(gasPrice), .address(gasToken), .address(refundReceiver), .bytes(signatures),
        ]
    }

    /// Whether the call data is a call of ``execution`` that counts as an owner's approval because the owner sends it.
    /// In such a call, a signature has a v of 1 and names the sender. The Safe's contract then accepts the sender in
    /// place of a signature (`checkNSignatures`).
    public static func isApprovedBySending(_ data: [UInt8], by sender: Address) -> Bool {
        guard let execution, Selector(of: data.span) == execution.selector,
            let arguments = try? execution.decodeCall(data), case .bytes(let signatures)? = arguments.last
        else { return false }
        // The contract reads the owner from the last 20 bytes of r, and ignores the 12 bytes before them.
        return stride(from: 0, to: signatures.count - 64, by: 65).contains { start in
            signatures[start + 64] == 1 && Array(signatures[start + 12..<start + 32]) == sender.bytes.bytes
        }
    }
}

/// The events with which a Safe reports that it executed a transaction.
public enum SafeExecutionEffect {
    private static let success = Hash.keccak(Array("ExecutionSuccess(bytes32,uint256)".utf8))
    private static let failure = Hash.keccak(Array("ExecutionFailure(bytes32,uint256)".utf8))

    /// Returns the function `execTransaction` if the call data is a well-formed call of this function. Returns `nil`
    /// for any other data.
    public static func function(of data: [UInt8]) -> ABIFunction? {
        guard let function = SafeTransaction.execution, Selector(of: data.span) == function.selector,
            (try? function.decodeCall(data)) != nil
        else { return nil }
        return function
    }

    /// Returns the event that the receipt of an `execTransaction` call must contain. Returns `nil` if `data` is the
    /// call data of another function, or if `reference` is not a hash.
    ///
    /// `reference` is the reference of the request, which must be the hash of the Safe transaction. The Safe logs this
    /// hash in the event. The hash cannot be computed from the call data, because the call data does not contain the
    /// Safe's nonce.
    public static func effect(of data: [UInt8], to safe: Address, reference: String?) -> Effect? {
        guard let reference, reference.utf8.count == 66, let hash = try? Hash(hex: reference),
            function(of: data) != nil
        else { return nil }
        return Effect(events: [Effect.Event(contract: safe) { judge($0, $1, safe: safe, hash: hash) }])
    }

    private static func judge(_ topics: [Hash], _ data: [UInt8], safe: Address, hash: Hash) -> Effect.Outcome? {
        guard let event = topics.first, event == success || event == failure else { return nil }
        // The event contains the hash of the Safe transaction. Since version 1.4.0 of the Safe, this hash is a topic of
        // the event. In older versions, it is the first word of the event's data.
        let said: Hash?
        switch (topics.count, data.count) {
        case (2, 32): said = topics[1]
        case (1, 64): said = Hash(Array(data[..<32]))
        default: said = nil
        }
        guard said == hash else {
            let other = Effect.Difference(
                "safeTxHash", saw: said.map { "\($0)" } ?? "no hash", expected: "\(hash)")
            return .other([other], isOurs: false)
        }
        if event == failure { return .failed("the Safe \(safe) says ExecutionFailure of \(hash)") }
        return .seen(SeenEvent(contract: safe, name: "ExecutionSuccess", subject: ("safeTxHash", hash)))
    }
}

/// Functions for approvals on chain. Instead of signing a Safe transaction, an owner can call the Safe's function
/// `approveHash(bytes32)`. An owner that is itself a Safe must call this function, because it has no key.
extension SafeCall {
    private static let approval = Selector(signature: "approveHash(bytes32)")

    /// Returns the call with which an owner of a Safe approves a hash.
    public static func approval(of hash: Hash, by safe: Address) -> SafeCall {
        SafeCall(to: safe, value: .zero, data: approval.bytes.bytes + hash.bytes)
    }

    /// The hash that this call approves. `nil` if the called function is not `approveHash`, if the call sends native
    /// currency, or if the call data has the wrong length.
    public var approvedHash: Hash? {
        guard value.isZero, data.count == 36, Selector(of: data.span) == Self.approval else { return nil }
        return Hash(Array(data[4...]))
    }
}

/// The event with which a Safe reports that an owner approved a hash.
public enum SafeApprovalEffect {
    private static let event = Hash.topic(signature: "ApproveHash(bytes32,address)")

    /// Returns the event that must be in the receipt of an approval. Returns `nil` if the call is not an approval.
    public static func effect(of call: SafeCall, by owner: Address) -> Effect? {
        guard let hash = call.approvedHash else { return nil }
        return Effect(events: [
            Effect.Event(contract: call.to) { topics, _ in judge(topics, safe: call.to, hash: hash, owner: owner) }
        ])
    }

    private static func judge(_ topics: [Hash], safe: Address, hash: Hash, owner: Address) -> Effect.Outcome? {
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
    /// The call with which an owner approves this transaction.
    public var approval: SafeCall { .approval(of: hash, by: domain.safe) }
}

extension SafeRequest {
    /// Makes the transaction with which one Safe approves the transaction of another Safe. The Safe that approves must
    /// be an owner of the other Safe.
    public static func approval(of proposal: SafeProposal, by owner: Address, nonce: UInt64) -> SafeRequest {
        let call = proposal.approval
        return SafeRequest(
            .approval,
            .transaction(SafeTransaction(to: call.to, value: call.value, data: call.data, nonce: nonce)),
            chain: proposal.domain.chain, safe: owner)
    }
}
