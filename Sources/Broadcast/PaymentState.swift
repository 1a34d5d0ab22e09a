/// How far a payment has come, as the journal knows it.
public enum PaymentState: String, CaseIterable, Sendable {
    /// Written down; nothing has been sent for certain.
    case recorded
    /// A node has taken it.
    case sent
    /// In a block; whether it stays there and did what it was to do is not certain yet.
    case mined
    /// The contract's event proves it.
    case settled
    case reverted
    /// Another transaction took the nonce.
    case replaced
    /// The intent's deadline passed before it was mined.
    case expired
    /// Its own cancel was mined.
    case cancelled
}
