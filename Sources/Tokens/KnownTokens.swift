public import AirlockEthereumTypes
import AirlockTypedData

/// The contracts on one chain that Airlock knows. These are some tokens, and the contract that quotes the prices of
/// swaps. Their addresses are constants in Airlock's source code. The built-in policy takes its tokens from these
/// constants. A policy file must list each token that payments may spend, even if Airlock knows the token.
public struct KnownTokens: Sendable {
    public let chain: Chain
    public let usdc: Address
    /// The name of USDC in the EIP-712 domain of its permits. The version in this domain is "2" on every chain.
    private let usdcName: String
    public let wrappedNative: Address
    /// The address of Uniswap's contract QuoterV2. `nil` if Airlock knows no such contract on the chain.
    public let quoter: Address?

    private init(
        _ chain: Chain, usdc: StaticString, usdcName: String = "USD Coin", wrappedNative: StaticString,
        quoter: StaticString? = nil
    ) {
        self.chain = chain
        self.usdc = Address(known: usdc)
        self.usdcName = usdcName
        self.wrappedNative = Address(known: wrappedNative)
        self.quoter = quoter.map { Address(known: $0) }
    }

    /// The chains for which Airlock knows tokens.
    public static let all = [
        KnownTokens(
            .ethereum, usdc: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
            wrappedNative: "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
            quoter: "0x61fFE014bA17989E743c5F6cB21bF9697530B21e"),
        KnownTokens(
            .polygon, usdc: "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359",
            wrappedNative: "0x0d500B1d8E8eF31E21C99d1Db9A6444d3ADf1270",
            quoter: "0x61fFE014bA17989E743c5F6cB21bF9697530B21e"),
        KnownTokens(
            .base, usdc: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
            wrappedNative: "0x4200000000000000000000000000000000000006",
            quoter: "0x3d4e44Eb1374240CE5F1B871ab261CD16335B76a"),
        KnownTokens(
            .sepolia, usdc: "0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238", usdcName: "USDC",
            wrappedNative: "0xfFf9976782d46CC05630D1f6eBAb18b2324d6B14"),
        KnownTokens(
            .baseSepolia, usdc: "0x036CbD53842c5426634e7929541eC2318f3dCF7e", usdcName: "USDC",
            wrappedNative: "0x4200000000000000000000000000000000000006"),
    ]

    /// The known tokens of a chain. `nil` if Airlock knows no tokens there.
    public static func on(_ chain: Chain) -> KnownTokens? { all.first { $0.chain == chain } }

    /// The decimals of a currency. `nil` if Airlock does not know them. The zero address stands for the native currency,
    /// which has 18 decimals on every chain.
    public static func decimals(of currency: Address, on chain: Chain) -> Int? {
        if currency.isZero { return 18 }
        guard let known = on(chain) else { return nil }
        return currency == known.usdc ? 6 : currency == known.wrappedNative ? 18 : nil
    }

    /// The `DOMAIN_SEPARATOR` of a token on this chain. `nil` for all tokens except USDC.
    public func domainSeparator(of token: Address) -> Hash? {
        guard token == usdc else { return nil }
        return TypedDataDomain(
            name: usdcName, version: "2", chainId: UInt256(chain.id), verifyingContract: usdc
        ).separator
    }

    /// The known tokens whose `DOMAIN_SEPARATOR` is `separator`, with their chains.
    public static func tokens(withDomainSeparator separator: Hash) -> [(chain: Chain, token: Address)] {
        all.filter { $0.domainSeparator(of: $0.usdc) == separator }.map { ($0.chain, $0.usdc) }
    }
}
