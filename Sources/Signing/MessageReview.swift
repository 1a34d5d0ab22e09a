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

/// What would be signed of a message, and everything that was looked at. Only where nothing is refused does it hold a
/// ``ReviewedMessage``, and nothing else can be signed.
public struct MessageReview: Sendable {
    public let request: MessageRequest
    /// One for each subject, in the order in which they are shown.
    public let checks: [Check]
    /// The values of typed data, and the words for them.
    public let rendering: Rendering
    /// What can be signed, where nothing is refused.
    public let reviewed: ReviewedMessage?

    /// Everything that is refused, in the order of the checks; of what it approves first.
    public var problems: [Problem] { (request.approved?.value.problems ?? []) + checks.flatMap(\.problems) }

    /// - Parameters:
    ///   - request: what is reviewed.
    ///   - withLedger: whether the ledger is asked, which a check without a key does not do.
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

/// A message in which nothing was refused: what a ``ConsentedMessage`` can be made of.
public struct ReviewedMessage: Sendable {
    let request: MessageRequest
    /// Is this very message in the ledger already? Signing it again gives the same signature.
    public let isRecorded: Bool

    /// See `ComparisonCode`.
    public var code: String { ComparisonCode.code(over: [request.message.digest]) }

    /// Whom a person must confirm, since no policy pins who gets or may take it.
    var openTakers: [Address] {
        if let approved = request.approved?.value.reviewed { return approved.openTakers }
        if let inside = request.inside { return inside.open }
        guard let terms = request.message.terms, request.rules?.recipients == nil else { return [] }
        return [terms.taker]
    }

    /// What no policy caps.
    var openSpends: [LedgerEntry.Spend] {
        request.spends.filter { !$0.amount.isZero && request.rules?.currencies[$0.currency]?.perPayment == nil }
    }

    /// The members of a policy that would decide all that it leaves open.
    var openMembers: [String] {
        if let approved = request.approved?.value.reviewed { return approved.openMembers }
        guard let chain = request.message.chain, request.message.terms != nil || request.inside != nil else {
            return []
        }
        let rules = "/chains/\(chain.id)"
        return (openTakers.isEmpty ? [] : ["\(rules)/recipients"])
            + openSpends.map { "\(rules)/currencies/\($0.currency)/perPayment" }
    }

    /// What a person types: `sign`, or the digits of a taker that no policy pins.
    public var expectedAnswer: String {
        openTakers.isEmpty ? "sign" : openTakers.map { String("\($0)".suffix(6)).lowercased() }.joined(separator: " ")
    }

    /// What is asked: the message once more, since the review may have scrolled away.
    public var question: String {
        let open =
            switch openTakers.count {
            case 0: ""
            case 1: " No policy pins who may take it."
            default: " No policy pins \(openTakers.map(\.description).joined(separator: ", "))."
            }
        return "\(request.summary).\(open)"
    }

    /// What asks for the answer, after the question.
    public var prompt: String {
        switch openTakers.count {
        case 0: "Type sign: "
        case 1: "Type the last six digits of the address to sign: "
        default: "Type the last six digits of each, in this order, to sign: "
        }
    }
}
