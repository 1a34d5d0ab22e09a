import AirlockPolicies
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
public import AirlockRequests
import AirlockTransactions

/// A payment in which nothing was refused: what a ``ConsentedPayment`` can be made of.
public struct ReviewedPayment: Sendable {
    public let action: Action
    /// Empty where a message alone is signed.
    public let plan: [PlannedTransaction]
    let shared: Shared<PaymentRequest>
    @inline(__always) var request: PaymentRequest { _read { yield shared.value } }

    /// - Parameter ledger: what was signed before, where it was asked.
    init(
        _ action: Action, plan: [PlannedTransaction], shared: Shared<PaymentRequest>, recordedIn ledger: Ledger?
    ) {
        self.action = action
        self.plan = plan
        self.shared = shared
        isRecorded =
            ledger.flatMap { ledger in
                try? LedgerCheck(shared: shared, action: action, plan: plan).existing(in: ledger)
            } != nil
    }

    /// See `ComparisonCode`; `nil` before a message is signed that goes into a transaction of the payer's own, since that
    /// is what is compared.
    public var code: String? {
        if case .messageInCall = action { return nil }
        return ComparisonCode.code(over: ledgerCheck.reviewedHashes)
    }

    var ledgerCheck: LedgerCheck { LedgerCheck(shared: shared, action: action, plan: plan) }

    /// Is this very payment in the ledger already? Signing it again gives the same bytes.
    public let isRecorded: Bool

    /// Is the recipient one that the policy names?
    public var recipientIsPinned: Bool { request.payeeLabel != nil }

    /// What is paid, in words.
    public var amount: String { shared.value.amount }
}
