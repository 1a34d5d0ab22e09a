import AirlockTokens
public import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
public import AirlockStrictJSON
public import AirlockTransactions
import AirlockRequestKinds
import AirlockRequests

/// The recipient, amount and currency of a payment, decoded from the transaction that makes the payment. If the
/// transaction calls an unknown function, the summary describes the native currency that is sent with the call.
public struct PaymentSummary: Hashable, Sendable {
    public let chain: Chain
    /// The recipient; `nil` if the transaction creates a contract.
    public let recipient: Address?
    /// The amount that the recipient receives.
    public let amount: UInt256
    /// The address of the token. The zero address means the chain's native currency.
    public let currency: Address
    /// The amount of native currency that is sent with the call.
    public let value: UInt256
    /// Whether Airlock can determine from the call which payment the call makes.
    public let isKnown: Bool
    /// A description of the called function, if Airlock cannot determine from the call which payment the call makes.
    /// `nil` if Airlock can determine the payment, or if the transaction has no call data.
    private let called: String?
    /// The largest amount that the call takes from the sender in a token other than the recipient's, formatted for the
    /// user. `nil` if the call takes no such token.
    private let spent: String?

    public init(_ transaction: UnsignedTransaction, on chain: Chain) {
        self.chain = chain
        value = transaction.value
        let call = transaction.to.map { to in
            SignedCall(chain: chain, payer: .zero, to: to, value: transaction.value, data: transaction.data, name: "")
        }
        if let call, let read = RequestKinds.reading(call) {
            let terms = read.request.terms
            let owed = terms.owed.first
            let paid = owed?.currency ?? .zero
            called = read.called
            spent = RequestKinds.movement(call)?.takes.first { $0.token != paid }.map {
                Self.words($0.amount, of: $0.token, on: chain)
            }
            (recipient, amount, currency) = (terms.payee, owed?.amount ?? .zero, paid)
            isKnown = called == nil
        } else {
            called = transaction.data.isEmpty ? nil : "a function that is not known"
            spent = nil
            (recipient, amount, currency, isKnown) = (transaction.to, transaction.value, .zero, false)
        }
    }

    /// A summary for the user, for example `1.05 USDC to 0x…`. It contains the full address of the recipient.
    public var text: String {
        let to = recipient.map { "to \($0)" } ?? "to a new contract"
        guard isKnown else {
            return
                "\(Self.words(amount, of: currency, on: chain)) \(to)\(called.map { ", with a call of \($0)" } ?? "")"
        }
        // In a swap, the recipient receives one currency and the sender spends another. The summary therefore also
        // contains the largest amount that the sender can spend.
        let native = currency.isZero || value.isZero ? nil : Self.nativeWords(value, on: chain)
        let most = (native ?? spent).map { ", for at most \($0)" } ?? ""
        return "\(Self.words(amount, of: currency, on: chain)) \(to)\(most)"
    }

    /// The amount followed by the currency. It is in atomic units if the token's decimals are not known.
    public var amountText: String { Self.words(amount, of: currency, on: chain) }

    /// The symbol and the decimals of the currency. For an unknown token, the symbol is the token's address and the
    /// decimals are 0.
    public var unit: (symbol: String, decimals: Int) {
        if currency.isZero { return (chain.nativeSymbol, 18) }
        return KnownTokens.on(chain)?.usdc == currency ? ("USDC", 6) : ("\(currency)", 0)
    }

    public var json: [(String, JSONOutput)] {
        var members: [(String, JSONOutput)] = [
            ("amount", .string("\(amount)")), ("currency", .string("\(currency)")),
            ("value", .string("\(value)")),
        ]
        if let recipient { members.append(("recipient", .string("\(recipient)"))) }
        return members
    }

    /// An amount followed by the currency. It is in atomic units if the token's decimals are not known.
    static func words(_ amount: UInt256, of currency: Address, on chain: Chain) -> String {
        if currency.isZero { return nativeWords(amount, on: chain) }
        guard KnownTokens.on(chain)?.usdc == currency else { return "\(amount) units of \(currency)" }
        return "\(Amount.format(amount, decimals: 6)) USDC"
    }

    public static func nativeWords(_ amount: UInt256, on chain: Chain) -> String {
        "\(Amount.format(amount, decimals: 18)) \(escaped(chain.nativeSymbol))"
    }
}

extension UnsignedTransaction {
    /// The fees, formatted for the user: the maximum fee for a unit of gas, and the priority fee.
    public var feeText: String {
        let (most, tip) = (Amount.format(maxFeePerGas, decimals: 9), Amount.format(maxPriorityFeePerGas, decimals: 9))
        return type == 2 ? "at most \(most) gwei, tip \(tip) gwei" : "\(most) gwei"
    }
}

extension SignedPayment {
    /// The deadline of the payment.
    private var expires: Timestamp? { reading?.request.terms.expires ?? request?.expires }

