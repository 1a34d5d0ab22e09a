import AirlockEthereumTypes
import AirlockJSONRPC

/// What one node sees of a payment at one moment.
struct ChainView {
    let node: EthereumNode
    let head: Block
    /// How many of the sender's transactions are mined.
    let nonce: UInt64
    /// By the transaction's hash, of those that are mined.
    let receipts: [Hash: Receipt]

    /// What the node said of receipts when it was asked again; see ``reverify(_:)``.
    private var checked: [Hash: Bool] = [:]
    private let time = ContinuousClock.now
    /// For so long a look counts as what is so now.
    private static let freshness: Duration = .seconds(5)

    private init(_ node: EthereumNode, _ head: Block, nonce: UInt64, receipts: [Hash: Receipt]) {
        self.node = node
        self.head = head
        self.nonce = nonce
        self.receipts = receipts
    }

    /// One look at the chain for any number of payments, with a view for each of them. `nil` without a block.
    ///
    /// One round trip for one payment while nothing is mined. Nonces are asked for before the receipts: what they count is
    /// mined, so the receipts must be there by then.
    ///
    /// - Parameter wanted: of several payments, the receipts with so many confirmations are asked for again at once.
    static func look(
        at signedPayments: [SignedPayment], confirming wanted: UInt64 = 1, _ node: EthereumNode
    ) async throws(NodeError) -> [ChainView]? {
        guard let first = signedPayments.first else { return [] }
        let (found, nonce) = try await node.askTogether(
            .block(.latest), .transactionCount(of: first.sender, at: .latest))
        guard let head = found else { return nil }
        var nonces = [first.sender: nonce]
        let others = Array(Set(signedPayments.map(\.sender)).subtracting([first.sender]))
        let counts = try await node.askInBatches(others.map { .transactionCount(of: $0, at: .latest) })
        for (sender, count) in zip(others, counts) { nonces[sender] = try count.get() }
        let passed = signedPayments.flatMap { signedPayment in
            signedPayment.steps.filter { $0.nonce < nonces[signedPayment.sender] ?? 0 }.map {
                (signedPayment.sender, $0.hash)
            }
        }
        let answers = try await node.askInBatches(passed.map { .receipt(of: $1, from: $0) })
        var receipts: [Hash: Receipt] = [:]
        for ((_, hash), answer) in zip(passed, answers) {
            if let receipt = try answer.get() { receipts[hash] = receipt }
        }
        var views = signedPayments.map { signedPayment in
            let own = signedPayment.steps.compactMap { step in receipts[step.hash].map { (step.hash, $0) } }
            return ChainView(
                node, head, nonce: nonces[signedPayment.sender] ?? 0, receipts: Dictionary(own) { first, _ in first })
        }
        guard let one = views.first, views.count > 1 else { return views }
        let checked = await one.check(receipts.values.filter { one.confirmations(of: $0) >= wanted })
        for index in views.indices { views[index].checked = checked }
        return views
    }

    /// Asks for many receipts and their blocks once more, in few round trips. What has no answer is left out.
    private func check(_ receipts: [Receipt]) async -> [Hash: Bool] {
        let numbers = Array(Set(receipts.map(\.blockNumber)))
        do throws(NodeError) {
            let again = try await node.askInBatches(
                receipts.map { .receipt(of: $0.transactionHash, from: $0.from) })
            let found = try await node.askInBatches(numbers.map { .block(.number($0)) })
            var blocks: [UInt64: Hash] = [:]
            for (number, block) in zip(numbers, found) { blocks[number] = (try? block.get())?.hash }
            var checked: [Hash: Bool] = [:]
            for (receipt, answer) in zip(receipts, again) {
                checked[receipt.transactionHash] =
                    (try? answer.get()) == receipt && blocks[receipt.blockNumber] == receipt.blockHash
            }
            return checked
        } catch { return [:] }
    }

    /// The transaction of that nonce that is mined, if it is one of the payment's.
    func mined(_ nonce: UInt64, of signedPayment: SignedPayment) -> (step: SignedPayment.Step, receipt: Receipt)? {
        for step in signedPayment.steps(with: nonce) {
            if let receipt = receipts[step.hash] { return (step, receipt) }
        }
        return nil
    }

    /// Whether the node says the same of a transaction once more, and its block is the chain's block of that number. What
    /// ends a payment must not rest on an answer that was late, of a block that is gone, or damaged on its way.
    func reverify(_ receipt: Receipt) async -> Bool {
        // A relay may have been stopped since the look.
        if let checked = checked[receipt.transactionHash], .now - time < Self.freshness { return checked }
        do throws(NodeError) {
            let (again, block) = try await node.askTogether(
                .receipt(of: receipt.transactionHash, from: receipt.from), .block(.number(receipt.blockNumber)))
            return again == receipt && block?.hash == receipt.blockHash
        } catch { return false }
    }

