public import AirlockEthereumTypes

/// What a request asks for (payer, payee, amounts, chain, deadline), in one type for all kinds of request. The policy,
/// the review, the caps and the ledger use this type.
public struct Terms: Hashable, Sendable {
    /// An amount of one currency. The zero address stands for the chain's native currency.
    public struct Amount: Hashable, Sendable {
        public let currency: Address
        /// The amount in the smallest unit of the currency.
        public let amount: UInt256

        public init(currency: Address, amount: UInt256) {
            self.currency = currency
            self.amount = amount
        }
    }

    /// The locations from which the values of the request were read, for error messages. Each location is either a JSON
    /// pointer into the request or a name, such as the name of a command-line option.
    public struct Places: Hashable, Sendable {
        public let chain: String
        public let payer: String
        public let payee: String
        public let currency: String
        public let amount: String
        public let expires: String
        public let reference: String

        public init(
            chain: String, payer: String, payee: String, currency: String, amount: String, expires: String,
            reference: String
        ) {
            self.chain = chain
            self.payer = payer
            self.payee = payee
            self.currency = currency
            self.amount = amount
            self.expires = expires
            self.reference = reference
        }
    }

    public let chain: Chain
    /// The payer; `nil` if the request allows any account to pay.
    public let payer: Address?
    public let payee: Address
    /// All amounts that the payer owes, including fees to other parties. There is at most one amount per currency.
    /// Empty if the request states no amount, for example if it is a call that sends no native currency.
    public let owed: [Amount]
    /// The last time at which the request can be paid. `nil` if the request never expires.
    public let expires: Timestamp?
    public let places: Places

    public init(
        chain: Chain, payer: Address?, payee: Address, owed: [Amount], expires: Timestamp?, places: Places
    ) {
        self.chain = chain
        self.payer = payer
        self.payee = payee
        self.owed = owed
        self.expires = expires
        self.places = places
    }

    /// The owed amount of a currency; `nil` if nothing is owed in this currency.
    public func owed(of currency: Address) -> UInt256? { owed.first { $0.currency == currency }?.amount }
}
