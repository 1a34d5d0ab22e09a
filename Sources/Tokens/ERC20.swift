public import AirlockABI
public import AirlockEthereumTypes

/// Encodes the call data for functions of a token (EIP-20), and decodes approvals. Only the functions that payments use
/// are supported.
public enum ERC20 {
    /// Encodes a call that allows the spender to transfer up to `amount` of the caller's tokens.
    public static func approve(_ spender: Address, _ amount: UInt256) -> [UInt8] {
        ABIWriter.encode(approveSelector, words: 2) { writer in
            writer.append(spender)
            writer.append(amount)
        }
    }

    /// Decodes a call of `approve`. Returns `nil` if the data is not exactly such a call.
    public static func approval(in data: [UInt8]) -> (spender: Address, amount: UInt256)? {
        func read() throws(ABIError) -> (spender: Address, amount: UInt256) {
            var reader = try ABIReader(data, after: approveSelector, words: 2)
            let spender = try reader.address()
            let amount = try reader.uint256()
            try reader.finish()
            return (spender, amount)
        }
        return try? read()
    }

    /// Encodes a call that transfers `amount` of the caller's tokens to the recipient.
    public static func transfer(_ recipient: Address, _ amount: UInt256) -> [UInt8] {
        ABIWriter.encode(transferSelector, words: 2) { writer in
            writer.append(recipient)
            writer.append(amount)
        }
    }

    public static func allowance(of owner: Address, for spender: Address) -> [UInt8] {
        ABIWriter.encode(Selector(signature: "allowance(address,address)"), words: 2) { writer in
            writer.append(owner)
            writer.append(spender)
        }
    }

    public static func balance(of owner: Address) -> [UInt8] {
        ABIWriter.encode(Selector(signature: "balanceOf(address)"), words: 1) { $0.append(owner) }
    }

    /// Encodes a call that reads the owner's nonce for permits (EIP-2612): the number of permits that the owner has
    /// used.
    public static func permitNonce(of owner: Address) -> [UInt8] {
        ABIWriter.encode(Selector(signature: "nonces(address)"), words: 1) { $0.append(owner) }
    }

    public static let domainSeparator = ABIWriter.encode(Selector(signature: "DOMAIN_SEPARATOR()"), words: 0) { _ in }
    public static let decimals = ABIWriter.encode(Selector(signature: "decimals()"), words: 0) { _ in }
    public static let symbol = ABIWriter.encode(Selector(signature: "symbol()"), words: 0) { _ in }

    public static let approveSelector = Selector(signature: "approve(address,uint256)")
    public static let transferSelector = Selector(signature: "transfer(address,uint256)")
}
