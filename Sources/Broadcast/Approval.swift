import EthereumTypes
import JSONRPC
import Problems
import TransferProtocol

/// Measures an approval, and the payment that comes after it.
struct Approval {
    let node: EthereumNode
    let token: Address
    let owner: Address
    let spender: Address
    let allowance: UInt256
    let needed: UInt256

    struct Measured {
        var approveGas: UInt64?
        var gas: UInt64?
        var resetFirst = false
        var notes: [String] = []
    }

    func measure(then payment: PaymentCall) async throws(ProblemList) -> Measured {
        var measured = Measured()
        let place = AllowanceOverride(token: token, owner: owner, spender: spender)
        do throws(ProblemList) {
            measured.approveGas = try await approve(needed).gas()
        } catch {
            // A token that changes an allowance only through zero? Then zero it takes; else its own no is the answer.
            guard !allowance.isZero, let resetGas = try? await approve(.zero).gas() else { throw error }
            measured.resetFirst = true
            let afterReset = await place.pretending(.zero, on: node)
            if let afterReset { measured.approveGas = max(resetGas, try await approve(needed, afterReset).gas()) }
        }
        guard let approved = await place.pretending(needed, on: node) else {
            try await refuseOther(payment)
            measured.notes.append(
                "the node cannot simulate the payment before the approval is mined, so its gas is not measured: "
                    + "give airlock sign --gas, or send the approval alone and prepare again")
            return measured
        }
        measured.gas = try await Simulation(node: node, call: payment.request, pretended: approved).gas()
        return measured
    }

    private func approve(_ amount: UInt256, _ pretended: [Address: StateOverride] = [:]) -> Simulation {
        Simulation(
            node: node, call: CallRequest(from: owner, to: token, data: ERC20.approve(spender, amount)),
            pretended: pretended)
    }

    /// Without the approval the contract must refuse the payment, but for nothing other than the allowance, which it
    /// looks at last.
    private func refuseOther(_ payment: PaymentCall) async throws(ProblemList) {
        do throws(NodeError) { _ = try await node.call(payment.request) } catch {
            let data = error.refusal?.data ?? []
            if ContractRevert(data)?.error.name == "InsufficientAllowance" { return }
            guard error.refusal?.rule == .reverted else { throw ProblemList(error) }
            throw ProblemList(Problem(PrepareRule.wouldRevert, revertedWith: data))
        }
    }
}
