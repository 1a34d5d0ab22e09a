import ABI
import EthereumTypes
import PaymentFiles
import Problems
import Transactions
import TransferProtocol

extension Review {
    /// The review in lines of at most `width` columns: first one sentence that a treasurer understands, then the
    /// facts, the checks, and the comparison code.
    ///
    /// - Parameters:
    ///   - width: how many columns a line may have.
    ///   - allChecks: whether each check that holds is said, and not only how many they are.
    ///   - bold: whether what does not hold is set in bold letters.
    public func text(width: Int = 80, allChecks: Bool = true, bold: Bool = false) -> String {
        var text = Page.paragraph(sentence, width: width) + "\n"
        for (name, values) in facts { text += Page.fact(name, values, width: width) }
        text += "\n"
        if allChecks {
            for check in checks { text += check.text(width: width) }
        } else {
            text += briefly(width: width, bold: bold)
        }
        if let code = payment?.code {
            let code = "\(code)  (compare it with the one that airlock-relay shows)"
            text += "\n" + Page.fact("code", [code], width: width)
        }
        return text
    }

    /// One line for all checks that hold, and after it what does not, each set apart.
    private func briefly(width: Int, bold: Bool) -> String {
        let fine = checks.count { $0.status == .ok }
        var text = fine == 0 ? "" : fine == 1 ? "1 check ok\n" : "\(fine) checks ok\n"
        for check in checks where check.status != .ok {
            let said = check.text(width: width, withFindings: false)
            text += (text.isEmpty ? "" : "\n") + (bold ? "\u{1b}[1m\(said.dropLast())\u{1b}[0m\n" : said)
        }
        return text
    }

    /// How much, to whom, at what worst cost, and until when.
    public var sentence: String {
        let intent = request.charge.intent
        let recipient =
            label.map(intent.recipient.labelled) ?? "\(intent.recipient), which no policy names"
        let chain = request.charge.chain
        var parts =
            intent.feeAmount.isZero
            ? ["Pay \(amount) on \(chain) to \(recipient)"]
            : [
                "Pay \(amount) on \(chain)",
                "of it \(words(intent.feeAmount)) to the operator as a fee "
                    + "and \(words(intent.recipientAmount)) to \(recipient)",
            ]
        if let call, call.method.isSwap {
            let most = call.spend.map { words($0.amount, of: $0.token) } ?? nativeWords(call.value)
            parts.append("by a swap that may spend up to all of \(most)")
        } else if let call, !call.value.isZero, !intent.recipientCurrency.isZero {
            parts.append("out of \(nativeWords(call.value))")
        }
        if permit != nil {
            parts.append("by a permit of the token that someone else must send, at no cost in native currency")
        } else if let total = totalCost {
            parts.append("worst total cost in native currency \(nativeWords(total))")
        }
        return parts.joined(separator: ", ") + ", valid until \(request.charge.deadline)."
    }

    /// Value, worst network fee and L1 fee together.
    var totalCost: UInt256? {
        guard let call, let fee = worstNetworkFee else { return nil }
        if permit != nil { return .zero }
        return fee.adding(call.value)?.adding(request.conditions?.l1Fee ?? .zero)
    }

    /// How long the charge is still valid, in the largest units that say it.
    var remaining: String {
        let deadline = request.charge.deadline.seconds
        let now = request.now.seconds
        guard deadline >= now else { return "expired" }
        let seconds = deadline - now
        switch seconds {
        case 0..<120: return "in \(seconds) s"
        case 120..<7_200: return "in \(seconds / 60) min"
        case 7_200..<172_800: return "in \(seconds / 3_600) h \(seconds / 60 % 60) min"
        default: return "in \(seconds / 86_400) days"
        }
    }

    private var facts: [(String, [String])] {
        let charge = request.charge
        let intent = charge.intent
        var facts: [(String, [String])] = [
            ("charge", [escaped(charge.id)]),
            ("intent", [intent.id.description]),
            ("amount", ["\(amount)", "\(charge.needed) atomic units in all"]),
            (
                "of it",
                ["\(words(intent.recipientAmount)) to the recipient", "\(words(intent.feeAmount)) fee to the operator"]
            ),
            ("currency", currencyNames(intent.recipientCurrency)),
            ("recipient", [label, intent.recipient.description].compactMap(\.self).filter { !$0.isEmpty }),
            ("operator", [intent.operator.description]),
            ("contract", [charge.contract.description]),
            ("chain", [charge.chain.description]),
            ("payer", [charge.sender.description]),
            ("valid until", ["\(charge.deadline), \(remaining)"]),
        ]
        if let call { facts += callFacts(call) }
        if let conditions = request.conditions { facts += proposalFacts(conditions) }
        facts += costFacts
        facts.append(("policy", [escaped(request.policy.origin), request.policy.hash.description]))
        return facts
    }

