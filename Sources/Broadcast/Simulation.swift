import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockDiagnostics
import AirlockCharges

/// What a call would do if it were mined now.
struct Simulation {
    let node: EthereumNode
    let call: CallRequest
    /// What is pretended of the chain meanwhile.
    var pretended: [Address: StateOverride] = [:]

    /// The gas to sign: a fifth above what the node measures, since the state moves on until it is mined, and at most
    /// what one transaction may use (EIP-7825).
    func gas() async throws(ProblemList) -> UInt64 {
        let measured: UInt64
        do throws(NodeError) {
            measured = try await node.estimateGas(call, pretending: pretended)
        } catch {
            throw ProblemList(await explained(error))
        }
        let (withMargin, overflow) = (measured / 5).addingReportingOverflow(measured)
        return overflow ? Self.mostGas : min(withMargin, Self.mostGas)
    }

    static let mostGas: UInt64 = 1 << 24

    /// What the contract said no with, by its name; or the node's own no.
    private func explained(_ error: NodeError) async -> any RuleBroken {
        guard let refusal = error.refusal else { return error }
        if refusal.rule == .insufficientFunds {
            return Problem(PrepareRule.insufficientFunds, at: node.name, saw: refusal.message)
        }
        guard refusal.rule == .reverted || ContractRevert(refusal.data) != nil else { return error }
        var data = refusal.data
        // Some nodes tell the contract's words to eth_call alone.
        if data.isEmpty, let said = await revertData() { data = said }
        return Problem(PrepareRule.wouldRevert, revertedWith: data)
    }

    private func revertData() async -> [UInt8]? {
        do throws(NodeError) { _ = try await node.call(call, pretending: pretended) } catch {
            return error.refusal?.data
        }
        return nil
    }
}

extension Problem {
    /// What a contract reverted with, by its name where it is known.
    init(_ rule: some Rule, at field: String? = nil, revertedWith data: [UInt8]) {
        if let revert = ContractRevert(data) {
            let isAllowance = revert.error.name == "InsufficientAllowance"
            self.init(
                rule, at: field, detail: "\(revert.text): \(revert.error.meaning)",
                hint: isAllowance ? Self.approveHint : revert.error.next)
        } else if data.isEmpty {
            self.init(rule, at: field, detail: "without a reason", hint: "check that the contract is the right one")
        } else {
            self.init(rule, at: field, saw: Hex.encode(data))
        }
    }

    static let approveHint = "prepare with --approve, and sign with --approve"
}
