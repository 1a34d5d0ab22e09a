public import AirlockABI
public import AirlockEthereumTypes
public import AirlockRequests

extension SafeTransaction {
    /// The function by which anybody has a Safe do what its owners signed.
    public static let execution = try? ABIFunction(
        "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)")

    /// Its arguments, with the signatures as the Safe's contract reads them.
    public func executionArguments(_ signatures: [UInt8]) -> [ABIValue] {
        [
            .address(to), .uint(value), .bytes(data), .uint(UInt256(UInt64(operation.rawValue))), .uint(safeTxGas),
            .uint(baseGas), .uint(gasPrice), .address(gasToken), .address(refundReceiver), .bytes(signatures),
        ]
    }
}

/// What a Safe says of a transaction that it executed.
public enum SafeExecutionEffect {
    private static let success = Hash.keccak(Array("ExecutionSuccess(bytes32,uint256)".utf8))
    private static let failure = Hash.keccak(Array("ExecutionFailure(bytes32,uint256)".utf8))

    /// `execTransaction`, where call data call it with exactly its arguments.
    public static func function(of data: [UInt8]) -> ABIFunction? {
        guard let function = SafeTransaction.execution, Selector(of: data.span) == function.selector,
            (try? function.decodeCall(data)) != nil
        else { return nil }
        return function
    }

    /// What the receipt must hold of a call of `execTransaction`; `nil` for any other call, and where the reference is no
    /// hash.
    ///
    /// The call data lack the Safe's nonce, so that no hash can be computed of them. The Safe computes it: its event must
    /// name the hash that the request's reference says.
    public static func effect(of data: [UInt8], to safe: Address, reference: String?) -> Effect? {
        guard let reference, reference.utf8.count == 66, let hash = try? Hash(hex: reference),
            function(of: data) != nil
        else { return nil }
        return Effect(events: [Effect.Event(contract: safe) { judge($0, $1, safe: safe, hash: hash) }])
    }

    private static func judge(_ topics: [Hash], _ data: [UInt8], safe: Address, hash: Hash) -> Effect.Judgement? {
        guard let event = topics.first, event == success || event == failure else { return nil }
        // Since 1.4.0 the hash is a topic; before, it begins the data.
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