    private func currencyNames(_ currency: Address) -> [String] {
        if currency.isZero { return ["\(request.charge.chain.nativeSymbol), the native currency"] }
        let symbol = request.currency.map { escaped($0.symbol, limit: 16) }
        return [symbol ?? "a token that the policy does not know", currency.description]
    }

    private func callFacts(_ call: PaymentCall) -> [(String, [String])] {
        var facts = [("method", [call.method.rawValue, call.method.summary])]
        if let poolFee = call.poolFee {
            facts.append(("pool fee", ["\(poolFee) (\(Amount.format(UInt256(poolFee), decimals: 4)) %)"]))
        }
        let upTo = call.method.isSwap && call.method.spendsNative ? "up to all of " : ""
        facts.append(("value", ["\(upTo)\(nativeWords(call.value))"]))
        if let spend = call.spend { facts += spendFacts(spend, call) }
        facts.append(("call data", ["\(call.data.count) bytes, selector \(call.method.function.selector)"]))
        return facts
    }

    /// What is taken in a token, who has to be approved for it, and the permit that is signed for it.
    private func spendFacts(_ spend: TokenSpend, _ call: PaymentCall) -> [(String, [String])] {
        let most = call.method.isSwap ? "up to all of " : ""
        var facts = [("takes", ["\(most)\(words(spend.amount, of: spend.token))", spend.token.description])]
        facts.append(("through", [spend.spender.description]))
        if let permit = call.permit {
            facts.append(
                (
                    "permit",
                    [
                        "Permit2, PermitTransferFrom: lets the contract take this amount once",
                        "nonce \(permit.nonce), until \(request.charge.deadline)", permit.digest.description,
                    ]
                ))
        }
        if let permit {
            facts.append(
                (
                    "permit",
                    [
                        "EIP-2612, of the token: approves the contract for this amount",
                        "nonce \(permit.nonce) of the token's permits, until \(request.charge.deadline)",
                        "domain", permit.domainSeparator.description, "digest", permit.digest.description,
                    ]
                ))
            facts.append(("sent by", ["someone else: whoever has the call can send it, and pays its fee"]))
        }
        return facts
    }

    /// What the online machine proposes and this review does not follow must be seen.
    private func proposalFacts(_ conditions: Conditions) -> [(String, [String])] {
        var proposals: [String] = []
        if let method = conditions.method { proposals.append("method \(escaped(method))") }
        if let value = conditions.value { proposals.append("value \(nativeWords(value))") }
        if let poolFee = conditions.poolFee { proposals.append("pool fee \(poolFee)") }
        return proposals.isEmpty ? [] : [("proposed", proposals)]
    }

    private var costFacts: [(String, [String])] {
        guard let transaction, let fee = worstNetworkFee else { return [] }
        let others = plan.filter { $0.transaction != transaction }.map(rungWords)
        func gwei(_ fee: UInt256) -> String { "\(Amount.format(fee, decimals: 9)) gwei" }
        var facts = [
            ("nonce", ["\(transaction.nonce)"]),
            ("gas", ["\(transaction.gas)"]),
            (
                "fee per gas",
                [
                    "at most \(gwei(transaction.maxFeePerGas)), of it at most \(gwei(transaction.maxPriorityFeePerGas)) priority"
                ]
            ),
        ]
        if !others.isEmpty { facts.append(("signed too", others)) }
        // What it costs when no dearer rung and no cancel is needed.
        let expected = plan.filter { $0.role != .cancel && ($0.rung ?? 0) == 0 }.worstNetworkFee
        let first = expected.flatMap { $0 == fee ? nil : "expected at most \(nativeWords($0))" }
        let worst = first == nil ? "at most" : "at worst"
        facts.append(("network fee", [first, "\(worst) \(nativeWords(fee))"].compactMap(\.self)))
        if let l1Fee = request.conditions?.l1Fee {
            facts.append(("L1 fee", ["about \(nativeWords(l1Fee))"]))
        }
        if let total = totalCost {
            let balance = request.conditions?.nativeBalance.map { "of a balance of \(nativeWords($0))" }
            facts.append(("total", ["at most \(nativeWords(total))", balance].compactMap(\.self)))
        }
        return facts
    }

    /// What another transaction of the plan is for, and what it can cost.
    private func rungWords(_ planned: PlannedTransaction) -> String {
        let transaction = planned.transaction
        let name = planned.rung.map { "\(planned.role.rawValue), rung \($0)" } ?? planned.role.rawValue
        let fee = transaction.maxNetworkFee.map { nativeWords($0) } ?? "more than 256 bits"
        return "\(name): nonce \(transaction.nonce), network fee at most \(fee)"
    }
}
