public import EthereumTypes

/// What comes back over the gap: one payment, signed, with all that the online machine needs to follow it.
public struct Payment: Hashable, Sendable {
    public enum Role: String, CaseIterable, Sendable {
        /// Sets an allowance to zero first, for tokens that demand it.
        case reset
        case approve
        case pay
        /// A transfer to oneself that outbids the others of its nonce.
        case cancel
        /// A permit that someone else sends: no transaction of ours.
        case permit
    }

    public struct Transaction: Hashable, Sendable {
        public let role: Role
        /// Which of several variants of the same nonce, the cheapest first.
        public let rung: UInt64?
        public let nonce: UInt64
        public let hash: Hash
        public let raw: [UInt8]

        public init(role: Role, rung: UInt64?, nonce: UInt64, hash: Hash, raw: [UInt8]) {
            self.role = role
            self.rung = rung
            self.nonce = nonce
            self.hash = hash
            self.raw = raw
        }
    }

    public let chargeID: String
    public let intentID: FixedBytes<16>
    public let chain: Chain
    public let from: Address
    public let method: String
    /// The intent's deadline: later, the transaction burns gas and pays nothing.
    public let expires: Timestamp
    public let policyHash: Hash
    /// The ledger entry that records this payment.
    public let ledgerHead: Hash?
    /// See ``ComparisonCode``.
    public let code: String
    public let transactions: [Transaction]

    public init(
        chargeID: String, intentID: FixedBytes<16>, chain: Chain, from: Address, method: String, expires: Timestamp,
        policyHash: Hash, ledgerHead: Hash?, code: String, transactions: [Transaction]
    ) {
        self.chargeID = chargeID
        self.intentID = intentID
        self.chain = chain
        self.from = from
        self.method = method
        self.expires = expires
        self.policyHash = policyHash
        self.ledgerHead = ledgerHead
        self.code = code
        self.transactions = transactions
    }

    public static let kind = "payment"
}
