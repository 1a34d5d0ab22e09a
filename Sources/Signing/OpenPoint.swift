import AirlockPolicies
public import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockRequests

/// A part of a payment that the policy does not decide, such as the recipient. A person must confirm it. If there is
/// nobody to ask, nothing is signed.
public enum OpenPoint: Hashable, Sendable {
    /// An address that a person must confirm, because the policy does not list the allowed recipients. The address is
    /// the payee, receives a token through the call, or gets the right to spend a token.
    case recipient(Address)
    /// An amount of a currency for which the policy sets no cap per payment.
    case amount(LedgerEntry.Spend)
    /// The policy does not cap network fees. The associated value is the highest possible fee of this payment in wei,
    /// including the L1 fee.
    case networkFee(UInt256)
    /// The domain separator of a token's permit. A person must confirm it, because neither the policy nor Airlock's own
    /// data shows that it belongs to the token.
    case domainSeparator(Hash, token: Address)

    /// Whether this point is an amount. If all open points of several payments are amounts, a person can confirm all
    /// these payments with one question, because the reviews already show the amounts.
    public var isAmount: Bool { if case .amount = self { true } else { false } }

    /// The digits that the person must type to confirm this point. `nil` if reading the point is enough.
    var digits: String? {
        switch self {
        case .recipient(let address): String("\(address)".suffix(6)).lowercased()
        case .domainSeparator(let separator, _): String("\(separator)".suffix(6)).lowercased()
        case .amount, .networkFee: nil
        }
    }

    /// The JSON pointer of the policy member that would decide this point.
    func policyMember(on chain: Chain) -> String {
        let rules = "/chains/\(chain.id)"
        return switch self {
        case .recipient: "\(rules)/recipients"
        case .amount(let spend):
            "\(rules)/currencies/\(spend.currency.isZero ? "0x0" : "\(spend.currency)")/perPayment"
        case .networkFee: "\(rules)/maxNetworkFee"
        case .domainSeparator(_, let token): "\(rules)/currencies/\(token)/domainSeparator"
        }
    }
}

extension ReviewedPayment {
    /// The points that a person must confirm, in the order in which the question lists them. Empty if the policy
    /// decides all points.
    public var openPoints: [OpenPoint] {
        let rules = request.rules
        var points: [OpenPoint] = []
        if request.leavesPayeeOpen { points.append(.recipient(request.terms.payee)) }
        if rules?.recipients == nil {
            let listed = request.judgement?.takers ?? []
            for taker in action.call.takes.compactMap(\.taker)
            where !listed.contains(taker) && !points.contains(.recipient(taker)) {
                points.append(.recipient(taker))
            }
        }
        if let approved = HashApproval.of(request.subject)?.review?.reviewed {
            points += approved.openTakers.map { .recipient($0) }
            points += approved.openSpends.map { .amount($0) }
        }
        for spend in request.terms.spends(action.call) where !isCapped(spend) { points.append(.amount(spend)) }
        if !action.isMessageAlone, rules?.maxNetworkFee == nil { points.append(.networkFee(worstFee)) }
        if let (separator, token) = action.message?.domain,
            request.policy.domainSeparator(of: token, on: request.terms.chain) != separator
        {
            points.append(.domainSeparator(separator, token: token))
        }
        return points
    }

    private func isCapped(_ spend: LedgerEntry.Spend) -> Bool {
        request.rules?.currencies[spend.currency]?.perPayment != nil
            || spend.currency.isZero && (request.rules?.maxNativeValue != nil || request.judgement?.mostNative != nil)
    }

    /// The highest possible network fee of the payment, including the L1 fee. The sum fits into 256 bits, because the
    /// review refuses a larger sum.
    var worstFee: UInt256 {
        plan.worstNetworkFee?.adding(request.conditions?.l1Fee ?? .zero) ?? .max
    }

    /// The parts of the answer that a person must type: the last digits for each point that requires digits. If no
    /// point requires digits, the only part is `sign`.
    var expectedWords: [String] {
        let digits = openPoints.compactMap(\.digits)
        return digits.isEmpty ? ["sign"] : digits
    }

    /// The answer that a person must type: the last six digits of each recipient and each domain separator that the
    /// policy does not decide. If there are none, the answer is `sign`.
    public var expectedAnswer: String { expectedWords.joined(separator: " ") }

    /// The question that is shown to the person before signing. It repeats the payment in one line, and lists the
    /// points that the policy does not decide.
    public var question: String { (["\(summary)."] + openPoints.compactMap(sentence)).joined(separator: " ") }

    /// The prompt that asks the person to type an answer. It is shown after the question.
    public var prompt: String {
        let asked = openPoints.filter { $0.digits != nil }
        return switch asked.first {
        case nil: "Type sign: "
        case _ where asked.count > 2: "Type the last six digits of each, in this order, to sign: "
        case _ where asked.count > 1: "Type the last six digits of both, in this order, to sign: "
        case .recipient: "Type the last six digits of its address to sign: "
        default: "Type the last six digits of the separator to sign: "
        }
    }

    private func sentence(_ point: OpenPoint) -> String? {
        switch point {
        // The question has no sentence for an amount, because the summary of the payment already contains the amount.
        case .amount: nil
        case .recipient(let payee) where action.call.takes.contains { $0.way == .moved(to: payee) }:
            "No policy pins \(payee), to whom the call moves a token."
        case .recipient(let taker) where request.subject is HashApproval:
            "No policy pins \(taker), who gets or may take it."
        case .recipient(let spender) where spender != request.terms.payee:
            "No policy pins \(spender), whom the call lets take a token."
        case .recipient: "No policy pins the recipient."
        case .networkFee(let fee):
            "No policy caps the network fee, which can be \(request.nativeWords(fee))."
        case .domainSeparator(let separator, let token):
            "No policy pins the domain separator \(separator): compare it with DOMAIN_SEPARATOR() of the token \(token)."
        }
    }
}