    /// The summary of the transaction that makes the payment.
    public var summary: PaymentSummary? {
        let last = steps(with: target)
        return (last.first { $0.role == .pay } ?? last.first { $0.role != .cancel } ?? last.first)
            .map { PaymentSummary($0.signed.transaction, on: chain) }
    }

    /// An approval that is sent for a payment.
    struct Approval: Hashable, Sendable {
        let chain: Chain
        let token: Address
        let spender: Address
        let amount: UInt256
        /// Whether the approval is sent before the transaction that makes the payment.
        let isEarlier: Bool

        /// The approval in words for the user, for example `lets 0x… take at most 1.05 USDC`.
        var text: String {
            let most =
                amount.leadingZeroBitCount == 0
                ? "any amount of \(KnownTokens.on(chain)?.usdc == token ? "USDC" : "\(token)")"
                : "at most \(PaymentSummary.words(amount, of: token, on: chain))"
            return "lets \(spender) take \(most)"
        }

        var json: JSONOutput {
            .object([
                ("token", .string("\(token)")), ("spender", .string("\(spender)")), ("amount", .string("\(amount)")),
            ])
        }
    }

    /// The approvals that are sent for this payment, in the order of their nonces. Approvals that differ only in their
    /// fees are listed once.
    var approvals: [Approval] {
        var approvals: [Approval] = []
        for step in steps.sorted(by: { $0.nonce < $1.nonce }) where step.nonce <= target {
            guard let (token, spender, amount) = step.approval else { continue }
            let approval = Approval(
                chain: chain, token: token, spender: spender, amount: amount, isEarlier: step.nonce < target)
            if !approvals.contains(approval) { approvals.append(approval) }
        }
        return approvals
    }

    /// The approvals as lines for the user, for example `first lets 0x… take at most 1.05 USDC`.
    private var approvalLines: [String] {
        var lines: [String] = []
        for approval in approvals {
            let line = approval.isEarlier ? "first \(approval.text)" : approval.text
            if !lines.contains(line) { lines.append(line) }
        }
        return lines
    }

    /// The payment and its approvals in one line for the user.
    public var sentence: String {
        ([summary.map { "pays \($0.text)" } ?? "pays nothing that is known"] + approvalLines)
            .joined(separator: "; ")
    }

    /// The highest possible network fee. For each nonce, only the most expensive transaction is counted, because only
    /// one transaction with a nonce can be mined. The L1 data fee of a layer 2 is not included. The result is `nil` if
    /// the sum overflows.
    public var maxNetworkFee: UInt256? {
        var sum = UInt256.zero
        for nonce in Set(steps.map(\.nonce)) {
            var most = UInt256.zero
            for step in steps(with: nonce) {
                guard let fee = step.signed.transaction.maxNetworkFee else { return nil }
                most = max(most, fee)
            }
            guard let next = sum.adding(most) else { return nil }
            sum = next
        }
        return sum
    }

    /// The largest amount of native currency that the sender can spend, including fees; `nil` if the sum overflows.
    var maxNativeCost: UInt256? {
        let values = nonces.compactMap { nonce in steps(with: nonce).map(\.signed.transaction.value).max() }
        return values.reduce(maxNetworkFee) { sum, value in sum?.adding(value) }
    }

    /// The payment, its approvals and the network fees, as lines of text for the user.
    public var text: String {
        var lines: [String] = []
        if let summary { lines.append("pays \(summary.text)") }
        lines += approvalLines
        lines.append("on \(chain) from \(sender)")
        let until = expires.map { "until \($0)" }
        let how = reading.flatMap { $0.request.hasMethods ? "by \($0.method)" : nil }
        if how != nil || until != nil { lines.append([how, until].compactMap(\.self).joined(separator: ", ")) }
        let cost = maxNetworkFee.map { PaymentSummary.nativeWords($0, on: chain) } ?? "more than 2^256 - 1"
        lines.append("network fee at most \(cost)")
        lines.append("code \(code)")
        return lines.map { "\($0)\n" }.joined()
    }

    /// The payment, its approvals and the network fees, as members of a JSON object.
    public var json: [(String, JSONOutput)] {
        var members: [(String, JSONOutput)] = [
            ("code", .string(code)), ("chainId", .string("\(chain.id)")), ("from", .string("\(sender)")),
        ]
        if let method = reading?.method ?? request?.kind { members.append(("method", .string(method))) }
        if let firstID { members.append((LegacyMembers.id, .string("\(firstID)"))) }
        if let expires { members.append(("expires", .string("\(expires)"))) }
        members += summary?.json ?? []
        members.append(("approvals", .array(approvals.map(\.json))))
        if let maxNetworkFee { members.append(("maxNetworkFee", .string("\(maxNetworkFee)"))) }
        return members
    }
}
