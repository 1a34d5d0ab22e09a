import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockDiagnostics
import AirlockCharges
import AirlockRequestKinds
import AirlockRequests

/// Measures the gas of a payment, where something that it needs is not there yet: an approval, or the payer's permit.
struct PaymentGas {
    let node: EthereumNode
    let call: PaymentCall
    /// Whether an approval goes before it.
    let isApproved: Bool

    struct Measured {
        var gas: UInt64?
        var notes: [String] = []
        /// Why there is no gas.
        var missing: Problem?
    }

    /// Added for a permit, since what is simulated is the same payment without one. Measured, Permit2 takes some 34000:
    /// 22100 to write the nonce down, 3000 to check the signature, and the rest for its call and the data.
    static let permit: UInt64 = 60_000

    func measure() async throws(ProblemList) -> Measured {
        guard let spend = call.spend, isApproved || call.permit != nil else {
            return Measured(gas: try await Simulation(node: node, call: call.request).gas())
        }
        let standIn = try call.withoutPermit
        var measured = Measured()
        var pretended: [Address: StateOverride] = [:]
        let owner = call.charge.contents.sender
        let allowance = try await TokenReader(node: node, token: spend.token).allowance(of: owner, for: call.to)
        if allowance < spend.amount {
            let place = AllowanceOverride(token: spend.token, owner: owner, spender: call.to)
            guard let found = await place.pretending(spend.amount, on: node) else {
                try await refuseOther(standIn)
                measured.missing =
                    call.permit == nil
                    ? Problem(
                        PrepareRule.gasNotMeasured, detail: "the approval that it needs is not mined yet",
                        because: BroadcastCause.approvalNotMined)
                    : Problem(PrepareRule.gasNotMeasured, detail: "the permit that it needs is not signed yet")
                return measured
            }
            pretended = found
        }
        var gas = try await Simulation(node: node, call: standIn.request, pretended: pretended).gas()
        if call.permit != nil {
            gas = min(gas + Self.permit, Simulation.mostGas)
            measured.notes.append(
                "a permit cannot be simulated before it is signed: the gas is that of \(standIn.method.rawValue)"
                    + " and \(Self.permit) more")
        }
        measured.gas = gas
        return measured
    }

    /// Without the allowance the contract must refuse the payment, but for nothing other than the allowance, which it
    /// looks at last.
    private func refuseOther(_ payment: PaymentCall) async throws(ProblemList) {
        do throws(NodeError) { _ = try await node.call(payment.request) } catch {
            let data = error.refusal?.data ?? []
            if RequestKinds.revert(data)?.error.isAllowance == true { return }
            guard error.refusal?.rule == .reverted else { throw ProblemList(error) }
            throw ProblemList(Problem(PrepareRule.wouldRevert, revertedWith: data))
        }
    }
}

extension PaymentCall {
    /// The call as it is simulated.
    var request: CallRequest {
        CallRequest(from: charge.contents.sender, to: to, value: value, data: data)
    }

    /// The same payment by an allowance of the contract's own; itself where it takes no permit.
    fileprivate var withoutPermit: PaymentCall {
        get throws(ProblemList) {
            try PaymentCall(
                paying: charge, by: method.withoutPermit, value: method.isSwap ? spend?.amount : nil, poolFee: poolFee,
                wrappedNative: spend?.token, tokenIn: spend?.token)
        }
    }
}

extension TransferMethod {
    fileprivate var withoutPermit: TransferMethod {
        switch self {
        case .transferToken: .transferTokenPreApproved
        case .unwrapAndTransfer: .unwrapAndTransferPreApproved
        case .swapAndTransferUniswapV3Token: .swapAndTransferUniswapV3TokenPreApproved
        default: self
        }
    }
}
