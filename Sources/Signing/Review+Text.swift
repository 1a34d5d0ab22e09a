import AirlockABI
import AirlockClearSigning
import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequests
import AirlockTransactions

extension Review {
    /// The review in lines of at most `width` columns. The first sentence is meant for a treasurer. The next parts are
    /// the details of the payment, the results of the checks, and the comparison code.
    ///
    /// - Parameters:
    ///   - width: how many columns a line may have.
    ///   - allChecks: whether each passed check is shown. With `false`, only the number of passed checks is shown.
    ///   - bold: whether checks that did not pass are bold.
    public func text(width: Int = 80, allChecks: Bool = true, bold: Bool = false) -> String {
        var text = Page.paragraph(sentence, width: width) + "\n"
        if let approved = request.approval?.review {
            text += approved.body(width: width, allChecks: allChecks, bold: bold) + "\n"
        }
        // A value from the request can contain a very long word. Such a word is split here. Without the split, it would
        // be moved to the left into the column of the names, and it would look like a name.
        let own = request.facts
        for (index, fact) in facts.enumerated() {
            let values = fact.values.map { value in
                guard index < own.identity.count else { return value }
                return Page.broken(value, width: width, isMarked: own.deed == nil || value.hasPrefix("\""))
            }
            text += Page.fact(fact.name, values, width: width)
        }
        text += "\n"
        // If the request itself names the called function, the lines above in the review already show the function and
        // its arguments, so they are not shown again.
        let hasValues = action?.call.namedFunction != nil
        let words = rendering?.text(width: width, inReview: true, withValues: !hasValues) ?? ""
        if !words.isEmpty { text += words + "\n" }
        text += Check.text(checks, width: width, all: allChecks, bold: bold)
        if let code = payment?.code {
            let code = "\(code)  (compare it with the one that airlock-relay shows)"
            text += "\n" + Page.fact("code", [code], width: width)
        }
        return text
    }

    /// One sentence with the amount, the recipient, the highest cost and the deadline.
    public var sentence: String {
        let terms = request.terms
        var parts = request.opening
        if let call = action?.call { parts += request.spendingWords(call, isPayment: request.facts.deed == nil) }
        if message != nil {
            parts.append("by a token permit that somebody else must send and pay for")
        } else if let total = totalCost {
            parts.append("worst total cost in native currency \(nativeWords(total))")
        }
        return parts.joined(separator: ", ") + (terms.expires.map { ", valid until \($0)." } ?? ", without an expiry.")
    }

    /// The highest total cost in native currency: the native currency that the call sends, the highest network fee and
    /// the L1 fee. `nil` if the total is unknown or overflows.
    var totalCost: UInt256? {
        guard let call = action?.call, let fee = worstNetworkFee else { return nil }
        if message != nil { return .zero }
        return fee.adding(call.value)?.adding(request.conditions?.l1Fee ?? .zero)
    }

