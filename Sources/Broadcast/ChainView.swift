import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles

/// The state of a payment as one node sees it at one moment.
struct ChainView: Sendable {
    let node: EthereumNode
    let head: Block
    /// The number of the sender's mined transactions, which is also the sender's next nonce.
    let nonce: UInt64
    /// The receipts of the payment's mined transactions, keyed by transaction hash.
    let receipts: [Hash: Receipt]
    /// The time of the chain, by which the relay decides whether a deadline ends a payment. It is the timestamp of the
    /// node's latest block. If ``best(_:for:)`` chose the view, it is the lower median of the timestamps of all nodes,
    /// so that one node of several cannot make a payment expire.
    private(set) var timestamp: UInt64
    /// The time of the chain, by which the relay decides whether it is too late to send a payment. It differs from
    /// ``timestamp`` only if ``best(_:for:)`` chose the view. It is then the upper median of the timestamps of all
    /// nodes, so that a payment is not sent late because one of two nodes lags.
    private(set) var upperTimestamp: UInt64
    /// All views that ``best(_:for:)`` compared, including this one. Empty if only one node answered.
    private var compared: [ChainView] = []
    /// The views of all nodes that answered the poll.
    var all: [ChainView] { compared.isEmpty ? [self] : compared }

    /// For each receipt that this poll verified, whether the receipt is valid, keyed by transaction hash. A receipt is
    /// valid if the node returned the same receipt for a second query, and if the receipt's block was still in the
    /// chain. ``reverify(_:)`` reuses these results and does not query the node again.
    private var checked: [Hash: Bool] = [:]
    private let time = ContinuousClock.now
    /// How long after the poll ``reverify(_:)`` can reuse the results in `checked`.
    private static let freshness: Duration = .seconds(5)

    private init(_ node: EthereumNode, _ head: Block, nonce: UInt64, receipts: [Hash: Receipt]) {
        self.node = node
        self.head = head
        self.nonce = nonce
        self.receipts = receipts
        (timestamp, upperTimestamp) = (head.timestamp, head.timestamp)
    }

    /// Polls a node once for any number of payments. Returns a view for each payment, or `nil` if the node returns no
    /// latest block.
    ///
    /// For a single payment, one round trip to the node is enough as long as no transaction of the payment is mined.
    /// The nonces are read before the receipts. So if a nonce shows that a transaction is mined, the node already has
    /// the receipt of this transaction.
    ///
    /// - Parameters:
    ///   - signedPayments: the payments. If there are several payments, the receipts of all of them are verified in the
    ///     same poll.
    ///   - wanted: the number of confirmations that a receipt must have to be verified. Receipts with fewer
    ///     confirmations are not verified in this poll.
    ///   - node: the node to poll.
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

    /// Verifies many receipts in few round trips to the node. The method requests each receipt a second time, together
    /// with the block that contains it. It then compares the second answer with the first. If a whole batch of calls
    /// fails, for example because the node cannot be reached, the result is empty.
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

    /// Whether the node has a receipt that reports the success of a transaction with this nonce, and the transaction is
    /// not a cancel transaction.
    func hasSucceeded(_ nonce: UInt64, of signedPayment: SignedPayment) -> Bool {
        guard let (step, receipt) = mined(nonce, of: signedPayment) else { return false }
        return step.role != .cancel && receipt.succeeded
    }

    /// The payment's mined transaction with this nonce, and its receipt; `nil` if no such transaction is mined.
    func mined(_ nonce: UInt64, of signedPayment: SignedPayment) -> (step: SignedPayment.Step, receipt: Receipt)? {
        for step in signedPayment.steps(with: nonce) {
            if let receipt = receipts[step.hash] { return (step, receipt) }
        }
        return nil
    }

    /// Requests a receipt a second time, and checks that it is unchanged and that its block is still in the chain. This
    /// check is necessary because the first answer may have been outdated or damaged, or may describe an orphaned
    /// block. Such an answer must not decide the outcome of a payment.
    func reverify(_ receipt: Receipt) async -> Bool {
        // If the poll has already verified this receipt, the result of the verification is reused for a few seconds.
        // Later the result could be outdated, for example because the process was suspended.
        if let checked = checked[receipt.transactionHash], .now - time < Self.freshness { return checked }
        do throws(NodeError) {
            let (again, block) = try await node.askTogether(
                .receipt(of: receipt.transactionHash, from: receipt.from), .block(.number(receipt.blockNumber)))
            return again == receipt && block?.hash == receipt.blockHash
        } catch { return false }
    }

    /// Queries the node for the receipts of these transactions. Returns true if the node has no receipt for any of
    /// them. Returns false if the node has a receipt or does not answer.
    func lacks(_ hashes: [Hash], of sender: Address) async -> Bool {
        do throws(NodeError) {
            for answer in try await node.askInBatches(hashes.map { .receipt(of: $0, from: sender) }) {
                if try answer.get() != nil { return false }
            }
            return true
        } catch { return false }
    }

    /// The number of confirmations of a receipt. The block that contains the transaction is the first confirmation.
    func confirmations(of receipt: Receipt) -> UInt64 { Self.confirmations(of: receipt, at: head.number) }

    static func confirmations(of receipt: Receipt, at head: UInt64) -> UInt64 {
        guard head > receipt.blockNumber else { return 1 }
        let (count, overflow) = (head - receipt.blockNumber).addingReportingOverflow(1)
        return overflow ? .max : count
    }

