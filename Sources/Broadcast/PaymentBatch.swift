import AirlockEthereumTypes
import AirlockPaymentFiles
public import AirlockDiagnostics
import AirlockTransactions

/// Payments that are sent together. No payment occurs twice, and no two payments use the same nonce.
public struct PaymentBatch: Sendable {
    /// A payment, and the file and line from which the payment was read.
    public typealias Item = (place: String, signedPayment: SignedPayment)

    /// The payments in input order.
    public let items: [Item]

    public var signedPayments: [SignedPayment] { items.map(\.signedPayment) }

    /// Makes a batch of these payments. Each payment is kept only once. A payment is also removed if another payment
    /// contains all of its transactions. Throws if different payments use the same nonce.
    public init(_ read: [Item]) throws(ProblemList) {
        var (items, problems): ([Item?], [Problem]) = ([], [])
        var owners: [[String]: Int] = [:]
        for item in read {
            let hashes = Set(item.signedPayment.steps.map(\.hash))
            let keys = Set(item.signedPayment.steps.map(\.nonce)).sorted().map {
                ["\(item.signedPayment.chain.id)", "\(item.signedPayment.sender)", "\($0)"]
            }
            let others = Set(keys.compactMap { owners[$0] }).sorted()
            var isKnown = false
            for other in others {
                guard let before = items[other] else { continue }
                let known = Set(before.signedPayment.steps.map(\.hash))
                if hashes.isSubset(of: known) {
                    // If the input contains the same payment as a payment file and as raw transactions, the payment
                    // file is used and the raw transactions are ignored. Only the payment file contains the data about
                    // the request.
                    if hashes == known, before.signedPayment.payment == nil, item.signedPayment.payment != nil {
                        items[other] = (before.place, item.signedPayment)
                    }
                    isKnown = true
                } else if known.isSubset(of: hashes) {
                    items[other] = nil
                } else {
                    problems.append(
                        Problem(
                            SendRule.sameNonce, at: item.place,
                            detail:
                                "nonce \(item.signedPayment.target) of \(item.signedPayment.sender), as in \(escaped(before.place))"
                        ))
                }
            }
            guard !isKnown else { continue }
            for key in keys { owners[key] = items.count }
            items.append(item)
        }
        if let all = ProblemList(problems) { throw all }
        self.items = items.compactMap(\.self)
        if self.items.isEmpty { throw ProblemList(Problem(SendRule.empty)) }
    }

    /// The comparison code for all payments, computed from their signing hashes in order.
    public var code: String {
        var code = BatchComparisonCode()
        for signedPayment in signedPayments { code.add(signedPayment.steps.map(\.signed.signingHash)) }
        return code.code
    }

    /// The largest number of payments for which ``text`` lists every payment. For a larger batch, ``text`` contains
    /// only the approvals, and the first and the last comparison code.
    private static let shown = 10
    /// The largest number of approvals on one chain that ``text`` lists for a larger batch.
    private static let shownApprovals = 20

    /// A summary of the payments for the user. The summary contains the number of payments, the totals, the highest
    /// fees, the approvals and the comparison codes.
    public var text: String {
        var lines: [String] = []
        for (chain, signedPayments) in byChain {
            let senders = Set(signedPayments.map(\.sender)).map { "\($0)" }.sorted()
            let from = senders.count == 1 ? senders[0] : "\(senders.count) senders"
            lines.append("\(Self.count(signedPayments.count)) on \(chain) from \(from)")
            lines += sums(of: signedPayments).map { currency, sum in
                "pays \(sum.map { PaymentSummary.words($0, of: currency, on: chain) } ?? "more than 2^256 - 1")"
            }
            let fees = signedPayments.reduce(UInt256?.some(.zero)) { sum, one in
                one.maxNetworkFee.flatMap { sum?.adding($0) }
            }
            lines.append(
                "network fees at most \(fees.map { PaymentSummary.nativeWords($0, on: chain) } ?? "more than 2^256 - 1")"
            )
            if items.count > Self.shown { lines += Self.approvalLines(of: signedPayments) }
        }
        if items.count <= Self.shown {
            lines += signedPayments.map { "code \($0.code) \($0.sentence)" }
        } else {
            lines.append("first code \(signedPayments.first?.code ?? ""), last code \(signedPayments.last?.code ?? "")")
        }
        lines.append("code over all \(code)")
        return lines.map { "\($0)\n" }.joined()
    }

    /// The number of payments in each state, formatted for the user.
    public static func summary(of endings: [Broadcaster.Ending]) -> String {
        let states = PaymentState.allCases.compactMap { state in
            let count = endings.count { $0.state == state }
            return count == 0 ? nil : "\(count) \(state.rawValue)"
        }
        return "\(count(endings.count)): \(states.joined(separator: ", "))\n"
    }

    private static func count(_ number: Int) -> String { number == 1 ? "1 payment" : "\(number) payments" }

    /// The different approvals of these payments, as lines for the user. The largest amounts come first, so that many
    /// small approvals cannot hide a large one.
    private static func approvalLines(of signedPayments: [SignedPayment]) -> [String] {
        var known: Set<String> = []
        let approvals = signedPayments.flatMap(\.approvals).sorted { $0.amount > $1.amount }
        let lines = approvals.map(\.text).filter { known.insert($0).inserted }
        guard lines.count > shownApprovals else { return lines }
        let rest = lines.count - shownApprovals
        return Array(lines.prefix(shownApprovals))
            + ["\(rest) more approval\(rest == 1 ? "" : "s"), which the JSON document lists"]
    }

    private var byChain: [(Chain, [SignedPayment])] {
        Dictionary(grouping: signedPayments, by: \.chain).sorted { $0.key.id < $1.key.id }.map { ($0.key, $0.value) }
    }

    /// The total in each currency, with the native currency first. A total is `nil` if it overflows.
    private func sums(of signedPayments: [SignedPayment]) -> [(Address, UInt256?)] {
        var sums: [Address: UInt256?] = [:]
        for summary in signedPayments.compactMap(\.summary) {
            let before = sums[summary.currency] ?? UInt256.zero
            sums[summary.currency] = .some(before?.adding(summary.amount))
        }
        return sums.sorted { "\($0.key)" < "\($1.key)" }.map { ($0.key, $0.value) }
    }
}