    /// The remaining time until the request expires, in the largest suitable units.
    private func remaining(until expires: Timestamp) -> String {
        let deadline = expires.seconds
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

    private var facts: [Fact] {
        let terms = request.terms
        let own = request.facts
        var facts = own.identity
        for owed in terms.owed where own.deed == nil {
            facts.append(("amount", [words(owed.amount, of: owed.currency), "\(owed.amount) atomic units in all"]))
        }
        facts += own.shares
        for owed in terms.owed where own.deed == nil { facts.append(("currency", currencyNames(owed.currency))) }
        facts.append(
            (
                own.deed == nil ? "recipient" : "contract",
                [label, terms.payee.description].compactMap(\.self).filter { !$0.isEmpty }
            ))
        facts += own.parties
        facts += [
            ("chain", [terms.chain.description]),
            ("payer", [request.payer?.description ?? "whoever signs"]),
            ("valid until", [terms.expires.map { "\($0), \(remaining(until: $0))" } ?? "no expiry"]),
        ]
        if let action { facts += actionFacts(action) }
        if let conditions = request.conditions { facts += proposalFacts(conditions) }
        facts += costFacts
        facts.append(("policy", [escaped(request.policy.origin), request.policy.hash.description]))
        return facts
    }

    private func currencyNames(_ currency: Address) -> [String] {
        if currency.isZero { return ["\(request.terms.chain.nativeSymbol), the native currency"] }
        let symbol = request.currency.map { escaped($0.symbol, limit: 16) }
        return [symbol ?? "a token that the policy does not know", currency.description]
    }

    private func actionFacts(_ action: Action) -> [Fact] {
        let call = action.call
        var facts = call.facts
        facts.append(
            ("value", ["\(call.isUpTo && call.takes.isEmpty ? "up to all of " : "")\(nativeWords(call.value))"]))
        for take in call.takes {
            let most = call.isUpTo ? "up to all of " : ""
            let amount = ["\(most)\(request.words(of: take))", take.token.description]
            switch take.way {
            case .moved(let payee): facts += [("takes", amount)] + (payee.map { [("moves it to", ["\($0)"])] } ?? [])
            case .pulled(let spender): facts += [("takes", amount), ("through", ["\(spender)"])]
            case .used(let contract): facts += [("takes up to", amount), ("through", ["\(contract)"])]
            case .allowed(let spender): facts += [("lets take", amount), ("by", ["\(spender)"])]
            }
        }
        if let message = action.message { facts += message.facts }
        let data = call.data
        let selector = Selector(of: data.span).map { ", selector \($0)" } ?? ""
        facts.append(("call data", [data.isEmpty ? "none" : "\(data.count) bytes\(selector)"]))
        if let digest = callDataDigest { facts.append(("digest", ["\(digest) (calldataDigest)"])) }
        return facts
    }

    /// The digest of the call data (ERC-8213), which a person can compare on another screen. `nil` while the call data
    /// is not final.
    var callDataDigest: Hash? {
        guard case .call(let call)? = action, !call.data.isEmpty else { return nil }
        return SigningDigests.callData(call.data)
    }

    /// The payment method, the amount and the pool fee that the online machine proposed. The proposed method does not
    /// decide which method is used. If the user gave no amount or no pool fee for a swap, the proposed one can be used.
    /// So the review shows all three values.
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
                    "at most \(gwei(transaction.maxFeePerGas)), including at most \(gwei(transaction.maxPriorityFeePerGas)) priority fee"
                ]
            ),
        ]
        if !transaction.accessList.isEmpty { facts.append(("access list", Self.words(of: transaction.accessList))) }
        if !others.isEmpty { facts.append(("signed too", others)) }
        // The expected network fee: the sum of the lowest fee for each nonce. Normally the transaction with the lowest
        // fee is mined, and then no other transaction with the same nonce can be mined.
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

    /// An access list as text: the number of contracts and the number of storage keys, and then at most ten contracts
    /// with at most ten keys each. A long list is not shown in full, because an access list changes only the gas.
    public static func words(of list: [AccessListEntry]) -> [String] {
        let keys = list.reduce(0) { $0 + $1.storageKeys.count }
        let most = 10
        let contracts = list.count == 1 ? "1 contract" : "\(list.count) contracts"
        return ["\(contracts), \(keys == 1 ? "1 storage key" : "\(keys) storage keys"): it changes the gas alone"]
            + list.prefix(most).flatMap { entry in
                let count = entry.storageKeys.count
                return ["\(entry.address)"] + entry.storageKeys.prefix(most).map { "key \($0)" }
                    + (count > most ? ["and \(count - most) more keys"] : [])
            } + (list.count > most ? ["and \(list.count - most) more contracts"] : [])
    }

    /// The purpose, the nonce and the highest network fee of a planned transaction, as text.
    private func rungWords(_ planned: PlannedTransaction) -> String {
        let transaction = planned.transaction
        let name = planned.rung.map { "\(planned.role.rawValue), rung \($0)" } ?? planned.role.rawValue
        let fee = transaction.maxNetworkFee.map { nativeWords($0) } ?? "more than 256 bits"
        return "\(name): nonce \(transaction.nonce), network fee at most \(fee)"
    }
}

/// Text in two columns. The names are on the left and the values on the right.
enum Page {
    private static let column = 13

    static func paragraph(_ text: String, width: Int) -> String {
        wrapped(onlyPrintable(text), width: width).map { $0 + "\n" }.joined()
    }

    /// Splits words that are too long for the column of the values. Without the split, a part of such a word could
    /// begin in the column of the names and look like a name.
    ///
    /// - Parameter isMarked: whether a backslash is added where a word is split. With this mark, a reader can
    ///   distinguish a split word from two words. If there is no backslash at the end of a line, the line break stands
    ///   for a space.
    static func broken(_ text: String, width: Int, isMarked: Bool = false) -> String {
        let most = max(16, width - column)
        var pieces: [Substring] = []
        for word in onlyPrintable(text).split(separator: " ") {
            var rest = word
            while rest.count > most {
                let piece = rest.prefix(isMarked ? whole(rest, most - 1) : most)
                pieces.append(isMarked ? piece + "\\" : piece)
                rest = rest.dropFirst(piece.count)
            }
            pieces.append(rest)
        }
        return pieces.joined(separator: " ")
    }

    /// Returns the position at which an escaped word is split. This is the largest position that is at most `most` and
    /// does not lie inside an escape.
    private static func whole(_ word: Substring, _ most: Int) -> Int {
        var (count, rest) = (0, word)
        while let first = rest.first {
            let length =
                first != "\\" ? 1 : rest.dropFirst().first == "u" ? rest.prefix { $0 != "}" }.count + 1 : 2
            if count + length > most { break }
            count += length
            rest = rest.dropFirst(length)
        }
        return count
    }

    static func fact(_ name: String, _ values: [String], width: Int) -> String {
        tabulated(onlyPrintable(name), values.map(onlyPrintable), column: column, width: width)
    }
}
