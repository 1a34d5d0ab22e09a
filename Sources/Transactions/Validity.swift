import AirlockEthereumTypes
public import AirlockDiagnostics

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
