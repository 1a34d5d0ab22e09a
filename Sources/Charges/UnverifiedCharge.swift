public import AirlockEthereumTypes
public import AirlockDiagnostics

/// A charge as it was read: well-formed, but nobody has proved yet that the operator signed it.
///
/// It can be looked at and checked; only a ``Charge`` can become a call.
public struct UnverifiedCharge: Hashable, Sendable {
    /// The service's name for the charge.
    public let id: String
    public let chain: Chain
    /// The Transfers contract that is to be called.
    public let contract: Address
    /// The payer that the operator signed for.
    public let sender: Address
    public let intent: TransferIntent
    /// What has to be paid in all: never zero.
    public let needed: UInt256
    public let deadline: Timestamp

    /// Puts together again what a transaction says; `nil` when it could not have been read from a file either.
    public init?(id: String, chain: Chain, contract: Address, sender: Address, intent: TransferIntent) {
        guard let needed = intent.needed, !needed.isZero, !intent.recipient.isZero, !intent.operator.isZero else {
            return nil
        }
        self.init(
            id: id, chain: chain, contract: contract, sender: sender, intent: intent, needed: needed)
    }

    /// The needed amount is the intent's.
    init(id: String, chain: Chain, contract: Address, sender: Address, intent: TransferIntent, needed: UInt256) {
        self.id = id
        self.chain = chain
        self.contract = contract
        self.sender = sender
        self.intent = intent
        self.needed = needed
        // Files say times in RFC 3339, which has no year beyond 9999: that is late enough to be told apart from no more.
        self.deadline = min(Timestamp(seconds: UInt64(exactly: intent.deadline) ?? .max), .last)
    }

    /// Where the fields of the intent stand in the file.
    public static let callData = "/data/web3_data/transfer_intent/call_data"
    public static let metadata = "/data/web3_data/transfer_intent/metadata"

    /// What makes the contract refuse the charge at a moment, whoever signed it.
    public func expiry(at now: Timestamp) -> Problem? {
        guard deadline < now else { return nil }
        return Problem(
            ChargeRule.expired, at: "\(Self.callData)/deadline", saw: deadline.description,
            expected: "\(now) or later")
    }
}
