import AirlockEthereumTypes
import AirlockPaymentFiles

/// A number that is good for one signature: of an account's transactions, or of its permits of one token. The two are
/// counted apart, so that nonce 7 of the one says nothing of nonce 7 of the other.
struct LedgerNonce: Hashable, Sendable {
    /// The token that counts it; `nil` for the account's own.
    let token: Address?
    let number: UInt64
}

extension LedgerEntry {
    /// `nil` for what has no nonce.
    func nonce(of transaction: Transaction) -> LedgerNonce? {
        guard let number = transaction.nonce else { return nil }
        // A permit is of the token that is spent, and nothing else is spent by it.
        let isPermit = transaction.role == Payment.Role.permit.rawValue
        return LedgerNonce(token: isPermit ? spends.first?.currency : nil, number: number)
    }

    func uses(_ nonce: LedgerNonce) -> Bool { transactions.contains { self.nonce(of: $0) == nonce } }
}
