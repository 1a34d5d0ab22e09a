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
        let facts = request.facts
        var parts = [facts.deed ?? "Pay \(amount) on \(terms.chain.name ?? terms.chain.description) to \(recipient)"]
        if let caution = facts.caution { parts.append(caution) }
        parts += request.spendingWords(action.call, isPayment: facts.deed == nil)
        parts.append(
            !action.isMessageAlone
                ? "fee at most \(request.nativeWords(worstFee))" : "by a permit that someone else must send")
        return parts.joined(separator: ", ")
    }

    /// The policy's label with the ends of the address; the whole address where there is no label to go by.
    private var recipient: String {
        let address = request.terms.payee
        let label = request.payeeLabel ?? ""
        let digits = address.description
        return label.isEmpty ? digits : "\(label) (\(digits.prefix(6))\u{2026}\(digits.suffix(4)))"
    }
}

extension PaymentRequest {
    /// What a call spends besides what is owed, and what it lets others take, for the sentence and the question.
    ///
    /// - Parameter isPayment: whether the sentence has said already what is owed.
    func spendingWords(_ call: Call, isPayment: Bool) -> [String] {
        var parts: [String] = []
        if call.isUpTo {
            let most = call.takes.first.map { words($0.amount, of: $0.token) } ?? nativeWords(call.value)
            return ["by a swap that may spend up to all of \(most)"]
        }
        if !call.value.isZero {
            if !isPayment {
                parts.append("with \(nativeWords(call.value))")
            } else if terms.owed(of: .zero) == nil {
                parts.append("out of \(nativeWords(call.value))")
            }
        }
        for take in call.takes {
            let amount = words(of: take)
            switch take.way {
            case .moved(let payee?): parts.append("moving \(amount) to \(named(payee))")
            case .moved(nil), .pulled: break
            case .used: parts.append("which may take \(amount)")
            case .allowed(let spender): parts.append("letting \(named(spender)) take \(amount)")
            }
        }
        return parts
    }

    /// How much of a token, in words; nobody means a number from 2^255 on.
    func words(of take: Take) -> String {
        guard take.amount.leadingZeroBitCount == 0 else { return words(take.amount, of: take.token) }
        let symbol = rules?.currencies[take.token].map { escaped($0.symbol, limit: 16) } ?? "\(take.token)"
        return "an unlimited amount of \(symbol)"
    }

    /// The owner's name for an address, where there is one, and the address.
    func named(_ address: Address) -> String {
        address.labelled(rules?.label(of: address).map { escaped($0, limit: 40) } ?? "")
    }
}
