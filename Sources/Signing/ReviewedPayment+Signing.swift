import TransferProtocol
public import PaymentFiles
import Problems
public import SecretKeys
import Secp256k1
import Transactions

extension ReviewedPayment {
    /// Signs, and checks the result afresh before it lets it out.
    public func sign(with key: borrowing SecretKey, _ consent: Consent) throws -> Payment {
        _ = consent
        let signature = try key.sign(transaction.signingHash)
        let raw = try SignedTransaction(transaction, signature).raw
        let signed = try SelfCheck.verify(raw, of: self, publicKey: key.publicKey)
        let contents = call.charge.contents
        return Payment(
            chargeID: contents.id, intentID: contents.intent.id, chain: contents.chain, from: contents.sender,
            method: call.method.rawValue, expires: contents.deadline, policyHash: request.policy.hash,
            ledgerHead: nil, code: code,
            transactions: [
                Payment.Transaction(
                    role: .pay, rung: 0, nonce: transaction.nonce, hash: signed.hash, raw: raw)
            ])
    }
}
