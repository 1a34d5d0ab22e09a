public import AirlockEthereumTypes
public import AirlockJSONRPC
public import AirlockDiagnostics

/// The nodes that one command uses. The function `ask` sends a query to all of these nodes, so that the caller can
/// compare their answers.
public struct Nodes: Sendable {
    let all: [EthereumNode]

    public init(_ first: EthereumNode, _ others: [EthereumNode] = []) { all = [first] + others }

    fileprivate init(reached: [EthereumNode]) { all = reached }

    /// A node, and the answer of this node or the error that occurred instead.
    typealias Answer<Value> = (node: EthereumNode, result: Result<Value, NodeError>)

    /// Sends the query to all nodes concurrently. Returns the answers in the order of the nodes, no matter which node
    /// answers first.
    func ask<Value: Sendable>(
        _ question: @escaping @Sendable (EthereumNode) async throws(NodeError) -> Value
    ) async -> [Answer<Value>] {
        await withTaskGroup(of: (Int, Result<Value, NodeError>).self) { group in
            for (index, node) in all.enumerated() {
                group.addTask {
                    do throws(NodeError) { return (index, .success(try await question(node))) } catch {
                        return (index, .failure(error))
                    }
                }
            }
            var results: [Int: Result<Value, NodeError>] = [:]
            for await (index, result) in group { results[index] = result }
            return all.enumerated().compactMap { index, node in results[index].map { (node, $0) } }
        }
    }

    /// Returns for each node whether the node knows any of these transactions. A transaction that the node knows is
    /// either mined or pending.
    func knowing(_ hashes: [Hash]) async -> [Bool] {
        let answers = await ask { node throws(NodeError) in try await node.askEach(hashes.map { .transaction($0) }) }
        return answers.map { _, result in
            ((try? result.get()) ?? []).contains { if case .success(.some) = $0 { true } else { false } }
        }
    }

    /// The chain and latest block of one node.
    public struct Report: Sendable {
        /// The node's address without the parts that can contain a secret, such as an API key.
        public let node: String
        public let result: Result<(chain: Chain, head: Block?), NodeError>
    }

    /// The chain and latest block of each node, in the order of the nodes.
    public func reports() async -> [Report] {
        let answers = await ask { node throws(NodeError) -> (chain: Chain, head: Block?) in
            (try await node.chain(), try await node.block(.latest))
        }
        return answers.map { Report(node: $0.node.name, result: $0.result) }
    }

    /// The reachable nodes, grouped by chain, and the errors of the nodes that cannot be reached. Throws if no node can
    /// be reached.
    public func byChain() async throws(ProblemList) -> (nodes: [Chain: Nodes], failures: [NodeError]) {
        var reached = ReachedNodes(of: self)
        let failures = await reached.ask()
        let byChain = reached.byChain
        if byChain.isEmpty, let all = ProblemList(failures.flatMap(\.problems)) { throw all }
        return (byChain, failures)
    }

    /// The reachable nodes, and the errors of the nodes that cannot be reached. Throws if a node is on a chain other
    /// than `chain`.
    func reachable(on chain: Chain) async throws(ProblemList) -> (nodes: Nodes, failures: [NodeError]) {
        var (reached, failures, problems): ([EthereumNode], [NodeError], [Problem]) = ([], [], [])
        for (node, result) in await ask({ node throws(NodeError) in try await node.chain() }) {
            switch result {
            case .success(chain): reached.append(node)
            case .success(let other):
                problems.append(Problem(NodesRule.wrongChain, at: node.name, saw: "\(other)", expected: "\(chain)"))
            case .failure(let failure): failures.append(failure)
            }
        }
        if let all = ProblemList(problems) { throw all }
        if reached.isEmpty, let all = ProblemList(failures.flatMap(\.problems)) { throw all }
        return (Nodes(reached: reached), failures)
    }
}

/// The nodes whose chain is known. A node that did not answer is asked for its chain again later.
struct ReachedNodes: Sendable {
    private let nodes: [EthereumNode]
    /// The chain of each node, in the order of `nodes`; `nil` if the node has not answered yet.
    private var chains: [Chain?]

    init(of nodes: Nodes) {
        self.nodes = nodes.all
        chains = Array(repeating: nil, count: nodes.all.count)
    }

    var isComplete: Bool { chains.allSatisfy { $0 != nil } }

    /// The nodes of each chain, in the order in which they were named.
    var byChain: [Chain: Nodes] {
        var reached: [Chain: [EthereumNode]] = [:]
        for (node, chain) in zip(nodes, chains) {
            if let chain { reached[chain, default: []].append(node) }
        }
        return reached.mapValues { Nodes(reached: $0) }
    }

    /// Asks each node whose chain is not known yet for its chain. Returns the errors of the nodes that do not answer.
    mutating func ask() async -> [NodeError] {
        let open = chains.indices.filter { chains[$0] == nil }
        let asked = Nodes(reached: open.map { nodes[$0] })
        let answers = await asked.ask { node throws(NodeError) in try await node.chain() }
        var failures: [NodeError] = []
        for (index, answer) in zip(open, answers) {
            switch answer.result {
            case .success(let chain): chains[index] = chain
            case .failure(let failure): failures.append(failure)
            }
        }
        return failures
    }
}

/// The problems that a set of nodes can have.
public enum NodesRule: String, Rule {
    case wrongChain = "nodes.wrong-chain"
    case noNode = "nodes.none-of-the-chain"
    case disagree = "nodes.disagree"

    public var meaning: String {
        switch self {
        case .wrongChain: "the node is on another chain"
        case .noNode: "no node of this chain can be reached"
        case .disagree: "the nodes do not agree on the payer's nonce, on the token's domain, or on the Safe"
        }
    }
}
