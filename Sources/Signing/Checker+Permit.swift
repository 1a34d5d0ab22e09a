import EthereumTypes
import PaymentFiles
import Problems
import TransferProtocol

/// A payment that someone else sends: the payer signs a permit of the token, and no transaction.
extension Checker {
    /// In the place of gas, fees and native balances, none of which are the payer's.
    mutating func checkPermit() {
        var check = Check(.money)
        defer { checks.append(check) }
        check.problems += uselessOptions + missingOfPermit + otherNonce
        guard let call, let nonce = request.effectiveNonce, let token = call.spend?.token,
            let domainSeparator = request.token(token)?.domainSeparator
        else {
            check.leaveOut()
            return
        }
        permit = TokenPermit(
            paying: charge.intent, owner: charge.sender, spender: call.to, nonce: UInt256(nonce),
            domainSeparator: domainSeparator)
        check.findings.append("the payer signs no transaction, and pays no network fee")
        request.policy.checkDomain(
            domainSeparator, of: token, on: charge.chain, at: "/token/domainSeparator", &check)
    }

    /// What is typed for transactions would be of no effect.
    private var uselessOptions: [Problem] {
        let typed = [
            ("--gas", request.gas != nil), ("--max-fee", request.maxFeePerGas != nil),
            ("--priority-fee", request.maxPriorityFeePerGas != nil), ("--approve", request.approve),
            ("--rungs", request.rungs > 1), ("--cancel", request.cancel),
        ]
        return typed.filter(\.1).map { Problem(SigningRule.noTransaction, at: $0.0) }
    }

    private var missingOfPermit: [Problem] {
        var missing: [Problem] = []
        func add(_ option: String, _ field: String, _ detail: String) {
            let place = request.conditions == nil ? option : field
            missing.append(Problem(SigningRule.missingValue, at: place, detail: detail))
        }
        if request.effectiveNonce == nil { add("--nonce", "/nonce", "the nonce of the payer's permits of the token") }
        if request.conditions?.token?.domainSeparator == nil {
            add("--conditions", "/token/domainSeparator", "the token's domainSeparator")
        }
        if lacksBlock { add("block", "/block", "block") }
        return missing
    }

    /// The nonce of a permit is counted by its token, that of a transaction by the account: one is not taken for the
    /// other.
    var otherNonce: [Problem] {
        guard request.nonce == nil, let conditions = request.conditions, conditions.nonce != nil,
            let measured = conditions.method,
            (measured == TransferMethod.subsidizedTransferToken.rawValue) != request.isSubsidized
        else { return [] }
        return [
            Problem(
                SigningRule.otherMethod, at: "/method", saw: measured,
                expected: request.isSubsidized
                    ? TransferMethod.subsidizedTransferToken.rawValue : "a method of the payer's own transaction")
        ]
    }
}
