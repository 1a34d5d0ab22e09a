import AirlockRequests
import AirlockTokens
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSecp256k1
import AirlockSecretKeys
import AirlockStrictJSON
import AirlockTypedData
import Testing
import AirlockCharges

@testable import AirlockSigning

@Suite("A permit that someone else sends")
struct PermitTests {
    let workspace: SigningWorkspace

    init() throws { workspace = try SigningWorkspace() }

    private func request(_ number: UInt8 = 1, nonce: UInt64 = 0, after seconds: UInt64 = 0) throws -> PaymentRequest {
        var request = try workspace.request(number, nonce: nonce, after: seconds)
        request.method = "subsidizedTransferToken"
        request.gas = nil
        request.maxFeePerGas = nil
        request.maxPriorityFeePerGas = nil
        request.conditions = .permit
        request.conditions?.block = nil
        return request
    }

    @Test("is signed by the payer, and stands in the call that the contract understands")
    func signed() throws {
        let review = try Draft.review { $0.subsidize() }
        let reviewed = try #require(review.message)
        #expect(review.plan.isEmpty && review.transaction == nil)
        #expect(review.problems.isEmpty && review.checks.allSatisfy { $0.status == .ok })
        let payment = try workspace.sign(try request())
        let permit = try #require(payment.permit)
        #expect(payment.transactions.count == 1)
        // The reviewed permit and the signed permit are for different intents. Their digests are the same, because a
        // permit does not contain the intent.
        #expect(payment.transactions[0].hash == reviewed.digest)
        let signature = try Signature(permit.signature, accepting: .only27Or28)
        #expect(try signature.recoverAddress(digest: payment.transactions[0].hash) == SampleKey.payer.address)
        let call = try #require(DecodedCall(permit.data))
        #expect(
            call.method == .subsidizedTransferToken
                && payment.subject
                    == .first(name: payment.name, id: try #require(call.intent?.id), method: "subsidizedTransferToken")
        )
        #expect(call.subsidized?.owner == SampleKey.payer.address)
        #expect(call.subsidized?.signature == permit.signature)
        #expect(permit.to == transfers)
        #expect(payment.code == ComparisonCode.code(over: [payment.transactions[0].hash]))
        #expect(Review(try request()).payment?.code == payment.code)
    }

