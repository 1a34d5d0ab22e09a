public import AirlockDiagnostics
public import AirlockEthereumTypes

/// A transaction of type 0, 1 or 2 that is not signed yet.
///
/// ```swift
/// let transaction = UnsignedTransaction(
///     nonce: 7, gas: 21_000, to: recipient, value: amount, data: [],
///     form: .dynamicFee(chainID: 8453, maxPriorityFeePerGas: 1_000_000, maxFeePerGas: 30_000_000, accessList: []))
/// let digest = transaction.signingHash
/// ```
public struct UnsignedTransaction: Hashable, Sendable {
    public var nonce: UInt64
    /// The gas limit of the transaction.
    public var gas: UInt64
    /// The recipient of the call. `nil` if the transaction creates a contract.
    public var to: Address?
    public var value: UInt256
    public var data: [UInt8]
    public var form: Form

    /// The fields that differ between the transaction types.
    public enum Form: Hashable, Sendable {
        /// Type 0. A transaction of this type without a chain id has no replay protection (EIP-155), and is valid on
        /// every chain.
        case legacy(chainID: UInt64?, gasPrice: UInt256)
        /// Type 1 (EIP-2930). The transaction has an access list.
        case accessList(chainID: UInt64, gasPrice: UInt256, accessList: [AccessListEntry])
        /// Type 2 (EIP-1559). The transaction has an access list, and a maximum fee and a maximum priority fee instead
        /// of a gas price.
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

    public static func == (left: UnsignedTransaction, right: UnsignedTransaction) -> Bool {
        left.nonce == right.nonce && left.gas == right.gas && left.to == right.to && left.value == right.value
            && left.form == right.form && left.data.span.isSame(as: right.data.span)
    }
}

extension UnsignedTransaction {
    /// Whether both transactions make the same call. They can still differ in their nonces, fees and gas limits.
    package func hasSameCall(as other: UnsignedTransaction) -> Bool {
        to == other.to && value == other.value && data.span.isSame(as: other.data.span)
    }

    /// The transaction type (EIP-2718). It is 0 for a legacy transaction, which has no type byte.
    public var type: UInt8 {
        switch form {
        case .legacy: 0
        case .accessList: 1
        case .dynamicFee: 2
        }
    }

    /// The chain id. `nil` for a legacy transaction without replay protection.
    public var chainID: UInt64? {
        switch form {
        case .legacy(let chainID, _): chainID
        case .accessList(let chainID, _, _), .dynamicFee(let chainID, _, _, _): chainID
        }
    }

    /// The maximum fee per gas. In types 0 and 1 this is the gas price.
    public var maxFeePerGas: UInt256 {
        switch form {
        case .legacy(_, let gasPrice), .accessList(_, let gasPrice, _): gasPrice
        case .dynamicFee(_, _, let maxFeePerGas, _): maxFeePerGas
        }
    }

    /// The maximum priority fee per gas. The block producer gets this fee. In types 0 and 1 this is the gas price.
    public var maxPriorityFeePerGas: UInt256 {
        switch form {
        case .legacy(_, let gasPrice), .accessList(_, let gasPrice, _): gasPrice
        case .dynamicFee(_, let maxPriorityFeePerGas, _, _): maxPriorityFeePerGas
        }
    }

    /// The access list. It is always empty in type 0.
    public var accessList: [AccessListEntry] {
        switch form {
        case .legacy: []
        case .accessList(_, _, let accessList), .dynamicFee(_, _, _, let accessList): accessList
        }
    }

    /// The maximum network fee: the gas limit times the maximum fee per gas. `nil` if the product is 2^256 or more.
    public var maxNetworkFee: UInt256? { UInt256(gas).multiplied(by: maxFeePerGas) }
}

extension UnsignedTransaction {
    /// All problems for which every node refuses the transaction, whatever the state of the chain is. A transaction can
    /// have such problems even if its bytes were decoded without an error.
    public var problems: [Problem] {
        var problems: [Problem] = []
        if chainID == 0 { problems.append(Problem(TransactionRule.noChain)) }
        // EIP-2681 forbids the highest nonce.
        if nonce == .max { problems.append(Problem(TransactionRule.lastNonce)) }
        // EIP-1559: the maximum priority fee must not be higher than the maximum fee.
        if maxPriorityFeePerGas > maxFeePerGas {
            problems.append(
                Problem(
                    TransactionRule.priorityAboveMax, saw: "\(maxPriorityFeePerGas) wei",
                    expected: "at most \(maxFeePerGas) wei"))
        }
        if maxNetworkFee == nil {
            problems.append(Problem(TransactionRule.feeOverflow, saw: "\(gas) * \(maxFeePerGas) wei"))
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

    /// The lowest gas limit that a node accepts: the intrinsic gas or the floor gas, whichever is larger.
    public var minimumGas: UInt64 {
        let tokens = dataTokens
        return max(intrinsicGas(dataTokens: tokens), floorGas(dataTokens: tokens))
    }

    /// The intrinsic gas, which the transaction costs before it executes (yellow paper, section 6.2; EIP-2, 2028, 2930,
    /// 3860).
    public var intrinsicGas: UInt64 { intrinsicGas(dataTokens: dataTokens) }

    private func intrinsicGas(dataTokens: UInt64) -> UInt64 {
        var gas = Gas.transaction + dataTokens * Gas.token
        if to == nil { gas += Gas.creation + UInt64(data.count + 31) / 32 * Gas.initcodeWord }
        for entry in accessList {
            gas += Gas.accessListAddress + UInt64(entry.storageKeys.count) * Gas.accessListStorageKey
        }
        return gas
    }

    /// The floor gas: the minimum gas that a transaction with this data costs (EIP-7623).
    public var floorGas: UInt64 { floorGas(dataTokens: dataTokens) }

    private func floorGas(dataTokens: UInt64) -> UInt64 { Gas.transaction + dataTokens * Gas.floorToken }

    /// The number of data tokens (EIP-7623). A zero byte counts as one token, and any other byte as four. A data token
    /// costs 4 gas. So a zero byte costs 4 gas and any other byte 16 gas, as in EIP-2028.
    private var dataTokens: UInt64 {
        let bytes = data.span
        var zeros = 0
        var at = 0
        while at + 8 <= data.count {
            // The highest bit of each byte of `nonzero` is 0 if the corresponding byte of the data is zero. The bit is
            // 1 if that byte is not zero.
            let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
            let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
            let nonzero = ((word & low) + low) | word
            zeros += 8 - (nonzero & ~low).nonzeroBitCount
            at += 8
        }
        for index in at..<data.count where data[index] == 0 { zeros += 1 }
        return UInt64(zeros + (data.count - zeros) * 4)
    }
}

/// The gas costs of the protocol, and the EIPs that define them.
private enum Gas {
    static let transaction: UInt64 = 21_000
    /// The additional cost of creating a contract (EIP-2).
    static let creation: UInt64 = 32_000
    /// The cost of one data token (EIP-2028).
    static let token: UInt64 = 4
    /// The cost of one data token in the floor gas (EIP-7623).
    static let floorToken: UInt64 = 10
    /// The cost of each address in an access list. The constant after it is the cost of each storage key (EIP-2930).
    static let accessListAddress: UInt64 = 2_400
    static let accessListStorageKey: UInt64 = 1_900
    /// The cost of each 32-byte word of init code. The constant after it is the maximum size of init code in bytes
    /// (EIP-3860).
    static let initcodeWord: UInt64 = 2
    static let longestInitcode = 49_152
}
