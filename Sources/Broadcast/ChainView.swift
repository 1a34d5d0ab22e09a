import AirlockEthereumTypes
import AirlockJSONRPC

/// The state of a payment as one node sees it at one moment.
struct ChainView {
    let node: EthereumNode
    let head: Block
    /// The number of the sender's mined transactions.
    let nonce: UInt64
    /// The receipts of mined transactions, by transaction hash.
    let receipts: [Hash: Receipt]

    /// The result of verifying receipts in the same poll; see ``reverify(_:)``.
    private var checked: [Hash: Bool] = [:]
    private let time = ContinuousClock.now
    /// How long a view counts as current.
    private static let freshness: Duration = .seconds(5)

    private init(_ node: EthereumNode, _ head: Block, nonce: UInt64, receipts: [Hash: Receipt]) {
        self.node = node
        self.head = head
        self.nonce = nonce
        self.receipts = receipts
    }

    /// Polls a node once for any number of payments. Returns a view for each, or `nil` if the node has no block.
    ///
    /// While nothing is mined, one payment needs one round trip. Nonces are read before receipts: by then the receipts
    /// of all transactions that a nonce counts must exist.
    ///
    /// - Parameters:
    ///   - signedPayments: the payments.
    ///   - wanted: with several payments, receipts with this many confirmations are verified in the same look.
    ///   - node: the node to ask.
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

    /// Verifies many receipts in few round trips, by requesting them and their blocks again. Receipts without an answer
    /// are left out.
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

    /// The mined transaction of the payment with this nonce, if there is one.
    func mined(_ nonce: UInt64, of signedPayment: SignedPayment) -> (step: SignedPayment.Step, receipt: Receipt)? {
        for step in signedPayment.steps(with: nonce) {
            if let receipt = receipts[step.hash] { return (step, receipt) }
        }
        return nil
    }

    /// Requests a receipt again, and checks that its block is still the chain's block with that number. A payment must
    /// not end because of an answer that was outdated, damaged, or from an orphaned block.
    func reverify(_ receipt: Receipt) async -> Bool {
        // The stored result counts only while it is fresh: the process may have been suspended since.
        if let checked = checked[receipt.transactionHash], .now - time < Self.freshness { return checked }
        do throws(NodeError) {
            let (again, block) = try await node.askTogether(
                .receipt(of: receipt.transactionHash, from: receipt.from), .block(.number(receipt.blockNumber)))
            return again == receipt && block?.hash == receipt.blockHash
        } catch { return false }
    }

    /// Checks again that no block holds any of these transactions.
    func lacks(_ hashes: [Hash], of sender: Address) async -> Bool {
        do throws(NodeError) {
            for answer in try await node.askInBatches(hashes.map { .receipt(of: $0, from: sender) }) {
                if try answer.get() != nil { return false }
            }
            return true
        } catch { return false }
    }

    /// The number of confirmations. The block that holds the transaction is the first.
    func confirmations(of receipt: Receipt) -> UInt64 { Self.confirmations(of: receipt, at: head.number) }

    static func confirmations(of receipt: Receipt, at head: UInt64) -> UInt64 {
        guard head > receipt.blockNumber else { return 1 }
        let (count, overflow) = (head - receipt.blockNumber).addingReportingOverflow(1)
        return overflow ? .max : count
    }

    /// Chooses, from the views of several nodes, the view to act on.
    ///
    /// A receipt counts if its node repeats it and the nodes that contradict it are no more than those that give it. If
    /// receipts differ, the one that most nodes give is preferred, then the one that proves the payment. Without a
    /// receipt, the view of a node that has not seen the payment mined is chosen: the view with the fewest mined
    /// transactions of the sender, and of these the one with the highest block. A wrong node can therefore delay a
    /// failure, but can neither hide an honest node nor end a payment.
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
    /// The size of a batch. Nodes refuse batches that are longer than a limit of 100 to 1000 questions.
    static let batchSize = 100

    /// Asks any number of questions with one type of answer, in batches.
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

/// A receipt for the payment's own nonce, with the nodes that repeated it when asked again.
struct VerifiedReceipt: Sendable {
    /// The views of these nodes, in their original order. Never empty.
    let views: [ChainView]
    let blockNumber: UInt64
    /// Whether the receipt proves the payment.
    let isProof: Bool

    /// The rank of a receipt if nodes differ.
    var rank: (count: Int, proof: Int) { (views.count, isProof ? 1 : 0) }

    /// The members of a receipt on which nodes must agree. They may differ in others.
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

    /// The distinct receipts. All nodes are asked concurrently.
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
