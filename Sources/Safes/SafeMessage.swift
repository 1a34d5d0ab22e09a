public import AirlockDiagnostics
public import AirlockEthereumTypes

/// A message that is signed for a Safe (SafeMessage). The owners sign a hash of the message in the Safe's domain. The
/// Safe's contract verifies their signatures (EIP-1271).
public struct SafeMessage: Sendable {
    public let domain: SafeDomain
    /// The policy's rules for the Safe that signs.
    public let rules: SafeRules.Safe
    /// The hash of the message itself. For a text message it is computed by EIP-191, and for typed data by EIP-712.
    public let inner: Hash

    /// The name of the request kind in the ledger entry of a message that a Safe signs.
    public static let kind = "safe-message"

    public var messageHash: Hash { SafeDomain.messageHash(of: inner) }
    /// The hash that the owners sign.
    public var hash: Hash { domain.digest(of: messageHash) }

    /// The hashes of the message, each with its name. The user can compare them with the hashes that other tools and
    /// devices show.
    public var hashes: [(name: String, hash: Hash)] {
        [
            ("innerHash", inner), ("domainHash", domain.hash), ("messageHash", messageHash), ("safeMessageHash", hash),
        ]
    }

    /// Makes the message, and checks it against the policy.
    ///
    /// - Parameters:
    ///   - inner: the hash of the message itself.
    ///   - safe: the Safe that signs the message.
    ///   - chain: the chain that the message names; `nil` if the message names no chain.
    ///   - given: the Safe's chain and version, if the caller knows them.
    ///   - listed: the policy's rules for the Safes on each chain.
    public init(
        of inner: Hash, by safe: Address, on chain: Chain?, _ given: SafeProposal.Given, listed: [Chain: SafeRules]
    ) throws(ProblemList) {
        let chains = listed.keys.filter { listed[$0]?.safes[safe] != nil }
        guard let chain = chain ?? given.chain ?? (chains.count == 1 ? chains.first : nil) else {
            let named = chains.map(\.description).sorted().joined(separator: ", ")
            throw ProblemList(
                chains.isEmpty
                    ? SafeProposal.unlisted(at: ArgumentPlace.safe.rawValue, safe, nil)
                    : Problem(
                        SafeRule.noChain, at: .chain, saw: "the Safe in the policy on \(named)",
                        expected: "the Safe's chain"))
        }
        guard let rules = listed[chain]?.safes[safe] else {
            throw ProblemList(SafeProposal.unlisted(at: ArgumentPlace.safe.rawValue, safe, chain))
        }
        if let typed = given.version, typed != rules.version {
            throw ProblemList(
                Problem(
                    SafeRule.otherVersion, at: .safeVersion, saw: "\(typed)",
                    expected: "\(rules.version), as the policy says"))
        }
        domain = SafeDomain(chain: chain, safe: safe, version: rules.version)
        self.rules = rules
        self.inner = inner
    }
}
