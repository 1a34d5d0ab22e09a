import EthereumTypes
public import Problems
import Secp256k1
public import Transactions

extension Payment {
    /// Decodes every transaction afresh, and compares what it is with what the file says: hash, nonce, chain, sender,
    /// and the comparison code over all of them.
    ///
    /// - Returns: the decoded transactions, in the file's order.
    public func verify() throws(ProblemList) -> [SignedTransaction] {
        var problems: [Problem] = []
        var decoded: [SignedTransaction] = []
        for (index, transaction) in transactions.enumerated() {
            let place = "/transactions/\(index)"
            do throws(TransactionError) {
                let signed = try SignedTransaction(raw: transaction.raw)
                problems += mismatches(of: signed, with: transaction, at: place)
                decoded.append(signed)
            } catch {
                problems += error.problems.map { $0.at("\(place)/raw") }
            }
        }
        let expected = ComparisonCode.code(over: decoded.map(\.transaction.signingHash))
        if problems.isEmpty, expected != code {
            problems.append(Problem(PaymentFileRule.codeMismatch, at: "/code", saw: code, expected: expected))
        }
        if let all = ProblemList(problems) { throw all }
        return decoded
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
