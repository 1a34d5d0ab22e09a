import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockRequests

/// Why a payment cannot be made any more, as far as one look at the chain tells.
enum SuspectedFailure {
    /// The deadline is past, which it names.
    case late(String)
    /// A nonce was used by a transaction that is none of the payment's.
    case taken(UInt64, by: KnownTransaction?)
    /// A transaction that has to come before it did not do what it was to do.
    case failed(SignedPayment.Step, Receipt)
    /// It looks as if a nonce were taken, but a node still knows the payment's own transaction.
    case unclear

    var isClear: Bool { if case .unclear = self { false } else { true } }

    /// How often in a row it has to be seen before it is believed: a node may be one whose parts are not of one mind. What
    /// names the transaction that is in the way shows more than a number does.
    var requiredSightings: Int {
        switch self {
        case .late, .failed: 2
        case .taken(_, let taker): taker == nil ? 3 : 2
        case .unclear: .max  // It is no obstacle yet.
        }
    }

    /// - Parameter hasLeft: whether the payment's own transaction may be out there already: then only its own nonce
    ///   decides.
    static func find(
        in view: ChainView, of signedPayment: SignedPayment, hasLeft: Bool, isCancelling: Bool, _ nodes: Nodes
    ) async -> SuspectedFailure? {
        var passed = signedPayment.nonces.filter { $0 < view.nonce }
        if hasLeft || isCancelling { passed = passed.filter { $0 == signedPayment.target } }
        for nonce in passed {
            guard let (step, receipt) = view.mined(nonce, of: signedPayment) else {
                return await taken(nonce, view, signedPayment, nodes)
            }
            if step.role == .cancel || !receipt.succeeded {
                return await view.reverify(receipt) ? .failed(step, receipt) : .unclear
            }
        }
        // That it is too late is no reason to leave its nonce open.
        guard !isCancelling else { return nil }
        let now = UInt256(view.head.timestamp)
        if let request = signedPayment.reading?.request, type(of: request).isKeptByContract {
            guard let expires = request.terms.expires, UInt256(expires.seconds) < now else { return nil }
            return .late("\(expires)")
        }
        // No contract refuses a transfer that is late: it is not sent, but once it was it can be mined.
        guard !hasLeft, let expires = signedPayment.request?.expires, UInt256(expires.seconds) < now else { return nil }
        return .late("\(expires)")
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

/// Finds which transaction of an account took a nonce.
enum NonceSearch {
    /// How far back it looks: as far as most nodes keep the state of old blocks.
    static let depth: UInt64 = 128

    /// The transaction, or `nil` when the node cannot tell. Halving finds the block by the account's own count.
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
