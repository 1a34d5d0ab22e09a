import AirlockPolicies
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockRequestKinds
import AirlockSamples
import AirlockStrictJSON
import Testing
import AirlockCharges

@testable import AirlockSigning

/// Text that tries to control the terminal: escape sequences, line ends, bidirectional marks, look-alike letters, and
/// great length.
private let hostile =
    "\\u001b[2J\\u0007\\r\\nok\\u202egnp\\u0000\\u0430\\u200b\\ud83d\\ude80\\\\" + String(repeating: "x", count: 300)

@Suite("A review as text")
struct ReviewTextTests {
    /// Drafts of many kinds of review. There is one for each kind of currency, for a swap, for a warning, for an
    /// approval, for fee rungs and cancels, for the largest numbers, and for hostile text.
    private static let drafts: [(String, @Sendable (inout Draft) -> Void)] = [
        ("a token", { _ in }),
        ("native currency", { $0.pay(in: .zero) }),
        ("wrapped currency", { $0.pay(in: wrapped) }),
        (
            "a swap",
            {
                $0.edit {
                    $0.method = "swapAndTransferUniswapV3Native"
                    $0.value = 400_000_000_000_000
                }
            }
        ),
        ("an unpinned recipient", { $0.rules { $0["recipients"] = nil } }),
        (
            "everything asked for",
            {
                $0.conditions?.approval = nil
                $0.edit {
                    $0.approve = true
                    $0.rungs = 16
                    $0.cancel = true
                }
            }
        ),
        (
            "the largest of everything",
            {
                $0.charge["recipient_amount"] = quoted(UInt256.max)
                $0.charge["fee_amount"] = quoted(0)
                $0.charge["deadline"] = quoted(UInt256.max)
                $0.conditions?.nativeBalance = .max
                $0.conditions?.value = .max
                $0.conditions?.poolFee = .max
                $0.conditions?.l1Fee = .max
            }
        ),
        (
            "hostile text",
            {
                $0.charge.id = "\"\(hostile)\""
                $0.origin = "\u{1b}[31m\u{202e}/" + String(repeating: "z", count: 300)
                $0.conditions?.method = "\u{1b}[31m\u{202e}method\n" + String(repeating: "y", count: 300)
                $0.conditions?.token = Conditions.Token(
                    address: usdc, symbol: "\u{1b}[31m\u{202e}", decimals: 6, balance: 5_000_000)
                $0.rules {
                    $0["recipients"] = "{\(quoted(SampleCharge.recipient)):\"\(hostile)\"}"
                    $0["currencies"] =
                        SampleFile.currencies
                        .with("\(usdc)", SampleFile.tokenCurrency.with("symbol", "\"\(hostile)\"").json).json
                }
                $0.edit { request in
                    request.method = "swapAndTransferUniswapV3Native"
                    request.value = nil
                    request.conditions?.value = .max
                }
            }
        ),
    ]

    @Test("names the recipient by its address alone where the policy gives no label")
    func noLabel() throws {
        let review = try Draft.review {
            $0.rules { $0["recipients"] = "{\(quoted(SampleCharge.recipient)):\"\"}" }
        }
        #expect(review.sentence.contains(" to \(SampleCharge.recipient), worst total cost"))
        #expect(review.text().contains("\nrecipient    \(SampleCharge.recipient)\n"))
        #expect(review.request.policy.sentences.contains { $0.contains("only \(SampleCharge.recipient) may be paid") })
    }

    @Test("fits its width, and holds nothing but printable ASCII", arguments: drafts.indices, [60, 80])
    func form(index: Int, width: Int) throws {
        try check(Draft.review(Self.drafts[index].1), width)
    }

    @Test("fits its width when it is refused, in whatever way", arguments: RefusedRequests.all)
    func refused(row: RefusedRequest) throws {
        let review = try Draft.review(row.change)
        for width in [60, 80] { try check(review, width) }
        // A refused request cannot be signed, so its text must not ask the user to compare a code.
        #expect(!review.text().contains("compare it with"))
    }

