import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockMessages
import AirlockPaymentFiles
import AirlockPolicies
import AirlockSamples
import AirlockSecretKeys
import AirlockSigning
import AirlockStrictJSON
import AirlockTestSupport
import AirlockTypedData
import Foundation
import Testing

/// A valid permit of USDC, and a policy that allows it. A test changes one of them.
struct MessageDraft {
    var spender = SampleCharge.recipient
    var value = "1050000"
    var nonce = "7"
    var deadline = SampleCharge.deadline
    var owner = SampleKey.payer.address
    var name = "USD Coin"
    var policy = SampleFile.policy.with("chains", "{\"8453\":\(SampleFile.rules.with("messages", "[]").json)}")
    var descriptors: [String] = []
    var text: String?
    var edits: [(inout MessageRequest) -> Void] = []

    mutating func rules(_ change: (inout SampleFile) -> Void) {
        var rules = SampleFile.rules.with("messages", "[]")
        change(&rules)
        policy["chains"] = "{\"8453\":\(rules.json)}"
    }

    var content: String {
        text ?? """
            {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},
            {"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"}],
            "Permit":[{"name":"owner","type":"address"},{"name":"spender","type":"address"},
            {"name":"value","type":"uint256"},{"name":"nonce","type":"uint256"},{"name":"deadline","type":"uint256"}]},
            "primaryType":"Permit","domain":{"name":"\(name)","version":"2","chainId":8453,"verifyingContract":"\(usdc)"},
            "message":{"owner":"\(owner)","spender":"\(spender)","value":"\(value)","nonce":"\(nonce)",
            "deadline":"\(deadline)"}}
            """
    }

    func request() throws -> MessageRequest {
        var request = MessageRequest(
            try SignableMessage(Array(content.utf8)), now: Timestamp(seconds: SampleCharge.deadline - 3600))
        request.policy = try Policy(policy.bytes, origin: "policy.json")
        request.key = SampleKey.payer.address
        if !descriptors.isEmpty {
            let scratch = try Scratch()
            for (index, text) in descriptors.enumerated() { scratch.file("\(index).json", text) }
            request.descriptors = try DescriptorFolder(
                scratch.path, policy: request.policy, at: Timestamp(seconds: SampleCharge.deadline))
        }
        for edit in edits { edit(&request) }
        return request
    }

    static func review(_ change: (inout MessageDraft) -> Void = { _ in }) throws -> MessageReview {
        var draft = MessageDraft()
        change(&draft)
        return MessageReview(try draft.request())
    }

    static func codes(_ change: (inout MessageDraft) -> Void) throws -> [String] {
        try review(change).problems.map { problem in problem.field.map { "\(problem.code) \($0)" } ?? problem.code }
    }
}

@Suite("The review of a message")
struct MessageReviewTests {
    @Test("refuses nothing of a permit that the policy allows, and asks for one word")
    func allowed() throws {
        let review = try MessageDraft.review()
        #expect(review.problems.isEmpty)
        let reviewed = try #require(review.reviewed)
        #expect(reviewed.expectedAnswer == "sign")
        #expect(throws: Never.self) { try ConsentedMessage.ofPolicy(for: reviewed) }
        #expect(reviewed.question.contains("take up to 1.05 USDC on base (8453)"))
    }

