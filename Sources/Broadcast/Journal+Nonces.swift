public import EthereumTypes

extension Journal {
    /// The nonces of a sender's payments that are not mined, as far as the journal knows.
    public func heldNonces(of sender: Address, on chain: Chain) throws(JournalError) -> [HeldNonce] {
        try read { database throws(JournalError) in
            let rows = try database.execute(
                """
                SELECT DISTINCT code, intent_id, nonce FROM payments
                JOIN steps ON steps.payment = payments.id JOIN transactions USING (hash)
                WHERE sender = ? AND chain_id = ? AND state IN ('recorded', 'sent')
                """, [.text("\(sender)"), .text("\(chain.id)")])
            return rows.compactMap { row in
                guard case .text(let code)? = row["code"], case .text(let nonce)? = row["nonce"],
                    let nonce = UInt64(nonce)
                else { return nil }
                let intentID: String? = if case .text(let id)? = row["intent_id"] { id } else { nil }
                return HeldNonce(nonce: nonce, code: code, intentID: intentID)
            }
        }
    }
}
