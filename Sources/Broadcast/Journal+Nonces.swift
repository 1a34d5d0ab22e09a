public import AirlockEthereumTypes

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
                guard let code = row.optionalText("code"), let nonce = row.optionalText("nonce").flatMap({ UInt64($0) })
                else { return nil }
                return HeldNonce(nonce: nonce, code: code, intentID: row.optionalText("intent_id"))
            }
        }
    }
}
