import EthereumTypes
import PaymentFiles
import Problems
import TransferProtocol

extension PaymentRequest {
    /// The method that pays, or why none can be chosen without being told. A swap never is, whatever is proposed.
    func chosenMethod() throws(Problem) -> TransferMethod {
        if case .named(let method) = method { return method }
        let currency = charge.intent.recipientCurrency
        if currency.isZero { return .transferNative }
        if currency == wrappedNative { return .wrapAndTransfer }
        let enough = token(currency).map { $0.balance >= charge.needed }
        let allowed = allowance(of: charge.contract).map { $0 >= charge.needed }
        if enough == true, allowed == true || approve { return .transferTokenPreApproved }
        throw Problem(
            SigningRule.noMethodFits, at: "--method",
            expected:
                "transferTokenPreApproved with both (or --approve), or swapAndTransferUniswapV3Native with --value",
            detail: "the balance is \(word(enough)), the allowance \(word(allowed))")
    }

    private func word(_ isEnough: Bool?) -> String { isEnough.map { $0 ? "sufficient" : "too low" } ?? "not known" }

    /// What a swap of native currency may spend: what was typed, or what the conditions propose where the policy's highest price allows.
    func swapValue() throws(Problem) -> UInt256? {
        if let value { return value }
        guard let proposed = conditions?.value, let price = rules?.maxNativePerToken, let currency else { return nil }
        // proposed / (needed / 10^decimals) <= price, without dividing.
        let scale = (0..<currency.decimals).reduce(UInt256(1) as UInt256?) { scale, _ in scale?.multiplied(by: 10) }
        guard let left = scale.flatMap({ proposed.multiplied(by: $0) }),
            let right = price.multiplied(by: charge.needed),
            left <= right
        else {
            throw Problem(
                PolicyRule.price, at: "/value", saw: proposed.description,
                expected: "at most \(price) wei for each \(escaped(currency.symbol, limit: 16))")
        }
        return proposed
    }
}
