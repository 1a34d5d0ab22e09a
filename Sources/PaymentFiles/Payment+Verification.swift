public import AirlockEthereumTypes
public import AirlockDiagnostics
import AirlockSecp256k1
public import AirlockTransactions

extension Payment {
    /// Decodes every transaction afresh, and compares what it is with what the file says: hash, nonce, chain, sender,
    /// and the comparison code over all of them. Of a permit: that the payer signed its digest.
    ///
    /// - Returns: the decoded transactions, in the file's order; none of a permit.
    public func verify() throws(ProblemList) -> [SignedTransaction] {
        var problems: [Problem] = []
        var decoded: [SignedTransaction] = []
        var signingHashes: [Hash] = []
        for (index, transaction) in transactions.enumerated() {
            let place = "/transactions/\(index)"
            if let permit = transaction.permit {
                problems += signatureProblems(permit, over: transaction.hash, at: "\(place)/signature")
                signingHashes.append(transaction.hash)
            }
            guard let raw = transaction.raw else { continue }
            do throws(TransactionError) {
                let signed = try SignedTransaction(raw: raw)
                signingHashes.append(signed.signingHash)
                // What all of the transactions differ in from the file is one problem.
                problems += mismatches(of: signed, with: transaction, at: place).filter { !problems.contains($0) }
                decoded.append(signed)
            } catch {
                problems += error.problems.map { $0.at("\(place)/raw") }
            }
        }
        let expected = ComparisonCode.code(over: signingHashes)
        if problems.isEmpty, expected != code {
            problems.append(Problem(PaymentFileRule.codeMismatch, at: "/code", saw: code, expected: expected))
        }
        if let all = ProblemList(problems) { throw all }
        return decoded
    }

    /// What the payer signed, in the file's order; of a permit its digest. They are what the code is over.
    public var signingHashes: [Hash] {
        transactions.compactMap { transaction in
            transaction.raw.map { (try? SignedTransaction(raw: $0))?.signingHash } ?? transaction.hash
        }
    }

    /// The form is the contract's: v is 27 or 28, and s low.
    private func signatureProblems(_ permit: Permit, over digest: Hash, at place: String) -> [Problem] {
        do throws(SignatureError) {
            let signature = try Signature(permit.signature, accepting: .only27Or28)
            try signature.requireLowS()
            let signer = try signature.recoverAddress(digest: digest)
            guard signer != from else { return [] }
            return [
                Problem(PaymentFileRule.senderMismatch, at: "/from", saw: "\(from)", expected: "\(signer)")
            ]
        } catch {
            return error.problems.map { $0.at(place) }
        }
    }

    private func mismatches(
        of signed: SignedTransaction, with said: Transaction, at place: String
    ) -> [Problem] {
        var problems: [Problem] = []
        func compare<Value: Equatable>(
            _ rule: PaymentFileRule, _ field: String, _ saw: Value, _ expected: Value
        ) {
            guard saw != expected else { return }
            problems.append(Problem(rule, at: field, saw: "\(saw)", expected: "\(expected)"))
        }
        compare(.hashMismatch, "\(place)/hash", said.hash, signed.hash)
        compare(.nonceMismatch, "\(place)/nonce", said.nonce, signed.transaction.nonce)
        compare(.chainMismatch, "/chainId", chain.id, signed.transaction.chainID ?? 0)
        do throws(SignatureError) {
            compare(.senderMismatch, "/from", from, try signed.sender)
        } catch {
            problems += error.problems.map { $0.at("\(place)/raw") }
        }
        return problems
    }
}
