public import AirlockEthereumTypes
import AirlockTypedData

/// A permit of a token itself (EIP-2612), by which its owner lets the payment contract take one amount: what is signed
/// for a payment that someone else sends.
public struct TokenPermit: Hashable, Sendable {
    public let owner: Address
    /// The payment contract.
    public let spender: Address
    public let value: UInt256
    /// The owner's, of the token: how many of its permits were used.
    public let nonce: UInt256
    public let deadline: UInt256
    /// The token's own `DOMAIN_SEPARATOR`: the name and version in it are the token's, and nothing tells them offline.
    public let domainSeparator: Hash

    public init(
        owner: Address, spender: Address, value: UInt256, nonce: UInt256, deadline: UInt256, domainSeparator: Hash
    ) {
        self.owner = owner
        self.spender = spender
        self.value = value
        self.nonce = nonce
        self.deadline = deadline
        self.domainSeparator = domainSeparator
    }

    /// What the owner signs (EIP-712).
    public var digest: Hash { TypedDataDomain.digest(structHash: structHash, separator: domainSeparator) }

    /// The hash of the permit without its domain: ERC-8213's `messageHash`.
    public var structHash: Hash {
        var permit = StructEncoder(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")
        permit.append(owner)
        permit.append(spender)
        permit.append(value)
        permit.append(nonce)
        permit.append(deadline)
        return permit.hash
    }
}
