import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockRequests
import AirlockTokens

/// Reads the on-chain data that a request depends on, builds the call that fulfils the request, and estimates the gas
/// of the call.
struct RequestMeasurement {
    private let preparation: Preparation
    private let proved: any ProvedRequest
    private let questions: ChainQueries
    private let inputs: ActionInputs

    private var request: any Request { preparation.request }

    /// Whether the payer signs only a message, and no transaction.
    var signsMessageAlone: Bool { request.signsMessageAlone(method: questions.method) }

    /// Checks the request and the options. These checks do not query a node.
    init(_ preparation: Preparation) throws(ProblemList) {
        let request = preparation.request
        var inputs = ActionInputs(payer: preparation.payer)
        var problems: [Problem] = []
        if request.hasMethods {
            inputs.method = preparation.method
            inputs.value = preparation.value
            inputs.poolFee = preparation.poolFee
            inputs.namedToken = preparation.token
            inputs.approves = preparation.approving
        } else {
            problems = preparation.methodArguments.map { Problem(RequestRule.argumentUnused, at: $0) }
        }
        // Only deadlines that no contract enforces are compared with this machine's clock. A contract that enforces a
        // deadline compares it with the timestamp of the block instead.
        if !type(of: request).isKeptByContract, let now = preparation.now, let late = request.expiry(at: now) {
            problems.append(late)
        }
        var known: (any ProvedRequest, ChainQueries)?
        do throws(ProblemList) {
            let proved = try request.prove()
            known = (proved, try proved.questions(inputs))
        } catch { problems += error.problems }
        if let all = ProblemList(problems) { throw all }
        guard let known else { throw ProblemList(Problem(RequestRule.otherCall)) }
        self.preparation = preparation
        self.inputs = inputs
        (proved, questions) = known
    }

    /// Queries the nodes for every on-chain value that the request depends on, and writes the values into the
    /// conditions.
    ///
    /// - Returns: the calls that the payer will sign. The call that makes the payment comes first, and the approvals
    ///   for this call come after it. The list is empty if the payer signs only a message.
    func measure(_ nodes: Nodes, _ result: inout Preparation.Result) async throws(ProblemList) -> [CallRequest] {
        let node = nodes.all[0]
        let action = try await action(node, &result)
        if signsMessageAlone {
            guard let token = action.call.taken?.token else { throw ProblemList(Problem(RequestRule.otherCall)) }
            try await PermitPreparation(
                token: token, call: action.call, payer: preparation.payer, nodes: nodes,
                isRefusal: type(of: request).refusesSignature
            ).measure(&result)
            return []
        }
        let isApproved = try await measureAllowance(action, node, &result)
        let accessList = request.proposal?.accessList ?? []
        let gas = PaymentGas(
            node: node, call: action.call, payer: preparation.payer, accessList: accessList, isApproved: isApproved)
        let measured = try await gas.measure()
        result.conditions.gas = measured.gas
        result.notes += measured.notes.map { Preparation.Note($0) }
        result.missing = measured.missing
        let call = CallRequest(action.call, from: preparation.payer, accessList: accessList)
        guard let take = action.call.taken else { return [call] }
        guard let spender = take.spender else {
            // When a transfer fails, some tokens return false and do not revert. The gas estimate does not detect such
            // a failure, so the returned value is checked.
            let answer: [UInt8]
            do throws(NodeError) { answer = try await node.call(call) } catch { throw ProblemList(error) }
            try Simulation.requireTrue(answer, of: take.token)
            return [call]
        }
        guard result.conditions.approveGas != nil else { return [call] }
        let approve = CallRequest(to: take.token, data: ERC20.approve(spender, take.amount))
        let count = result.conditions.approval?.resetFirst == true ? 2 : 1
        return [call] + Array(repeating: approve, count: count)
    }

