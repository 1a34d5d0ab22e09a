public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockJSONRPC
public import AirlockPaymentFiles
public import AirlockRequests

/// The input of the command `prepare`: a request, its payer, and the options that determine how the request is
/// fulfilled.
public struct Preparation: Sendable {
    public let request: any Request
    public let payer: Address
    /// The payment method. With `nil`, the method is derived from the request.
    public var method: String?
    /// The largest amount that a swap is allowed to spend. With `nil`, ``tokenValue`` or the quoter's price determines
    /// the amount.
    public var value: UInt256?
    /// For a swap that spends a token: the largest amount that the swap is allowed to spend, as a decimal string. The
    /// string cannot be converted to an integer before the token's decimals are known.
    public var tokenValue: String?
    public var poolFee: UInt64?
    /// The token that the user wants to spend. The user must choose it only if neither the request nor the chain
    /// determines the token.
    public var token: Address?
    /// The address of Uniswap's contract QuoterV2. With `nil`, the contract that Airlock knows on the chain is used.
    public var quoter: Address?
    /// Whether to approve the contract before the payment, if the allowance is too low.
    public var approving = false
    /// The current time, with which deadlines are compared. With `nil`, no deadline is checked.
    public var now: Timestamp?
    /// The hash of the last entry in the offline machine's ledger, taken from a payment file in the journal.
    public var ledgerHead: Hash?
    /// The nonces of the payer's payments in the journal for which no transaction is mined yet.
    public var heldNonces: [HeldNonce] = []

    public init(_ request: any Request, from payer: Address) {
        self.request = request
        self.payer = payer
    }

    /// The options that the user has set and that apply only to requests with several payment methods. For all other
    /// kinds of request, these options are refused, because they would have no effect.
    var methodArguments: [ArgumentPlace] {
        let given: [(ArgumentPlace, Bool)] = [
            (.method, method != nil), (.value, value != nil || tokenValue != nil), (.poolFee, poolFee != nil),
            (.token, token != nil), (.quoter, quoter != nil), (.approve, approving),
        ]
        return given.filter(\.1).map(\.0)
    }

    /// A note for the user about the conditions, which are the on-chain values that the payment depends on.
    public struct Note: Hashable, Sendable {
        /// The text of the note. It is one sentence, without a full stop at the end.
        public let text: String
        /// The action that the user can take when signing; `nil` if there is no such action.
        public let next: Next?

        public init(_ text: String, next: Next? = nil) {
            self.text = text
            self.next = next
        }

        /// An action that is recommended to the user. Each command-line tool names its own option for this action.
        public enum Next: Hashable, Sendable {
            /// Advice: offer higher fees.
            case offerMore
            /// Advice: when you sign, pass this maximum amount for the swap and this fee of the Uniswap pool.
            case swap(value: UInt256, poolFee: UInt64)
            /// Advice: sign the payment again with this nonce, so that it replaces the earlier transaction with the
            /// same nonce.
            case replace(nonce: UInt64)
            /// Advice: sign with a different nonce if the payment with the preceding nonce is not going to be sent.
            case otherNonce
            /// Advice: if the current payment has not been sent when the next request is signed, sign the next request
            /// with this nonce. Otherwise the nonce of the current payment would be proposed again. `kind` is the kind
            /// of the current request. The next request is assumed to have the same kind.
            case following(nonce: UInt64, kind: String)
        }
    }

    /// The result of the preparation: the conditions to write into the conditions file, and notes for the user.
    public struct Result: Sendable {
        public var conditions: Conditions
        public var notes: [Note]
        /// A problem that lists the values that could not be determined; `nil` if no value is missing. The conditions
        /// can still be used, although these values are missing.
        public var missing: Problem?
        /// The changes for the payer that a node's simulation shows. It is `nil` if this kind of request is not
        /// simulated, or if no node can trace calls.
        public var changes: PayerChanges?
        /// For a payroll: the number of payments, the totals and the fees, each as a label and a value. Empty for a
        /// single payment.
        public var payroll: [(String, String)] = []
    }

    /// Queries the nodes for the conditions of the payment. Throws if the called contract would refuse the payment. The
    /// thrown error contains the error of this contract.
    public func measure(_ nodes: Nodes) async throws(ProblemList) -> Result {
        let terms = request.terms
        let measurement = try RequestMeasurement(self)
        let agreed = try await NonceAndFees(of: payer, on: terms.chain, nodes)
        // Some values are queried from only one node: the first node that has answered, in the order of the nodes.
        let node = agreed.nodes.all[0]
        var result = Result(conditions: Conditions(chain: terms.chain, sender: payer), notes: [])
        result.conditions.ledgerHead = ledgerHead
        result.notes += agreed.notes.map { Note($0) }
        if measurement.signsMessageAlone {
            try await result.conditions.measureBlock(node)
            _ = try await measurement.measure(agreed.nodes, &result)
            return result
        }
        result.take(agreed)
        let given = HeldNonce.next(after: heldNonces, from: agreed.nonce, for: request.reference(payer: payer))
        result.conditions.nonce = given.nonce
        result.notes += given.notes
        try await result.conditions.measureBlock(node)
        let calls = try await measurement.measure(agreed.nodes, &result)
        await measureL1Fee(calls, node, &result)
        try checkFunds(calls, result.conditions)
        if type(of: request).isToldBySimulation, let call = calls.first {
            let (changes, notes) = await PayerChanges.ask(call, of: payer, on: terms.chain, agreed.nodes)
            result.changes = changes
            result.notes += notes.map { Note($0) }
        }
        return result
    }

