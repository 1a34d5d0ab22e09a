import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockRequests

/// The reason why a payment seems to have failed, according to one poll of the nodes.
enum SuspectedFailure {
    /// The deadline of the payment has passed. The associated value is this deadline.
    case late(String)
    /// A transaction that does not belong to the payment used a nonce of the payment. The associated values are the
    /// nonce and the transaction that used it. The transaction is `nil` if it was not found.
    case taken(UInt64, by: KnownTransaction?)
    /// A transaction of the payment reverted, or the payment's cancel transaction was mined.
    case failed(SignedPayment.Step, Receipt)
    /// A nonce of the payment is used, but it is not certain which transaction used the nonce. Either a node still has
    /// the payment's transaction with this nonce, or the receipt of the mined transaction could not be verified, or the
    /// nodes differ. Or it is not certain that the deadline has passed, because the times of the nodes differ.
    case unclear

    var isClear: Bool { if case .unclear = self { false } else { true } }

    /// The number of consecutive polls that must show the failure before the relay treats the payment as failed. A
    /// single poll is not enough, because one URL may belong to a cluster of nodes that do not agree. If a nonce of the
    /// payment is used by an unknown transaction, more polls are needed.
    var requiredSightings: Int {
        switch self {
        case .late, .failed: 2
        case .taken(_, let taker): taker == nil ? 3 : 2
        case .unclear: .max  // This case never ends a payment.
        }
    }

    /// Looks for a reason why the payment has failed. Returns `nil` if there is no such reason.
    ///
    /// - Parameters:
    ///   - view: the state of the chain as one node sees it. If other nodes answered the same poll, their receipts are
    ///     compared with those of this node, as ``ChainView/best(_:for:)`` compares the receipts of the payment itself.
    ///   - signedPayment: the payment.
    ///   - hasLeft: whether a node may already have the transaction that makes the payment. If so, only the nonce of
    ///     this transaction is checked, and not the nonces of the payment's earlier transactions.
    ///   - isCancelling: whether the payment's cancel transactions are being sent.
    ///   - nodes: the nodes to query for more information.
    static func find(
        in view: ChainView, of signedPayment: SignedPayment, hasLeft: Bool, isCancelling: Bool, _ nodes: Nodes
    ) async -> SuspectedFailure? {
        var passed = signedPayment.nonces.filter { $0 < view.nonce }
        if hasLeft || isCancelling { passed = passed.filter { $0 == signedPayment.target } }
        for nonce in passed {
            if view.all.allSatisfy({ $0.hasSucceeded(nonce, of: signedPayment) }) { continue }
            if let accepted = await VerifiedReceipt.accepted(from: view.all, with: nonce, of: signedPayment) {
                if accepted.isProof { continue }
                return .failed(accepted.step, accepted.receipt)
            }
            let open = view.all.count { $0.mined(nonce, of: signedPayment) == nil }
            guard open > view.all.count - open else { return .unclear }
            return await taken(nonce, view, signedPayment, nodes)
        }
        // While the payment is being cancelled, ignore the deadline. A cancel transaction is useful even after the
        // deadline, because it uses up the nonce.
        guard !isCancelling else { return nil }
        if let request = signedPayment.reading?.request, type(of: request).isKeptByContract {
            return request.terms.expires.flatMap { compare($0, with: view) }
        }
        // No contract enforces the deadline of this payment, for example of a transfer. The relay does not send the
        // payment after the deadline. But if the payment was sent before the deadline, it can still be mined. In this
        // case, a passed deadline is not a failure.
        guard !hasLeft, let expires = signedPayment.request?.expires else { return nil }
        return compare(expires, with: view)
    }

    /// Compares a deadline with the time of the chain. Returns `nil` if the deadline has not passed. If the upper
    /// median of the nodes' times is past the deadline and the lower is not, the payment is neither ended nor sent.
    private static func compare(_ deadline: Timestamp, with view: ChainView) -> SuspectedFailure? {
        let seconds = UInt256(deadline.seconds)
        if seconds < UInt256(view.timestamp) { return .late("\(deadline)") }
        return seconds < UInt256(view.upperTimestamp) ? .unclear : nil
    }

    private static func taken(
        _ nonce: UInt64, _ view: ChainView, _ signedPayment: SignedPayment, _ nodes: Nodes
    ) async -> SuspectedFailure {
        let own = signedPayment.steps(with: nonce).map(\.hash)
        if let taker = await NonceSearch.find(nonce, of: signedPayment.sender, upTo: view.head.number, view.node) {
            return own.contains(taker.hash) ? .unclear : .taken(nonce, by: taker)
        }
        return await nodes.knowing(own).contains(true) ? .unclear : .taken(nonce, by: nil)
    }
}

/// Finds the transaction that used a given nonce of an account.
enum NonceSearch {
    /// The number of recent blocks to search. The search needs the state after a block, and most nodes keep it only for
    /// recent blocks.
    static let depth: UInt64 = 128

    /// Finds the transaction of the account `sender` with the given nonce. A binary search over the account's
    /// transaction count finds the block that contains this transaction. Returns `nil` if the transaction is not found,
    /// or if the node does not have the state of a block.
    static func find(
        _ nonce: UInt64, of sender: Address, upTo head: UInt64, _ node: EthereumNode
    ) async -> KnownTransaction? {
        do throws(NodeError) {
            var (low, high) = (head > depth ? head - depth : 0, head)
            guard try await node.transactionCount(of: sender, at: .number(low)) <= nonce else { return nil }
            while low + 1 < high {
                let middle = low + (high - low) / 2
                if try await node.transactionCount(of: sender, at: .number(middle)) > nonce {
                    high = middle
                } else {
                    low = middle
                }
            }
            return try await node.transactions(in: .number(high))?.first { $0.from == sender && $0.nonce == nonce }
        } catch { return nil }
    }
}
