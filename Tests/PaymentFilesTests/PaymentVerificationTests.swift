import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSecp256k1
import Testing
import AirlockTransactions

/// A payment file that contradicts its transactions, and the problems that must be reported.
struct MismatchedPayment: CustomStringConvertible, Sendable {
    let description: String
    let file: SampleFile
    let refusals: [Refusal]

    init(_ name: String, _ file: SampleFile, _ refusals: Refusal...) {
        self.description = name
        self.file = file
        self.refusals = refusals
    }
}

@Suite("Verifying a payment file")
struct PaymentVerificationTests {
    @Test("gives its transactions, where they are what the file says")
    func holds() throws {
        #expect(try Payment(SampleFile.payment.bytes).verify() == [signed()])
        let two = [try signed(nonce: 7, data: []), try signed(nonce: 8)]
        let code = ComparisonCode.code(over: two.map(\.transaction.signingHash))
        let file = SampleFile.payment(
            of: [.transaction(two[0], role: "approve", rung: nil), .transaction(two[1])], code: code)
        #expect(try Payment(file.bytes).verify() == two)
        // A permit is not a transaction, so the list of transactions is empty.
        #expect(try Payment(SampleFile.permitPayment.bytes).verify() == [])
    }

    static let mismatches: [MismatchedPayment] = {
        do { return try table() } catch { preconditionFailure("\(error)") }
    }()

    private static func code(_ transactions: SignedTransaction...) -> String {
        ComparisonCode.code(over: transactions.map(\.transaction.signingHash))
    }

