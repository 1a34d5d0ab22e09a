import EthereumTypes
import PaymentFiles
import Problems
public import TransferProtocol
import Transactions

/// A payment in which nothing was refused: what a ``ConsentedPayment`` can be made of.
public struct ReviewedPayment: Sendable {
    public let call: PaymentCall
    public let plan: [PlannedTransaction]
    /// What is signed in the place of a plan, where someone else is to send the call.
    public let tokenPermit: TokenPermit?
    private let shared: Shared<PaymentRequest>
    @inline(__always) var request: PaymentRequest { shared.value }

    /// - Parameter ledger: what was signed before, where it was asked.
    init(
        call: PaymentCall, plan: [PlannedTransaction], tokenPermit: TokenPermit?, shared: Shared<PaymentRequest>,
        recordedIn ledger: Ledger?
    ) {
        self.call = call
        self.plan = plan
        self.tokenPermit = tokenPermit
        self.shared = shared
        let check = LedgerCheck(shared: shared, call: call, plan: plan, permit: tokenPermit)
        isRecorded = ledger.flatMap { try? check.existing(in: $0) } != nil
    }

    /// See `ComparisonCode`; nothing before a permit is signed that goes into a transaction of the payer's own, since
    /// that is what is compared.
    public var code: String? { call.permit == nil ? ComparisonCode.code(over: ledgerCheck.signingHashes) : nil }

    var ledgerCheck: LedgerCheck { LedgerCheck(shared: shared, call: call, plan: plan, permit: tokenPermit) }

    /// Is this very payment in the ledger already? Signing it again gives the same bytes.
    public let isRecorded: Bool

    /// Is the recipient one that the policy names?
    public var recipientIsPinned: Bool {
        request.rules?.recipients?[call.charge.contents.intent.recipient] != nil
    }

    /// What is paid, in words.
    public var amount: String { shared.value.amount }
}
