import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockSamples
import AirlockSecp256k1
import AirlockStrictJSON
import Testing
import AirlockTransactions

/// Returns a signed transaction. By default, the payer signed it.
func signed(
    nonce: UInt64 = 7, chain: UInt64 = 8453, by key: SampleKey = .payer, data: [UInt8] = [1, 2, 3]
) throws -> SignedTransaction {
    let transaction = UnsignedTransaction(
        nonce: nonce, gas: 100_000, to: SampleCharge.recipient, value: 5, data: data,
        form: .dynamicFee(
            chainID: chain, maxPriorityFeePerGas: 1_000_000, maxFeePerGas: 30_000_000, accessList: []))
    return try SignedTransaction(transaction, key.sign(transaction.signingHash))
}

extension SampleFile {
    static let transaction: SampleFile = {
        do { return try transaction(signed()) } catch { preconditionFailure("\(error)") }
    }()

    static func transaction(_ signed: SignedTransaction, role: String = "pay", rung: UInt64? = 0) -> SampleFile {
        SampleFile(
            members: [
                ("role", quoted(role)), ("rung", rung.map { quoted($0) } ?? ""),
                ("nonce", quoted(signed.transaction.nonce)),
                ("hash", quoted(signed.hash)), ("raw", quoted(Hex.encode(signed.raw))),
            ].filter { !$0.1.isEmpty })
    }

    /// Returns a payment file that contains these transactions.
    static func payment(of transactions: [SampleFile], code: String) -> SampleFile {
        SampleFile(members: [
            ("airlock", "1"), ("kind", "\"payment\""), ("chargeId", "\"a charge\""),
            ("intentId", quoted("0x00112233445566778899aabbccddeeff")), ("chainId", "\"8453\""),
            ("from", quoted(SampleKey.payer.address)), ("method", "\"transferTokenPreApproved\""),
            ("expires", quoted("2026-03-11T08:30:49Z")), ("policyHash", quoted(Hash.keccak([4]))),
            ("ledgerHead", quoted(Hash.keccak([5]))), ("code", quoted(code)),
            ("transactions", "[\(transactions.map(\.json).joined(separator: ","))]"),
        ])
    }

    /// A permit with a digest that the test has chosen, signed by the payer.
    static let permit: SampleFile = {
        do {
            return SampleFile(members: [
                ("role", "\"permit\""), ("nonce", "\"0\""), ("hash", quoted(Hash.keccak([7]))),
                ("signature", quoted(try SampleKey.payer.sign(.keccak([7])))),
                ("domainSeparator", quoted(Hash.keccak([8]))), ("to", quoted(SampleCharge.recipient)),
                ("data", "\"0x010203\""),
            ])
        } catch { preconditionFailure("\(error)") }
    }()

    static let permitPayment = payment(of: [permit], code: ComparisonCode.code(over: [.keccak([7])]))

    static let payment: SampleFile = {
        do {
            return payment(
                of: [transaction], code: ComparisonCode.code(over: [try signed().transaction.signingHash]))
        } catch { preconditionFailure("\(error)") }
    }()
}

@Suite("A payment file")
struct PaymentTests {
    @Test("says what it was written with")
    func members() throws {
        let payment = try Payment(SampleFile.payment.bytes)
        let transaction = try signed()
        let id = try FixedBytes<16>(hex: "0x00112233445566778899aabbccddeeff")
        #expect(payment.subject == .first(name: "a charge", id: id, method: "transferTokenPreApproved"))
        #expect(payment.chain == .base)
        #expect(payment.from == SampleKey.payer.address)
        #expect(payment.expires?.seconds == SampleCharge.deadline)
        #expect(payment.policyHash == .keccak([4]))
        #expect(payment.ledgerHead == .keccak([5]))
        #expect(payment.code == ComparisonCode.code(over: [transaction.transaction.signingHash]))
        #expect(
            payment.transactions == [
                Payment.Transaction(role: .pay, rung: 0, nonce: 7, hash: transaction.hash, raw: transaction.raw)
            ])
    }

    @Test("is written as it was read, byte for byte, with and without what may be left out")
    func round() throws {
        let files =
            [
                .payment, .payment.with("ledgerHead", nil),
                .payment(of: [.transaction(try signed(), role: "approve", rung: nil), .transaction], code: "x"),
                .payment.with("chargeId", #""\"quoted\" \\ \n é""#),
            ] as [SampleFile]
        for file in files { #expect(try Payment(file.bytes).json.text == file.json) }
    }

    @Test("of a permit says its signature and the call, and no raw transaction")
    func permit() throws {
        let payment = try Payment(SampleFile.permitPayment.bytes)
        #expect(payment.json.text == SampleFile.permitPayment.json)
        let permit = try #require(payment.permit)
        #expect(permit.to == SampleCharge.recipient && permit.data == [1, 2, 3])
        #expect(permit.signature == (try SampleKey.payer.sign(.keccak([7])).bytes))
        #expect(permit.domainSeparator == .keccak([8]))
        let only = try #require(payment.transactions.first)
        #expect(only.role == .permit && only.rung == nil && only.raw == nil)
        #expect(only.nonce == 0 && only.hash == .keccak([7]))
        #expect(try Payment(SampleFile.payment.bytes).permit == nil)
    }

    @Test("knows every role", arguments: Payment.Role.allCases.filter { $0 != .permit })
    func roles(role: Payment.Role) throws {
        let file = SampleFile.payment(of: [.transaction(try signed(), role: role.rawValue)], code: "")
        #expect(try Payment(file.bytes).transactions.map(\.role) == [role])
        #expect(["reset", "approve", "pay", "cancel"].contains(role.rawValue))
    }
}
