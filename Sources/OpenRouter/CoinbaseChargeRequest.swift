public import AirlockEthereumTypes
internal import AirlockStrictJSON

/// What a charge is asked for.
public struct CoinbaseChargeRequest: Hashable, Sendable {
    /// US dollars: 1 to 100000, all digits that count.
    public let amount: String
    /// The account that will pay.
    public let sender: Address
    public let chain: Chain
    private let units: UInt256

    /// The amount is in dollars and decimal, such as `25` or `12.50`. No more than six decimals, which is as fine as USDC
    /// goes: an amount is sent exactly as it is, or refused.
    public init(amount: String, sender: Address, chain: Chain) throws(OpenRouterError) {
        self.init(amount: try Self.amount(amount), sender: sender, on: chain)
    }

    private init(amount: UInt256, sender: Address, on chain: Chain) {
        self.units = amount
        self.amount = Amount.format(amount, decimals: Self.decimals)
        self.sender = sender
        self.chain = chain
    }

    private static let decimals = 6

    private static func amount(_ text: String) throws(OpenRouterError) -> UInt256 {
        guard let amount = try? Amount.parse(text, decimals: decimals), amount >= 1_000_000, amount <= 100_000_000_000
        else { throw OpenRouterError(.badAmount, saw: text) }
        return amount
    }

    /// What a charge of this amount may ask for in USDC, in units of 10^-6: a USDC is a dollar. The service adds 5 % to the
    /// amount; more than 10 % is not what was asked for.
    public var amountsInUSDC: (least: UInt256, most: UInt256) {
        let tenth = units.quotientAndRemainder(dividingBy: 10)?.quotient ?? .zero
        return (units, units.adding(tenth) ?? units)
    }

    /// The chain is a number here, whatever the service's reference shows.
    var json: JSONOutput {
        ["amount": .number(amount), "sender": .string(sender.description), "chain_id": .number("\(chain.id)")]
    }
}
