import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequests
import AirlockTokens

/// A payment that someone else sends: the payer signs a permit of the token, and no transaction.
extension Checker {
    /// In the place of gas, fees and native balances, none of which are the payer's.
    mutating func checkMessage() {
        var check = Check(.money, isBrief: isBrief)
        defer { checks.append(check) }
        check.problems += uselessArguments + missingOfPermit + otherNonce
        guard let message = action?.message else {
            check.leaveOut()
            return
        }
        check.find("the payer signs no transaction, and pays no network fee")
        if let domain = message.domain {
            request.policy.checkDomain(
                domain.separator, of: domain.token, on: terms.chain, at: "/token/domainSeparator", &check)
        }
    }

    /// What is given for transactions would be of no effect.
    private var uselessArguments: [Problem] {
        let given: [(ArgumentPlace, Bool)] = [
            (.gas, request.gas != nil), (.maxFeePerGas, request.maxFeePerGas != nil),
            (.maxPriorityFeePerGas, request.maxPriorityFeePerGas != nil), (.approve, request.approve),
            (.rungs, request.rungs > 1), (.cancel, request.cancel),
        ]
        return given.filter(\.1).map { Problem(SigningRule.noTransaction, at: $0.0) }
    }

    private var missingOfPermit: [Problem] {
        var missing: [Problem] = []
        func add(_ argument: ArgumentPlace, _ pointer: String, _ detail: String) {
            let place = argument.place(or: pointer, isGiven: request.conditions == nil)
            missing.append(Problem(SigningRule.missingValue, at: place, detail: detail))
        }
        if request.effectiveNonce == nil { add(.nonce, "/nonce", "the nonce of the payer's permits of the token") }
        if request.conditions?.token?.domainSeparator == nil {
            add(.conditions, "/token/domainSeparator", "the token's domainSeparator")
        }
        if lacksBlock { add(.conditions, "/block", "block") }
        return missing
    }

    /// The nonce of a permit is counted by its token, that of a transaction by the account: one is not taken for the
    /// other.
    var otherNonce: [Problem] {
        guard request.nonce == nil, let conditions = request.conditions, conditions.nonce != nil,
            let measured = conditions.method,
            !request.subject.hasMethods
                || request.subject.signsMessageAlone(method: measured) != signsMessageAlone
        else { return [] }
        return [
            Problem(
                SigningRule.otherMethod, at: "/method", saw: measured,
                expected: !request.subject.hasMethods
                    ? "conditions of a \(type(of: request.subject).kind)"
                    : signsMessageAlone
                        ? request.method ?? "the method that is signed" : "a method of the payer's own transaction")
        ]
    }
}

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
