public import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
public import AirlockDiagnostics
public import AirlockStrictJSON
import AirlockTransactions

/// The result of the checks that `send --check` runs. The checks send no transaction, and do not change the journal.
public struct Preflight: Sendable {
    /// What one node reports about the payment and its sender.
    public struct Report: Sendable {
        public let node: String
        public let head: UInt64
        /// The number of the sender's mined transactions. `pendingNonce` also counts the pending transactions.
        public let nonce: UInt64
        public let pendingNonce: UInt64
        public let baseFee: UInt256?
        public let balance: UInt256
        /// The hashes of the payment's transactions that the node already has, mined or pending.
        public let known: [Hash]
    }

    public let reports: [Report]
    /// The reasons why the payment would fail, or would have to wait for a missing nonce.
    public let problems: [Problem]
    /// Notes for the user. A note does not mean that the payment would fail.
    public let notes: [String]

    /// The JSON members that `send --check --json` prints.
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
    /// Runs the checks that ``send(_:)`` runs before it sends a payment. Also checks the sender's balance, and looks
    /// for a missing nonce. These checks do not use the journal.
    public static func preflight(_ signedPayment: SignedPayment, by nodes: Nodes) async throws(ProblemList) -> Preflight
    {
        try await preflight([signedPayment], by: nodes)
    }

    /// Runs the checks of `preflight` for several payments. The nodes are polled once for each sender and chain.
    public static func preflight(_ signedPayments: [SignedPayment], by nodes: Nodes) async throws(ProblemList)
        -> Preflight
    {
        let chains = Set(signedPayments.map(\.chain))
        var (byChain, failures): ([Chain: Nodes], [NodeError]) = ([:], [])
        if chains.count > 1 {
            let reached = try await nodes.byChain()
            (byChain, failures) = (reached.nodes, reached.failures)
        }
        var (reports, problems): ([Preflight.Report], [Problem]) = ([], [])
        var notes = failures.flatMap(\.problems).map(note)
        var rest = signedPayments[...]
        while let first = rest.first {
            let own = rest.filter { $0.chain == first.chain && $0.sender == first.sender }
            rest.removeAll { $0.chain == first.chain && $0.sender == first.sender }
            guard let nodes = chains.count > 1 ? byChain[first.chain] : nodes else {
                throw ProblemList(Problem(NodesRule.noNode, at: "\(first.chain)"))
            }
            let one = try await preflight(own, of: first.sender, by: nodes)
            reports += one.reports
            problems += one.problems
            notes += one.notes.filter { !notes.contains($0) }
        }
        return Preflight(reports: reports, problems: problems, notes: notes)
    }

    private static func preflight(
        _ signedPayments: [SignedPayment], of sender: Address, by nodes: Nodes
    ) async throws(ProblemList) -> Preflight {
        guard let first = signedPayments.first else { return Preflight(reports: [], problems: [], notes: []) }
        let (reached, failures) = try await nodes.reachable(on: first.chain)
        let hashes = signedPayments.flatMap { $0.steps.map(\.hash) }
        let answers = await reached.ask { node throws(NodeError) in try await Self.report(on: sender, hashes, node) }
        var (reports, problems): ([Preflight.Report], [Problem]) = ([], [])
        for (_, result) in answers {
            switch result {
            case .success(let report): reports.append(report)
            case .failure(let failure): problems += failure.problems
            }
        }
        if reports.isEmpty, let all = ProblemList(problems) { throw all }
        var notes = (failures.flatMap(\.problems) + problems).map(note)
        let looks = await reached.ask { node throws(NodeError) in try await ChainView.look(at: signedPayments, node) }
        let known = Set(reports.flatMap(\.known))
        problems = []
        var (open, view): ([SignedPayment], ChainView?) = ([], nil)
        for (position, signedPayment) in signedPayments.enumerated() {
            let views = looks.compactMap { try? $0.result.get() }.map { $0[position] }
            guard let best = await ChainView.best(views, for: signedPayment) else {
                if !views.isEmpty { notes.append("the nodes do not agree on what became of \(signedPayment.code)") }
                continue
            }
            view = best
            if let (step, receipt) = best.mined(signedPayment.target, of: signedPayment) {
                notes.append("\(step.hash) is mined in block \(receipt.blockNumber) already")
            } else if let suspicion = await SuspectedFailure.find(
                in: best, of: signedPayment, hasLeft: signedPayment.steps.contains { known.contains($0.hash) },
                isCancelling: false, reached)
            {
                problems += suspicion.problems(of: signedPayment)
                if !suspicion.isClear { notes.append("it is not certain that \(signedPayment.code) can still be paid") }
            } else {
                open.append(signedPayment)
            }
        }
        if let view, !open.isEmpty { problems += hindrances(open, of: sender, reports, view, &notes) }
        return Preflight(reports: reports, problems: problems, notes: notes)
    }