    @Test("of USDC on Base is, byte for byte, the one that eth-account signs")
    func reference() throws {
        let review = try Draft.review { $0.subsidize() }
        let payment = try #require(review.payment)
        let signed = try ConsentedPayment.typed("sign", for: payment)
            .signed(with: SampleKey.payer.secret, secondEngine: true)[0].transaction
        #expect(
            signed.hash.description == "0xb735e54fc801bb2eb297ecd7f65a2a1d5f0c27dc215318ffa4abc4699ffc8a11")
        #expect(
            signed.permit.map { Hex.encode($0.signature) }
                == "0xd631397ce98547f3d44629f30f9d6ffd0d3b549faefac7c089a1833757f49930"
                + "75f60832856523cc37d4da0a67cbcaf1c708d7d812695aedadfb1e7318200a161c")
    }

    @Test("shows the digests of ERC-8213, which are those of the same permit as typed data")
    func digests() throws {
        var draft = MessageDraft()
        draft.spender = transfers
        draft.nonce = "0"
        let data = try TypedData(Array(draft.content.utf8))
        let review = try Draft.review { $0.subsidize() }
        let (text, json) = (review.text(width: 200), review.json { _ in .null }.text)
        for (name, hash) in [
            ("domainHash", data.domainSeparator), ("messageHash", data.structHash), ("digest", data.digest),
        ] {
            #expect(text.contains("digest       \(hash) (\(name))\n"), "\(text)")
            #expect(json.contains("\"\(name)\":\"\(hash)\""), "\(json)")
        }
    }

    @Test("says that it costs nothing but the token, and that someone else must send it")
    func sentence() throws {
        let review = try Draft.review { $0.subsidize() }
        #expect(
            review.sentence == """
                Pay 1.05 USDC on base (8453), of it 0.0105 USDC to the operator as a fee and 1.0395 USDC to \
                OpenRouter (0x5eA054aEea285Ebc3A92eCB1f722f44304F72581), by a token permit that somebody else must \
                send and pay for, valid until 2026-03-11T08:30:49Z.
                """)
        let json = try JSONDocument(review.json { .string($0.code) }.bytes).root
        let permit = try #require(review.message)
        #expect(json["permit"]?["domainSeparator"]?.string == "\(try #require(permit.domain).separator)")
        #expect(json["permit"]?["signingHash"]?.string == "\(permit.digest)")
        #expect(json["worstTotalCost"]?.string == "0")
    }

    @Test("of a token whose domain nobody knows offline is left to a person, with a warning")
    func unknownDomain() throws {
        let review = try Draft.review {
            $0.pay(in: wrapped)
            $0.subsidize()
            $0.conditions?.token = Conditions.Token(
                address: wrapped, symbol: "WETH", decimals: 18, balance: .max, domainSeparator: .keccak([1]))
        }
        #expect(review.payment?.openPoints == [.domainSeparator(.keccak([1]), token: wrapped)])
        #expect(
            review.warnings(.money) == [
                "no policy says that the domain separator is the token's: the permit is of whatever token has it"
            ])
    }

    @Test(
        "of Permit2 is in Permit2's own domain, whatever domain the conditions tell",
        arguments: [nil, Hash.keccak([1])])
    func permit2(domain: Hash?) throws {
        let review = try Draft.review {
            $0.conditions?.token = .usdc(domain: domain)
            $0.conditions?.approval = Conditions.Approval(
                spender: Permit2Transfer.contract, allowance: .max, resetFirst: false)
            $0.edit { $0.method = "transferToken" }
        }
        #expect(review.payment?.openPoints == [])
        let plain = try Draft.review { $0.edit { $0.method = "transferToken" } }
        #expect(review.action?.message != nil && review.action?.message?.digest == plain.action?.message?.digest)
    }

    @Test("is never taken without being asked for by name, whatever the conditions propose")
    func automatic() throws {
        let review = try Draft.review { $0.conditions = .permit }
        #expect(review.message == nil && review.payment == nil)
        #expect(review.problems.map(\.code).first == "method.none-fits")
    }

    // The tests below check the ledger's rules for permits.

    private static let intentSigned = Refusal("ledger.intent-already-signed", "\(UnverifiedCharge.callData)/id")
    private static let nonceSigned = Refusal("ledger.nonce-already-signed", "nonce:")

    @Test("is recorded, and given again by the same request")
    func recorded() throws {
        let payment = try workspace.sign(try request(nonce: 3))
        #expect(try workspace.sign(try request(nonce: 3, after: 60)) == payment)
        let entries = try #require(try workspace.ledger.read()).entries
        #expect(entries.count == 1)
        #expect(entries[0].request == payment.subject)
        #expect(
            entries[0].transactions == [
                LedgerEntry.Transaction(
                    role: "permit", nonce: 3, signingHash: payment.transactions[0].hash,
                    hash: payment.transactions[0].hash)
            ])
        #expect(entries[0].spends == [LedgerEntry.Spend(currency: usdc, amount: 1_050_000)])
    }

    @Test("uses up a nonce of the token's, and none of the account's")
    func nonces() throws {
        try workspace.sign(try request(1, nonce: 7))
        // The token's nonce 7 is used. The account's nonces are separate: the account's nonce 7 is still free, and its
        // nonce 90 causes no warning about a gap.
        #expect(Review(try workspace.request(2, nonce: 7)).problems == [])
        #expect(Review(try workspace.request(2, nonce: 90)).warnings(.ledger) == [])
        try workspace.sign(try workspace.request(2, nonce: 8))
        #expect(Review(try request(3, nonce: 8)).problems == [])
        // The token's nonce 7 is used.
        #expect(Review(try request(3, nonce: 7)).refusals(.ledger) == [Self.nonceSigned])
        #expect(
            Review(try request(3, nonce: 9)).warnings(.ledger) == [
                "the last nonce signed here is 7: 9 leaves a gap, and waits until it is filled"
            ])
    }

    @Test("stands in the way of any other payment of its intent, until that names it")
    func replaced() throws {
        let digest = try workspace.sign(try request(1, nonce: 0)).transactions[0].hash
        var transaction = try workspace.request(1, nonce: 5)
        #expect(Review(transaction).refusals(.ledger) == [Self.intentSigned])
        transaction.replace = digest
        #expect(Review(transaction).refusals(.ledger) == [])
        // This permit is for another intent, with the same nonce. Only one of the two permits can be used.
        var other = try request(2, nonce: 0)
        #expect(Review(other).refusals(.ledger) == [Self.nonceSigned])
        other.replace = digest
        // The new permit has the same digest as the first one. Nevertheless, it replaces the first one in the ledger.
        #expect(try workspace.sign(other).transactions[0].hash == digest)
        #expect(Review(try workspace.request(1, nonce: 5)).refusals(.ledger) == [])
        #expect(Review(try workspace.request(2, nonce: 5)).refusals(.ledger) == [Self.intentSigned])
        #expect(Review(try request(3, nonce: 0)).refusals(.ledger) == [Self.nonceSigned])
    }

    @Test("counts for the caps of its token")
    func caps() throws {
        let policy = try SigningWorkspace.policy(#","perPayment":"2","perDay":"2""#)
        var first = try request(1, nonce: 0)
        first.policy = policy
        try workspace.sign(first)
        var second = try workspace.request(2, nonce: 7)
        second.policy = policy
        #expect(Review(second).refusals(.ledger).map(\.code) == ["policy.over-day-cap"])
    }

    @Test("of several charges has the nonces in the order of the deadlines, and each takes from the balance")
    func series() throws {
        var requests = try [1, 2].map { number in (name: "\(number)", request: try request(number, nonce: 4)) }
        let series = try PaymentSeries(requests)
        // Closures are used instead of key paths. For a key path through an optional, Swift's runtime copies a value
        // onto itself, and a sanitizer reports this copy.
        #expect(series.reviews.map { $0.review.message?.nonce?.number } == [4, 5])
        #expect(series.reviews.map { $0.review.request.conditions?.token?.balance } == [5_000_000, 3_950_000])
        for index in requests.indices { requests[index].request.conditions?.token = .usdc(balance: 2_000_000) }
        #expect(
            try PaymentSeries(requests).reviews.flatMap(\.review.problems).map(\.code) == [
                "money.token-balance-too-low"
            ])
    }

    // The tests below check the self-check of permits.

    private static let planted: [(String, String, @Sendable (inout PlantedPermit) throws -> Void)] = [
        ("no call", "not-decodable", { $0.signed = $0.signed.with(data: []) }),
        ("a call of another method", "not-decodable", { $0.signed = $0.signed.with(data: [4, 224] + $0.signed.data) }),
        ("another intent", "other-call", { $0.flip(4 + 64 + 31) }),
        ("another contract", "other-call", { $0.signed = $0.signed.with(to: usdc) }),
        ("another signature in the call", "other-call", { $0.flip($0.signed.data.count - 40) }),
        ("another owner", "other-transaction", { $0.flip($0.signed.data.count - 192 + 31) }),
        ("another nonce", "other-transaction", { $0.nonce = 1 }),
        ("another domain", "other-transaction", { $0.signed = $0.signed.with(domain: .keccak([1])) }),
        ("another signature", "other-sender", { try $0.sign(SampleKey.stranger.sign(.keccak([1])).bytes) }),
        ("a high s", "other-sender", { try $0.sign($0.highS) }),
        ("a v of 0", "other-sender", { $0.sign($0.signed.signature.dropLast() + [0]) }),
        ("another public key", "second-engine", { $0.publicKey = SampleKey.stranger.secret.publicKey }),
    ]

    @Test("that went wrong after it was reviewed is caught by its rule", arguments: planted.indices)
    func selfCheck(index: Int) throws {
        let (_, rule, plant) = Self.planted[index]
        let review = try Draft.review { $0.subsidize() }
        let payment = try #require(review.payment)
        let signed = try ConsentedPayment.typed("sign", for: payment)
            .signed(with: SampleKey.payer.secret, secondEngine: false)
        var planted = PlantedPermit(signed: try #require(signed[0].transaction.permit))
        func verify() -> [String] {
            problems {
                try SelfCheck.verify(
                    planted.signed, nonce: planted.nonce, of: try #require(review.message), for: payment,
                    publicKey: planted.publicKey)
            }.map(\.code)
        }
        #expect(verify() == [])
        try plant(&planted)
        #expect(verify() == ["self-check.\(rule)"])
    }
}

