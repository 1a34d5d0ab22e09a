public import AirlockEthereumTypes

/// What an operator signs: the contract's `TransferIntent`, field for field.
public struct TransferIntent: Hashable, Sendable {
    public let recipientAmount: UInt256
    /// Seconds since 1970; the contract still accepts a block of exactly this time.
    public let deadline: UInt256
    public let recipient: Address
    /// The zero address is the chain's native currency.
    public let recipientCurrency: Address
    /// Signed over, but never used for refunds: what a swap leaves over goes to the sender.
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

    /// What has to be paid in all; `nil` when it does not fit into 256 bits.
    public var needed: UInt256? { recipientAmount.adding(feeAmount) }
}
