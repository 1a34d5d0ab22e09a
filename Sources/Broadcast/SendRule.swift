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
        case .expired: "expired before it was mined: the contract refuses a charge then, and a transfer was not sent"
        case .cancelled: "the payment's own cancel was mined: it will not be paid"
        case .noCancel: "the payment has no cancel transaction"
        case .declined: "not sent: nobody typed the word that was asked for"
        }
    }

    public var next: String {
        switch self {
        case .otherPayment, .notACancel: "do not send it: the file was altered; copy it again or sign again"
        case .permit:
            """
            whoever pays the network fee makes a transaction of the permit's to and data (airlock tx encode); \
            airlock-relay send with that raw transaction sends it, or follows it if it is sent already, until it is settled
            """
        case .noChain: "sign again with a chain id"
        case .mixed: "send the transactions of each payment by themselves"
        case .empty: "give a payment file or raw transactions"
        case .otherHash: "use another node"
        case .pending, .unconfirmed:
            "airlock-relay resume goes on with it, and so does the same command; it is paid once in any case"
        case .reverted: "prepare again: the simulation names what is wrong"
        case .nonceTaken: "look whether that transaction paid; if not, prepare and sign again, with --replace"
        case .expired:
            "ask for a new request; a charge that was sent can still use its nonce and pays nothing: the payment's cancel ends that"
        case .cancelled: "to pay after all, prepare and sign again"
        case .noCancel: "sign another transaction for its nonce, with --replace; the next time sign with --cancel"
        case .declined: "run the command again to be asked again; a code that differs is a payment that was altered"
        }
    }

    public var exit: ExitCode {
        switch self {
        case .otherPayment, .permit, .notACancel, .noChain, .noCancel: .refused
        case .mixed, .empty: .malformedInput
        case .otherHash: .unreachable
        case .pending, .unconfirmed: .pending
        case .reverted: .reverted
        case .nonceTaken: .nonceTaken
        case .expired: .expired
        case .cancelled: .cancelled
        case .declined: .declined
        }
    }
}
