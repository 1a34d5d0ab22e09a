import AirlockPolicies
import AirlockRequests
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSigning
import AirlockStrictJSON
import AirlockTestSupport
import AirlockTokens
import Testing
import AirlockTransactions
import AirlockCharges

@Suite("Verifying what was signed before")
struct VerificationTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func signed(_ change: (inout Draft) -> Void = { _ in }) throws -> Payment {
        let payment = try #require(try Draft.review(change).payment)
        return try ConsentedPayment.typed(payment.expectedAnswer, for: payment)
            .sign(with: SampleKey.payer.secret, recordingIn: LedgerFile(scratch("ledger")))
    }

    private func verify(_ bytes: [UInt8], now: UInt64 = SampleCharge.deadline) throws -> Verification {
        try Verification(
            bytes, policy: Policy(SampleFile.policy.bytes, origin: "policy.json"), now: Timestamp(seconds: now))
    }

    @Test("finds a charge in order, without a key")
    func charge() throws {
        let verification = try verify(SampleCharge().signed().bytes)
        #expect(verification.kind == "charge")
        #expect(verification.checks.map(\.subject) == [.request, .signature, .policy, .time])
        #expect(verification.problems.isEmpty)
    }

    @Test("refuses a swap of native currency that the policy does not list", arguments: [true, false])
    func native(isListed: Bool) throws {
        let payment = try signed {
            $0.edit {
                $0.method = "swapAndTransferUniswapV3Native"
                $0.value = 5
            }
        }
        var policy = SampleFile.policy
        let currencies = isListed ? SampleFile.currencies : SampleFile.currencies.with("0x0", nil)
        policy["chains"] = "{\"8453\":\(SampleFile.rules.with("currencies", currencies.json).json)}"
        let verification = try Verification(
            payment.json.bytes, policy: Policy(policy.bytes, origin: "policy.json"),
            now: Timestamp(seconds: SampleCharge.deadline))
        #expect(
            verification.problems.map { Refusal($0) }
                == (isListed ? [] : [Refusal("policy.currency-not-listed", "/transactions/0/raw")]))
    }

    @Test("finds a payment in order, without a key")
    func payment() throws {
        let verification = try verify(signed().json.bytes)
        #expect(verification.kind == "payment")
        #expect(verification.checks.map(\.subject) == [.transactions, .request, .signature, .policy, .time, .money])
        #expect(verification.problems.isEmpty)
        _ = try JSONDocument(JSONOutput.object(verification.json { .string($0.code) }).bytes)
    }

    @Test("says what a payment pays, from its signed bytes, and begins as the review does")
    func summary() throws {
        let changes: [(inout Draft) -> Void] = [
            { _ in }, { $0.subsidize() },
            {
                $0.edit {
                    $0.method = "swapAndTransferUniswapV3Native"
                    $0.value = 5
                }
            },
        ]
        for (index, change) in changes.enumerated() {
            let review = try Draft.review(change)
            let payment = try #require(review.payment)
            let signed = try ConsentedPayment.typed(payment.expectedAnswer, for: payment)
                .sign(with: SampleKey.payer.secret, recordingIn: LedgerFile(scratch("ledger-\(index)")))
            let summary = try #require(try verify(signed.json.bytes).summary)
            #expect(summary.sentence.hasPrefix("Pay 1.05 USDC on base (8453)"))
            #expect(review.sentence.hasPrefix("\(summary.sentence.dropLast()), "), "\(summary.sentence)")
            let members = try JSONDocument(JSONOutput.object(summary.members).bytes).root
            #expect(members["recipient"]?.string == "\(SampleCharge.recipient)")
            #expect(members["needed"]?.string == "1050000" && members["amount"]?.string == "1.05 USDC")
        }
        #expect(try verify(SampleCharge().signed().bytes).summary?.sentence == nil)
    }

    @Test("finds a payment with everything in order")
    func all() throws {
        let payment = try signed {
            $0.conditions?.approval = nil
            $0.edit {
                $0.approve = true
                $0.rungs = 2
                $0.cancel = true
            }
        }
        #expect(payment.transactions.count == 6)
        #expect(try verify(payment.json.bytes).problems.isEmpty)
    }

    @Test(
        "finds each method in order, with an approval before it too, and shows what is spent as the review does",
        arguments: TransferMethod.allCases, [false, true])
    func methods(method: TransferMethod, approves: Bool) throws {
        let isApproved = approves && [.approved, .permitted].contains(method.source)
        let review = try GoldenReviewTests.review(method) { draft in
            guard isApproved else { return }
            let spender = method.source == .permitted ? Permit2Transfer.contract : transfers
            draft.conditions?.approval = Conditions.Approval(spender: spender, allowance: 1, resetFirst: true)
            draft.edit { $0.approve = true }
        }
        let payment = try #require(review.payment)
        let signed = try ConsentedPayment.typed(payment.expectedAnswer, for: payment)
            .sign(with: SampleKey.payer.secret, recordingIn: LedgerFile(scratch("ledger")))
        let verification = try Verification(
            signed.json.bytes, policy: review.request.policy, now: Timestamp(seconds: SampleCharge.deadline))
        #expect(verification.problems.isEmpty, "\(verification.problems.map(\.message))")
        let sentence = try #require(verification.summary?.sentence)
        #expect(review.sentence.hasPrefix("\(sentence.dropLast()), "), "\(sentence)")
        guard isApproved else { return }
        #expect(Set(signed.transactions.map(\.role)).isSuperset(of: [.reset, .approve, .pay]))
        let money = try #require(verification.checks.last?.findings)
        #expect(money.count { $0.hasPrefix("first lets ") } == 2, "\(money)")
        #expect(money.contains { $0.hasPrefix("the network fee is at most 0.00") }, "\(money)")
    }

    /// Transactions that a payment file can have in place of the one that pays, and the problems that they must cause.
    private static let forged:
        [(
            String, [Refusal],
            @Sendable (UnsignedTransaction) -> [(role: Payment.Role, transaction: UnsignedTransaction)]
        )] = [
            (
                "a second payment with the next nonce", [Refusal("verify.other-payment", "/transactions/1/raw")],
                { pay in [(.pay, pay), (.pay, pay.with { $0.nonce += 1 })] }
            ),
            (
                "the same data for another contract", [Refusal("verify.other-payment", "/transactions/1/raw")],
                { pay in [(.pay, pay), (.pay, pay.with { $0.to = usdc })] }
            ),
            (
                "an approval of another token", [Refusal("verify.other-payment", "/transactions/0/raw")],
                { pay in [(.approve, pay.approval(of: wrapped)), (.pay, pay)] }
            ),
            (
                "an approval of more than is taken", [Refusal("verify.other-payment", "/transactions/0/raw")],
                { pay in [(.approve, pay.approval(1_050_001)), (.pay, pay)] }
            ),
            (
                "an approval for another spender", [Refusal("verify.other-payment", "/transactions/0/raw")],
                { pay in [(.approve, pay.approval(for: SampleKey.stranger.address)), (.pay, pay)] }
            ),
            (
                "an approval that sends native currency", [Refusal("verify.other-payment", "/transactions/0/raw")],
                { pay in [(.approve, pay.approval().with { $0.value = 1 }), (.pay, pay)] }
            ),
            (
                "an approval after the payment", [Refusal("verify.other-payment", "/transactions/1/raw")],
                { pay in [(.pay, pay), (.approve, pay.approval().with { $0.nonce = pay.nonce + 1 })] }
            ),
            (
                "an approval with the nonce of the payment", [Refusal("verify.other-payment", "/transactions/1/raw")],
                { pay in [(.pay, pay), (.approve, pay.approval().with { $0.nonce = pay.nonce })] }
            ),
            (
                "different approvals with one nonce", [Refusal("verify.other-payment", "/transactions/1/raw")],
                { pay in [(.approve, pay.approval()), (.approve, pay.approval(7)), (.pay, pay)] }
            ),
            (
                "a reset to another amount than 0", [Refusal("verify.other-payment", "/transactions/0/raw")],
                { pay in [(.reset, pay.approval(1)), (.pay, pay)] }
            ),
            (
                "a network fee above the cap", [Refusal("policy.over-network-fee-cap", "/transactions")],
                { pay in [(.pay, pay.with { $0.form = .dear })] }
            ),
            (
                "a cancel with a network fee above the cap", [Refusal("policy.over-network-fee-cap", "/transactions")],
                { pay in
                    let payer = SampleKey.payer.address
                    let cancel = UnsignedTransaction(
                        nonce: pay.nonce, gas: 21_000, to: payer, value: 0, data: [], form: .dear)
                    return [(.pay, pay), (.cancel, cancel)]
                }
            ),
            ("an approval of what is taken", [], { pay in [(.approve, pay.approval()), (.pay, pay)] }),
        ]

    @Test("refuses a payment exactly where a transaction does something else than its role", arguments: forged.indices)
    func forgedPayment(index: Int) throws {
        let (name, refusals, steps) = Self.forged[index]
        let honest = try signed()
        let raw = try #require(honest.transactions[0].raw)
        let all = steps(try SignedTransaction(raw: raw).transaction)
        let transactions = try all.map { step in
            try SignedTransaction(step.transaction, SampleKey.payer.sign(step.transaction.signingHash))
        }
        let payment = Payment(
            honest.subject, chain: honest.chain, from: honest.from, expires: honest.expires,
            policyHash: honest.policyHash, ledgerHead: nil,
            code: ComparisonCode.code(over: transactions.map(\.signingHash)),
            transactions: zip(all, transactions).map { step, transaction in
                Payment.Transaction(
                    role: step.role, rung: step.role == .pay ? 0 : nil, nonce: step.transaction.nonce,
                    hash: transaction.hash, raw: transaction.raw)
            })
        #expect(try verify(payment.json.bytes).problems.map { Refusal($0) } == refusals, "\(name)")
    }

    @Test(
        "refuses a swap that may spend more than a cap",
        arguments: [
            (.swapAndTransferUniswapV3Native, "policy.over-native-cap"),
            (.swapAndTransferUniswapV3Token, "policy.over-payment-cap"),
            (.swapAndTransferUniswapV3TokenPreApproved, "policy.over-payment-cap"),
        ] as [(TransferMethod, String)])
    func cappedSwap(method: TransferMethod, code: String) throws {
        let review = try GoldenReviewTests.review(method)
        let payment = try #require(review.payment)
        let signed = try ConsentedPayment.typed(payment.expectedAnswer, for: payment)
            .sign(with: SampleKey.payer.secret, recordingIn: LedgerFile(scratch("ledger")))
        for (most, codes) in [("0.0004", []), ("0.0003", [code])] as [(String, [String])] {
            let native = SampleFile.nativeCurrency.with("perPayment", quoted(most))
            let currencies = SampleFile.currencies.with("0x0", native.json)
                .with("\(wrapped)", native.with("symbol", "\"WETH\"").json)
            let rules = SampleFile.rules.with("currencies", currencies.json)
            let policy = SampleFile.policy.with("chains", "{\"8453\":\(rules.json)}")
            let verification = try Verification(
                signed.json.bytes, policy: Policy(policy.bytes, origin: "policy.json"),
                now: Timestamp(seconds: SampleCharge.deadline))
            #expect(
                verification.problems.map { Refusal($0) } == codes.map { Refusal($0, "/transactions/0/raw") })
        }
    }

    @Test("finds a permit in order that someone else is to send")
    func permit() throws {
        let verification = try verify(signed { $0.subsidize() }.json.bytes)
        #expect(verification.checks.map(\.subject) == [.transactions, .request, .signature, .policy, .time])
        #expect(verification.problems.isEmpty)
        #expect(verification.checks[0].findings.first?.contains("someone else must send it") == true)
    }

    /// Changes of a permit file, and the problems that each change must cause. After each change, the file and the call
    /// data of the permit no longer agree.
    private static let alteredPermits: [(String, [Refusal], @Sendable (inout SampleFile, inout SampleFile) -> Void)] = [
        (
            "another intent", [Refusal("verify.other-payment", "/intentId")],
            { file, _ in
                file["intentId"] = quoted("0x00112233445566778899aabbccddee00")
            }
        ),
        (
            "another method", [Refusal("verify.other-payment", "/method")],
            { file, _ in
                file["method"] = quoted("transferTokenPreApproved")
            }
        ),
        (
            "another nonce", [Refusal("verify.other-payment", "/transactions/0/hash")],
            { _, permit in
                permit["nonce"] = quoted(1)
            }
        ),
        (
            "another domain",
            [
                Refusal("verify.other-payment", "/transactions/0/hash"),
                Refusal("conditions.other-domain", "/transactions/0/domainSeparator"),
            ],
            { _, permit in
                permit["domainSeparator"] = quoted(Hash.keccak([1]))
            }
        ),
        (
            "another contract",
            [
                Refusal("verify.other-payment", "/transactions/0/hash"),
                Refusal("charge.signature-mismatch", "\(UnverifiedCharge.callData)/signature"),
                Refusal("policy.contract-not-listed", "\(UnverifiedCharge.metadata)/contract_address"),
            ], { _, permit in permit["to"] = quoted(usdc) }
        ),
        (
            "another chain",
            [
                Refusal("conditions.other-domain", "/transactions/0/domainSeparator"),
                Refusal("charge.signature-mismatch", "\(UnverifiedCharge.callData)/signature"),
                Refusal("policy.chain-not-listed", "\(UnverifiedCharge.metadata)/chain_id"),
            ], { file, _ in file["chainId"] = quoted(1) }
        ),
        (
            "no call", [Refusal("verify.unknown-call", "/transactions/0/data")],
            { _, permit in
                permit["data"] = quoted("0x1d7f10ac")
            }
        ),
        (
            "the call of a payment without a permit", [Refusal("verify.unknown-call", "/transactions/0/data")],
            {
                _, permit in
                permit["data"] = quoted(Hex.encode((try? Draft.review().action?.call.data) ?? []))
            }
        ),
    ]

    @Test("refuses a permit whose file says something else than its call", arguments: alteredPermits.indices)
    func alteredPermit(index: Int) throws {
        let (_, refusals, change) = Self.alteredPermits[index]
        let payment = try signed { $0.subsidize() }
        var file = try Self.file(payment)
        guard case .object(let members) = payment.transactions[0].json else { throw Problem(SigningRule.unknownCall) }
        var permit = SampleFile(members: members.map { ($0.0, $0.1.text) })
        change(&file, &permit)
        file["transactions"] = "[\(permit.json)]"
        #expect(try verify(file.bytes).problems.map { Refusal($0) } == refusals)
    }

    @Test("says what is wrong with a charge")
    func wrongCharge() throws {
        let expired = try verify(SampleCharge().signed().bytes, now: SampleCharge.deadline + 1)
        #expect(
            expired.problems.map { Refusal($0) } == [Refusal("charge.expired", "\(UnverifiedCharge.callData)/deadline")]
        )
        let forged = try verify(SampleCharge().signed(by: .stranger).bytes)
        #expect(
            forged.problems.map { Refusal($0) } == [
                Refusal("charge.signature-mismatch", "\(UnverifiedCharge.callData)/signature")
            ])
        #expect(refusals { _ = try verify([]) } == [Refusal("json.empty", "")])
        #expect(refusals { _ = try verify(Array("{}".utf8)) } == [Refusal("json.missing-field", "/data")])
    }

    @Test("warns of a recipient that no policy pins, and refuses one that a policy does not list")
    func recipient() throws {
        func check(_ recipients: String?) throws -> Verification {
            let rules = SampleFile.rules.with("recipients", recipients)
            return try Verification(
                SampleCharge().signed().bytes,
                policy: Policy(SampleFile.policy.with("chains", "{\"8453\":\(rules.json)}").bytes, origin: ""),
                now: Timestamp(seconds: 0))
        }
        #expect(try check(nil).checks.map(\.status) == [.ok, .ok, .warning, .ok])
        #expect(try check("{}").problems.map(\.code) == ["policy.recipient-not-listed"])
    }

    /// Changes of a payment file, and the problems that each change must cause. After each change, the file contradicts
    /// its transactions. The transactions themselves stay valid.
    private static let altered: [(String, [Refusal], @Sendable (inout SampleFile) -> Void)] = [
        (
            "another intent", [Refusal("verify.other-payment", "/intentId")],
            { $0["intentId"] = quoted("0x00112233445566778899aabbccddee00") }
        ),
        (
            "a later deadline", [Refusal("verify.other-payment", "/expires")],
            { $0["expires"] = quoted("2026-03-12T08:30:49Z") }
        ),
        ("another method", [Refusal("verify.other-payment", "/method")], { $0["method"] = quoted("transferNative") }),
        (
            "all of these",
            [
                Refusal("verify.other-payment", "/intentId"), Refusal("verify.other-payment", "/expires"),
                Refusal("verify.other-payment", "/method"),
            ],
            {
                $0["intentId"] = quoted("0x00112233445566778899aabbccddee00")
                $0["expires"] = quoted("2026-03-12T08:30:49Z")
                $0["method"] = quoted("x")
            }
        ),
    ]

    @Test("refuses a payment file that says something else than its transactions", arguments: altered.indices)
    func alteredFile(index: Int) throws {
        let (_, refusals, change) = Self.altered[index]
        var file = try Self.file(signed())
        change(&file)
        #expect(try verify(file.bytes).problems.map { Refusal($0) } == refusals)
    }

    @Test(
        "refuses a payment in which nothing pays, whatever its roles say",
        arguments: [Payment.Role.reset, .approve, .cancel])
    func nothingPays(role: Payment.Role) throws {
        let text = try signed().json.text.replacing("\"role\":\"pay\"", with: "\"role\":\"\(role.rawValue)\"")
        #expect(
            try verify(Array(text.utf8)).problems.map { Refusal($0) } == [
                Refusal("verify.unknown-call", "/transactions")
            ])
    }

    @Test(
        "refuses a payment whose transaction calls nothing that is known, or creates a contract",
        arguments: [[], [1, 2, 3, 4]] as [[UInt8]])
    func unknownCall(data: [UInt8]) throws {
        let honest = try signed()
        for to in [transfers, nil] {
            let transaction = UnsignedTransaction(
                nonce: 7, gas: 100_000, to: to, value: 0, data: data,
                form: .dynamicFee(chainID: 8453, maxPriorityFeePerGas: 1, maxFeePerGas: 1, accessList: []))
            let signed = try SignedTransaction(transaction, SampleKey.payer.sign(transaction.signingHash))
            let payment = Payment(
                honest.subject, chain: honest.chain, from: honest.from, expires: honest.expires,
                policyHash: honest.policyHash, ledgerHead: nil,
                code: ComparisonCode.code(over: [transaction.signingHash]),
                transactions: [
                    Payment.Transaction(role: .pay, rung: 0, nonce: 7, hash: signed.hash, raw: signed.raw)
                ])
            #expect(
                try verify(payment.json.bytes).problems.map { Refusal($0) } == [
                    Refusal("verify.unknown-call", "/transactions/0/raw")
                ])
        }
    }

    @Test("refuses a payment that does not verify by itself")
    func mismatch() throws {
        let file = try Self.file(signed()).with("code", "\"0000-0000-0000\"")
        #expect(refusals { _ = try verify(file.bytes) } == [Refusal("payment.code-mismatch", "/code")])
    }

    private static func file(_ payment: Payment) throws -> SampleFile {
        guard case .object(let members) = payment.json else { throw Problem(SigningRule.unknownCall) }
        return SampleFile(members: members.map { ($0.0, $0.1.text) })
    }
}

extension UnsignedTransaction {
    fileprivate func with(_ change: (inout UnsignedTransaction) -> Void) -> UnsignedTransaction {
        var transaction = self
        change(&transaction)
        return transaction
    }

    /// An approval with the nonce before this transaction.
    fileprivate func approval(
        _ amount: UInt256 = 1_050_000, of token: Address = usdc, for spender: Address = transfers
    ) -> UnsignedTransaction {
        UnsignedTransaction(
            nonce: nonce - 1, gas: 60_000, to: token, value: 0, data: ERC20.approve(spender, amount), form: form)
    }
}

extension UnsignedTransaction.Form {
    /// Fees with which any transaction costs more than the sample policy allows.
    fileprivate static let dear = UnsignedTransaction.Form.dynamicFee(
        chainID: 8453, maxPriorityFeePerGas: 1, maxFeePerGas: 1_000_000_000_000_000, accessList: [])
}
