public import AirlockEthereumTypes
public import AirlockPaymentFiles
import AirlockDiagnostics
public import AirlockTransactions
import AirlockKeccak
import Synchronization

/// One transaction that would be signed, and its purpose.
public struct PlannedTransaction: Hashable, Sendable {
    public let role: Payment.Role
    /// The position of this transaction among the transactions that differ only in their fees. The transaction with the
    /// lowest fee has the position 0. `nil` for a cancelling transaction, and for an approval that is signed only once.
    public let rung: UInt64?
    public let transaction: UnsignedTransaction
    let pendingHash: PendingHash

    /// The hash that the key signs. It is computed once. The review, the ledger and the signature use it.
    public var signingHash: Hash { pendingHash.value }

    init(role: Payment.Role, rung: UInt64?, transaction: UnsignedTransaction) {
        self.role = role
        self.rung = rung
        self.transaction = transaction
        pendingHash = PendingHash(of: transaction.encoded)
    }

    // The function `==` does not compare the hashes, because equal transactions always have equal hashes.
    public static func == (left: PlannedTransaction, right: PlannedTransaction) -> Bool {
        left.role == right.role && left.rung == right.rung && left.transaction == right.transaction
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(role)
        hasher.combine(rung)
        hasher.combine(transaction)
    }
}

/// A hash that is computed when it is first used. It can also be computed earlier, together with other hashes. This is
/// faster, because a processor can hash several messages at once in little more time than one message takes.
final class PendingHash: Sendable {
    private enum State {
        case pending([UInt8])
        case known(Hash)
    }

    private let state: Mutex<State>

    init(of message: [UInt8]) { state = Mutex(.pending(message)) }

    var value: Hash {
        state.withLock { state in
            switch state {
            case .known(let hash): return hash
            case .pending(let message):
                let hash = Hash.keccak(message)
                state = .known(hash)
                return hash
            }
        }
    }

    /// Computes those of the given hashes that have not been computed yet.
    static func compute(_ hashes: [PendingHash]) {
        var pending: [PendingHash] = []
        var messages: [[UInt8]] = []
        for hash in hashes {
            guard case .pending(let message) = hash.state.withLock({ $0 }) else { continue }
            pending.append(hash)
            messages.append(message)
        }
        for (place, digest) in Keccak256.hash(many: messages).enumerated() {
            pending[place].state.withLock { $0 = .known(Hash(digest)) }
        }
    }
}

/// All transactions of a payment: the approvals before the payment, the payment itself, the same transactions with
/// higher fees, and the transactions that cancel the payment.
struct Plan {
    private(set) var transactions: [PlannedTransaction] = []

    /// The values that all transactions of a plan share.
    struct Terms {
        let chain: Chain
        let from: Address
        let nonce: UInt64
        let maxFee: UInt256
        let priorityFee: UInt256
        let rungs: UInt64
        let cancels: Bool
    }

    /// One step of the plan: a call, and the gas for the call. The transaction with this call is signed once, or
    /// several times with rising fees.
    struct Step {
        let role: Payment.Role
        let to: Address
        let value: UInt256
        let data: [UInt8]
        let gas: UInt64
        var accessList: [AccessListEntry] = []
    }

    /// Makes the transactions for all steps, with consecutive nonces. Returns `nil` if a nonce or a fee overflows.
    init?(_ steps: [Step], _ terms: Terms) {
        var fees: [(max: UInt256, priority: UInt256)] = [(terms.maxFee, terms.priorityFee)]
        // `fees` lists the rising fees. The transaction of each step is signed once with each of these fees. Exception:
        // if there are cancelling transactions, the last and highest fee is used only for them.
        while fees.count < terms.rungs + (terms.cancels ? 1 : 0) {
            guard let last = fees.last, let max = Self.raised(last.max), let priority = Self.raised(last.priority)
            else { return nil }
            fees.append((max, priority))
        }
        func transaction(_ nonce: UInt64, _ fee: (max: UInt256, priority: UInt256), _ step: Step) -> UnsignedTransaction
        {
            UnsignedTransaction(
                nonce: nonce, gas: step.gas, to: step.to, value: step.value, data: step.data,
                form: .dynamicFee(
                    chainID: terms.chain.id, maxPriorityFeePerGas: fee.priority, maxFeePerGas: fee.max,
                    accessList: step.accessList))
        }
        for (offset, step) in steps.enumerated() {
            let (nonce, overflow) = terms.nonce.addingReportingOverflow(UInt64(offset))
            guard !overflow else { return nil }
            for rung in 0..<terms.rungs {
                let said = step.role == .pay || terms.rungs > 1 ? rung : nil
                transactions.append(
                    PlannedTransaction(
                        role: step.role, rung: said, transaction: transaction(nonce, fees[Int(rung)], step)))
            }
        }
        guard terms.cancels, let highest = fees.last else { return }
        for nonce in Set(transactions.map(\.transaction.nonce)).sorted() {
            let step = Step(role: .cancel, to: terms.from, value: .zero, data: [], gas: Self.cancelGas)
            transactions.append(
                PlannedTransaction(role: .cancel, rung: nil, transaction: transaction(nonce, highest, step)))
        }
    }

    /// The gas limit of a cancelling transaction. It is the minimum gas of a transaction, because a transfer to oneself
    /// uses no more.
    static let cancelGas: UInt64 = 21_000

    /// Raises a fee by an eighth, rounded up, and by at least 1 wei. Nodes require such an increase before they replace
    /// a transaction. Returns `nil` if the fee overflows.
    static func raised(_ fee: UInt256) -> UInt256? {
        guard let (quotient, remainder) = fee.quotientAndRemainder(dividingBy: 8),
            let eighth = remainder.isZero ? quotient : quotient.adding(1)
        else { return nil }
        return fee.adding(max(1, eighth))
    }
}

extension [PlannedTransaction] {
    /// The highest possible network fee of all transactions together. Only one transaction is mined for each nonce. So
    /// for each nonce, the transaction with the highest fee is counted. `nil` if the sum overflows.
    var worstNetworkFee: UInt256? {
        var dearest: [UInt64: UInt256] = [:]
        for planned in self {
            guard let fee = planned.transaction.maxNetworkFee else { return nil }
            let nonce = planned.transaction.nonce
            dearest[nonce] = Swift.max(dearest[nonce] ?? .zero, fee)
        }
        return dearest.values.reduce(UInt256.zero as UInt256?) { sum, fee in sum?.adding(fee) }
    }

    /// The transaction that makes the payment. If this transaction is signed several times with different fees, this is
    /// the one with the lowest fees.
    var payment: UnsignedTransaction? { first { $0.role == .pay }?.transaction }
}

extension UnsignedTransaction {
    /// Whether this transaction has the same effect and the same fees as another transaction. The two transactions can
    /// be of different types.
    func says(theSameAs other: UnsignedTransaction) -> Bool {
        nonce == other.nonce && gas == other.gas && to == other.to && value == other.value && data == other.data
            && chainID == other.chainID && maxFeePerGas == other.maxFeePerGas
            && maxPriorityFeePerGas == other.maxPriorityFeePerGas && accessList == other.accessList
    }
}
