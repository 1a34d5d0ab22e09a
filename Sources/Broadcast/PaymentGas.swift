import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockDiagnostics
import AirlockRequestKinds
import AirlockRequests

/// Measures the gas of a payment, where something that it needs is not there yet: an approval, or the payer's permit.
struct PaymentGas {
    let node: EthereumNode
    let call: Call
    let payer: Address
    var accessList: [AccessListEntry] = []
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
        let isPermitted = call.standIn != nil
        let standIn = try call.standIn?() ?? call
        guard isApproved || isPermitted, let take = standIn.taken, let spender = take.spender else {
            let request = CallRequest(call, from: payer, accessList: accessList)
            return Measured(gas: try await Simulation(node: node, call: request).gas())
        }
        let request = CallRequest(standIn, from: payer, accessList: accessList)
        var measured = Measured()
        var pretended: [Address: StateOverride] = [:]
        let allowance = try await TokenReader(node: node, token: take.token).allowance(of: payer, for: spender)
        if allowance < take.amount {
            let place = AllowanceOverride(token: take.token, owner: payer, spender: spender)
            guard let found = await place.pretending(take.amount, on: node) else {
                try await refuseOther(request)
                measured.missing =
                    isPermitted
                    ? Problem(PrepareRule.gasNotMeasured, detail: "the permit that it needs is not signed yet")
                    : Problem(
                        PrepareRule.gasNotMeasured, detail: "the approval that it needs is not mined yet",
                        because: BroadcastCause.approvalNotMined)
                return measured
            }
            pretended = found
        }
        var gas = try await Simulation(node: node, call: request, pretended: pretended).gas()
        if isPermitted {
            gas = min(gas + Self.permit, Simulation.mostGas)
            measured.notes.append(
                "a permit cannot be simulated before it is signed: the gas is that of \(standIn.method)"
                    + " and \(Self.permit) more")
        }
        measured.gas = gas
        return measured
    }

    /// Refuses a payment that the contract refuses for another reason than the allowance, which it looks at last.
    private func refuseOther(_ payment: CallRequest) async throws(ProblemList) {
        do throws(NodeError) { _ = try await node.call(payment) } catch {
            let data = error.refusal?.data ?? []
            if RequestKinds.revert(data)?.error.isAllowance == true { return }
            guard error.refusal?.rule == .reverted else { throw ProblemList(error) }
            throw ProblemList(Problem(PrepareRule.wouldRevert, revertedWith: data))
        }
    }
}
