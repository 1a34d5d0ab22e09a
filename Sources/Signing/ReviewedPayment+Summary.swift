import EthereumTypes
import Problems
import TransferProtocol

extension ReviewedPayment {
    /// The payment in one line, for the question of whether to sign it, since the review may have scrolled away: how
    /// much, to whom, what else it spends, and the worst fee.
    public var summary: String {
        let request = request
        let intent = call.charge.contents.intent
        let chain = request.charge.chain
        func words(_ amount: UInt256) -> String { request.words(amount, of: intent.recipientCurrency) }
        var parts = ["Pay \(amount) on \(chain.name ?? chain.description) to \(recipient)"]
        // The recipient says little where most of the money goes to the operator.
        if let tenth = request.charge.needed.quotientAndRemainder(dividingBy: 10)?.quotient, intent.feeAmount > tenth {
            parts.append("of it \(words(intent.feeAmount)) to the operator as a fee")
        }
        if call.method.isSwap {
            let most =
                call.spend.map { request.words($0.amount, of: $0.token) } ?? request.nativeWords(call.value)
            parts.append("by a swap that may spend up to all of \(most)")
        } else if !call.value.isZero, !intent.recipientCurrency.isZero {
            parts.append("out of \(request.nativeWords(call.value))")
        }
        parts.append(
            tokenPermit == nil
                ? "fee at most \(request.nativeWords(worstFee))" : "by a permit that someone else must send")
        return parts.joined(separator: ", ")
    }

    /// The policy's label with the ends of the address; the whole address where there is no label to go by.
    private var recipient: String {
        let address = call.charge.contents.intent.recipient
        let label = request.rules?.recipients?[address].map { escaped($0, limit: 40) } ?? ""
        let digits = address.description
        return label.isEmpty ? digits : "\(label) (\(digits.prefix(6))\u{2026}\(digits.suffix(4)))"
    }
}