    /// Whether the node says once more that no block holds any of these transactions.
    func lacks(_ hashes: [Hash], of sender: Address) async -> Bool {
        do throws(NodeError) {
            for answer in try await node.askInBatches(hashes.map { .receipt(of: $0, from: sender) }) {
                if try answer.get() != nil { return false }
            }
            return true
        } catch { return false }
    }

    /// How many blocks confirm the receipt: the one that holds it is the first.
    func confirmations(of receipt: Receipt) -> UInt64 { Self.confirmations(of: receipt, at: head.number) }

    static func confirmations(of receipt: Receipt, at head: UInt64) -> UInt64 {
        guard head > receipt.blockNumber else { return 1 }
        let (count, overflow) = (head - receipt.blockNumber).addingReportingOverflow(1)
        return overflow ? .max : count
    }

    /// Of several nodes, the view to act on.
    ///
    /// A receipt counts where its node says it twice and no more nodes contradict it than give it. Of receipts that differ
    /// the one of the most nodes comes first, then the one that proves the payment. Else it is, of the nodes that have not
    /// seen the payment mined, the one that counts the fewest of the sender's transactions, and of these the furthest. So
    /// a node that is wrong can delay a bad end, and neither keep an honest one from being heard nor make an end.
    static func best(_ views: [ChainView], for signedPayment: SignedPayment) async -> ChainView? {
        guard views.count > 1 else { return views.first }
        let byHead = views.sorted { $0.head.number > $1.head.number }
        let open = byHead.filter { $0.mined(signedPayment.target, of: signedPayment) == nil }
        let believed = await VerifiedReceipt.all(of: byHead, for: signedPayment).filter { receipt in
            let against = open.count { $0.head.number >= receipt.blockNumber }
            return receipt.isProof ? receipt.views.count >= against : receipt.views.count > against
        }
        if let best = believed.max(by: { $0.rank < $1.rank }) { return best.views[0] }
        return open.min { $0.nonce < $1.nonce } ?? byHead.first
    }
}

extension EthereumNode {
    /// How many questions a batch holds: nodes refuse batches of more than a hundred to a thousand.
    private static var batchSize: Int { 100 }

    /// Asks any number of questions of one kind, in as many batches as they need.
    func askInBatches<Answer>(
        _ questions: [NodeQuestion<Answer>]
    ) async throws(NodeError) -> [Answered<Answer>] {
        var answers: [Answered<Answer>] = []
        var rest = questions[...]
        while !rest.isEmpty {
            answers += try await askEach(Array(rest.prefix(Self.batchSize)))
            rest = rest.dropFirst(Self.batchSize)
        }
        return answers
    }
}

/// A receipt of the payment's own nonce, and the nodes that say it twice.
struct VerifiedReceipt: Sendable {
    /// In the order in which they were given; never empty.
    let views: [ChainView]
    let blockNumber: UInt64
    /// Whether it is what the payment must leave behind on the chain.
    let isProof: Bool

    /// What comes first where nodes differ.
    var rank: (count: Int, proof: Int) { (views.count, isProof ? 1 : 0) }

    /// What nodes must agree on. They may differ in what else they tell of a receipt.
    private struct Content: Hashable {
        let hash: Hash
        let blockHash: Hash
        let succeeded: Bool
        let logs: [Receipt.Log]

        init(_ receipt: Receipt) {
            (hash, blockHash) = (receipt.transactionHash, receipt.blockHash)
            (succeeded, logs) = (receipt.succeeded, receipt.logs)
        }
    }

    /// Each receipt that differs from the others. All nodes are asked at the same time.
    static func all(of views: [ChainView], for signedPayment: SignedPayment) async -> [VerifiedReceipt] {
        let standing = await withTaskGroup(of: Int?.self) { group in
            for (index, view) in views.enumerated() {
                guard let (_, receipt) = view.mined(signedPayment.target, of: signedPayment) else { continue }
                group.addTask { await view.reverify(receipt) ? index : nil }
            }
            var indices: Set<Int> = []
            for await index in group { if let index { indices.insert(index) } }
            return indices.sorted()
        }
        var (order, groups): ([Content], [Content: [ChainView]]) = ([], [:])
        for view in standing.map({ views[$0] }) {
            guard let (_, receipt) = view.mined(signedPayment.target, of: signedPayment) else { continue }
            let content = Content(receipt)
            if groups[content] == nil { order.append(content) }
            groups[content, default: []].append(view)
        }
        return order.compactMap { content in
            guard let views = groups[content],
                let (step, receipt) = views[0].mined(signedPayment.target, of: signedPayment)
            else {
                return nil
            }
            return VerifiedReceipt(
                views: views, blockNumber: receipt.blockNumber,
                isProof: Settlement.isProof(receipt, of: step, signedPayment))
        }
    }
}
