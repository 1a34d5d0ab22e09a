import EthereumTypes
import PaymentFiles
public import Problems
public import TransferProtocol
public import Transactions

/// What would be signed, and everything that was looked at: the one thing a person reads before money moves.
///
/// A review is made of a request that nobody has believed yet. Only where nothing is refused does it hold a
/// ``ReviewedPayment``, and nothing else can be signed.
public struct Review: Sendable {
    public var request: PaymentRequest { shared.value }
    let shared: Shared<PaymentRequest>
    /// One for each subject, in the order in which they are shown.
    public let checks: [Check]
    /// The call, where the charge is proved and a method fits.
    public let call: PaymentCall?
    /// What would be signed, where all its values are known.
    public let plan: [PlannedTransaction]
    /// What would be signed in the place of transactions, where someone else is to send the call.
    public let permit: TokenPermit?
    /// What can be signed, where nothing is refused.
    public let payment: ReviewedPayment?

    /// Everything that is refused, in the order of the checks.
    public var problems: [Problem] { checks.flatMap(\.problems) }

    public init(_ request: PaymentRequest) {
        // It is asked here and not kept: of a folder each review would hold a copy of its own.
        var rest = request
        rest.ledger = nil
        self.init(Shared(rest), asking: .some(request.ledger))
    }

    /// A batch asks the ledger later, line after line.
    init(_ request: Shared<PaymentRequest>, asking ledger: Ledger??) {
        var checker = Checker(request)
        checker.checkAll(asking: ledger)
        self.shared = request
        self.checks = checker.checks
        self.call = checker.call
        self.plan = checker.plan
        self.permit = checker.permit
        if let call = checker.call, !plan.isEmpty || permit != nil,
            checker.checks.allSatisfy({ $0.problems.isEmpty })
        {
            self.payment = ReviewedPayment(
                call: call, plan: plan, tokenPermit: permit, shared: request, recordedIn: ledger.flatMap(\.self))
        } else {
            self.payment = nil
        }
    }

    /// What has to be paid in the charge's currency, in words: `1.05 USDC`, or atomic units where the policy does not
    /// know the currency.
    public var amount: String { request.amount }

    /// An amount of the charge's currency in words.
    func words(_ amount: UInt256) -> String { words(amount, of: request.charge.intent.recipientCurrency) }

    /// An amount of a currency in the policy's words, or in atomic units.
    func words(_ amount: UInt256, of currency: Address) -> String { request.words(amount, of: currency) }

    /// An amount of native currency in words.
    func nativeWords(_ amount: UInt256) -> String { request.nativeWords(amount) }

    /// The policy's label of the recipient.
    var label: String? {
        request.rules?.recipients?[request.charge.intent.recipient].map { escaped($0, limit: 40) }
    }

    /// The payment itself, at its first fees.
    public var transaction: UnsignedTransaction? { plan.payment }

    /// The dearest that the network can be: all the gas, at the highest fee, for every nonce.
    var worstNetworkFee: UInt256? { permit != nil ? .zero : plan.isEmpty ? nil : plan.worstNetworkFee }
}
