public import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockPolicies
public import AirlockRequests
public import AirlockStrictJSON
public import AirlockTransactions

/// The review of a payment: everything that would be signed, and the results of all checks. A person reads the review
/// before money moves.
///
/// A review is made from an untrusted request. It contains a ``ReviewedPayment`` only if no check refuses the payment.
/// Only a ``ReviewedPayment`` can be signed.
public struct Review: Sendable {
    public var request: PaymentRequest { shared.value }
    let shared: SharedRequest
    /// The results of the checks, in the order in which the review shows them. There is one check for each subject,
    /// such as the policy or the time.
    public let checks: [Check]
    /// The call or the message that would be signed. `nil` if the verification of the request's author failed. Also
    /// `nil` if the call cannot be built, for example because the payer is not known or because no payment method fits.
    public let action: Action?
    /// The transactions that would be signed. Empty if only a message would be signed. Also empty if the transactions
    /// cannot be built, for example because a value is missing.
    public let plan: [PlannedTransaction]
    /// The call in readable form. `nil` if there are no descriptors or no call data.
    public let rendering: Rendering?
    /// The request after the verification of its author. `nil` if this verification failed.
    let proved: (any ProvedRequest)?
    /// The payment that can be signed. `nil` if any check refuses the payment.
    public let payment: ReviewedPayment?

    /// All problems. The problems of an approved Safe transaction come first. The problems of the payment itself
    /// follow, in the order of the checks.
    public var problems: [Problem] { approvedProblems + ownProblems }

    /// The problems of the Safe transaction whose hash this payment would approve.
    public var approvedProblems: [Problem] { request.approval?.review?.problems ?? [] }

    /// The problems of the payment itself.
    public var ownProblems: [Problem] { checks.flatMap(\.problems) }

    public init(_ request: PaymentRequest) {
        // The review keeps the request without its ledger. If it kept the ledger too, each review of a folder of
        // requests would hold its own copy of the ledger.
        var rest = request
        rest.ledger = nil
        self.init(SharedRequest(rest), asking: .some(request.ledger))
    }

    /// Reviews a payment that was signed before. The ledger is not checked, because it already contains the payment.
    package init(withoutLedger request: PaymentRequest) {
        var rest = request
        rest.ledger = nil
        self.init(SharedRequest(rest), asking: nil)
    }

    /// Runs all checks of a payment.
    ///
    /// - Parameters:
    ///   - request: the request to review.
    ///   - ledger: the ledger with the earlier signatures. With `nil`, the ledger is not checked. A batch passes `nil`,
    ///     because it checks the ledger later, for each line of the batch in turn. With `.some(nil)`, no ledger exists
    ///     yet, but the ledger check still runs.
    ///   - isBrief: whether the findings of the checks are left out, so that the results contain only problems and
    ///     warnings.
    init(_ request: SharedRequest, asking ledger: Ledger??, isBrief: Bool = false) {
        var checker = Checker(request, isBrief: isBrief)
        checker.checkAll(asking: ledger)
        self.init(checker, request, recordedIn: ledger.flatMap(\.self))
    }

    /// Reviews a request of a batch again, with the nonce and the balances that remain after the earlier lines of the
    /// batch. Only the checks that depend on the nonce, the balances or the ledger run here. An earlier review ran all
    /// other checks and found no problems. This review contains problems and warnings, but no findings.
    init(
        _ request: PaymentRequest, provedBefore proved: any ProvedRequest, asking ledger: Ledger, at clock: Timestamp
    ) {
        let request = SharedRequest(request)
        var checker = Checker(request, isBrief: true)
        checker.checkPlace(of: proved, asking: ledger, at: clock)
        self.init(checker, request, recordedIn: ledger)
    }

    private init(_ checker: Checker, _ request: SharedRequest, recordedIn ledger: Ledger?) {
        self.shared = request
        self.proved = checker.proved
        self.checks = checker.checks
        self.action = checker.action
        self.plan = checker.plan
        self.rendering = checker.rendering
        let approval = HashApproval.of(request.value.subject)
        if approval != nil, approval?.review?.reviewed == nil {
            // If a Safe transaction is refused, its approval is refused too.
            self.payment = nil
        } else if let action = checker.action, !plan.isEmpty || action.isMessageAlone && action.message != nil,
            checker.checks.allSatisfy({ $0.problems.isEmpty })
        {
            self.payment = ReviewedPayment(action, plan: plan, shared: request, recordedIn: ledger)
        } else {
            self.payment = nil
        }
    }

