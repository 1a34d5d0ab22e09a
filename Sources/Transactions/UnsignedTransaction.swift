public import AirlockDiagnostics
public import AirlockEthereumTypes

/// What a transaction says before it is signed: types 0, 1 and 2.
///
/// ```swift
/// let transaction = UnsignedTransaction(
///     nonce: 7, gas: 21_000, to: recipient, value: amount, data: [],
///     form: .dynamicFee(chainID: 8453, maxPriorityFeePerGas: 1_000_000, maxFeePerGas: 30_000_000, accessList: []))
/// let digest = transaction.signingHash
/// ```
public struct UnsignedTransaction: Hashable, Sendable {
    public var nonce: UInt64
    /// The limit of the gas that it may use.
    public var gas: UInt64
    /// `nil` for the creation of a contract.
    public var to: Address?
    public var value: UInt256
    public var data: [UInt8]
    public var form: Form

    /// What the types of transaction differ in.
    public enum Form: Hashable, Sendable {
        /// Type 0. Without a chain id it is of the form before EIP-155, which is valid on every chain.
        case legacy(chainID: UInt64?, gasPrice: UInt256)
        /// Type 1 (EIP-2930).
        case accessList(chainID: UInt64, gasPrice: UInt256, accessList: [AccessListEntry])
        /// Type 2 (EIP-1559).
        case dynamicFee(
            chainID: UInt64, maxPriorityFeePerGas: UInt256, maxFeePerGas: UInt256, accessList: [AccessListEntry])
    }

    public init(nonce: UInt64, gas: UInt64, to: Address?, value: UInt256, data: [UInt8], form: Form) {
        self.nonce = nonce
        self.gas = gas
        self.to = to
        self.value = value
        self.data = data
        self.form = form
    }
}

extension UnsignedTransaction {
    /// The number of the type (EIP-2718); 0 for the legacy form, which has no byte of type.
    public var type: UInt8 {
        switch form {
        case .legacy: 0
        case .accessList: 1
        case .dynamicFee: 2
        }
    }

    /// `nil` for the legacy form without replay protection.
    public var chainID: UInt64? {
        switch form {
        case .legacy(let chainID, _): chainID
        case .accessList(let chainID, _, _), .dynamicFee(let chainID, _, _, _): chainID
        }
    }

    /// The most that a unit of gas may cost: the gas price of types 0 and 1.
    public var maxFeePerGas: UInt256 {
        switch form {
        case .legacy(_, let gasPrice), .accessList(_, let gasPrice, _): gasPrice
        case .dynamicFee(_, _, let maxFeePerGas, _): maxFeePerGas
        }
    }

    /// The most of it that the block's producer gets: all of it in types 0 and 1.
    public var maxPriorityFeePerGas: UInt256 {
        switch form {
        case .legacy(_, let gasPrice), .accessList(_, let gasPrice, _): gasPrice
        case .dynamicFee(_, let maxPriorityFeePerGas, _, _): maxPriorityFeePerGas
        }
    }

    /// Empty in type 0.
    public var accessList: [AccessListEntry] {
        switch form {
        case .legacy: []
        case .accessList(_, _, let accessList), .dynamicFee(_, _, _, let accessList): accessList
        }
    }

    /// The most that gas can cost in all; `nil` when that is 2^256 or above.
    public var maxNetworkFee: UInt256? { UInt256(gas).multiplied(by: maxFeePerGas) }
}

extension UnsignedTransaction {
    /// What any node refuses whatever the chain's state, all of it. Bytes that decode may still have such problems.
    public var problems: [Problem] {
        var problems: [Problem] = []
        if chainID == 0 { problems.append(Problem(TransactionRule.noChain)) }
        // EIP-2681.
        if nonce == .max { problems.append(Problem(TransactionRule.lastNonce)) }
        // EIP-1559.
        if maxPriorityFeePerGas > maxFeePerGas {
            problems.append(
                Problem(
                    TransactionRule.priorityAboveMax, saw: maxPriorityFeePerGas.description,
                    expected: "at most \(maxFeePerGas)"))
        }
        if maxNetworkFee == nil {
            problems.append(Problem(TransactionRule.feeOverflow, saw: "\(gas) * \(maxFeePerGas)"))
        }
        if gas < minimumGas {
            problems.append(Problem(TransactionRule.gasTooLow, saw: "\(gas)", expected: "at least \(minimumGas)"))
        }
        if to == nil, data.count > Gas.longestInitcode {
            problems.append(
                Problem(
                    TransactionRule.initcodeTooLong, saw: "\(data.count) bytes",
                    expected: "at most \(Gas.longestInitcode)"))
        }
        return problems
    }

    /// The least gas that a node takes: the intrinsic gas, and not below the floor.
    public var minimumGas: UInt64 {
        let tokens = dataTokens
        return max(intrinsicGas(dataTokens: tokens), floorGas(dataTokens: tokens))
    }

    /// What the transaction costs before it does anything (yellow paper, section 6.2; EIP-2, 2028, 2930, 3860).
    public var intrinsicGas: UInt64 { intrinsicGas(dataTokens: dataTokens) }

    private func intrinsicGas(dataTokens: UInt64) -> UInt64 {
        var gas = Gas.transaction + dataTokens * Gas.token
        if to == nil { gas += Gas.creation + UInt64(data.count + 31) / 32 * Gas.initcodeWord }
        for entry in accessList {
            gas += Gas.accessListAddress + UInt64(entry.storageKeys.count) * Gas.accessListStorageKey
        }
        return gas
    }

    /// What the transaction costs at least because of its data, whatever it does (EIP-7623).
    public var floorGas: UInt64 { floorGas(dataTokens: dataTokens) }

    private func floorGas(dataTokens: UInt64) -> UInt64 { Gas.transaction + dataTokens * Gas.floorToken }

    /// A zero byte is one token and any other four: EIP-2028's 4 and 16 gas, in the words of EIP-7623.
    private var dataTokens: UInt64 {
        let zeros = data.reduce(0) { $1 == 0 ? $0 + 1 : $0 }
        return UInt64(zeros + (data.count - zeros) * 4)
    }
}

/// The numbers of the gas schedule, and the EIP that each comes from.
private enum Gas {
    static let transaction: UInt64 = 21_000
    /// EIP-2.
    static let creation: UInt64 = 32_000
    /// EIP-2028.
    static let token: UInt64 = 4
    /// EIP-7623.
    static let floorToken: UInt64 = 10
    /// EIP-2930.
    static let accessListAddress: UInt64 = 2_400
    static let accessListStorageKey: UInt64 = 1_900
    /// EIP-3860.
    static let initcodeWord: UInt64 = 2
    static let longestInitcode = 49_152
}