    /// Chooses one view of the chain when several nodes were polled. The relay then handles the payment according to
    /// the chosen view.
    ///
    /// First, the method compares the receipts that the nodes return for transactions with the nonce
    /// ``SignedPayment/target``. This is the nonce of the transaction that makes the payment. A node's receipt counts
    /// only if the node returns the same receipt for a second query. A receipt that proves the payment is accepted if
    /// at least half of the nodes that answered return it. A receipt that does not prove the payment is accepted only
    /// if more than half of them return it. A node that has not reached the receipt's block counts among the nodes that
    /// answered. Otherwise a faulty node could name a block that no other node has reached, and decide alone. Of the
    /// views with the accepted receipt, the method chooses the one with the lower median of the blocks, so that no
    /// single node of several can report too many confirmations.
    ///
    /// If no receipt is accepted, the method chooses among the views of the nodes that have no receipt for these
    /// transactions. It chooses the view that contains the fewest mined transactions of the sender. If there are
    /// several such views, the method chooses the view with the highest block. If, in this view, another transaction
    /// used the nonce, the view is chosen only if more than half of the nodes have no receipt. Returns `nil` if no view
    /// is chosen. The next poll then compares the nodes again.
    ///
    /// A faulty node can therefore delay the detection of a failure. But among three or more nodes that answer, it can
    /// neither hide the receipt that the others return, nor end the payment with a receipt of its own. Of two nodes
    /// that differ, the one whose receipt proves the payment is believed. `SuspectedFailure.find` applies the same
    /// rules to the lower nonces of the payment.
    static func best(_ views: [ChainView], for signedPayment: SignedPayment) async -> ChainView? {
        guard views.count > 1 else { return views.first }
        guard var best = await chosen(from: views, for: signedPayment) else { return nil }
        best.compared = views
        let times = views.map(\.head.timestamp).sorted()
        (best.timestamp, best.upperTimestamp) = (times[(times.count - 1) / 2], times[times.count / 2])
        return best
    }

    /// The view that ``best(_:for:)`` chooses, with the timestamps of its own node.
    private static func chosen(from views: [ChainView], for signedPayment: SignedPayment) async -> ChainView? {
        let byHead = views.sorted { $0.head.number > $1.head.number }
        let target = signedPayment.target
        if let accepted = await VerifiedReceipt.accepted(from: byHead, with: target, of: signedPayment) {
            return accepted.views[accepted.views.count / 2]
        }
        let open = byHead.filter { $0.mined(target, of: signedPayment) == nil }
        guard let view = open.min(by: { $0.nonce < $1.nonce }) else { return nil }
        return view.nonce <= target || open.count > views.count - open.count ? view : nil
    }
}

extension EthereumNode {
    /// The maximum number of JSON-RPC calls in one batch. Every node has its own limit, between 100 and 1000 calls, and
    /// refuses larger batches.
    static let batchSize = 100

    /// Sends any number of JSON-RPC calls to the node, in batches of ``batchSize``. All calls must have the same type
    /// of result.
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

/// A receipt that one or more nodes returned in answer to the poll and to a second query, and the views of these nodes.
struct VerifiedReceipt: Sendable {
    /// The views of the nodes that returned the receipt for both queries, in the order in which the caller of
    /// `accepted` passed the views. The array is never empty.
    let views: [ChainView]
    /// The transaction of the receipt.
    let step: SignedPayment.Step
    let receipt: Receipt
    /// Whether the receipt proves that the transaction did what this payment requires of it. For a transaction with the
    /// nonce ``SignedPayment/target``, it proves the payment. For another transaction, such as an approval, it proves
    /// the success of the transaction.
    let isProof: Bool

    /// The members of a receipt on which the nodes must agree. The remaining members of the receipt can differ between
    /// nodes.
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

    /// The receipt of a transaction with this nonce that enough of the nodes return. A proof is accepted if at least
    /// half of the nodes return it, and any other receipt only if more than half of them return it. Returns `nil` if no
    /// receipt is accepted.
    static func accepted(
        from views: [ChainView], with nonce: UInt64, of signedPayment: SignedPayment
    ) async -> VerifiedReceipt? {
        await all(of: views, with: nonce, of: signedPayment).first { receipt in
            let against = views.count - receipt.views.count
            return receipt.isProof ? receipt.views.count >= against : receipt.views.count > against
        }
    }

    /// The different receipts in these views of transactions with this nonce. Equal receipts of several nodes are
    /// combined. A node's receipt is included only if the node returns the same receipt for a second query. All nodes
    /// are queried concurrently.
    private static func all(
        of views: [ChainView], with nonce: UInt64, of signedPayment: SignedPayment
    ) async -> [VerifiedReceipt] {
        let standing = await withTaskGroup(of: Int?.self) { group in
            for (index, view) in views.enumerated() {
                guard let (_, receipt) = view.mined(nonce, of: signedPayment) else { continue }
                group.addTask { await view.reverify(receipt) ? index : nil }
            }
            var indices: Set<Int> = []
            for await index in group { if let index { indices.insert(index) } }
            return indices.sorted()
        }
        var (order, groups): ([Content], [Content: [ChainView]]) = ([], [:])
        for view in standing.map({ views[$0] }) {
            guard let (_, receipt) = view.mined(nonce, of: signedPayment) else { continue }
            let content = Content(receipt)
            if groups[content] == nil { order.append(content) }
            groups[content, default: []].append(view)
        }
        return order.compactMap { content in
            guard let views = groups[content], let (step, receipt) = views[0].mined(nonce, of: signedPayment) else {
                return nil
            }
            let isProof =
                nonce == signedPayment.target
                ? Settlement.isProof(receipt, of: step, signedPayment)
                : views[0].hasSucceeded(nonce, of: signedPayment)
            return VerifiedReceipt(views: views, step: step, receipt: receipt, isProof: isProof)
        }
    }
}
