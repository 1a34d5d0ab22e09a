public import AirlockEthereumTypes

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
        /// The account's; of a permit, the one that its token counts.
        public let nonce: UInt64
        /// Of a permit, the digest that was signed.
        public let hash: Hash
        /// `nil` for a permit.
        public let raw: [UInt8]?
        /// `nil` for a transaction.
        public let permit: Permit?

        public init(role: Role, rung: UInt64?, nonce: UInt64, hash: Hash, raw: [UInt8]) {
            self.role = role
            self.rung = rung
            self.nonce = nonce
            self.hash = hash
            self.raw = raw
            self.permit = nil
        }

        public init(_ permit: Permit, nonce: UInt64, digest: Hash) {
            self.role = .permit
            self.rung = nil
            self.nonce = nonce
            self.hash = digest
            self.raw = nil
            self.permit = permit
        }
    }

    /// The payer's signature of a permit of the token, and the call that someone else has to send with it.
    public struct Permit: Hashable, Sendable {
        /// r, s and v (27 or 28).
        public let signature: [UInt8]
        /// The token's, which went into the digest.
        public let domainSeparator: Hash
        /// The contract that is to be called.
        public let to: Address
        /// The whole call, with the signature in it.
        public let data: [UInt8]

        public init(signature: [UInt8], domainSeparator: Hash, to: Address, data: [UInt8]) {
            self.signature = signature
            self.domainSeparator = domainSeparator
            self.to = to
            self.data = data
        }
    }

    /// What is paid, as the other machine knows it.
    public enum Subject: Hashable, Sendable {
        /// The form of the first kind of request, which files have kept: the service's name, the id that the contract
        /// pays once, and the function that pays it.
        case first(name: String, id: FixedBytes<16>, method: String)
        /// Of every other kind: the kind, and the key and text of what must not be signed twice.
        case request(kind: String, key: Hash, reference: String)
    }

    public let subject: Subject
    public let chain: Chain
    public let from: Address
    /// After this, what was signed pays nothing any more, or should not be sent; `nil` where it never expires.
    public let expires: Timestamp?
    public let policyHash: Hash
    /// The ledger entry that records this payment.
    public let ledgerHead: Hash?
    /// See ``ComparisonCode``.
    public let code: String
    public let transactions: [Transaction]

    /// What stands alone in the place of transactions, where someone else is to send the call.
    public var permit: Permit? { transactions.first?.permit }

    public init(
        _ subject: Subject, chain: Chain, from: Address, expires: Timestamp?, policyHash: Hash, ledgerHead: Hash?,
        code: String, transactions: [Transaction]
    ) {
        self.subject = subject
        self.chain = chain
        self.from = from
        self.expires = expires
        self.policyHash = policyHash
        self.ledgerHead = ledgerHead
        self.code = code
        self.transactions = transactions
    }

    /// What the request is called: a text of its own, which may be empty.
    public var name: String {
        switch subject {
        case .first(let name, _, _): name
        case .request(_, _, let reference): reference
        }
    }

    public static let kind = "payment"
}
