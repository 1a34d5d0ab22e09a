public import AirlockDiagnostics

/// Why a payment cannot be prepared or sent, where something else helps than what the rule says.
public enum BroadcastCause: Cause {
    /// The sender has a transaction with a lower nonce to make before.
    case nonceMissing(UInt64)
    /// What the contract may take of the token is too little.
    case allowanceTooSmall
    /// The contract reverted and said nothing.
    case silentRevert
    /// What the payment needs is not mined yet.
    case approvalNotMined
    /// Neither a request nor an option says who pays.
    case payerNotNamed
}
