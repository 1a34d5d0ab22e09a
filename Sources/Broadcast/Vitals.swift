import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockDiagnostics

/// What several nodes must agree on before anything is built on it, and the fees that they see.
struct Vitals {
    let nonce: UInt64
    /// How many of the payer's transactions still wait to be mined.
    let waiting: UInt64
    let fees: FeeOffer
    /// What it would be without the cap.
    let uncapped: FeeOffer
    /// The nodes that answered.
    let nodes: Nodes
    /// What a person should know of the nodes.
    let notes: [String]

    /// Those that answer must agree; those that do not are named in a note. One at least has to answer.
    init(of sender: Address, on chain: Chain, _ asked: Nodes) async throws(ProblemList) {
        var (nodes, failures) = try await asked.reachable(on: chain)
        let answers = await nodes.ask { node throws(NodeError) in
            let (latest, pending, history) = try await node.askTogether(
                .transactionCount(of: sender, at: .latest), .transactionCount(of: sender, at: .pending),
                .feeHistory(blocks: FeeOffer.blocks, percentiles: [FeeOffer.percentile]))
            // Not every node has this method, and none needs to.
            let suggestion = FeeOffer.isQuiet(history) ? try? await node.maxPriorityFeePerGas() : nil
            return (latest, pending, FeeOffer.seen(history, suggestion: suggestion, on: chain))
        }
        var (nonces, latests, fees): ([UInt64], [UInt64], [FeeOffer.Seen]) = ([], [], [])
        var answered: [EthereumNode] = []
        for (node, result) in answers {
            do throws(NodeError) {
                let (latest, pending, offer) = try result.get()
                nonces.append(pending)
                latests.append(latest)
                fees.append(offer)
                answered.append(node)
            } catch { failures.append(error) }
        }
        guard let first = answered.first else {
            throw ProblemList(failures.flatMap(\.problems)) ?? ProblemList(Problem(NodesRule.disagree, at: "nonce"))
        }
        nodes = Nodes(first, Array(answered.dropFirst()))
        guard let nonce = Set(nonces).count == 1 ? nonces.first : nil, let latest = latests.max() else {
            let words = zip(nodes.all, nonces).map { "\($0.name) says \($1)" }.joined(separator: ", ")
            throw ProblemList(Problem(NodesRule.disagree, at: "nonce", detail: words))
        }
        self.nonce = nonce
        self.waiting = nonce > latest ? nonce - latest : 0
        let offer = FeeOffer(of: fees)
        self.notes = Self.silent(failures, of: asked) + Self.differing(fees, nodes)
        self.uncapped = offer
        self.fees = offer.capped(on: chain)
        self.nodes = nodes
    }

    private static func silent(_ failures: [NodeError], of asked: Nodes) -> [String] {
        guard !failures.isEmpty else { return [] }
        let words = failures.flatMap(\.problems).map { "\($0.field ?? ""): \($0.message)" }.joined(separator: "; ")
        return ["\(failures.count) of \(asked.all.count) nodes did not answer, and the others are believed: \(words)"]
    }

    /// Notes nodes whose priority fees differ by more than ten times.
    private static func differing(_ fees: [FeeOffer.Seen], _ nodes: Nodes) -> [String] {
        guard let lowest = fees.map(\.priorityFee).min(), let highest = fees.map(\.priorityFee).max(),
            highest > lowest.multiplied(by: 10) ?? .max
        else { return [] }
        let words = zip(nodes.all, fees).map { "\($0.name) says \($1.priorityFee) wei" }.joined(separator: ", ")
        return [
            "the nodes differ in the priority fee by more than ten times: \(words); the median is taken, of two the lower"
        ]
    }
}