    private static func table() throws -> [MismatchedPayment] {
        let right = try signed()
        let later = try signed(nonce: 8)
        let elsewhere = try signed(chain: 1)
        let stranger = try signed(by: .stranger)
        let transaction = SampleFile.transaction(right)
        func payment(_ transactions: SampleFile..., code: String) -> SampleFile {
            .payment(of: transactions, code: code)
        }
        // A legacy transaction without a chain id is valid on every chain.
        var unsigned = right.transaction
        unsigned.form = .legacy(chainID: nil, gasPrice: 30_000_000)
        let everywhere = try SignedTransaction(unsigned, SampleKey.payer.sign(unsigned.signingHash))
        // No point of the curve has x = 5, so no key can be recovered from a signature with r = 5.
        let lost = try SignedTransaction(
            right.transaction, Signature(r: UInt256(5).word, s: right.signature.s, yParity: 0))
        let permitted = try SampleKey.payer.sign(.keccak([7])).bytes
        let permitCode = ComparisonCode.code(over: [.keccak([7])])
        return [
            MismatchedPayment(
                "another hash", payment(transaction.with("hash", quoted(Hash.keccak([9]))), code: code(right)),
                Refusal("payment.hash-mismatch", "/transactions/0/hash")),
            MismatchedPayment(
                "the signing hash for the hash",
                payment(transaction.with("hash", quoted(right.transaction.signingHash)), code: code(right)),
                Refusal("payment.hash-mismatch", "/transactions/0/hash")),
            MismatchedPayment(
                "another nonce", payment(transaction.with("nonce", "\"8\""), code: code(right)),
                Refusal("payment.nonce-mismatch", "/transactions/0/nonce")),
            MismatchedPayment(
                "another chain", payment(.transaction(elsewhere), code: code(elsewhere)),
                Refusal("payment.chain-mismatch", "/chainId")),
            MismatchedPayment(
                "every chain", payment(.transaction(everywhere), code: code(everywhere)),
                Refusal("payment.chain-mismatch", "/chainId")),
            MismatchedPayment(
                "another sender", payment(.transaction(stranger), code: code(stranger)),
                Refusal("payment.sender-mismatch", "/from")),
            MismatchedPayment(
                "another sender in the file", .payment.with("from", quoted(SampleKey.stranger.address)),
                Refusal("payment.sender-mismatch", "/from")),
            MismatchedPayment(
                "another sender in the file of several transactions",
                payment(transaction, .transaction(later), code: code(right, later))
                    .with("from", quoted(SampleKey.stranger.address)),
                Refusal("payment.sender-mismatch", "/from")),
            MismatchedPayment(
                "the code of other transactions", payment(transaction, code: code(later)),
                Refusal("payment.code-mismatch", "/code")),
            MismatchedPayment(
                "the code in lower case", payment(transaction, code: code(right).lowercased()),
                Refusal("payment.code-mismatch", "/code")),
            MismatchedPayment(
                "the code in another order", payment(transaction, .transaction(later), code: code(later, right)),
                Refusal("payment.code-mismatch", "/code")),
            MismatchedPayment(
                "one of two transactions", payment(transaction, code: code(right, later)),
                Refusal("payment.code-mismatch", "/code")),
            MismatchedPayment(
                "the same transaction twice", payment(transaction, transaction, code: code(right, right)),
                Refusal("payment.repeated-transaction", "/transactions/1")),
            MismatchedPayment(
                "the second transaction for the first",
                payment(.transaction(later).with("nonce", "\"7\""), transaction, code: code(later, right)),
                Refusal("payment.nonce-mismatch", "/transactions/0/nonce")),
            MismatchedPayment(
                "bytes that are no transaction", payment(transaction.with("raw", "\"0x02\""), code: code(right)),
                Refusal("rlp.missing-item", "/transactions/0/raw")),
            MismatchedPayment(
                "an unsigned transaction",
                payment(transaction.with("raw", quoted(Hex.encode(right.transaction.encoded))), code: code(right)),
                Refusal("transaction.not-signed", "/transactions/0/raw")),
            MismatchedPayment(
                "a signature that nobody can have made", payment(.transaction(lost), code: code(lost)),
                Refusal("signature.unrecoverable", "/transactions/0/raw")),
            MismatchedPayment(
                "a permit of another digest", payment(.permit.with("hash", quoted(Hash.keccak([9]))), code: permitCode),
                Refusal("payment.sender-mismatch", "/from")),
            MismatchedPayment(
                "a permit with the code of another", payment(.permit, code: code(right)),
                Refusal("payment.code-mismatch", "/code")),
            MismatchedPayment(
                "a permit that somebody else signed",
                payment(.permit.with("signature", quoted(try SampleKey.stranger.sign(.keccak([7])))), code: permitCode),
                Refusal("payment.sender-mismatch", "/from")),
            MismatchedPayment(
                "a permit whose signature is cut",
                payment(.permit.with("signature", "\"0x1b\""), code: permitCode),
                Refusal("signature.wrong-length", "/transactions/0/signature")),
            MismatchedPayment(
                "a permit whose v is a parity",
                payment(.permit.with("signature", quoted(Hex.encode(permitted.dropLast() + [0]))), code: permitCode),
                Refusal("signature.wrong-recovery-byte", "/transactions/0/signature")),
            MismatchedPayment(
                "everything",
                payment(.transaction(elsewhere).with("hash", quoted(Hash.zero)).with("nonce", "\"1\""), code: ""),
                Refusal("payment.hash-mismatch", "/transactions/0/hash"),
                Refusal("payment.nonce-mismatch", "/transactions/0/nonce"),
                Refusal("payment.chain-mismatch", "/chainId")),
        ]
    }

    @Test("refuses what does not fit, at its place", arguments: mismatches)
    func mismatch(_ row: MismatchedPayment) throws {
        let payment = try Payment(row.file.bytes)
        let found = problems { _ = try payment.verify() }
        #expect(found.map { Refusal($0) } == row.refusals)
    }

    @Test("notices every byte of a raw transaction that is altered")
    func bytes() throws {
        let right = try signed()
        for index in right.raw.indices {
            var raw = right.raw
            raw[index] ^= 1
            let file = SampleFile.payment(
                of: [SampleFile.transaction.with("raw", quoted(Hex.encode(raw)))],
                code: ComparisonCode.code(over: [right.transaction.signingHash]))
            let payment = try Payment(file.bytes)
            #expect(!problems { _ = try payment.verify() }.isEmpty, "\(index)")
        }
    }
}