    /// The note about a node that cannot be used.
    private static func note(_ problem: Problem) -> String {
        problem.message + (problem.field.map { " (\($0))" } ?? "")
    }

    private static func report(
        on sender: Address, _ hashes: [Hash], _ node: EthereumNode
    ) async throws(NodeError) -> Preflight.Report {
        let (head, nonce, pending, balance) = try await node.askTogether(
            .block(.latest), .transactionCount(of: sender, at: .latest),
            .transactionCount(of: sender, at: .pending), .balance(of: sender))
        let answers = try await node.askInBatches(hashes.map { .transaction($0) })
        let known = zip(hashes, answers).compactMap { hash, answer in
            if case .success(.some) = answer { hash } else { nil }
        }
        return Preflight.Report(
            node: node.name, head: head?.number ?? 0, nonce: nonce, pendingNonce: pending,
            baseFee: head?.baseFeePerGas, balance: balance, known: known)
    }

    /// The reasons why payments of one sender would fail, or would have to wait. The caller passes only payments that
    /// are not mined yet.
    private static func hindrances(
        _ signedPayments: [SignedPayment], of sender: Address, _ reports: [Preflight.Report], _ view: ChainView,
        _ notes: inout [String]
    ) -> [Problem] {
        guard let chain = signedPayments.first?.chain else { return [] }
        let name = signedPayments.count == 1 ? "the payment" : "a payment"
        if let known = reports.first(where: { !$0.known.isEmpty }) {
            let count = signedPayments.count { one in one.steps.contains { known.known.contains($0.hash) } }
            notes.append(
                "\(known.node) has \(signedPayments.count == 1 ? "it" : "\(count) of \(signedPayments.count)") already")
        }
        var (next, problems): (UInt64, [Problem]) = (reports.map(\.pendingNonce).max() ?? 0, [])
        for signedPayment in signedPayments.sorted(by: { $0.target < $1.target }) {
            for nonce in signedPayment.nonces.sorted() where nonce >= view.nonce {
                if next < nonce {
                    problems.append(
                        Problem(
                            SendRule.heldBack, at: signedPayment.code,
                            detail: "nonce \(next) of the sender is missing, and \(name) would wait for it",
                            because: BroadcastCause.nonceMissing(next)))
                }
                next = max(next, nonce &+ 1)
            }
        }
        for signedPayment in signedPayments {
            let offered = signedPayment.steps(with: signedPayment.target).filter { $0.role != .cancel }
                .map(\.signed.transaction.maxFeePerGas).max()
            guard let fee = view.head.baseFeePerGas, let offered, offered < fee else { continue }
            notes.append(
                "the base fee is \(Amount.format(fee, decimals: 9)) gwei, and \(name) offers at most "
                    + "\(Amount.format(offered, decimals: 9)) gwei: it would wait until the base fee falls")
            break
        }
        let costs = signedPayments.map(\.maxNativeCost)
        let cost = costs.reduce(UInt256?.some(.zero)) { sum, one in one.flatMap { sum?.adding($0) } }
        guard let cost, let balance = reports.map(\.balance).max(), balance < cost else { return problems }
        return problems + [
            Problem(
                NodeRule.insufficientFunds, at: sender.description,
                saw: PaymentSummary.nativeWords(balance, on: chain),
                expected: PaymentSummary.nativeWords(cost, on: chain))
        ]
    }
}

extension SuspectedFailure {
    /// The problems to report for the payment once it is certain that the payment has failed.
    func problems(of signedPayment: SignedPayment) -> [Problem] {
        switch self {
        case .unclear: []
        case .late(let deadline):
            [Problem(SendRule.expired, at: signedPayment.code, saw: deadline)]
        case .taken(let nonce, let taker):
            [
                Problem(
                    SendRule.nonceTaken, at: signedPayment.code,
                    detail: "nonce \(nonce), "
                        + (taker.map { "by \($0.hash)" } ?? "by which one the node does not know"))
            ]
        case .failed(let step, _):
            [Problem(step.role == .cancel ? SendRule.cancelled : .reverted, at: step.hash.description)]
        }
    }
}
