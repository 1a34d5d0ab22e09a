public import AirlockDiagnostics

/// Why something is not sent, or how what was sent ended other than well. What a node says no to is `NodeRule`.
public enum SendRule: String, Rule {
    case otherPayment = "send.other-payment"
    case permit = "send.permit"
    case notACancel = "send.not-a-cancel"
    case noChain = "send.no-chain-id"
    case mixed = "send.mixed"
    case empty = "send.nothing-to-send"
    case otherHash = "send.other-hash"
    case pending = "send.pending"
    case unconfirmed = "send.unconfirmed"
    case reverted = "send.reverted"
    case nonceTaken = "send.nonce-taken"
    case expired = "send.expired"
    case cancelled = "send.cancelled"
    case noCancel = "send.no-cancel"
    case declined = "send.declined"
    case refusedLine = "send.refused-line"
    case sameNonce = "send.same-nonce"
    case heldBack = "send.held-back"

    public var meaning: String {
        switch self {
        case .otherPayment: "a transaction does not pay what the file says"
        case .permit: "the payment is a permit: there is no transaction of the payer's to send"
        case .notACancel: "a transaction that the file calls a cancel does more than that"
        case .noChain: "the transaction is bound to no chain, so that it could be sent again on another"
        case .mixed: "the transactions do not belong to one payment"
        case .empty: "there is no transaction to send"
        case .otherHash: "the node gave the transaction another hash than it has"
        case .pending: "sent, and not yet mined when the wait ended"
        case .unconfirmed: "mined, and not yet confirmed as often as asked for when the wait ended"
        case .reverted: "mined, but reverted: nothing was paid, and the gas is gone"
        case .nonceTaken: "another transaction of the sender took the nonce, so this one can never be mined"
        case .expired: "expired before it was mined or sent"
        case .cancelled: "the payment's own cancel was mined: it will not be paid"
        case .noCancel: "the payment has no cancel transaction"
        case .declined: "not sent: nobody typed the word that was asked for"
        case .refusedLine: "this line says that its payment was refused, so there is nothing to send"
        case .sameNonce: "two payments of one sender use the same nonce, and at most one of them can be mined"
        case .heldBack: "not sent, since a payment before it was not"
        }
    }
}