/// The input of the self-check, in which a test plants an error.
private struct PlantedPermit {
    var signed: Payment.Permit
    var nonce: UInt64 = 0
    var publicKey = SampleKey.payer.secret.publicKey

    /// Flips the lowest bit of one byte of the call data.
    mutating func flip(_ index: Int) {
        var data = signed.data
        data[index] ^= 1
        signed = signed.with(data: data)
    }

    /// Replaces the signature, both in the permit and in its call data.
    mutating func sign(_ signature: [UInt8]) {
        var data = signed.data
        data.replaceSubrange(data.count - 96..<data.count - 31, with: signature)
        signed = Payment.Permit(
            signature: signature, domainSeparator: signed.domainSeparator, to: signed.to, data: data)
    }

    /// The signature with n - s instead of s and with the other parity. Some verifiers accept it too.
    var highS: [UInt8] {
        get throws {
            let signature = try Signature(signed.signature, accepting: .only27Or28)
            let order = try UInt256(
                decimal: "115792089237316195423570985008687907852837564279074904382605163141518161494337")
            let s = try #require(order.subtracting(UInt256(signature.s)))
            return signature.r.bytes + s.word.bytes + [28 - signature.yParity]
        }
    }
}

extension Payment.Permit {
    fileprivate func with(data: [UInt8]? = nil, to: Address? = nil, domain: Hash? = nil) -> Payment.Permit {
        Payment.Permit(
            signature: signature, domainSeparator: domain ?? domainSeparator, to: to ?? self.to,
            data: data ?? self.data)
    }
}
