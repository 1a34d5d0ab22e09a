public import EthereumTypes
import JSONRPC
public import PaymentFiles
public import Problems
import Transactions
public import TransferProtocol

/// What is to be measured: a proved charge, and how it is to be paid.
public struct Preparation: Sendable {
    public let charge: Charge
    /// Nothing leaves the choice to the charge's currency.
    public var method: TransferMethod?
    /// For a swap: the most that it may spend.
    public var value: UInt256?
    public var poolFee: UInt64?
    /// Whether an approval goes before the payment, where the allowance is too low.
    public var approving = false
    /// What the offline ledger had recorded last, as far as it came past here.
    public var ledgerHead: Hash?

    public init(_ charge: Charge) { self.charge = charge }

    /// What was measured, and what a person should know about it.
    public struct Result: Sendable {
        public var conditions: Conditions
        public var notes: [String]
    }

    /// Asks the nodes. What the contract would refuse is refused here, by its name.
    public func measure(_ nodes: Nodes) async throws(ProblemList) -> Result {
        let contents = charge.contents
        let call = try call()
        let vitals = try await Vitals(of: contents.sender, on: contents.chain, nodes)
        // What only one can say is asked of the first that was named.
        let node = vitals.nodes.all[0]
        var result = Result(conditions: Conditions(chain: contents.chain, sender: contents.sender), notes: [])
        result.conditions.nonce = vitals.nonce
        result.conditions.maxFeePerGas = vitals.fees.maxFeePerGas
        result.conditions.maxPriorityFeePerGas = vitals.fees.maxPriorityFeePerGas
        result.conditions.method = call.method.rawValue
        result.conditions.value = call.poolFee == nil ? nil : call.value
        result.conditions.poolFee = call.poolFee
        result.conditions.ledgerHead = ledgerHead
        if vitals.waiting > 0 {
            result.notes.append(
                "\(vitals.waiting) of the payer's transactions still wait; nonce \(vitals.nonce) comes after them")
        }
        try await measureBlock(node, &result.conditions)
        if call.method == .transferTokenPreApproved {
            try await measureToken(call, node, &result)
        } else {
            result.conditions.gas = try await Simulation(node: node, call: call.request).gas()
        }
        await measureL1Fee(call, node, &result)
        try checkFunds(call, result.conditions)
        return result
    }

    private func call() throws(ProblemList) -> PaymentCall {
        let contents = charge.contents
        let currency = contents.intent.recipientCurrency
        var wrapped = Deployment.on(contents.chain)?.wrappedNative
        let method = method ?? (currency.isZero ? .transferNative : currency == wrapped ? .wrapAndTransfer : nil)
        // On a chain that is not known, who names the method says what the currency is; the simulation contradicts.
        if method == .wrapAndTransfer, wrapped == nil { wrapped = currency }
        return try PaymentCall(
            paying: charge, by: method ?? .transferTokenPreApproved, value: value, poolFee: poolFee,
            wrappedNative: wrapped)
    }

    private func measureBlock(_ node: EthereumNode, _ conditions: inout Conditions) async throws(ProblemList) {
        do throws(NodeError) {
            conditions.nativeBalance = try await node.balance(of: conditions.sender)
            guard let block = try await node.block(.latest) else { return }
            conditions.block = Conditions.Block(
                number: block.number, hash: block.hash, timestamp: Timestamp(seconds: block.timestamp))
        } catch { throw ProblemList(error) }
    }

    private func measureToken(
        _ call: PaymentCall, _ node: EthereumNode, _ result: inout Result
    ) async throws(ProblemList) {
        let (owner, spender, needed) = (charge.contents.sender, charge.contents.contract, charge.contents.needed)
        let reader = TokenReader(node: node, token: charge.contents.intent.recipientCurrency)
        result.conditions.token = try await reader.facts(of: owner)
        let allowance = try await reader.allowance(of: owner, for: spender)
        var resetFirst = false
        if approving, allowance < needed {
            let approval = Approval(
                node: node, token: reader.token, owner: owner, spender: spender, allowance: allowance, needed: needed)
            let measured = try await approval.measure(then: call)
            result.conditions.approveGas = measured.approveGas
            result.conditions.gas = measured.gas
            resetFirst = measured.resetFirst
            result.notes += measured.notes
        } else {
            result.conditions.gas = try await Simulation(node: node, call: call.request).gas()
        }
        result.conditions.approval = Conditions.Approval(
            spender: spender, allowance: allowance, resetFirst: resetFirst)
    }

    /// On an OP-stack chain: what its oracle says of these transactions, all together.
    private func measureL1Fee(_ call: PaymentCall, _ node: EthereumNode, _ result: inout Result) async {
        let conditions = result.conditions
        guard L1FeeOracle.isAsked(on: conditions.chain) else { return }
        var calls = [call.request]
        if let approval = conditions.approval, conditions.approveGas != nil {
            let data = ERC20.approve(approval.spender, charge.contents.needed)
            let approve = CallRequest(to: charge.contents.intent.recipientCurrency, data: data)
            calls += Array(repeating: approve, count: approval.resetFirst ? 2 : 1)
        }
        var sum: UInt256? = .zero
        for call in calls {
            let fee = await L1FeeOracle.fee(
                of: UnsignedTransaction(
                    nonce: conditions.nonce ?? 0, gas: conditions.gas ?? 0, to: call.to, value: call.value,
                    data: call.data,
                    form: .dynamicFee(
                        chainID: conditions.chain.id, maxPriorityFeePerGas: conditions.maxPriorityFeePerGas ?? .zero,
                        maxFeePerGas: conditions.maxFeePerGas ?? .zero, accessList: [])), node)
            sum = fee.flatMap { sum?.adding($0) }
        }
        result.conditions.l1Fee = sum
        if sum == nil { result.notes.append("the node does not say what the data costs on Ethereum") }
    }

    private func checkFunds(_ call: PaymentCall, _ conditions: Conditions) throws(ProblemList) {
        let gas = (conditions.gas ?? 0) + (conditions.approveGas ?? 0)
        let needed = UInt256(gas).multiplied(by: conditions.maxFeePerGas ?? .zero)?.adding(call.value)?
            .adding(conditions.l1Fee ?? .zero)
        guard let balance = conditions.nativeBalance, balance < needed ?? .max else { return }
        throw ProblemList(
            Problem(
                PrepareRule.insufficientFunds, at: conditions.sender.description, saw: "\(balance) wei",
                expected: "at least \(needed ?? .max) wei"))
    }
}

extension PaymentCall {
    /// The call as it is simulated.
    var request: CallRequest {
        CallRequest(from: charge.contents.sender, to: to, value: value, data: data)
    }
}
