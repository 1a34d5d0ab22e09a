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

/// The review of a message: what would be signed, and the results of all checks. The review contains a
/// ``ReviewedMessage`` only if no check refuses the message. Only a ``ReviewedMessage`` can be signed.
public struct MessageReview: Sendable {
    public let request: MessageRequest
    /// The results of the checks, in the order in which the review shows them. There is one check for each subject,
    /// such as the policy or the time.
    public let checks: [Check]
    /// The values of typed data, and a readable description of them from a descriptor (ERC-7730).
    public let rendering: Rendering
    /// The message that can be signed. `nil` if any check refuses the message, or if the ledger was not checked.
    public let reviewed: ReviewedMessage?

    /// All problems. If the message approves another Safe's transaction, the problems of that transaction come first.
    /// The problems of this message follow, in the order of the checks.
    public var problems: [Problem] { (request.approved?.value.problems ?? []) + checks.flatMap(\.problems) }

    /// Runs all checks of a message.
    ///
    /// - Parameters:
    ///   - request: the request to review.
    ///   - withLedger: whether to check the ledger. With `false`, ``reviewed`` is `nil`.
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

/// A message that no check refused. If a person confirms it, or if the policy allows it without a question, it becomes
/// a ``ConsentedMessage``, which can be signed.
public struct ReviewedMessage: Sendable {
    let request: MessageRequest
    /// Whether the ledger already contains this message. If it does, signing the message again gives the same
    /// signature.
    public let isRecorded: Bool

    /// The comparison code of the message. See `ComparisonCode`.
    public var code: String { ComparisonCode.code(over: [request.message.digest]) }

    /// The addresses that a person must confirm, because the policy does not list the allowed recipients or spenders.
    var openTakers: [Address] {
        if let approved = request.approved?.value.reviewed { return approved.openTakers }
        if let inside = request.inside { return inside.open }
        guard let terms = request.message.terms, request.rules?.recipients == nil else { return [] }
        return [terms.taker]
    }

    /// The amounts that the message would spend in currencies for which the policy sets no cap per payment.
    var openSpends: [LedgerEntry.Spend] {
        request.spends.filter { !$0.amount.isZero && request.rules?.currencies[$0.currency]?.perPayment == nil }
    }

    /// The JSON pointers of the policy members that are missing. If the policy contained these members, no person would
    /// have to confirm the message.
    var openMembers: [String] {
        if let approved = request.approved?.value.reviewed { return approved.openMembers }
        guard let chain = request.message.chain, request.message.terms != nil || request.inside != nil else {
            return []
        }
        let rules = "/chains/\(chain.id)"
        return (openTakers.isEmpty ? [] : ["\(rules)/recipients"])
            + openSpends.map { "\(rules)/currencies/\($0.currency)/perPayment" }
    }

    /// The answer that a person must type: `sign`, or the last six digits of each recipient and spender that the policy
    /// does not list.
    public var expectedAnswer: String {
        openTakers.isEmpty ? "sign" : openTakers.map { String("\($0)".suffix(6)).lowercased() }.joined(separator: " ")
    }

    /// The question that is shown to the person before signing. It repeats in one sentence what the message does,
    /// because the review may have scrolled out of the window.
    public var question: String {
        let open =
            switch openTakers.count {
            case 0: ""
            case 1: " No policy pins who may take it."
            default: " No policy pins \(openTakers.map(\.description).joined(separator: ", "))."
            }
        return "\(request.summary).\(open)"
    }

    /// The prompt that asks the person to type an answer. It is shown after the question.
    public var prompt: String {
        switch openTakers.count {
        case 0: "Type sign: "
        case 1: "Type the last six digits of the address to sign: "
        default: "Type the last six digits of each, in this order, to sign: "
        }
    }
}
