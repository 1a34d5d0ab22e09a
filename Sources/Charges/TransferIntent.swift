public import AirlockEthereumTypes
import AirlockKeccak
public import AirlockTokens

/// The data that an operator signs. These are the fields of `TransferIntent` in the payment contract.
public struct TransferIntent: Hashable, Sendable {
    public let recipientAmount: UInt256
    /// The deadline in seconds since 1970. The contract accepts a payment up to and including a block with exactly this
    /// time.
    public let deadline: UInt256
    public let recipient: Address
    /// The currency that the recipient gets. The zero address means the chain's native currency.
    public let recipientCurrency: Address
    /// The refund address that the operator signed. The contract does not use it after a swap: it refunds the remaining
    /// amount to the sender.
    public let refundDestination: Address
    public let feeAmount: UInt256
    public let id: FixedBytes<16>
    public let `operator`: Address
    public let signature: [UInt8]
    public let prefix: [UInt8]

    public init(
        recipientAmount: UInt256, deadline: UInt256, recipient: Address, recipientCurrency: Address,
        refundDestination: Address, feeAmount: UInt256, id: FixedBytes<16>, operator: Address, signature: [UInt8],
        prefix: [UInt8]
    ) {
        self.recipientAmount = recipientAmount
        self.deadline = deadline
        self.recipient = recipient
        self.recipientCurrency = recipientCurrency
        self.refundDestination = refundDestination
        self.feeAmount = feeAmount
        self.id = id
        self.operator = `operator`
        self.signature = signature
        self.prefix = prefix
    }

    /// The total amount to pay. `nil` if the total does not fit into 256 bits.
    public var needed: UInt256? { recipientAmount.adding(feeAmount) }
}

extension TransferIntent {
    /// The prefix that all intents have in practice. The operator signs the hash of two parts: this prefix, and then
    /// the hash of the intent.
    public static let knownPrefix = Array("K2 Informational Message: 32 ".utf8)

    /// The hash of the intent for one payer, one chain and one contract: the Keccak-256 hash of 264 packed bytes. The
    /// operator signs a digest of this hash.
    public func hash(chain: Chain, sender: Address, contract: Address) -> Hash {
        var packed: [UInt8] = []
        packed.reserveCapacity(264)
        packed.append(recipientAmount.word)
        packed.append(deadline.word)
        packed.append(recipient.bytes)
        packed.append(recipientCurrency.bytes)
        packed.append(refundDestination.bytes)
        packed.append(feeAmount.word)
        packed.append(id)
        packed.append(`operator`.bytes)
        packed.append(UInt256(chain.id).word)
        packed.append(sender.bytes)
        packed.append(contract.bytes)
        return Hash(Keccak256.hash(packed))
    }

    /// The digest that the operator signs: the Keccak-256 hash of the prefix followed by `hash`. If the prefix is
    /// empty, it is replaced by the prefix of a personal message (EIP-191).
    public func signedDigest(of hash: Hash) -> Hash {
        var message = prefix.isEmpty ? Self.personalPrefix : prefix
        message.append(hash)
        return Hash(Keccak256.hash(message))
    }

    private static let personalPrefix = Array("\u{19}Ethereum Signed Message:\n32".utf8)
}

extension [UInt8] {
    @inline(__always)
    fileprivate mutating func append<let count: Int>(_ bytes: FixedBytes<count>) {
        unsafe bytes.inline.span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension TokenPermit {
    /// Makes the permit that the contract needs to pay this intent. The permit is for the total amount, and it is valid
    /// until the intent's deadline. Returns `nil` if the total does not fit into 256 bits.
    public init?(
        paying intent: TransferIntent, owner: Address, spender: Address, nonce: UInt256, domainSeparator: Hash
    ) {
        guard let needed = intent.needed else { return nil }
        self.init(
            owner: owner, spender: spender, value: needed, nonce: nonce, deadline: intent.deadline,
            domainSeparator: domainSeparator)
    }
}
