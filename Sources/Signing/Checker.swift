import EthereumTypes
import PaymentFiles
import Problems
import TransferProtocol
import Transactions

/// Makes the checks of a review, one after the other; none of them stops the next.
struct Checker {
    private let shared: Shared<PaymentRequest>
    var checks: [Check] = []
    var call: PaymentCall?
    var plan: [PlannedTransaction] = []
    var permit: TokenPermit?

    @inline(__always) var request: PaymentRequest { shared.value }
    @inline(__always) var charge: UnverifiedCharge { shared.value.charge }

    init(_ request: Shared<PaymentRequest>) { shared = request }

    /// - Parameter ledger: what was signed before, in an optional of its own: a batch does not ask it here.
    mutating func checkAll(asking ledger: Ledger??) {
        checkCharge()
        let proved = checkSignature()
        checkPolicy()
        checks.append(TimeCheck(request).check(at: request.now))
        checkKey()
        if let proved { checkContract(proved) }
        if request.isSubsidized { checkPermit() } else { checkMoney() }
        guard let ledger else { return }
        var check = Check(.ledger)
        LedgerCheck(shared: shared, call: call, plan: plan, permit: permit).add(
            to: &check, ledger, at: request.clock)
        checks.append(check)
    }

    /// What can be checked of a charge that nobody is about to pay.
    mutating func checkChargeAlone() {
        checkCharge()
        _ = checkSignature()
        checkPolicy()
        checks.append(TimeCheck(request).check(at: request.now))
    }

    /// The form was read before there was a request: it remains to be said.
    private mutating func checkCharge() {
        var check = Check(.charge)
        check.findings.append("strict JSON, and every field that is used is there and well-formed")
        if let chain = request.chain, chain != charge.chain {
            check.problems.append(
                Problem(
                    SigningRule.otherChain, at: "--chain", saw: chain.description, expected: charge.chain.description,
                    hint: "leave --chain out, or give the charge that was made for this chain"))
        }
        if let conditions = request.conditions {
            check.require(conditions.chain == charge.chain, "the conditions are of its chain") {
                Problem(
                    SigningRule.otherChain, at: "/chainId", saw: conditions.chain.description,
                    expected: charge.chain.description)
            }
            check.require(conditions.sender == charge.sender, "the conditions are of its payer") {
                Problem(
                    SigningRule.otherSender, at: "/sender", saw: conditions.sender.description,
                    expected: charge.sender.description)
            }
        }
        warnOfFee(&check)
        checks.append(check)
    }

    /// A recipient that is pinned says little where most of the money goes to the operator.
    private func warnOfFee(_ check: inout Check) {
        let fee = charge.intent.feeAmount
        guard let tenth = charge.needed.quotientAndRemainder(dividingBy: 10)?.quotient, fee > tenth else { return }
        func words(_ amount: UInt256) -> String { request.words(amount, of: charge.intent.recipientCurrency) }
        check.warnings.append(
            "the operator takes \(words(fee)) of \(words(charge.needed)) as a fee, more than a tenth: "
                + "the recipient gets \(words(charge.intent.recipientAmount))")
    }

    private mutating func checkSignature() -> Charge? {
        var check = Check(.signature)
        defer { checks.append(check) }
        do throws(ProblemList) {
            let proved = try Charge(verifying: charge)
            check.findings.append("the operator signed payer, chain, contract, amounts and deadline")
            return proved
        } catch {
            check.problems += error.problems
            return nil
        }
    }

    private mutating func checkPolicy() {
        var check = Check(.policy)
        defer { checks.append(check) }
        let place = UnverifiedCharge.callData
        guard let rules = request.rules else {
            check.problems.append(
                Problem(
                    PolicyRule.chain, at: "\(UnverifiedCharge.metadata)/chain_id", saw: charge.chain.description,
                    expected: request.policy.chains.keys.map(\.id).sorted().map(String.init).joined(separator: ", ")))
            return
        }
        let intent = charge.intent
        check.require(rules.contracts.contains(charge.contract), "the contract is listed") {
            Problem(
                PolicyRule.contract, at: "\(UnverifiedCharge.metadata)/contract_address",
                saw: charge.contract.description, expected: list(rules.contracts))
        }
        check.require(rules.operators.contains(intent.operator), "the operator is listed") {
            Problem(
                PolicyRule.operator, at: "\(place)/operator", saw: intent.operator.description,
                expected: list(rules.operators))
        }
        if let recipients = rules.recipients {
            check.require(recipients[intent.recipient] != nil, "the recipient is listed") {
                Problem(PolicyRule.recipient, at: "\(place)/recipient", saw: intent.recipient.description)
            }
        } else {
            check.warnings.append("no policy pins the recipient: compare it with what the merchant told you")
        }
        check.require(rules.currencies[intent.recipientCurrency] != nil, "the currency is listed") {
            Problem(
                PolicyRule.currency, at: "\(place)/recipient_currency", saw: intent.recipientCurrency.description,
                expected: list(Set(rules.currencies.keys)))
        }
        if let currency = request.currency, let cap = currency.perPayment {
            check.require(charge.needed <= cap, "within the cap per payment") {
                Problem(
                    PolicyRule.perPayment, at: "\(place)/recipient_amount",
                    saw: Amount.format(charge.needed, decimals: currency.decimals),
                    expected: "at most \(Amount.format(cap, decimals: currency.decimals)), the fee included")
            }
        }
        if let token = request.conditions?.token, let currency = rules.currencies[token.address] {
            compare(token, currency, &check)
        }
    }

    /// By the policy's decimals amounts are shown and capped, and by the token's own they are paid.
    private func compare(_ token: Conditions.Token, _ currency: Policy.Currency, _ check: inout Check) {
        if token.decimals != currency.decimals {
            check.problems.append(
                Problem(
                    SigningRule.otherDecimals, at: "/token/decimals", saw: "\(token.decimals)",
                    expected: "\(currency.decimals), as the policy says"))
        }
        if token.symbol != currency.symbol {
            check.warnings.append(
                "the token calls itself \(escaped(token.symbol, limit: 16)), and the policy calls it "
                    + escaped(currency.symbol, limit: 16))
        }
    }

    func list(_ addresses: Set<Address>) -> String {
        addresses.isEmpty
            ? "none: the policy lists none" : addresses.map(\.description).sorted().joined(separator: ", ")
    }

    private mutating func checkKey() {
        var check = Check(.key)
        if let key = request.key {
            check.require(key == charge.sender, "the key is the payer's") {
                Problem(
                    SigningRule.wrongKey, at: "\(UnverifiedCharge.metadata)/sender", saw: key.description,
                    expected: charge.sender.description)
            }
        } else {
            check.findings.append("not unlocked: it is compared with the payer when it is")
        }
        checks.append(check)
    }
}
