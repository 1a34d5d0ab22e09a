import AirlockEthereumTypes
import AirlockJSONRPC

/// Finds which transaction of an account took a nonce.
enum NonceTaker {
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
