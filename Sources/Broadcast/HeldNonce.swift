/// A nonce of the payer's that a payment holds: the journal knows its transaction, and no block is known to have it.
public struct HeldNonce: Hashable, Sendable {
    public let nonce: UInt64
    /// The payment's comparison code.
    public let code: String
    /// `nil` for raw transactions whose call is not known.
    public let intentID: String?

    /// The nonce for the next payment: what the nodes say, or the one after all that are held.
    ///
    /// A nonce that the same intent's own payment holds is left out: signing it anew replaces that payment, and a second
    /// payment of the intent would be refused by the contract.
    static func next(
        after held: [HeldNonce], from said: UInt64, for intent: some CustomStringConvertible
    ) -> (nonce: UInt64, notes: [String]) {
        let open = held.filter { $0.nonce >= said && $0.nonce < .max }
        let others = open.filter { $0.intentID != intent.description }
        let last = others.max { $0.nonce < $1.nonce }
        let nonce = last.map { $0.nonce + 1 } ?? said
        var notes: [String] = []
        if let last {
            notes.append(
                "nonce \(nonce) comes after payment \(last.code), which the journal knows with nonce \(last.nonce) and "
                    + "no block holds yet; if that one is not to be sent, give airlock sign --nonce")
        }
        if let own = open.first(where: { $0.intentID == intent.description }) {
            notes.append(
                "the journal knows payment \(own.code) of this charge with nonce \(own.nonce): to replace it, give "
                    + "airlock sign --nonce \(own.nonce) --replace HASH")
        }
        let (following, overflow) = nonce.addingReportingOverflow(1)
        if !overflow {
            notes.append(
                "nonce \(nonce) is given, and is given again until this payment is sent: sign the next charge with "
                    + "--nonce \(following), or several as a folder")
        }
        return (nonce, notes)
    }
}