    private func check(_ review: Review, _ width: Int) throws {
        let text = review.text(width: width)
        #expect(text.utf8.allSatisfy { 0x20...0x7e ~= $0 || $0 == 0x0a })
        // A line may be wider than `width` if it consists of one word, such as a long hash.
        for line in text.split(separator: "\n") where line.drop(while: { $0 == " " }).contains(" ") {
            #expect(line.utf8.count <= width, "\(line)")
        }
        #expect(text.hasSuffix("\n"))
        // The strict JSON reader must accept the JSON form of the same review.
        _ = try JSONDocument(review.json { .string($0.code) }.bytes)
    }

    @Test("cuts hostile text, and shows what was in it")
    func hostileText() throws {
        let text = try Draft.review(Self.drafts[7].1).text()
        #expect(text.contains("\\u{1b}[2J\\u{7}\\u{d}\\u{a}ok\\u{202e}gnp"))
        #expect(text.contains("more)"))
        #expect(!text.contains(String(repeating: "x", count: 120)))
    }

    @Test(
        "leads with a sentence that says how much, to whom, at what cost and until when",
        arguments: [
            (
                0,
                """
                Pay 1.05 USDC on base (8453), of it 0.0105 USDC to the operator as a fee and 1.0395 USDC to OpenRouter \
                (0x5eA054aEea285Ebc3A92eCB1f722f44304F72581), worst total cost in native currency 0.0000054025 ETH, valid until 2026-03-11T08:30:49Z.
                """
            ),
            (
                1,
                """
                Pay 0.00000000000105 ETH on base (8453), of it 0.0000000000000105 ETH to the operator as a fee and \
                0.0000000000010395 ETH to OpenRouter (0x5eA054aEea285Ebc3A92eCB1f722f44304F72581), worst total cost in native currency 0.00000540250105 ETH, valid until 2026-03-11T08:30:49Z.
                """
            ),
            (
                2,
                """
                Pay 0.00000000000105 WETH on base (8453), of it 0.0000000000000105 WETH to the operator as a fee and \
                0.0000000000010395 WETH to OpenRouter (0x5eA054aEea285Ebc3A92eCB1f722f44304F72581), out of 0.00000000000105 ETH, worst total cost in native currency 0.00000540250105 ETH, valid until \
                2026-03-11T08:30:49Z.
                """
            ),
            (
                3,
                """
                Pay 1.05 USDC on base (8453), of it 0.0105 USDC to the operator as a fee and 1.0395 USDC to OpenRouter \
                (0x5eA054aEea285Ebc3A92eCB1f722f44304F72581), by a swap that may spend up to all of 0.0004 ETH, worst total cost in native currency 0.0004054025 ETH, valid \
                until 2026-03-11T08:30:49Z.
                """
            ),
            (
                4,
                """
                Pay 1.05 USDC on base (8453), of it 0.0105 USDC to the operator as a fee and 1.0395 USDC to \
                0x5eA054aEea285Ebc3A92eCB1f722f44304F72581, which no policy names, \
                worst total cost in native currency 0.0000054025 ETH, valid until 2026-03-11T08:30:49Z.
                """
            ),
        ])
    func sentence(index: Int, sentence: String) throws {
        #expect(try Draft.review(Self.drafts[index].1).sentence == sentence)
    }

