import AirlockTokens
import AirlockPolicies
import AirlockEthereumTypes
import AirlockDiagnostics

/// The domain separators of tokens: a permit is of whatever token has the separator that was signed.
extension Policy {
    /// The domain separator that the permits of a token have: what the policy pins, else what is known of the token.
    /// `nil` where neither says it.
    func domainSeparator(of token: Address, on chain: Chain) -> Hash? {
        chains[chain]?.currencies[token]?.domainSeparator ?? KnownTokens.on(chain)?.domainSeparator(of: token)
    }

    /// Refuses a domain separator that is not the token's, and warns of one that nobody knows.
    func checkDomain(_ saw: Hash, of token: Address, on chain: Chain, at place: String, _ check: inout Check) {
        let pinned = chains[chain]?.currencies[token]?.domainSeparator
        let known = KnownTokens.on(chain)?.domainSeparator(of: token)
        if let expected = [pinned, known].compactMap(\.self).first(where: { $0 != saw }) {
            check.problems.append(
                Problem(SigningRule.otherDomain, at: place, saw: "\(saw)", expected: "\(expected)"))
        } else if let other = tokens(withDomainSeparator: saw).first(where: { $0 != (chain, token) }) {
            check.problems.append(
                Problem(
                    SigningRule.otherDomain, at: place, saw: "\(saw), that of \(other.token) on \(other.chain)",
                    expected: "that of \(token)"))
        } else if pinned != nil || known != nil {
            check.find("the domain separator is the token's")
        } else {
            check.warnings.append(
                "no policy says that the domain separator is the token's: the permit is of whatever token has it")
        }
    }

    /// The tokens that have a domain separator, as far as the policy or Airlock knows them.
    private func tokens(withDomainSeparator separator: Hash) -> [(chain: Chain, token: Address)] {
        let pinned = chains.flatMap { chain, rules in
            rules.currencies.filter { $0.value.domainSeparator == separator }.map { (chain: chain, token: $0.key) }
        }
        return pinned + KnownTokens.tokens(withDomainSeparator: separator)
    }
}
