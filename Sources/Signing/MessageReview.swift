import AirlockClearSigning
public import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockMessages
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequests
import AirlockSafes
import AirlockTokens
import AirlockTypedData

/// The message that would be signed, and every check. The review contains a ``ReviewedMessage`` only if nothing is
/// refused, and only a ``ReviewedMessage`` can be signed.
public struct MessageReview: Sendable {
    public let request: MessageRequest
    /// One check for each subject, in the order in which they are shown.
    public let checks: [Check]
    /// The values of typed data, and a descriptor's description.
    public let rendering: Rendering
    /// The message that can be signed; `nil` if anything is refused.
    public let reviewed: ReviewedMessage?

    /// Everything that is refused, in the order of the checks. Problems of an approved transaction come first.
    public var problems: [Problem] { (request.approved?.value.problems ?? []) + checks.flatMap(\.problems) }

    /// - Parameters:
    ///   - request: the request to review.
    ///   - withLedger: whether to check the ledger; a check without a key does not.
    public init(_ request: MessageRequest, withLedger: Bool = true) {
        var request = request
        request.inside = request.message.safe.map { SafeInside($0, of: request) }
        self.request = request
        let subject: Rendering.Subject =
            switch request.message.content {
            case .typedData(let data): .message(data, signer: request.signer)
            case .text(let text): .text(text)
            }
        let descriptors = request.inside == nil ? request.descriptors : nil
        rendering = Rendering(subject, by: descriptors, names: PolicyNames(request.policy))
        var checker = MessageChecker(request: request)
        checker.checkForm()
        checker.checkPolicy()
        checker.checks.append(checker.time(at: request.now))
        checker.checkKey()
        if request.message.typedData != nil, descriptors != nil { checker.checkWords(rendering) }
        var isRecorded = false
        if withLedger {
            var check = Check(.ledger)
            isRecorded = checker.add(to: &check, request.ledger, at: request.clock)
            checker.checks.append(check)
        }
        checks = checker.checks
        let isRefused =
            checks.contains { !$0.problems.isEmpty } || request.approved.map { $0.value.reviewed == nil } ?? false
        reviewed = isRefused || !withLedger ? nil : ReviewedMessage(request: request, isRecorded: isRecorded)
    }
}

/// A message in which nothing was refused. A ``ConsentedMessage`` is made from it.
public struct ReviewedMessage: Sendable {
    let request: MessageRequest
    /// Whether this same message is in the ledger already. Signing it again gives the same signature.
    public let isRecorded: Bool

    /// See `ComparisonCode`.
    public var code: String { ComparisonCode.code(over: [request.message.digest]) }

    /// The addresses that a person must confirm, because no policy pins the recipients or spenders.
    var openTakers: [Address] {
        if let approved = request.approved?.value.reviewed { return approved.openTakers }
        if let inside = request.inside { return inside.open }
        guard let terms = request.message.terms, request.rules?.recipients == nil else { return [] }
        return [terms.taker]
    }

    /// The spends that no policy caps.
    var openSpends: [LedgerEntry.Spend] {
        request.spends.filter { !$0.amount.isZero && request.rules?.currencies[$0.currency]?.perPayment == nil }
    }

    /// The policy members that would decide everything that is open.
    var openMembers: [String] {
        if let approved = request.approved?.value.reviewed { return approved.openMembers }
        guard let chain = request.message.chain, request.message.terms != nil || request.inside != nil else {
            return []
        }
        let rules = "/chains/\(chain.id)"
        return (openTakers.isEmpty ? [] : ["\(rules)/recipients"])
            + openSpends.map { "\(rules)/currencies/\($0.currency)/perPayment" }
    }

    /// What a person types: `sign`, or the last digits of each taker that no policy pins.
    public var expectedAnswer: String {
        openTakers.isEmpty ? "sign" : openTakers.map { String("\($0)".suffix(6)).lowercased() }.joined(separator: " ")
    }

    /// The question. It repeats the message, since the review may have scrolled away.
    public var question: String {
        let open =
            switch openTakers.count {
            case 0: ""
            case 1: " No policy pins who may take it."
            default: " No policy pins \(openTakers.map(\.description).joined(separator: ", "))."
            }
        return "\(request.summary).\(open)"
    }

    /// The prompt after the question.
    public var prompt: String {
        switch openTakers.count {
        case 0: "Type sign: "
        case 1: "Type the last six digits of the address to sign: "
        default: "Type the last six digits of each, in this order, to sign: "
        }
    }
}