    @Test("names each fact that a person compares")
    func facts() throws {
        let review = try Draft.review()
        let text = review.text(width: 200)
        let payment = try #require(review.payment)
        for fact in [
            "9f1f6ab8-0000-4000-8000-000000000001", "0x00112233445566778899aabbccddeeff", "1.05 USDC",
            "1050000 atomic units", "1.0395 USDC to the recipient", "0.0105 USDC fee", "\(usdc)", "OpenRouter",
            "\(SampleCharge.recipient)", "\(SampleKey.operator.address)", "\(transfers)", "base (8453)",
            "\(SampleKey.payer.address)", "2026-03-11T08:30:49Z, in 60 min", "transferTokenPreApproved",
            "548 bytes, selector 0x04e0fc36", "0.03 gwei", "0.001 gwei", "at most 0.0000054 ETH",
            "about 0.0000000025 ETH", "of a balance of 1 ETH", "policy.json", "\(review.request.policy.hash)",
            try #require(payment.code), "ok           signature:",
        ] { #expect(text.contains(fact), "\(fact)") }
    }

    @Test(
        "says how long the charge is still valid",
        arguments: [
            (0, "in 0 s"), (119, "in 119 s"), (120, "in 2 min"), (7199, "in 119 min"), (7200, "in 2 h 0 min"),
            (172_799, "in 47 h 59 min"), (172_800, "in 2 days"),
        ] as [(UInt64, String)])
    func remaining(seconds: UInt64, words: String) throws {
        let review = try Draft.review {
            $0.now = Timestamp(seconds: SampleCharge.deadline - seconds)
            $0.policy["maxConditionsAge"] = nil
        }
        #expect(review.text().contains("2026-03-11T08:30:49Z, \(words)\n"))
    }

    @Test("does not name what it does not know")
    func unknown() throws {
        let review = try Draft.review {
            $0.conditions = nil
            $0.policy["chains"] = "{}"
        }
        let text = review.text()
        #expect(text.contains("1050000 atomic units of \(usdc)"))
        #expect(!text.contains("network fee") && !text.contains("nonce  "))
    }

    @Test("knows the decimals and the symbol of native currency that no policy lists")
    func unlistedNative() throws {
        let review = try Draft.review {
            $0.pay(in: .zero)
            $0.policy["chains"] = "{}"
        }
        #expect(review.sentence.hasPrefix("Pay 0.00000000000105 ETH on base (8453)"))
    }

    @Test("stays on one line for each fact, even if a kind of request does not escape its text")
    func unescaped() {
        let fact = Page.fact("memo", ["a\u{1b}[2J\nok           proof: verified"], width: 80)
        #expect(fact == "memo         a\\u{1b}[2J\\u{a}ok proof: verified\n")
        #expect(Page.paragraph("Pay\nok", width: 80) == "Pay\\u{a}ok\n")
    }

    @Test("splits a long word of a reference, and marks where, so that no part of it stands where a name stands")
    func longReference() throws {
        let reference = "ok" + String(repeating: ".", count: 80) + "signature"
        let file = """
            {"airlock":1,"kind":"transfer","chainId":"8453","from":"\(SampleKey.payer.address)",
            "to":"\(SampleKey.stranger.address)","amount":"1","reference":"\(reference)"}
            """
        let request = try RequestKinds.read(Array(file.utf8))
        let text = Review(PaymentRequest(request, now: SigningWorkspace.start)).text()
        #expect(text.contains("transfer     ok" + String(repeating: ".", count: 64) + "\\\n"))
        #expect(text.contains("\n             " + String(repeating: ".", count: 16) + "signature\n"))
    }

    @Test("shows every letter of the longest reference, however long its escape is", arguments: ["transfer", "call"])
    func wholeReference(kind: String) throws {
        let what = kind == "transfer" ? "\"amount\":\"1\"" : "\"value\":\"1\",\"data\":\"0x01020304\""
        let letters: [(letter: Unicode.Scalar, count: Int)] = [("\u{44f}", 128), ("\u{8acb}", 85), ("\u{1f680}", 64)]
        for (letter, count) in letters {
            let reference = String(repeating: String(letter), count: count)
            let file = """
                {"airlock":1,"kind":"\(kind)","chainId":"8453","from":"\(SampleKey.payer.address)",
                "to":"\(SampleKey.stranger.address)",\(what),"reference":"\(reference)"}
                """
            let request = try RequestKinds.read(Array(file.utf8))
            let text = Review(PaymentRequest(request, now: SigningWorkspace.start)).text()
            let escape = "u{" + String(letter.value, radix: 16) + "}"
            let shown = text.filter { !$0.isWhitespace && $0 != "\\" }
            #expect(shown.contains(kind + String(repeating: escape, count: count)), "\(text)")
        }
    }
}
