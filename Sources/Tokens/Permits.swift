public import AirlockEthereumTypes
import AirlockTypedData

/// A permit for the token contract (EIP-2612). The owner signs it to let the payment contract transfer a given amount.
/// Airlock uses such a permit if somebody other than the owner submits the payment.
public struct TokenPermit: Hashable, Sendable {
    public let owner: Address
    /// The payment contract, which is allowed to transfer the tokens.
    public let spender: Address
    public let value: UInt256
    /// The owner's nonce in the token contract: the number of permits that the owner has used.
    public let nonce: UInt256
    public let deadline: UInt256
    /// The token's `DOMAIN_SEPARATOR`. It depends on the token's name and version, which are not known offline.
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

    /// The digest that the owner signs (EIP-712).
    public var digest: Hash { TypedDataDomain.digest(structHash: structHash, separator: domainSeparator) }

    /// The hash of the permit without its domain. ERC-8213 calls it `messageHash`.
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

/// A permit of Uniswap's contract Permit2. The payer signs it to let the payment contract transfer an amount of one
/// token, once.
public struct Permit2Transfer: Hashable, Sendable {
    /// The address of Permit2, which is the same on all chains.
    public static let contract = Address(known: "0x000000000022D473030F116dDEE9F6B43aC78BA3")

    public let chain: Chain
    public let token: Address
    public let amount: UInt256
    /// The payment contract, which is allowed to transfer the tokens.
    public let spender: Address
    /// The nonce of the permit, which is derived from the request. So each time the request is signed, the nonce is the
    /// same. For the same reason, the permit cannot be used to fulfil another request. Permit2 accepts nonces in any
    /// order, so the nonce does not have to follow the previous one.
    public let nonce: UInt256
    public let deadline: UInt256

    public init(
        chain: Chain, token: Address, amount: UInt256, spender: Address, nonce: UInt256, deadline: UInt256
    ) {
        self.chain = chain
        self.token = token
        self.amount = amount
        self.spender = spender
        self.nonce = nonce
        self.deadline = deadline
    }

    /// The digest that the payer signs: a `PermitTransferFrom` without a witness (EIP-712).
    public var digest: Hash {
        TypedDataDomain.digest(structHash: structHash, separator: Self.domainSeparator(on: chain))
    }

    /// The hash of the permit without its domain. ERC-8213 calls it `messageHash`.
    public var structHash: Hash {
        var permitted = StructEncoder("TokenPermissions(address token,uint256 amount)")
        permitted.append(token)
        permitted.append(amount)
        var permit = StructEncoder(
            "PermitTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline)"
                + "TokenPermissions(address token,uint256 amount)")
        permit.append(permitted.hash)
        permit.append(spender)
        permit.append(nonce)
        permit.append(deadline)
        return permit.hash
    }

    /// The domain separator of Permit2. The domain has the same name and the same address on every chain. It has no
    /// version.
    public static func domainSeparator(on chain: Chain) -> Hash {
        TypedDataDomain(name: "Permit2", chainId: UInt256(chain.id), verifyingContract: contract).separator
    }
}