    /// Queries the node for the on-chain values that the request depends on. Writes these values into the conditions,
    /// and builds the call or the message to sign from them.
    private func action(
        _ node: EthereumNode, _ result: inout Preparation.Result
    ) async throws(ProblemList) -> Action {
        var inputs = inputs
        if let take = questions.takes {
            let token = try await TokenReader(node: node, token: take.token).facts(of: preparation.payer)
            // The balance is checked here only if the payer calls the token directly. If another contract takes the
            // tokens from the payer, the simulation of that contract returns a more specific error.
            guard take.spender != nil || token.balance >= take.amount else {
                throw ProblemList(Problem(PrepareRule.tooLittle, of: token, needed: take.amount))
            }
            result.conditions.token = token
            inputs.token = (token.address, token.balance, nil)
        }
        inputs.method = questions.method
        inputs.wrappedNative = questions.wrappedNative
        if let swap = questions.swap {
            try await measurePrice(swap, node, &inputs, &result)
            result.conditions.value = inputs.value
        }
        let action = try proved.action(inputs)
        result.conditions.method = questions.method
        result.conditions.poolFee = action.call.poolFee
        return action
    }

    /// Determines the largest amount that a swap is allowed to spend, and the pool to use.
    private func measurePrice(
        _ swap: Result<ChainQueries.Swap, Problem>, _ node: EthereumNode, _ inputs: inout ActionInputs,
        _ result: inout Preparation.Result
    ) async throws(ProblemList) {
        if inputs.value != nil { return }
        if let text = preparation.tokenValue, let token = result.conditions.token {
            do throws(ValueError) {
                inputs.value = try request.value(
                    text, method: questions.method, token: (token.symbol, Int(token.decimals)))
                return
            } catch { throw ProblemList(error.problems.map { $0.at(.value) }) ?? ProblemList(error) }
        }
        let quote = try await quote(swap, node)
        guard let proposal = quote.proposal else { throw ProblemList(Problem(PrepareRule.noPool)) }
        result.notes.append(
            Preparation.Note(
                "the cheapest pool, of fee \(quote.poolFee), wants \(quote.amountIn); 0.5 % more is proposed",
                next: .swap(value: proposal, poolFee: quote.poolFee)))
        inputs.value = proposal
        inputs.poolFee = quote.poolFee
    }

    private func quote(
        _ swap: Result<ChainQueries.Swap, Problem>, _ node: EthereumNode
    ) async throws(ProblemList) -> Quoter.Quote {
        guard let contract = preparation.quoter ?? KnownTokens.on(request.terms.chain)?.quoter else {
            throw ProblemList(Problem(PrepareRule.noQuoter, at: .quoter))
        }
        let asked: ChainQueries.Swap
        do throws(Problem) { asked = try swap.get() } catch { throw ProblemList(error) }
        guard let quote = try await Quoter(node: node, contract: contract, swap: asked).cheapest() else {
            throw ProblemList(Problem(PrepareRule.noPool, at: contract.description))
        }
        return quote
    }

    /// Reads the token's allowance and writes it into the conditions. If an approval is necessary, estimates its gas.
    /// Returns whether an approval must be sent before the payment.
    private func measureAllowance(
        _ action: Action, _ node: EthereumNode, _ result: inout Preparation.Result
    ) async throws(ProblemList) -> Bool {
        guard let take = action.call.taken, let spender = take.spender else { return false }
        let owner = preparation.payer
        if let nonce = action.message?.permit2Nonce { try await PermitReader(node: node).refuseUsed(nonce, of: owner) }
        let allowance = try await TokenReader(node: node, token: take.token).allowance(of: owner, for: spender)
        let isShort = allowance < take.amount
        var resetFirst = false
        if isShort, preparation.approving {
            let measured = try await Approval(
                node: node, owner: owner, token: take.token, spender: spender, amount: take.amount,
                allowance: allowance
            ).measure()
            result.conditions.approveGas = measured.gas
            resetFirst = measured.resetFirst
        } else if isShort, action.message != nil {
            // The payment contains a permit for Permit2. The simulation runs the payment without the permit, so it
            // cannot detect that the payer's allowance for Permit2 is too low. A low allowance is therefore reported
            // here.
            throw ProblemList(
                Problem(
                    PrepareRule.wouldRevert, at: take.token.description,
                    detail: "Permit2 may take \(allowance) atomic units of the token, and \(take.amount) are needed",
                    because: BroadcastCause.allowanceTooSmall))
        }
        result.conditions.approval = Conditions.Approval(
            spender: spender, allowance: allowance, resetFirst: resetFirst)
        return isShort && preparation.approving
    }
}

extension CallRequest {
    /// Creates the request that simulates a call from the payer.
    init(_ call: Call, from payer: Address, accessList: [AccessListEntry] = []) {
        self.init(from: payer, to: call.to, value: call.value, data: call.data, accessList: accessList)
    }
}