    /// The message that would be signed instead of a transaction. `nil` if a transaction would be signed, or if neither
    /// the call nor the message could be built.
    public var message: Message? { action.flatMap { $0.isMessageAlone ? $0.message : nil } }

    /// An amount as text, with the decimals and the symbol from the policy. If the policy does not list the currency,
    /// the amount is in atomic units.
    func words(_ amount: UInt256, of currency: Address) -> String { request.words(amount, of: currency) }

    /// An amount of native currency, followed by the symbol of the currency.
    func nativeWords(_ amount: UInt256) -> String { request.nativeWords(amount) }

    /// The policy's label for the recipient.
    var label: String? { request.payeeLabel }

    /// The transaction that makes the payment. If this transaction is signed several times with different fees, this is
    /// the one with the lowest fees.
    public var transaction: UnsignedTransaction? { plan.payment }

    /// The highest possible network fee. It is the sum over all nonces, and for each nonce the transaction with the
    /// highest fee is counted. Zero if only a message is signed.
    var worstNetworkFee: UInt256? { message != nil ? .zero : plan.isEmpty ? nil : plan.worstNetworkFee }
}

extension Review {
    /// The review as `--json` prints it. Quantities are decimal strings.
    ///
    /// - Parameter problem: converts one problem to JSON.
    public func json(_ problem: (Problem) -> JSONOutput) -> JSONOutput {
        let terms = request.terms
        let own = request.facts.members.map { ($0.name, JSONOutput.string($0.value)) }
        var members: [(String, JSONOutput)] =
            [
                ("sentence", .string(sentence)), ("kind", .string(type(of: request.subject).kind)),
                ("readAs", .string(request.subject.readAs)),
            ] + own
        members += request.termsMembers
        members += [
            ("expires", terms.expires.map { .string("\($0)") } ?? .null),
            ("policy", .string(request.policy.origin)),
            ("policyHash", .string("\(request.policy.hash)")),
        ]
        if let call = action?.call {
            members += [
                ("method", .string(call.method)), ("to", .string("\(call.to)")), ("value", .string("\(call.value)")),
                ("data", .string(Hex.encode(call.data))),
            ]
            if let callDataDigest { members.append(("calldataDigest", .string("\(callDataDigest)"))) }
            members += call.members.map { ($0.name, $0.value) }
            if request.facts.deed != nil {
                let spends = request.terms.spends(call).map { spend -> JSONOutput in
                    ["currency": .string("\(spend.currency)"), "amount": .string("\(spend.amount)")]
                }
                members.append(("spends", .array(spends)))
            }
        }
        if let transaction {
            members += [
                ("nonce", .string("\(transaction.nonce)")), ("gas", .string("\(transaction.gas)")),
                ("maxFeePerGas", .string("\(transaction.maxFeePerGas)")),
                ("maxPriorityFeePerGas", .string("\(transaction.maxPriorityFeePerGas)")),
            ]
            if !transaction.accessList.isEmpty {
                let entries = transaction.accessList.map { entry -> JSONOutput in
                    let keys = entry.storageKeys.map { JSONOutput.string("\($0)") }
                    return ["address": .string("\(entry.address)"), "storageKeys": .array(keys)]
                }
                members.append(("accessList", .array(entries)))
            }
            members.append(("signingHash", .string("\(transaction.signingHash)")))
        }
        if let message {
            members.append(("permit", .object(message.members.map { ($0.name, .string($0.value)) })))
        }
        if let rendering { members.append(("words", .object(rendering.members))) }
        if !plan.isEmpty { members.append(("transactions", .array(plan.map(\.json)))) }
        if let worstNetworkFee { members.append(("worstNetworkFee", .string("\(worstNetworkFee)"))) }
        if let totalCost { members.append(("worstTotalCost", .string("\(totalCost)"))) }
        if let approved = request.approval?.review {
            members.append(("approves", approved.json(problem)))
        }
        if let code = payment?.code { members.append(("code", .string(code))) }
        members.append(("checks", .array(checks.map { $0.json(problem) })))
        return .object(members)
    }
}

extension PlannedTransaction {
    fileprivate var json: JSONOutput {
        var members: [(String, JSONOutput)] = [("role", .string(role.rawValue))]
        if let rung { members.append(("rung", .string("\(rung)"))) }
        members += [
            ("nonce", .string("\(transaction.nonce)")), ("gas", .string("\(transaction.gas)")),
            ("maxFeePerGas", .string("\(transaction.maxFeePerGas)")),
            ("maxPriorityFeePerGas", .string("\(transaction.maxPriorityFeePerGas)")),
            ("signingHash", .string("\(transaction.signingHash)")),
        ]
        return .object(members)
    }
}
