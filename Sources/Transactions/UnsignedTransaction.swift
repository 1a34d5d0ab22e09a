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
