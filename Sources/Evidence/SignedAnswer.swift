import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockRequests
import AirlockSigning
import AirlockStrictJSON
import AirlockTransactions

/// A batch answer. It contains the transactions that were signed for one line of a batch. It has fewer JSON members
/// than a payment file.
struct SignedAnswer {
    let transactions: [Payment.Transaction]
    private let expires: Timestamp?

    init(_ bytes: [UInt8]) throws(ProblemList) {
        if (try? JSONDocument(bytes))?.root["ok"]?.boolean != true {
            throw ProblemList(
                Problem(EvidenceRule.noPlace, at: "/ok", expected: "the answer to a line that was signed"))
        }
        self = try AirlockFile.read(bytes) { reader in
            _ = reader.boolean("ok")
            let transactions: [Payment.Transaction]?
            if reader.optionalValue("raw") == nil {
                transactions = reader.objects("transactions", Payment.Transaction.init)
            } else {
                let raw = reader.string("raw") { try Hex.decode($0) }
                let hash = reader.string("hash") { try Hash(hex: $0) }
                guard let raw, let hash else { return nil }
                do throws(TransactionError) {
                    let nonce = try SignedTransaction(raw: raw).transaction.nonce
                    transactions = [.init(role: .pay, rung: 0, nonce: nonce, hash: hash, raw: raw)]
                } catch {
                    reader.record(error.problems.map { $0.at("/raw") })
                    return nil
                }
            }
            _ = reader.optionalString("reference")
            _ = reader.optionalString(LegacyMembers.name)
            let expires = reader.optionalString("expires") { try Timestamp($0) }
            guard let transactions, !transactions.isEmpty else { return nil }
            return SignedAnswer(transactions: transactions, expires: expires)
        }
    }

    private init(transactions: [Payment.Transaction], expires: Timestamp?) {
        self.transactions = transactions
        self.expires = expires
    }

    /// Converts the batch answer to a payment file. The values that the batch answer does not contain come from the
    /// ledger entry.
    func payment(recordedBy entry: LedgerEntry, _ hash: Hash) throws(ProblemList) -> Payment {
        guard let subject = entry.request else { throw ProblemList(Problem(EvidenceRule.notInLedger)) }
        func payment(_ code: String) -> Payment {
            Payment(
                subject, chain: entry.chain, from: entry.from, expires: expires, policyHash: entry.policyHash,
                ledgerHead: hash, code: code, transactions: transactions)
        }
        // A batch answer contains no comparison code, so the code is computed here.
        return payment(ComparisonCode.code(over: payment("").signingHashes))
    }
}
