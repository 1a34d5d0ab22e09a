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
    /// It was too late before it was mined.
    case expired
    /// Its own cancel was mined.
    case cancelled

    /// Whether the chain may still change it. A payment that is mined has ended, too, when nothing more can be proved of
    /// it: then its call is not known.
    public var isOpen: Bool {
        switch self {
        case .recorded, .sent, .mined: true
        case .settled, .reverted, .replaced, .expired, .cancelled: false
        }
    }
}
