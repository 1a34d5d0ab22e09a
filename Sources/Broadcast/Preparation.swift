public import AirlockEthereumTypes
import AirlockJSONRPC
public import AirlockPaymentFiles
public import AirlockDiagnostics
import AirlockTokens
public import AirlockCharges

/// What is to be measured: a proved charge, and how it is to be paid.
public struct Preparation: Sendable {
    public let charge: Charge
    /// Nothing leaves the choice to the charge's currency.
    public var method: TransferMethod?
    /// For a swap: the most that it may spend. Without it, it is quoted.
    public var value: UInt256?
    /// The same for a swap of a token, in words of a unit that only the token knows.
    public var tokenValue: String?
    public var poolFee: UInt64?
    /// The token that is spent, where neither the charge nor the chain tells it.
    public var token: Address?
    /// Uniswap's QuoterV2, where none is known on the chain.
    public var quoter: Address?
    /// Whether an approval goes before the payment, where the allowance is too low.
    public var approving = false
    /// What the offline ledger had recorded last, as far as it came past here.
    public var ledgerHead: Hash?
    /// The payer's nonces that payments hold which the journal knows and no block does.
    public var heldNonces: [HeldNonce] = []

    public init(_ charge: Charge) { self.charge = charge }

    /// What was measured, and what a person should know about it.
    public struct Result: Sendable {
        public var conditions: Conditions
        public var notes: [String]
        /// What is missing in the conditions, where they are of use without it.
        public var missing: Problem?
    }

    /// Asks the nodes. What the contract would refuse is refused here, by its name.
    public func measure(_ nodes: Nodes) async throws(ProblemList) -> Result {
        let contents = charge.contents
        let means = try PaymentMeans(self)
        let vitals = try await Vitals(of: contents.sender, on: contents.chain, nodes)
        // What only one can say is asked of the first that was named.
        let node = vitals.nodes.all[0]
        var result = Result(conditions: Conditions(chain: contents.chain, sender: contents.sender), notes: [])
        result.conditions.ledgerHead = ledgerHead
        result.notes += vitals.notes
        if means.isSubsidized {
            try await measureBlock(node, &result.conditions)
            let call = try await means.call(node, &result)
            try await PermitPreparation(call: call, nodes: vitals.nodes).measure(&result)
            return result
        }
        result.conditions.maxFeePerGas = vitals.fees.maxFeePerGas
        result.conditions.maxPriorityFeePerGas = vitals.fees.maxPriorityFeePerGas
        if vitals.uncapped != vitals.fees {
            result.notes.append(
                "a unit of gas would take \(vitals.uncapped.maxFeePerGas) wei by the usual rule, and no more than "
                    + "\(FeeOffer.cap(on: contents.chain)) is proposed: it may wait; airlock sign --max-fee offers more"
            )
        }
        if vitals.waiting > 0 {
            result.notes.append(
                "\(vitals.waiting) of the payer's transactions still wait; nonce \(vitals.nonce) comes after them")
        }
        let given = HeldNonce.next(after: heldNonces, from: vitals.nonce, for: contents.intent.id)
        result.conditions.nonce = given.nonce
        result.notes += given.notes
        try await measureBlock(node, &result.conditions)
        let call = try await means.call(node, &result)
        let isApproved = try await measureAllowance(call, node, &result)
        let measured = try await PaymentGas(node: node, call: call, isApproved: isApproved).measure()
        result.conditions.gas = measured.gas
        result.notes += measured.notes
        result.missing = measured.missing
        await measureL1Fee(call, node, &result)
        try checkFunds(call, result.conditions)
        return result
    }

    private func measureBlock(_ node: EthereumNode, _ conditions: inout Conditions) async throws(ProblemList) {
        do throws(NodeError) {
            let (balance, block) = try await node.askTogether(.balance(of: conditions.sender), .block(.latest))
            conditions.nativeBalance = balance
            guard let block else { return }
            conditions.block = Conditions.Block(
                number: block.number, hash: block.hash, timestamp: Timestamp(seconds: block.timestamp))
        } catch { throw ProblemList(error) }
    }

    /// What may be taken of the token that is spent, and whether an approval has to come first.
    private func measureAllowance(
        _ call: PaymentCall, _ node: EthereumNode, _ result: inout Result
    ) async throws(ProblemList) -> Bool {
        guard let spend = call.spend else { return false }
        let owner = charge.contents.sender
        if let permit = call.permit { try await PermitReader(node: node).refuseUsed(permit, of: owner) }
        let allowance = try await TokenReader(node: node, token: spend.token).allowance(of: owner, for: spend.spender)
        let isShort = allowance < spend.amount
        var resetFirst = false
        if isShort, approving {
            let approval = Approval(node: node, owner: owner, spend: spend, allowance: allowance)
            let measured = try await approval.measure()
            result.conditions.approveGas = measured.gas
            resetFirst = measured.resetFirst
        } else if isShort, call.permit != nil {
            // No simulation tells it: the payment is simulated without its permit.
            throw ProblemList(
                Problem(
                    PrepareRule.wouldRevert, at: spend.token.description,
                    detail: "Permit2 may take \(allowance) atomic units of the token, and \(spend.amount) are needed",
                    hint: Problem.approveHint))
        }
        result.conditions.approval = Conditions.Approval(
            spender: spend.spender, allowance: allowance, resetFirst: resetFirst)
        return isShort && approving
    }

    /// On an OP-stack chain: what its oracle says of these transactions, all together.
    private func measureL1Fee(_ call: PaymentCall, _ node: EthereumNode, _ result: inout Result) async {
        let conditions = result.conditions
        guard L1FeeOracle.isAsked(on: conditions.chain) else { return }
        var calls = [call.request]
        if let spend = call.spend, conditions.approveGas != nil {
            let approve = CallRequest(to: spend.token, data: ERC20.approve(spend.spender, spend.amount))
            calls += Array(repeating: approve, count: conditions.approval?.resetFirst == true ? 2 : 1)
        }
        result.conditions.l1Fee = await L1FeeOracle.fee(of: calls, under: conditions, node)
        if result.conditions.l1Fee == nil {
            result.notes.append("the node does not say what the data costs on Ethereum")
        }
    }

    private func checkFunds(_ call: PaymentCall, _ conditions: Conditions) throws(ProblemList) {
        let approvals: UInt64 = conditions.approval?.resetFirst == true ? 2 : 1
        let gas = (conditions.gas ?? 0) + (conditions.approveGas ?? 0) * approvals
        let needed = UInt256(gas).multiplied(by: conditions.maxFeePerGas ?? .zero)?.adding(call.value)?
            .adding(conditions.l1Fee ?? .zero)
        guard let balance = conditions.nativeBalance, balance < needed ?? .max else { return }
        throw ProblemList(
            Problem(
                PrepareRule.insufficientFunds, at: conditions.sender.description, saw: "\(balance) wei",
                expected: "at least \(needed ?? .max) wei"))
    }
}
