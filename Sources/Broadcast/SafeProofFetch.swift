public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockJSONRPC
public import AirlockSafes
import AirlockStrictJSON

extension Nodes {
    /// A file that proves what a Safe is, by the first node that can tell. It is checked here as it will be offline.
    ///
    /// - Parameters:
    ///   - safe: the Safe.
    ///   - chain: its chain.
    ///   - state: the Safe as the chain has it, which tells whose places in its storage are to be proved.
    public func safeProof(
        of safe: Address, _ state: SafeState, on chain: Chain
    ) async throws(ProblemList) -> (bytes: [UInt8], proof: SafeProof) {
        let nodes = try await reachable(on: chain).nodes
        var problems: [Problem] = []
        for node in nodes.all {
            do throws(ProblemList) {
                let bytes = try await Self.proof(of: safe, state, on: chain, by: node)
                do throws(ProblemList) { return (bytes, try SafeProof(bytes)) } catch {
                    throw ProblemList(error.problems.map { $0.at("\($0.field ?? "") of eth_getProof by \(node.name)") })
                        ?? error
                }
            } catch { problems += error.problems }
        }
        throw ProblemList(problems) ?? ProblemList(Problem(NodesRule.noNode))
    }

    private static func proof(
        of safe: Address, _ state: SafeState, on chain: Chain, by node: EthereumNode
    ) async throws(ProblemList) -> [UInt8] {
        do throws(NodeError) {
            let header = try await node.ask(.header(of: .latest))
            let slots = SafeProof.slots(owners: state.owners, modules: state.modules)
            let proof = try await node.ask(.proof(of: safe, slots, at: .number(header.number)))
            let file = SafeProof.json(
                chain: chain, safe: safe, header: header.bytes, account: proof.account,
                storage: zip(slots, proof.storage).map { ($0, $1) })
            return Array((file.text + "\n").utf8)
        } catch { throw ProblemList(error) }
    }
}
