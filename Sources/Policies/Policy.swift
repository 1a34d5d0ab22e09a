public import AirlockEthereumTypes
import AirlockCharges

/// What may be paid: which chains, contracts, operators, recipients and currencies, and how much. What a policy does
/// not list is refused.
public struct Policy: Sendable {
    public struct Currency: Sendable {
        public let symbol: String
        public let decimals: Int
        /// In the currency's smallest unit.
        public let perPayment: UInt256?
        /// In the currency's smallest unit, over the last 24 hours of the ledger.
        public let perDay: UInt256?
        /// What the token answers as its `DOMAIN_SEPARATOR`: the domain of its permits (EIP-712).
        public let domainSeparator: Hash?

        init(
            symbol: String, decimals: Int, perPayment: UInt256? = nil, perDay: UInt256? = nil,
            domainSeparator: Hash? = nil
        ) {
            self.symbol = symbol
            self.decimals = decimals
            self.perPayment = perPayment
            self.perDay = perDay
            self.domainSeparator = domainSeparator
        }
    }

    public struct ChainRules: Sendable {
        public let contracts: Set<Address>
        public let operators: Set<Address>
        /// The label of each recipient; nothing when the policy does not pin recipients.
        public let recipients: [Address: String]?
        /// The zero address is the chain's native currency.
        public let currencies: [Address: Currency]
        public let maxNativeValue: UInt256?
        public let maxNetworkFee: UInt256?
        /// The highest price for a swap: native currency, in wei, for one whole token.
        public let maxNativePerToken: UInt256?
        public let wrappedNative: Address?
        /// The label of each party that may ask for a transfer; `nil` when the policy does not ask who asks.
        public let requesters: [Address: String]?

        /// The addresses of a list that a kind of request needs; `nil` where the policy has no such list.
        public func list(_ name: String) -> Set<Address>? {
            switch name {
            case "contracts": contracts
            case "operators": operators
            case "requesters": requesters.map { Set($0.keys) }
            default: nil
            }
        }
    }

    public let chains: [Chain: ChainRules]
    /// How old, in seconds, a conditions file may be.
    public let maxConditionsAge: UInt64?
    /// The hash of the file's bytes; of its canonical form for the built-in pins.
    public let hash: Hash
    /// Whose it is: a path, or the built-in pins.
    public let origin: String

    /// Pins of the current deployments, their operator, and the currencies they are paid in: for those who have no
    /// policy. They pin no recipient and cap nothing, so a person must always be asked.
    public static let builtIn: Policy = {
        var chains: [Chain: ChainRules] = [:]
        var text = "airlock built-in pins\n"
        for deployment in Deployment.current {
            let chain = deployment.chain
            chains[chain] = ChainRules(
                contracts: [deployment.transfers], operators: [Deployment.operator], recipients: nil,
                currencies: [
                    .zero: Currency(symbol: chain.nativeSymbol, decimals: 18),
                    deployment.usdc: Currency(symbol: "USDC", decimals: 6),
                    deployment.wrappedNative: Currency(
                        symbol: "W\(chain.nativeSymbol)", decimals: 18),
                ],
                maxNativeValue: nil, maxNetworkFee: nil, maxNativePerToken: nil,
                wrappedNative: deployment.wrappedNative, requesters: nil)
            text += "\(chain.id) \(deployment.transfers) \(deployment.usdc) \(deployment.wrappedNative)\n"
        }
        text += "\(Deployment.operator)\n"
        return Policy(chains: chains, maxConditionsAge: nil, hash: .keccak(Array(text.utf8)), origin: "built-in pins")
    }()
}
