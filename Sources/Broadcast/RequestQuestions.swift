import AirlockCharges
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockRequests
import AirlockTokens

/// What a kind of request has the chain asked, besides what every payment needs.
protocol RequestQuestions: Sendable {
    /// Is a message signed and no transaction?
    var signsMessageAlone: Bool { get }

    /// Asks, and puts the answers into the conditions.
    ///
    /// - Returns: the calls that will be signed, the payment first.
    func measure(_ nodes: Nodes, _ result: inout Preparation.Result) async throws(ProblemList) -> [CallRequest]
}

/// A request that is paid by one call, such as a transfer.
struct CallQuestions: RequestQuestions {
    let call: Call
    private let payer: Address

    var signsMessageAlone: Bool { false }

    /// Refuses what can be told without asking anybody.
    init(_ preparation: Preparation) throws(ProblemList) {
        let request = preparation.request
        payer = preparation.payer
        var problems = preparation.methodOptions.map { Problem(RequestRule.optionUnused, at: $0) }
        if let now = preparation.now, let late = request.expiry(at: now) { problems.append(late) }
        var call: Call?
        do throws(ProblemList) {
            call = try request.prove().action(Means(payer: payer)).call
        } catch { problems += error.problems }
        if let all = ProblemList(problems) { throw all }
        guard let call else { throw ProblemList(Problem(RequestRule.otherCall)) }
        self.call = call
    }

    var request: CallRequest { CallRequest(from: payer, to: call.to, value: call.value, data: call.data) }

    func measure(_ nodes: Nodes, _ result: inout Preparation.Result) async throws(ProblemList) -> [CallRequest] {
        let node = nodes.all[0]
        if let take = call.takes {
            let token = try await TokenReader(node: node, token: take.token).facts(of: payer)
            guard token.balance >= take.amount else {
                throw ProblemList(Problem(PrepareRule.tooLittle, of: token, needed: take.amount))
            }
            result.conditions.token = token
            // A token that answers false moves nothing, and reverts nothing.
        }
        result.conditions.gas = try await Simulation(node: node, call: request).gas()
        if let take = call.takes {
            // A token that answers false moves nothing, and reverts nothing.
            let answer: [UInt8]
            do throws(NodeError) { answer = try await node.call(request) } catch { throw ProblemList(error) }
            try Simulation.requireTrue(answer, of: take.token)
        }
        return [request]
    }
}

/// A charge: by its method, with what has to be approved or permitted before.
struct ChargeQuestions: RequestQuestions {
    let means: PaymentMeans

    init(_ means: PaymentMeans) { self.means = means }

    var signsMessageAlone: Bool { means.isSubsidized }

    func measure(_ nodes: Nodes, _ result: inout Preparation.Result) async throws(ProblemList) -> [CallRequest] {
        let node = nodes.all[0]
        let call = try await means.call(node, &result)
        if signsMessageAlone {
            try await PermitPreparation(call: call, nodes: nodes).measure(&result)
            return []
        }
        let isApproved = try await measureAllowance(call, node, &result)
        let measured = try await PaymentGas(node: node, call: call, isApproved: isApproved).measure()
        result.conditions.gas = measured.gas
        result.notes += measured.notes
        result.missing = measured.missing
        guard let spend = call.spend, result.conditions.approveGas != nil else { return [call.request] }
        let approve = CallRequest(to: spend.token, data: ERC20.approve(spend.spender, spend.amount))
        let count = result.conditions.approval?.resetFirst == true ? 2 : 1
        return [call.request] + Array(repeating: approve, count: count)
    }

    /// What may be taken of the token that is spent, and whether an approval has to come first.
    private func measureAllowance(
        _ call: PaymentCall, _ node: EthereumNode, _ result: inout Preparation.Result
    ) async throws(ProblemList) -> Bool {
        guard let spend = call.spend else { return false }
        let owner = means.preparation.payer
        if let permit = call.permit { try await PermitReader(node: node).refuseUsed(permit, of: owner) }
        let allowance = try await TokenReader(node: node, token: spend.token).allowance(of: owner, for: spend.spender)
        let isShort = allowance < spend.amount
        var resetFirst = false
        if isShort, means.preparation.approving {
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
                    because: BroadcastCause.allowanceTooSmall))
        }
        result.conditions.approval = Conditions.Approval(
            spender: spend.spender, allowance: allowance, resetFirst: resetFirst)
        return isShort && means.preparation.approving
    }
}
