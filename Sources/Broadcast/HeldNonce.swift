import AirlockRequests

/// A nonce of the payer's that a payment holds: the journal knows its transaction, and no block is known to have it.
public struct HeldNonce: Hashable, Sendable {
    public let nonce: UInt64
    /// The payment's comparison code.
    public let code: String
    /// `nil` for raw transactions whose call is not known.
    public let intentID: String?

    /// The nonce for the next payment: what the nodes say, or the one after all that are held.
    ///
    /// A nonce that the same request's own payment holds is left out: signing it anew replaces that payment, and a second
    /// payment of the request would be refused.
    static func next(
        after held: [HeldNonce], from said: UInt64, for reference: Reference
    ) -> (nonce: UInt64, notes: [Preparation.Note]) {
        let open = held.filter { $0.nonce >= said && $0.nonce < .max }
        let id = reference.legacy.map { "\($0)" } ?? "\(reference.key)"
        let others = open.filter { $0.intentID != id }
        let (nonce, before) = next(after: others, from: said)
        var notes = before
        if let own = open.first(where: { $0.intentID == id }) {
            notes.append(
                Preparation.Note(
                    "the journal knows payment \(own.code) of this \(reference.kind) with nonce \(own.nonce)",
                    next: .replace(nonce: own.nonce)))
        }
        let (following, overflow) = nonce.addingReportingOverflow(1)
        if !overflow {
            notes.append(
                Preparation.Note(
                    "nonce \(nonce) is given, and is given again until this payment is sent",
                    next: .following(nonce: following, kind: reference.kind)))
        }
        return (nonce, notes)
    }

    /// The same for payments that hold none of them.
    static func next(after held: [HeldNonce], from said: UInt64) -> (nonce: UInt64, notes: [Preparation.Note]) {
        let last = held.filter { $0.nonce >= said && $0.nonce < .max }.max { $0.nonce < $1.nonce }
        let nonce = last.map { $0.nonce + 1 } ?? said
        guard let last else { return (nonce, []) }
        return (
            nonce,
            [
                Preparation.Note(
                    "nonce \(nonce) comes after payment \(last.code), which the journal knows with nonce \(last.nonce) "
                        + "and no block holds yet", next: .otherNonce)
            ]
        )
    }
}
