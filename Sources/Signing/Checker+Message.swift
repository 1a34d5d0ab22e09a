import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequests
import AirlockTokens

/// The checks of a payment for which another account sends the transaction. The payer signs only a permit of the token,
/// and no transaction.
extension Checker {
    /// Checks a payment for which the payer signs only a permit. Gas, fees and the native balance are not checked,
    /// because the payer sends no transaction.
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

    /// Problems for arguments that have an effect only on a transaction, such as a gas limit. The payer signs a
    /// message, so these arguments are refused.
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
        if shared.nonce == nil { add(.nonce, "/nonce", "the nonce of the payer's permits of the token") }
        if request.conditions?.token?.domainSeparator == nil {
            add(.conditions, "/token/domainSeparator", "the token's domainSeparator")
        }
        if lacksBlock { add(.conditions, "/block", "block") }
        return missing
    }

    /// The problem that the conditions file contains a nonce for another payment method; empty if there is no such
    /// problem. The nonce of a permit is counted by the token, and the nonce of a transaction is counted by the
    /// account. The online machine may have queried one of these two nonces, although this payment uses the other one.
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

/// Functions that check the domain separators of tokens. A permit is valid for any token that has the signed domain
/// separator.
extension Policy {
    /// Returns the domain separator of a token, which its permits use. It comes from the policy, or from Airlock's own
    /// list if the policy does not contain it. Returns `nil` if neither contains it.
    func domainSeparator(of token: Address, on chain: Chain) -> Hash? {
        chains[chain]?.currencies[token]?.domainSeparator ?? KnownTokens.on(chain)?.domainSeparator(of: token)
    }

    /// Refuses the domain separator if it belongs to another token. Also refuses it if the policy or Airlock's own list
    /// has a different domain separator for this token. Warns if neither the policy nor Airlock's own list has a domain
    /// separator for this token.
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

    /// Returns the tokens that have this domain separator according to the policy or to Airlock's own list.
    private func tokens(withDomainSeparator separator: Hash) -> [(chain: Chain, token: Address)] {
        let pinned = chains.flatMap { chain, rules in
            rules.currencies.filter { $0.value.domainSeparator == separator }.map { (chain: chain, token: $0.key) }
        }
        return pinned + KnownTokens.tokens(withDomainSeparator: separator)
    }
}
