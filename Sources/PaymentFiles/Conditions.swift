public import AirlockEthereumTypes

/// What the online machine measured before a payment: the chain's conditions for one sender.
///
/// Every field but the chain and the sender may be absent: a missing value is named by whoever needs
/// it, never guessed.
public struct Conditions: Hashable, Sendable {
    public struct Block: Hashable, Sendable {
        public let number: UInt64
        public let hash: Hash
        public let timestamp: Timestamp

        public init(number: UInt64, hash: Hash, timestamp: Timestamp) {
            self.number = number
            self.hash = hash
            self.timestamp = timestamp
        }
    }

    /// The token that the payer spends.
    public struct Token: Hashable, Sendable {
        public let address: Address
        public let symbol: String
        public let decimals: UInt64
        public let balance: UInt256
        public let domainSeparator: Hash?

        public init(
            address: Address, symbol: String, decimals: UInt64, balance: UInt256, domainSeparator: Hash? = nil
        ) {
            self.address = address
            self.symbol = symbol
            self.decimals = decimals
            self.balance = balance
            self.domainSeparator = domainSeparator
        }
    }

    public struct Approval: Hashable, Sendable {
        public let spender: Address
        public let allowance: UInt256
        /// Does the token refuse to change an allowance that is not zero?
        public let resetFirst: Bool

        public init(spender: Address, allowance: UInt256, resetFirst: Bool) {
            self.spender = spender
            self.allowance = allowance
            self.resetFirst = resetFirst
        }
    }

    /// A token of a payroll, and the gas of the dearest of its transfers.
    public struct PayrollToken: Hashable, Sendable {
        public let token: Token
        public let gas: UInt64

        public init(token: Token, gas: UInt64) {
            self.token = token
            self.gas = gas
        }
    }

    public var chain: Chain
    public var sender: Address
    public var nonce: UInt64?
    /// The gas of the payment itself; of a payroll, of each transfer of native currency.
    public var gas: UInt64?
    public var approveGas: UInt64?
    public var maxFeePerGas: UInt256?
    public var maxPriorityFeePerGas: UInt256?
    public var block: Block?
    public var nativeBalance: UInt256?
    public var token: Token?
    /// Of a payroll alone: the tokens that it pays in, none where it pays in native currency only. The nonce is then that of
    /// the first payment.
    public var tokens: [PayrollToken]?
    public var approval: Approval?
    /// A proposal, shown in the review.
    public var method: String?
    /// A proposal, shown in the review.
    public var value: UInt256?
    /// A proposal, shown in the review.
    public var poolFee: UInt64?
    /// What an OP-stack chain takes besides gas, over all the transactions of the payment that can be mined together.
    public var l1Fee: UInt256?
    public var ledgerHead: Hash?

    public init(chain: Chain, sender: Address) {
        self.chain = chain
        self.sender = sender
    }

    public static let kind = "conditions"
}
