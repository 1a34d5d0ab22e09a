public import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockPolicies
public import AirlockRequests
import AirlockTransactions

/// A payment that no check refused. A ``ConsentedPayment`` is made from it.
public struct ReviewedPayment: Sendable {
    public let action: Action
    /// The transactions to sign. Empty if only a message is signed.
    public let plan: [PlannedTransaction]
    let shared: SharedRequest
    @inline(__always) var request: PaymentRequest { _read { yield shared.value } }

    /// Makes a reviewed payment. Called only if no check has refused the payment.
    ///
    /// - Parameter ledger: the ledger with the earlier signatures. `nil` if there is no ledger yet, or if it was not
    ///   checked.
    init(
        _ action: Action, plan: [PlannedTransaction], shared: SharedRequest, recordedIn ledger: Ledger?
    ) {
        self.action = action
        self.plan = plan
        self.shared = shared
        isRecorded =
            ledger.flatMap { ledger in
                try? LedgerCheck(shared: shared, action: action, plan: plan).existing(in: ledger)
            } != nil
        reviewedHead = ledger?.recordedHead
    }

    /// The comparison code of the payment. See `ComparisonCode`. The code covers everything that is signed. If a
    /// transaction will contain the signature of a message, and this message is not signed yet, the transaction is not
    /// complete. The code is then `nil`.
    public var code: String? {
        if case .messageInCall = action { return nil }
        return ComparisonCode.code(over: ledgerCheck.reviewedHashes)
    }

    var ledgerCheck: LedgerCheck { LedgerCheck(shared: shared, action: action, plan: plan) }

    /// Whether the ledger already contains this payment. If it does, signing the payment again gives the same bytes.
    public let isRecorded: Bool

    /// The head of the ledger file that was read for the review. `nil` if no ledger was read.
    let reviewedHead: Hash?

    /// Whether the policy names the recipient.
    public var recipientIsPinned: Bool { request.payeeLabel != nil }

    /// The paid amount and the currency of this amount.
    public var amount: String { shared.value.amount }
}

extension ReviewedPayment {
    /// The payment in one line. The question before signing shows this line, because the review may have scrolled out
    /// of the window. The line states how much is paid to whom, what else is spent, and the highest fee.
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
        return onlyPrintable(parts.joined(separator: ", "))
    }

    /// The policy's label for the recipient, with the first and last digits of the address. If there is no label, this
    /// is the whole address.
    private var recipient: String {
        let address = request.terms.payee
        let label = request.payeeLabel ?? ""
        let digits = address.description
        return label.isEmpty ? digits : "\(label) (\(digits.prefix(6))\u{2026}\(digits.suffix(4)))"
    }
}

extension PaymentRequest {
    /// Describes two kinds of amounts: the amounts that a call spends besides the owed amounts, and the amounts that it
    /// lets others spend. Each element of the result is one part of a sentence. The first sentence of the review and
    /// the question before signing contain these parts.
    ///
    /// - Parameter isPayment: whether the sentence that will contain these parts already contains the owed amount.
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

    /// An amount of a token as text. An amount of 2^255 or more is shown as unlimited.
    func words(of take: TokenOutflow) -> String {
        guard take.amount.leadingZeroBitCount == 0 else { return words(take.amount, of: take.token) }
        let symbol = rules?.currencies[take.token].map { escaped($0.symbol, limit: 16) } ?? "\(take.token)"
        return "an unlimited amount of \(symbol)"
    }

    /// An address with the policy's label, if there is a label.
    func named(_ address: Address) -> String {
        address.labelled(rules?.label(of: address).map { escaped($0, limit: 40) } ?? "")
    }
}

/// A reviewed payment that a person has confirmed, or that the policy allows without a question. Nothing else can be
/// signed.
///
/// This value contains the payment, so the confirmation cannot be used to sign another payment.
public struct ConsentedPayment: Sendable {
    /// The payment that a person has confirmed or that the policy allows.
    public let payment: ReviewedPayment

    private init(_ payment: ReviewedPayment) { self.payment = payment }

    /// Checks the answer that a person typed. Throws unless it is the expected answer.
    public static func typed(_ answer: String?, for payment: ReviewedPayment) throws(Problem) -> ConsentedPayment {
        guard let answer else { throw Problem(SigningRule.nobodyToAsk) }
        // The answer is split by Unicode scalars, because its line ending may be CRLF. Swift treats CRLF as a single
        // `Character`, which equals neither CR nor LF. So a split by characters would miss such a line ending.
        let words = answer.unicodeScalars.split { [" ", "\t", "\r", "\n"].contains($0) }
        guard words.map({ String($0).lowercased() }) == payment.expectedWords else {
            throw Problem(SigningRule.declined)
        }
        return ConsentedPayment(payment)
    }

    /// Confirms the payment without asking a person. Throws unless the policy decides every point that a person would
    /// have to confirm.
    public static func ofPolicy(for payment: ReviewedPayment) throws(Problem) -> ConsentedPayment {
        let missing = payment.openPoints.map { $0.policyMember(on: payment.request.terms.chain) }
        guard missing.isEmpty else {
            throw Problem(
                SigningRule.policyNotEnough, at: .policy, saw: payment.request.policy.origin,
                expected: "one with \(missing.joined(separator: ", "))")
        }
        return ConsentedPayment(payment)
    }
}
