public import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
public import AirlockDiagnostics
public import AirlockStrictJSON
import AirlockTransactions

/// What the nodes say of a payment before it is sent: nothing is sent, and nothing is written down.
public struct Examination: Sendable {
    /// What one node says.
    public struct Report: Sendable {
        public let node: String
        public let head: UInt64
        /// How many of the sender's transactions are mined, and how many with those that wait.
        public let nonce: UInt64
        public let pendingNonce: UInt64
        public let baseFee: UInt256?
        public let balance: UInt256
        /// The transactions of the payment that the node has.
        public let known: [Hash]
    }

    public let reports: [Report]
    /// Why the payment would not be made.
    public let problems: [Problem]
    /// What there is to know, and no reason against sending.
    public let notes: [String]

    /// As `send --check --json` shows it.
    public var json: [(String, JSONOutput)] {
        let nodes = reports.map { report in
            var members: [(String, JSONOutput)] = [
                ("node", .string(report.node)), ("head", .string("\(report.head)")),
                ("nonce", .string("\(report.nonce)")), ("pendingNonce", .string("\(report.pendingNonce)")),
                ("balance", .string("\(report.balance)")),
            ]
            if let fee = report.baseFee { members.append(("baseFee", .string("\(fee)"))) }
            members.append(("known", .array(report.known.map { .string("\($0)") })))
            return JSONOutput.object(members)
        }
        return [("nodes", .array(nodes)), ("notes", .array(notes.map { .string($0) }))]
    }
}

extension Broadcaster {
    /// Does everything that ``send(_:)`` does before it sends. No journal is needed for it.
    public static func examine(_ shipment: Shipment, by nodes: Nodes) async throws(ProblemList) -> Examination {
        let (reached, failures) = try await nodes.reachable(on: shipment.chain)
        let hashes = shipment.steps.map(\.hash)
        let answers = await reached.ask { node throws(NodeError) in try await Self.report(on: shipment, hashes, node) }
        var (reports, problems): ([Examination.Report], [Problem]) = ([], [])
        for (_, result) in answers {
            switch result {
            case .success(let report): reports.append(report)
            case .failure(let failure): problems += failure.problems
            }
        }
        if reports.isEmpty, let all = ProblemList(problems) { throw all }
        let unreachable = failures.flatMap(\.problems) + problems
        var notes = unreachable.map { problem in problem.message + (problem.field.map { " (\($0))" } ?? "") }
        let views = await reached.ask { node throws(NodeError) in try await ChainView.look(at: shipment, node) }
        problems = []
        if let view = await ChainView.best(views.compactMap { try? $0.result.get() }, for: shipment) {
            if let (step, receipt) = view.mined(shipment.target, of: shipment) {
                notes.append("\(step.hash) is mined in block \(receipt.blockNumber) already")
            } else if let obstacle = await Obstacle.find(
                in: view, of: shipment, hasLeft: reports.contains { !$0.known.isEmpty }, isCancelling: false,
                reached)
            {
                problems += obstacle.problems(of: shipment)
            } else {
                problems += hindrances(shipment, reports, view, &notes)
            }
        }
        return Examination(reports: reports, problems: problems, notes: notes)
    }

    private static func report(
        on shipment: Shipment, _ hashes: [Hash], _ node: EthereumNode
    ) async throws(NodeError) -> Examination.Report {
        let (head, nonce, pending, balance) = try await node.askTogether(
            .block(.latest), .transactionCount(of: shipment.sender, at: .latest),
            .transactionCount(of: shipment.sender, at: .pending), .balance(of: shipment.sender))
        let answers = try await node.askEach(hashes.map { .transaction($0) })
        let known = zip(hashes, answers).compactMap { hash, answer in
            if case .success(.some) = answer { hash } else { nil }
        }
        return Examination.Report(
            node: node.name, head: head?.number ?? 0, nonce: nonce, pendingNonce: pending,
            baseFee: head?.baseFeePerGas, balance: balance, known: known)
    }

    /// What is against a payment that nothing has been mined of.
    private static func hindrances(
        _ shipment: Shipment, _ reports: [Examination.Report], _ view: ChainView, _ notes: inout [String]
    ) -> [Problem] {
        if let known = reports.first(where: { !$0.known.isEmpty }) { notes.append("\(known.node) has it already") }
        if let next = reports.map(\.pendingNonce).max(), let own = shipment.nonces.first(where: { $0 >= view.nonce }),
            next < own
        {
            notes.append("nonce \(next) of the sender is missing: the payment would wait for it")
        }
        let offered = shipment.steps(with: shipment.target).filter { $0.role != .cancel }
            .map(\.signed.transaction.maxFeePerGas).max()
        if let fee = view.head.baseFeePerGas, let offered, offered < fee {
            notes.append(
                "the base fee is \(Amount.format(fee, decimals: 9)) gwei, and the payment offers at most "
                    + "\(Amount.format(offered, decimals: 9)) gwei: it would wait until the base fee falls")
        }
        guard let cost = shipment.maxNativeCost, let balance = reports.map(\.balance).max(), balance < cost else {
            return []
        }
        return [
            Problem(
                NodeRule.insufficientFunds, at: shipment.sender.description,
                saw: PaymentSummary.nativeWords(balance, on: shipment.chain),
                expected: PaymentSummary.nativeWords(cost, on: shipment.chain))
        ]
    }
}

extension Obstacle {
    /// The same that ends a payment which was sent, once it is certain.
    func problems(of shipment: Shipment) -> [Problem] {
        switch self {
        case .unclear: []
        case .late(let deadline):
            [Problem(SendRule.expired, at: shipment.code, saw: deadline)]
        case .taken(let nonce, let taker):
            [
                Problem(
                    SendRule.nonceTaken, at: shipment.code,
                    detail: "nonce \(nonce), "
                        + (taker.map { "by \($0.hash)" } ?? "by which one the node does not know"))
            ]
        case .failed(let step, _):
            [Problem(step.role == .cancel ? SendRule.cancelled : .reverted, at: step.hash.description)]
        }
    }
}