    @Test("refuses what the policy does not list, by rule and place")
    func policy() throws {
        #expect(
            try MessageDraft.codes { $0.rules { $0["recipients"] = "{}" } }
                == ["policy.recipient-not-listed /message/spender"])
        #expect(
            try MessageDraft.codes { $0.rules { $0["currencies"] = "{}" } }
                == ["policy.currency-not-listed /domain/verifyingContract"])
        #expect(try MessageDraft.codes { $0.value = "2000001" } == ["policy.over-payment-cap /message/value"])
        #expect(try MessageDraft.codes { $0.policy["chains"] = "{}" } == ["policy.chain-not-listed /domain/chainId"])
        #expect(try MessageDraft.codes { $0.name = "USD Coins" } == ["message.not-pinned /domain"])
    }

    @Test("refuses every message where the policy has no messages, understood or not, and by policy too")
    func member() throws {
        for name in ["USD Coin", "USD Coins"] {
            let review = try MessageDraft.review {
                $0.name = name
                $0.rules { $0["messages"] = nil }
            }
            #expect(review.problems.map { "\($0.code) \($0.field ?? "")" } == ["policy.kind /domain"])
            #expect(review.problems.map(\.expected) == ["/chains/8453/messages in the policy"])
            #expect(review.reviewed == nil)
        }
    }

    @Test("under a policy that lists requesters, who sign no messages, has to be listed by its domain and type")
    func requesters() throws {
        let requesters = "{\(quoted(SampleKey.stranger.address)):\"Supplier\"}"
        #expect(
            try MessageDraft.codes { $0.rules { $0["requesters"] = requesters } } == ["policy.no-requester /domain"])
        let separator = try TypedData(Array(MessageDraft().content.utf8)).domainSeparator
        #expect(
            try MessageDraft.codes {
                $0.rules {
                    $0["requesters"] = requesters
                    $0["messages"] = "[{\"domainSeparator\":\"\(separator)\",\"types\":[\"Permit\"],\"name\":\"USDC\"}]"
                }
            } == [])
    }

    @Test("refuses an unlimited amount, whatever the policy lists")
    func unlimited() throws {
        let codes = try MessageDraft.codes {
            $0.value = "\(UInt256.max)"
            $0.rules {
                $0["currencies"] =
                    SampleFile.currencies.with(
                        "\(usdc)", SampleFile.tokenCurrency.with("perPayment", nil).with("perDay", nil).json
                    ).json
            }
        }
        #expect(codes == ["message.unlimited /message/value"])
    }

    @Test("refuses what has expired, what is another's, another chain than was typed, and more than a day's cap")
    func others() throws {
        #expect(try MessageDraft.codes { $0.deadline = 1 } == ["message.expired /message/deadline"])
        #expect(try MessageDraft.codes { $0.owner = usdc } == ["message.other-owner /message/owner"])
        #expect(
            try MessageDraft.codes { $0.edits.append { $0.chain = .ethereum } } == ["conditions.other-chain chain:"])
        #expect(
            try MessageDraft.codes {
                $0.rules {
                    $0["currencies"] =
                        SampleFile.currencies.with("\(usdc)", SampleFile.tokenCurrency.with("perDay", "\"1\"").json)
                        .json
                }
            } == ["policy.over-day-cap /message/value"])
        #expect(
            try MessageDraft.codes { $0.edits.append { $0.replace = .keccak([1]) } }
                == ["ledger.nothing-to-replace replace:"])
    }

    @Test("has a person type the digits of a spender that no policy pins, and is not signed by policy then")
    func unpinned() throws {
        let reviewed = try #require(try MessageDraft.review { $0.rules { $0["recipients"] = nil } }.reviewed)
        #expect(reviewed.expectedAnswer == String("\(SampleCharge.recipient)".suffix(6)).lowercased())
        #expect(throws: Problem.self) { try ConsentedMessage.ofPolicy(for: reviewed) }
        #expect(throws: Problem.self) { try ConsentedMessage.typed("sign", for: reviewed) }
        #expect(throws: Never.self) { try ConsentedMessage.typed(reviewed.expectedAnswer, for: reviewed) }
        #expect(throws: Problem.self) { try ConsentedMessage.typed(nil, for: reviewed) }
        let uncapped = try #require(
            try MessageDraft.review {
                $0.rules {
                    $0["currencies"] =
                        SampleFile.currencies.with(
                            "\(usdc)", SampleFile.tokenCurrency.with("perPayment", nil).json
                        ).json
                }
            }.reviewed)
        #expect(throws: Problem.self) { try ConsentedMessage.ofPolicy(for: uncapped) }
    }

    @Test("allows what is not understood where the policy lists its domain and type, by name or in full")
    func pinned() throws {
        let draft = MessageDraft()
        let order = draft.content.replacing("Permit", with: "Order")
        let data = try TypedData(Array(order.utf8))
        #expect(try MessageDraft.codes { $0.text = order } == ["message.not-pinned /domain"])
        for type in ["Order", data.encodeType] {
            let pin = """
                [{"domainSeparator":"\(data.domainSeparator)","types":["\(type)"],"name":"Orders"}]
                """
            let review = try MessageDraft.review {
                $0.text = order
                $0.rules { $0["messages"] = pin }
            }
            #expect(review.problems.isEmpty && review.request.message.terms == nil)
            #expect(review.text().contains("listed as    Orders\n"))
            #expect(review.checks.contains { $0.warnings.contains { $0.hasPrefix("the type is not understood") } })
        }
        let other = "[{\"domainSeparator\":\"\(Hash.keccak([1]))\",\"types\":[\"Order\"],\"name\":\"Orders\"}]"
        #expect(
            try MessageDraft.codes {
                $0.text = order
                $0.rules { $0["messages"] = other }
            } == ["message.not-pinned /domain"])
    }

    @Test("allows texts where the policy does, and refuses a sign-in of another account")
    func texts() throws {
        #expect(try MessageDraft.codes { $0.text = "I agree." } == ["message.text-not-allowed policy:"])
        let signIn = "example.com wants you to sign in with your Ethereum account:\n"
        let rest = """


            Hello.

            URI: https://example.com/login
            Version: 1
            Chain ID: 8453
            Nonce: 32891756
            Issued At: 2026-03-10T08:30:49Z
            """
        let review = try MessageDraft.review {
            $0.text = signIn + "\(SampleKey.payer.address)\(rest)"
            $0.policy["text"] = "true"
        }
        #expect(review.problems.isEmpty)
        #expect(review.text().contains("sign-in to   example.com\n"))
        #expect(
            try MessageDraft.codes {
                $0.text = signIn + "\(usdc)\(rest)"
                $0.policy["text"] = "true"
            } == ["message.other-owner line 2"])
        let now = SampleCharge.deadline - 3600
        // A time in the future causes a warning for the user, not a problem.
        for (member, warning) in [
            ("Issued At", "which is still to come"), ("Not Before", "it cannot be used before"),
        ] {
            for (seconds, isWarned) in [(now + 1, true), (now, false)] {
                let time = Timestamp(seconds: seconds)
                let more =
                    member == "Issued At"
                    ? rest.replacing("2026-03-10T08:30:49Z", with: "\(time)") : "\(rest)\nNot Before: \(time)"
                let review = try MessageDraft.review {
                    $0.text = signIn + "\(SampleKey.payer.address)\(more)"
                    $0.policy["text"] = "true"
                }
                #expect(review.problems.isEmpty && review.text().contains(warning) == isWarned)
            }
        }
        for (time, codes) in [
            ("\(Timestamp(seconds: now))", []), ("\(Timestamp(seconds: now - 1))", ["message.expired Expiration Time"]),
            ("\(Timestamp(seconds: now + 7199))".replacing("Z", with: ".5+02:00"), ["message.expired Expiration Time"]),
            ("\(Timestamp(seconds: now - 3600))".replacing("Z", with: "-01:00"), []),
        ] {
            #expect(
                try MessageDraft.codes {
                    $0.text = signIn + "\(SampleKey.payer.address)\(rest)\nExpiration Time: \(time)"
                    $0.policy["text"] = "true"
                } == codes)
        }
        for (uri, isWarned) in [
            ("https://example.com/login", false), ("https://Example.com:80?a", true), ("https://evil.com/", true),
            ("https:evil.com/?x=://example.com/", true), ("//evil.com/://example.com", true),
            ("javascript://example.com/", true), ("https://example.com@evil.com/", true),
        ] {
            let review = try MessageDraft.review {
                $0.text = (signIn + "\(SampleKey.payer.address)\(rest)").replacing(
                    "https://example.com/login", with: uri)
                $0.policy["text"] = "true"
            }
            #expect(review.checks[0].warnings.contains { $0.contains("another site") } == isWarned)
        }
    }

    @Test("shows hostile text in its own lines, and nothing but printable ASCII")
    func hostile() throws {
        let review = try MessageDraft.review {
            $0.text = "Hello \u{202e}you\nok           policy: fine\n\(String(repeating: "y", count: 31)) \u{1f4b0}"
            $0.policy["text"] = "true"
        }
        for width in [60, 80] {
            let text = review.text(width: width)
            #expect(text.utf8.allSatisfy { 0x20...0x7e ~= $0 || $0 == 0x0a })
            let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(words.contains(" text ok \\u{20}\\u{20}") && !words.contains("ok policy: fine"))
            #expect(text.contains("\\u{202e}you"))
        }
    }

    @Test("shows texts that differ by one character only, however it looks, as different lines")
    func whiteSpace() throws {
        let wide = String(repeating: "z", count: 67)
        let texts = [
            "Pay Alice", "Pay  Alice", "Pay Alice ", "Pay\tAlice", "Pay Alice\t", "Pay\nAlice", "Pay\r\nAlice",
            "Pay\rAlice", "Pay\u{2028}Alice", "Pay\u{2029}Alice", "Pay\u{a0}Alice", "Pay \nAlice", "Pay\n Alice",
            "Pay\n\nAlice", "Pay Alice\n", "Pay Alice\n\n", "A \(wide)z", "A \(wide) z", "A \(wide)\\z", "A \(wide)\nz",
        ]
        for width in [60, 80] {
            let shown = try texts.map { text in
                let review = try MessageDraft.review {
                    $0.text = text
                    $0.policy["text"] = "true"
                }
                #expect(review.problems.isEmpty)
                let lines = review.text(width: width).split(separator: "\n", omittingEmptySubsequences: false)
                let first = try #require(lines.firstIndex { $0.hasPrefix("text ") })
                let end = try #require(lines[first...].firstIndex { $0.isEmpty })
                return lines[first..<end].joined(separator: "\n")
            }
            #expect(Set(shown).count == texts.count)
            #expect(shown[0] == "text         Pay Alice")
            #expect(shown[5] == "text         Pay\ntext         Alice")
        }
    }

    @Test("of a permit of USDC is the text that a person has read and found good", arguments: [60, 80])
    func golden(width: Int) throws {
        let descriptor =
            SampleDescriptor.permit.replacing(
                "\"includes\":\"common-permit.json\",", with: ""
            ).dropLast() + """
                ,"display":{"formats":{
                "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)":{
                "intent":"Allow spending of USDC","interpolatedIntent":"Allow {spender} to take {value} until {deadline}",
                "fields":[{"path":"spender","label":"Spender","format":"addressName"},
                {"path":"value","label":"Up to","format":"tokenAmount","params":{"tokenPath":"@.to"}},
                {"path":"deadline","label":"Until","format":"date","params":{"encoding":"timestamp"}}]}}}}
                """
        let text = String(descriptor)
        let review = try MessageDraft.review {
            $0.descriptors = [text]
            $0.policy["descriptors"] = "[\(quoted((try? SampleDescriptor.hash(text)) ?? .zero))]"
        }
        #expect(review.problems.isEmpty && review.rendering.description != nil)
        if ProcessInfo.processInfo.environment["AIRLOCK_RECORD"] != nil {
            try Fixture.record(review.text(width: width), "reviews/message-permit-\(width).txt")
        }
        let golden = try Fixture.bytes("reviews/message-permit-\(width).txt")
        #expect(review.text(width: width) == String(decoding: golden, as: UTF8.self))
    }
}