    /// Queries the fee oracle of an OP-stack chain for the L1 data fee of all these transactions together. Other chains
    /// have no such fee and no oracle.
    private func measureL1Fee(_ calls: [CallRequest], _ node: EthereumNode, _ result: inout Result) async {
        guard L1FeeOracle.isAsked(on: result.conditions.chain) else { return }
        result.conditions.l1Fee = await L1FeeOracle.fee(of: calls, under: result.conditions, node)
        if result.conditions.l1Fee == nil { result.notes.append(Result.noL1Fee) }
    }

    private func checkFunds(_ calls: [CallRequest], _ conditions: Conditions) throws(ProblemList) {
        let approvals: UInt64 = conditions.approval?.resetFirst == true ? 2 : 1
        let gas = (conditions.gas ?? 0) + (conditions.approveGas ?? 0) * approvals
        let needed = calls.reduce(UInt256(gas).multiplied(by: conditions.maxFeePerGas ?? .zero)) { sum, call in
            sum?.adding(call.value)
        }?.adding(conditions.l1Fee ?? .zero)
        guard let balance = conditions.nativeBalance, balance < needed ?? .max else { return }
        throw ProblemList(
            Problem(
                PrepareRule.insufficientFunds, at: conditions.sender.description, saw: "\(balance) wei",
                expected: "at least \(needed ?? .max) wei"))
    }
}

extension Preparation.Result {
    static let noL1Fee = Preparation.Note("the node does not give the L1 data fee")

    /// Sets the fees in the conditions, and adds notes about the fees and the nonce.
    mutating func take(_ agreed: NonceAndFees) {
        conditions.maxFeePerGas = agreed.fees.maxFeePerGas
        conditions.maxPriorityFeePerGas = agreed.fees.maxPriorityFeePerGas
        if agreed.uncapped != agreed.fees {
            notes.append(
                Preparation.Note(
                    "a unit of gas would take \(agreed.uncapped.maxFeePerGas) wei by the usual rule, and at most "
                        + "\(FeeOffer.cap(on: conditions.chain)) is proposed: the payment may wait", next: .offerMore))
        }
        if agreed.waiting > 0 {
            notes.append(
                Preparation.Note(
                    "\(agreed.waiting) of the payer's transactions are pending; nonce \(agreed.nonce) comes after them")
            )
        }
    }
}

extension Conditions {
    /// Reads two values from a node: the payer's balance and the latest block.
    mutating func measureBlock(_ node: EthereumNode) async throws(ProblemList) {
        do throws(NodeError) {
            let (balance, block) = try await node.askTogether(.balance(of: sender), .block(.latest))
            nativeBalance = balance
            guard let block else { return }
            self.block = Block(number: block.number, hash: block.hash, timestamp: Timestamp(seconds: block.timestamp))
        } catch { throw ProblemList(error) }
    }
}

/// The reasons why the command `prepare` refuses a request or a payroll.
public enum PrepareRule: String, Rule {
    case wouldRevert = "prepare.would-revert"
    case insufficientFunds = "prepare.insufficient-funds"
    case otherPayer = "prepare.other-payer"
    case severalChains = "prepare.several-chains"
    case sameRequest = "prepare.same-request"
    case notOfPayroll = "prepare.not-of-a-payroll"
    case noLines = "prepare.no-lines"
    case tooLittle = "prepare.insufficient-token"
    case answersFalse = "prepare.token-refuses"
    case notAToken = "prepare.not-a-token"
    case noQuoter = "prepare.no-quoter"
    case noPool = "prepare.no-pool"
    case noTokenPermit = "prepare.no-token-permit"
    case noPermit2 = "prepare.no-permit2"
    case gasNotMeasured = "prepare.gas-not-measured"

    public var meaning: String {
        switch self {
        case .wouldRevert: "in simulation, the payment reverts"
        case .insufficientFunds: "the payer has too little native currency for the value and the network fee"
        case .otherPayer: "the request names another payer"
        case .severalChains: "the payment is not for the chain of those before it"
        case .sameRequest: "the line asks for the same payment as an earlier line, and it is paid only once"
        case .notOfPayroll: "a payroll may only hold requests with a single payment method, such as transfers"
        case .noLines: "the file has no payment"
        case .tooLittle: "the payer has too little of the token"
        case .answersFalse: "in simulation, the token returns false: it would move nothing, without reverting"
        case .notAToken: "the contract does not answer like a token"
        case .noQuoter: "no quoter is known on this chain"
        case .noPool: "no pool can make the swap"
        case .noTokenPermit: "the token does not support permits"
        case .noPermit2: "Permit2 does not answer on this chain"
        case .gasNotMeasured: "the node cannot simulate the payment, so the conditions lack its gas"
        }
    }
}
