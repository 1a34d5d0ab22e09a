public import AirlockEthereumTypes

/// A deployment of the payment contract, with its address on one chain.
public struct Deployment: Sendable {
    public let chain: Chain
    /// The address of the Transfers contract.
    public let transfers: Address

    private init(_ chain: Chain, _ transfers: StaticString) {
        self.chain = chain
        self.transfers = Address(known: transfers)
    }

    /// The operator that signs all intents for the current deployments on main networks.
    public static let `operator` = Address(known: "0x8fcCC78Dae0a8f93B0fE6799de888d4C57e273db")

    /// The deployments on main networks, where payments use real money.
    public static let current = [
        Deployment(.ethereum, "0x1FA57f879417e029Ef57D7Ce915b0aA56A507C31"),
        Deployment(.polygon, "0x288844216a63638381784E0C1081A3826fD5a2E4"),
        Deployment(.base, "0x03059433BCdB6144624cC2443159D9445C32b7a8"),
    ]

    /// The deployments of the 2024 release on test networks, where payments use no real money. Airlock does not know
    /// the operators of these deployments.
    public static let rehearsal = [
        Deployment(.sepolia, "0x96A08D8e8631b6dB52Ea0cbd7232d9A85d239147"),
        Deployment(.baseSepolia, "0x96A08D8e8631b6dB52Ea0cbd7232d9A85d239147"),
    ]

    /// Returns the deployment on a chain, or `nil` if no deployment is known there.
    public static func on(_ chain: Chain) -> Deployment? { (current + rehearsal).first { $0.chain == chain } }
}
