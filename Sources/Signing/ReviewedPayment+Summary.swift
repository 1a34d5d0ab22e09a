import AirlockPolicies
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockRequests

extension ReviewedPayment {
    /// The payment in one line, for the question of whether to sign it, since the review may have scrolled away: how
    /// much, to whom, what else it spends, and the worst fee.
    public var summary: String {
        let request = request
        let terms = request.terms
        var parts = ["Pay \(amount) on \(terms.chain.name ?? terms.chain.description) to \(recipient)"]
        if let caution = request.facts.caution { parts.append(caution) }
        let call = action.call
        if call.isUpTo {
            let most = call.takes.map { request.words($0.amount, of: $0.token) } ?? request.nativeWords(call.value)
            parts.append("by a swap that may spend up to all of \(most)")
        } else if !call.value.isZero, !terms.owed.currency.isZero {
            parts.append("out of \(request.nativeWords(call.value))")
        }
        parts.append(
            !action.isMessageAlone
                ? "fee at most \(request.nativeWords(worstFee))" : "by a permit that someone else must send")
        return parts.joined(separator: ", ")
    }

    /// The policy's label with the ends of the address; the whole address where there is no label to go by.
    private var recipient: String {
        let address = request.terms.payee
        let label = request.rules?.recipients?[address].map { escaped($0, limit: 40) } ?? ""
        let digits = address.description
        return label.isEmpty ? digits : "\(label) (\(digits.prefix(6))\u{2026}\(digits.suffix(4)))"
    }
}
