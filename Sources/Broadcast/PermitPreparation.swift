import AirlockABI
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockRequestKinds
import AirlockRequests

/// Measures what a permit of the token needs, for a payment that someone else sends: neither gas nor fees are the
/// payer's, and the nonce is the token's.
struct PermitPreparation {
    let token: Address
    let call: Call
    let payer: Address
    let nodes: Nodes
    /// Does the call revert so since the signature is not the right one?
    let isRefusal: (ContractRevert) -> Bool

    /// What is only known of a token that takes permits.
    private struct Facts: Hashable {
        let nonce: UInt64
        let domainSeparator: Hash
    }

    func measure(_ result: inout Preparation.Result) async throws(ProblemList) {
        let facts = try await agreed()
        result.conditions.nonce = facts.nonce
        result.conditions.token = result.conditions.token.map { token in
            Conditions.Token(
                address: token.address, symbol: token.symbol, decimals: token.decimals, balance: token.balance,
                domainSeparator: facts.domainSeparator)
        }
        if let said = try await refusalOfPermit() {
            result.notes.append(
                Preparation.Note("of a signature that nobody made the token says \(said), as it should"))
        }
        result.notes.append(
            Preparation.Note(
                "the permit cannot be simulated before it is signed: all that the contract checks before it was, and "
                    + "it holds; no gas is measured, since someone else sends the call"))
    }

    /// Every node named has to say the same.
    private func agreed() async throws(ProblemList) -> Facts {
        let token = token
        var facts: [Facts] = []
        for node in nodes.all {
            let said = try await TokenReader(node: node, token: token).permit(of: payer)
            facts.append(Facts(nonce: said.nonce, domainSeparator: said.domainSeparator))
        }
        guard Set(facts).count == 1, let first = facts.first else {
            let words = zip(nodes.all, facts).map { "\($0.name) says \($1.nonce) in the domain \($1.domainSeparator)" }
                .joined(separator: ", ")
            throw ProblemList(Problem(NodesRule.disagree, at: "permit", detail: words))
        }
        return first
    }

    /// With a signature that nobody made, the contract comes as far as the permit, and names whatever is wrong before.
    ///
    /// - Returns: the token's own words, which earlier releases of the contract let through.
    private func refusalOfPermit() async throws(ProblemList) -> String? {
        let node = nodes.all[0]
        do throws(NodeError) { _ = try await node.call(CallRequest(call, from: payer)) } catch {
            guard let refusal = error.refusal else { throw ProblemList(error) }
            let revert = RequestKinds.revert(refusal.data)
            if let revert, isRefusal(revert) {
                return ContractError.solidity.contains(revert.error) ? revert.text : nil
            }
            guard refusal.rule == .reverted || revert != nil else { throw ProblemList(error) }
            // The contract names its errors. Without any data it is the token that has no such function.
            if refusal.data.isEmpty {
                throw ProblemList(
                    Problem(
                        PrepareRule.noTokenPermit, at: token.description,
                        saw: "a revert without a reason", detail: "permit"))
            }
            throw ProblemList(Problem(PrepareRule.wouldRevert, revertedWith: refusal.data))
        }
        return nil
    }
}
