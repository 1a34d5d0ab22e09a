import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockDiagnostics
import AirlockTokens

/// Measures an approval, which a payment comes after.
struct Approval {
    let node: EthereumNode
    let owner: Address
    let token: Address
    let spender: Address
    let amount: UInt256
    /// What stands now.
    let allowance: UInt256

    struct Measured {
        var gas: UInt64
        var resetFirst = false
    }

    func measure() async throws(ProblemList) -> Measured {
        do throws(ProblemList) {
            return Measured(gas: try await approve(amount).gas())
        } catch {
            // Some tokens change an allowance only to or from zero. Any other token's refusal is the answer.
            guard !allowance.isZero, let resetGas = try? await approve(.zero).gas() else { throw error }
            let place = AllowanceOverride(token: token, owner: owner, spender: spender)
            guard let afterReset = await place.pretending(.zero, on: node) else {
                return Measured(gas: max(resetGas, Self.unmeasured), resetFirst: true)
            }
            return Measured(gas: max(resetGas, try await approve(amount, afterReset).gas()), resetFirst: true)
        }
    }

    /// Where an approval after a reset cannot be simulated: writing a word where none was costs 17100 more than clearing
    /// it, and tokens need some 50000 for all of it.
    static let unmeasured: UInt64 = 80_000

    private func approve(_ amount: UInt256, _ pretended: [Address: StateOverride] = [:]) -> Simulation {
        Simulation(
            node: node, call: CallRequest(from: owner, to: token, data: ERC20.approve(spender, amount)),
            pretended: pretended)
    }
}