@Suite("A message that is signed")
struct MessageSigningTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private var ledger: LedgerFile { LedgerFile(scratch("ledger.jsonl")) }

    private func sign(_ change: (inout MessageDraft) -> Void = { _ in }) throws -> SignatureFile {
        let ledger = ledger
        let review = try MessageDraft.review {
            change(&$0)
            $0.edits.append { $0.ledger = (try? ledger.read()).flatMap(\.self) }
        }
        if let problems = ProblemList(review.problems) { throw problems }
        let reviewed = try #require(review.reviewed)
        return try ConsentedMessage.ofPolicy(for: reviewed).sign(with: SampleKey.payer.secret, recordingIn: ledger)
    }

    private func codes(_ change: (inout MessageDraft) -> Void) -> [String] {
        do {
            _ = try sign(change)
            return []
        } catch { return ((error as? any RuleBroken)?.problems ?? []).map(\.code) }
    }

    @Test("comes as a file that proves itself, and the same again, recorded once")
    func signs() throws {
        let signed = try sign()
        #expect(throws: Never.self) { try signed.verify() }
        #expect(signed.signer == SampleKey.payer.address && signed.chain == .base && signed.request == "message")
        #expect(try SignatureFile(signed.json.bytes) == signed)
        #expect(try sign() == signed)
        #expect(try scratch.content("ledger.jsonl").split(separator: "\n").count == 1)
    }

    @Test("uses up its nonce: another with the same one is refused, unless it takes its place")
    func nonces() throws {
        let first = try sign()
        #expect(codes { $0.value = "1" } == ["ledger.nonce-already-signed"])
        #expect(codes { $0.nonce = "8" } == [])
        let digest = first.digest
        #expect(
            codes {
                $0.value = "1"
                $0.edits.append { $0.replace = digest }
            } == [])
    }

    /// Returns a Permit2 message that allows 1000 units of each token, with these nonces.
    private func allowance(_ details: [(token: Address, nonce: Int)], isBatch: Bool = true, until: UInt64 = 0) -> String
    {
        let parts = details.map { token, nonce in
            """
            {"token":"\(token)","amount":"1000","expiration":"\(SampleCharge.deadline)","nonce":"\(nonce)"}
            """
        }.joined(separator: ",")
        return """
            {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"chainId","type":"uint256"},
            {"name":"verifyingContract","type":"address"}],"\(isBatch ? "PermitBatch" : "PermitSingle")":[
            {"name":"details","type":"PermitDetails\(isBatch ? "[]" : "")"},{"name":"spender","type":"address"},
            {"name":"sigDeadline","type":"uint256"}],"PermitDetails":[{"name":"token","type":"address"},
            {"name":"amount","type":"uint160"},{"name":"expiration","type":"uint48"},{"name":"nonce","type":"uint48"}]},
            "primaryType":"\(isBatch ? "PermitBatch" : "PermitSingle")","domain":{"name":"Permit2","chainId":8453,
            "verifyingContract":"0x000000000022D473030F116dDEE9F6B43aC78BA3"},"message":{
            "details":\(isBatch ? "[\(parts)]" : parts),"spender":"\(SampleCharge.recipient)",
            "sigDeadline":"\(SampleCharge.deadline + until)"}}
            """
    }

    @Test("by Permit2 uses up the nonce of each token: no single one, nor another batch, has one of them again")
    func allowances() throws {
        let other = try Address("0x4200000000000000000000000000000000000006")
        func draft(_ text: String, _ replace: Hash? = nil) -> (inout MessageDraft) -> Void {
            { draft in
                draft.text = text
                draft.rules {
                    $0["currencies"] =
                        SampleFile.currencies.with("\(other)", SampleFile.tokenCurrency.with("decimals", "\"18\"").json)
                        .json
                }
                draft.edits.append { $0.replace = replace }
            }
        }
        let taken = ["ledger.nonce-already-signed"]
        let batch = try sign(draft(allowance([(usdc, 0), (other, 0)])))
        #expect(try sign(draft(allowance([(usdc, 0), (other, 0)]))) == batch, "the same again")
        #expect(try scratch.content("ledger.jsonl").split(separator: "\n").count == 2, "a line for each token, once")
        let lines = try scratch.content("ledger.jsonl")
        scratch.file("ledger.jsonl", String(lines.prefix { $0 != "\n" }) + "\n")
        #expect(try sign(draft(allowance([(usdc, 0), (other, 0)]))) == batch, "again after a write that was cut off")
        #expect(try scratch.content("ledger.jsonl").split(separator: "\n").count == 2, "which adds what was missing")
        #expect(codes(draft(allowance([(other, 0), (usdc, 0)]))) == taken, "in another order")
        #expect(codes(draft(allowance([(usdc, 1), (other, 0)]))) == taken, "with one of the nonces")
        for token in [usdc, other] {
            #expect(codes(draft(allowance([(token, 0)], isBatch: false))) == taken)
            #expect(codes(draft(allowance([(token, 0)]))) == taken)
        }
        let single = try sign(draft(allowance([(usdc, 0)], isBatch: false), batch.digest))
        #expect(
            codes(draft(allowance([(usdc, 0)], isBatch: false, until: 1), batch.digest)).sorted() == [
                "ledger.nonce-already-signed", "ledger.nothing-to-replace",
            ])
        #expect(codes(draft(allowance([(usdc, 0)], isBatch: false, until: 1), single.digest)) == [])
        #expect(codes(draft(allowance([(other, 0)], isBatch: false))) == taken, "the other one was not replaced")
        #expect(codes(draft(allowance([(usdc, 1)], isBatch: false))) == [])
        #expect(codes(draft(allowance([(usdc, 1), (other, 1)]))) == taken, "a batch after a single one")
        #expect(codes(draft(allowance([(usdc, 2), (other, 1)]))) == [])
    }

    @Test("counts in the cap of a day")
    func caps() throws {
        for nonce in 1...4 {
            let found = codes {
                $0.nonce = "\(nonce)"
                $0.value = "1600000"
            }
            #expect(found == (nonce < 4 ? [] : ["policy.over-day-cap"]))
        }
    }

    @Test("has a file of which an altered byte is found")
    func altered() throws {
        let signed = try sign()
        let text = signed.json.text
        let digest = "\(signed.digest)"
        let other = "\(Hash.keccak([1]))"
        for (old, new, codes) in [
            (digest, other, ["signature.other-signer", "payment.code-mismatch"]),
            ("\(signed.signer)", "\(usdc)", ["signature.other-signer"]),
            (signed.code, "0000-0000-0000", ["payment.code-mismatch"]),
        ] {
            let altered = try SignatureFile(Array(text.replacing(old, with: new).utf8))
            do {
                try altered.verify()
                Issue.record("\(old) altered")
            } catch { #expect(error.problems.map(\.code) == codes) }
        }
        #expect(throws: ProblemList.self) {
            try SignatureFile(Array(text.replacing("{\"airlock\"", with: "{\"a\":1,\"airlock\"").utf8))
        }
    }
}
