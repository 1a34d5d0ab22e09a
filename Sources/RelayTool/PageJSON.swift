import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockRequestKinds
import AirlockRequests
import AirlockStrictJSON

/// Payments as JSON for the API of the web page (docs/api.md). The JSON contains untrusted text, and the page must
/// escape it.
enum PageJSON {
    typealias Members = [(String, JSONOutput)]

    /// Returns the payment as JSON members.
    ///
    /// - Parameters:
    ///   - payment: the payment.
    ///   - fee: the network fee that was paid so far; `nil` if no transaction is mined yet.
    static func members(of payment: JournalPayment, fee: UInt256?) -> Members {
        let chain = UInt64(payment.chainID).map { Chain(id: $0) }
        var members: Members = [
            ("id", .string("\(payment.id)")), ("code", .string(payment.code)), ("kind", .string(kind(of: payment))),
            ("state", .string(payment.state.rawValue)), ("chainId", .string(payment.chainID)),
            ("chain", .string(chain.map(name) ?? payment.chainID)), ("from", .string(payment.sender)),
        ]
        members += payment.summary.map(Self.members) ?? []
        func add(_ name: String, _ text: String?) { if let text { members.append((name, .string(text))) } }
        add("reference", payment.chargeID.flatMap { $0.isEmpty ? nil : $0 })
        if let chain, let fee {
            members.append(("cost", ["text": .string(PaymentSummary.nativeWords(fee, on: chain))]))
        }
        add("recordedAt", payment.recordedAt)
        add("changedAt", payment.changedAt)
        add("endedAt", payment.endedAt)
        add("hash", hash(of: payment))
        return members
    }

    /// Returns the recipient and the amount of a payment as JSON members. Both are read from the signed transaction.
    static func members(of summary: PaymentSummary) -> Members {
        let unit = summary.unit
        var members: Members = []
        if let recipient = summary.recipient { members.append(("to", .string("\(recipient)"))) }
        members.append(
            (
                "amount",
                [
                    "text": .string(summary.amountText), "value": .string("\(summary.amount)"),
                    "decimals": .number("\(unit.decimals)"), "symbol": .string(unit.symbol),
                ]
            ))
        return members
    }

    static func name(of chain: Chain) -> String { chain.name ?? "chain \(chain.id)" }

    private static func kind(of payment: JournalPayment) -> String {
        guard let method = payment.method else { return "transaction" }
        return RequestKinds.names.contains(method) ? method : LegacyMembers.kind
    }

    /// Returns the hash of the transaction that represents a payment. If a transaction that makes the payment is mined,
    /// the function chooses this transaction. Otherwise it chooses any mined transaction, such as an approval or a
    /// cancellation. If no transaction is mined, it chooses a transaction that makes the payment: the last one that a
    /// node accepted, or the first one if no node accepted any.
    private static func hash(of payment: JournalPayment) -> String? {
        let own = payment.transactions.filter { $0.role == "pay" || $0.role == nil }
        let mined = own.last { $0.block != nil } ?? payment.transactions.last { $0.block != nil }
        return (mined ?? own.last { $0.answer == "taken" } ?? own.first)?.hash
    }

    static func steps(of payment: JournalPayment) -> JSONOutput {
        .array(
            payment.transactions.map { one in
                var members: Members = [
                    ("hash", .string(one.hash)), ("nonce", .string(one.nonce)),
                    ("role", .string(one.role ?? "transaction")),
                ]
                if let rung = one.rung { members.append(("rung", .string(rung))) }
                return .object(members)
            })
    }

    static func json(of moment: TimelineEntry) -> JSONOutput {
        var members: Members = [("at", .string(moment.at)), ("event", .string(moment.event.rawValue))]
        let texts = [
            ("node", moment.node), ("hash", moment.hash), ("detail", moment.detail), ("state", moment.state?.rawValue),
        ]
        for (name, text) in texts { if let text, !text.isEmpty { members.append((name, .string(text))) } }
        return .object(members)
    }

    static func problems(_ problems: [Problem]) -> JSONOutput {
        .array(
            problems.map { problem in
                var members: Members = [("code", .string(problem.code)), ("message", .string(problem.message))]
                if let place = problem.place, !place.isEmpty { members.append(("path", .string(place))) }
                members.append(("hint", .string(problem.hint)))
                return .object(members)
            })
    }
}

/// Daily totals of payments that reached a final state, for the charts of the web page.
struct PageDays {
    private struct Day {
        var paid: [String: (sum: UInt256?, decimals: Int)] = [:]
        var fees: [String: (sum: UInt256?, decimals: Int)] = [:]
        var settled = 0
        var seconds: [UInt64] = []

        static func add(
            _ amount: UInt256, _ unit: (symbol: String, decimals: Int),
            to sums: inout [String: (sum: UInt256?, decimals: Int)]
        ) {
            let before = sums[unit.symbol]?.sum ?? .zero
            sums[unit.symbol] = (before.adding(amount), unit.decimals)
        }
    }

    private static let length: UInt64 = 86_400
    private let last: UInt64
    private let count: Int
    private var days: [UInt64: Day] = [:]

    /// Makes totals without payments.
    ///
    /// - Parameters:
    ///   - count: the number of days in UTC. The last day is today.
    ///   - now: the current time.
    init(_ count: Int, until now: Timestamp) {
        (last, self.count) = (now.seconds / Self.length, count)
    }

    var since: Timestamp { Timestamp(seconds: (last + 1 - UInt64(count)) * Self.length) }

    mutating func add(_ payment: EndedPayment) {
        let day = payment.endedAt.seconds / Self.length
        var known = days[day] ?? Day()
        if let fee = payment.fee { Day.add(fee, (payment.chain.nativeSymbol, 18), to: &known.fees) }
        if let paid = payment.paid {
            if !paid.amount.isZero { Day.add(paid.amount, paid.unit, to: &known.paid) }
            known.settled += 1
            known.seconds.append(payment.endedAt.seconds - min(payment.recordedAt.seconds, payment.endedAt.seconds))
        }
        days[day] = known
    }

    var json: JSONOutput {
        .array(
            (0..<count).map { offset in
                let number = last + 1 - UInt64(count) + UInt64(offset)
                let (date, day) = ("\(Timestamp(seconds: number * Self.length))".prefix(10), days[number] ?? Day())
                func sums(_ sums: [String: (sum: UInt256?, decimals: Int)]) -> JSONOutput {
                    .array(
                        sums.sorted { $0.key < $1.key }.map { symbol, one in
                            let amount = one.sum.map { Amount.format($0, decimals: one.decimals) }
                            return ["symbol": .string(symbol), "amount": .string(amount ?? "more than 2^256 - 1")]
                        })
                }
                var members: PageJSON.Members = [
                    ("date", .string(String(date))), ("paid", sums(day.paid)), ("fees", sums(day.fees)),
                    ("settled", .number("\(day.settled)")),
                ]
                let seconds = day.seconds.sorted()
                if let most = seconds.last {
                    let median = seconds[(seconds.count - 1) / 2]
                    members.append(("seconds", ["median": .number("\(median)"), "most": .number("\(most)")]))
                }
                return .object(members)
            })
    }
}
