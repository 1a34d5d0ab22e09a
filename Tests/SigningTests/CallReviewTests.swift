import AirlockCalls
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequests
import AirlockSamples
import AirlockSigning
import AirlockStrictJSON
import Foundation
import Testing

/// A call of the kind that a treasurer has to judge, and the policy's rules for the called contracts.
private enum ListedCall {
    case deposit, permit

    static let vault = Address(known: "0xbeeF010f9cb27031ad51e3333f9aF9C6B1228183")
    static var payer: Address { SampleKey.payer.address }

    var contract: Address {
        switch self {
        case .deposit: Self.vault
        case .permit: usdc
        }
    }

    var function: String {
        switch self {
        case .deposit: "deposit(uint256,address)"
        case .permit: "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
        }
    }

    var arguments: String {
        switch self {
        case .deposit: "[\"1500000\",\"\(Self.payer)\"]"
        case .permit:
            """
            ["\(Self.payer)","\(Self.vault)","1500000","1800000000","27","\(Hash.keccak([1]))","\(Hash.keccak([2]))"]
            """
        }
    }

    static let calls = """
        {"\(vault)":{"name":"Vault","functions":{"\(Self.deposit.function)":{
          "arguments":{"1":["\(payer)"]},"spends":{"token":"\(usdc)","argument":"0"}},
          "both(uint256,uint256)":{"spends":[{"token":"\(usdc)","argument":"0"},{"token":"\(usdc)","argument":"1"}]}}},
         "\(usdc)":{"name":"USDC","functions":{"\(Self.permit.function)":{"arguments":{"1":["\(vault)"]}}}}}
        """

    /// Returns the review of a call. If `others` is given, the policy has these rules for calls instead of ``calls``,
    /// and it lists no recipients.
    static func review(
        _ function: String, _ arguments: String, of contract: Address, under others: String? = nil,
        _ change: (inout SampleFile) -> Void = { _ in }
    ) throws -> Review {
        let text = """
            {"airlock":1,"kind":"call","chainId":"8453","from":"\(payer)","to":"\(contract)","function":"\(function)",\
            "arguments":\(arguments),"reference":"treasury 12"}
            """
        var request = PaymentRequest(
            try UnverifiedCall(JSONDocument(Array(text.utf8)).root),
            now: Timestamp(seconds: SampleCharge.deadline - 3600))
        var rules = SampleFile.rules
        rules["calls"] = others ?? calls
        if others != nil { rules["recipients"] = nil }
        change(&rules)
        let policy = SampleFile.policy.with("chains", "{\"8453\":\(rules.json)}")
        request.policy = try Policy(policy.bytes, origin: "policy.json")
        request.conditions = .sample
        request.conditions?.token = nil
        request.conditions?.approval = nil
        request.key = payer
        return Review(request)
    }

    var review: Review { get throws { try Self.review(function, arguments, of: contract) } }
}

@Suite("The review of a call")
struct CallReviewTests {
    @Test("asks a person for each recipient of a token where the policy lists none")
    func recipients() throws {
        let (function, payee) = ("transferAndCall(address,uint256)", SampleKey.stranger.address)
        let review = try ListedCall.review(
            function, "[\"\(payee)\",\"1500000\"]", of: usdc,
            under: "{\"\(usdc)\":{\"name\":\"USDC\",\"functions\":{\"\(function)\":{}}}}")
        let payment = try #require(review.payment, "\(review.problems)")
        #expect(payment.openPoints == [.recipient(payee)])
        #expect(payment.expectedAnswer == "\(payee)".suffix(6).lowercased())
        #expect(payment.question.contains("No policy pins \(payee), to whom the call moves a token."))
    }

    /// Policies, and the expected review under each of them. The reviewed call gives a token or an allowance to the
    /// spender. Each row has five values:
    /// - whether `recipients` lists the spender; `nil` if the policy lists no recipients
    /// - whether `arguments` lists the spender
    /// - whether the policy lists requesters
    /// - the code of the expected problem; `nil` if none is expected
    /// - whether the user must confirm the spender
    private static let listings: [(recipients: Bool?, isPinned: Bool, hasRequesters: Bool, String?, isAsked: Bool)] = [
        (nil, false, false, nil, true), (nil, true, false, nil, false),
        (false, false, false, "policy.recipient-not-listed", false), (false, true, false, nil, false),
        (true, false, false, nil, false), (true, true, false, nil, false),
        (nil, false, true, "policy.no-requester", false), (nil, true, true, nil, false),
        (true, false, true, "policy.no-requester", false), (true, true, true, nil, false),
    ]

    @Test(
        "holds whoever is let take a token against arguments or recipients, and else asks", arguments: listings.indices,
        [
            ("approve(address,uint256)", 0), ("increaseAllowance(address,uint256)", 0),
            ("permit(address,address,uint256,uint256,bytes)", 1), ("transferAndCall(address,uint256)", 0),
        ])
    func spenders(index: Int, function: (name: String, spender: Int)) throws {
        let row = Self.listings[index]
        let spender = SampleKey.stranger.address
        // Rows in which only `arguments` lists the spender do not apply to transfers. The policy must also list the
        // address that receives a transfer in `recipients`.
        if row.recipients == false, function.name.hasPrefix("transfer"), row.isPinned { return }
        let pins = row.isPinned ? "{\"arguments\":{\"\(function.spender)\":[\"\(spender)\"]}}" : "{}"
        let review = try ListedCall.review(
            function.name,
            function.spender == 0
                ? "[\"\(spender)\",\"1500000\"]" : "[\"\(ListedCall.payer)\",\"\(spender)\",\"1500000\",\"1\",\"0x\"]",
            of: usdc, under: "{\"\(usdc)\":{\"name\":\"USDC\",\"functions\":{\"\(function.name)\":\(pins)}}}"
        ) {
            $0["recipients"] = row.recipients.map { $0 ? "{\(quoted(spender)):\"Vault\"}" : "{\(quoted(usdc)):\"\"}" }
            if row.hasRequesters { $0["requesters"] = "{\(quoted(usdc)):\"Supplier\"}" }
        }
        let expected = row.3.map { ["\($0) /arguments/\(function.spender)"] } ?? []
        #expect(review.problems.map { "\($0.code) \($0.field ?? "")" } == expected)
        guard let payment = review.payment else { return }
        #expect(payment.openPoints == (row.isAsked ? [.recipient(spender)] : []))
        if row.isAsked, function.name != "transferAndCall(address,uint256)" {
            #expect(payment.question.contains("No policy pins \(spender), whom the call lets take a token."))
        }
    }

    @Test("does not hold a spender for listed that an argument of another position lists")
    func otherPosition() throws {
        let function = "permit(address,address,uint256,uint256,bytes)"
        let spender = SampleKey.stranger.address
        let review = try ListedCall.review(
            function, "[\"\(ListedCall.payer)\",\"\(spender)\",\"1500000\",\"1\",\"0x\"]", of: usdc,
            under: """
                {"\(usdc)":{"name":"USDC","functions":{"\(function)":{"arguments":{"0":["\(ListedCall.payer)"]}}}}}
                """
        ) { $0["recipients"] = "{}" }
        #expect(review.problems.map(\.code) == ["policy.recipient-not-listed"])
    }

    @Test("refuses a call that is too long to be shown whole, by arguments or by data")
    func long() throws {
        let functions = "{\"\(ListedCall.vault)\":{\"name\":\"V\",\"functions\":{\"f(bytes)\":{},\"g(uint8[])\":{}}}}"
        func isTooLong(_ function: String, _ arguments: String, under rules: String = functions) throws -> Bool {
            let review = try ListedCall.review(function, arguments, of: ListedCall.vault, under: rules)
            return review.problems.contains { $0.code == "blind.too-long" }
        }
        func bytes(_ count: Int) -> String { "[\"0x\(String(repeating: "ab", count: count))\"]" }
        func list(_ count: Int) -> String { "[[\(Array(repeating: "\"1\"", count: count).joined(separator: ","))]]" }
        #expect(try !isTooLong("f(bytes)", bytes(30_000)))
        #expect(try isTooLong("f(bytes)", bytes(40_000)))
        #expect(try !isTooLong("g(uint8[])", list(700)))
        #expect(try isTooLong("g(uint8[])", list(900)))
        #expect(try isTooLong("f(bytes)", bytes(40_000), under: "{}"))
    }

    @Test(
        "shows strings that differ by their white space alone as different ones",
        arguments: [60, 80])
    func whiteSpace(width: Int) throws {
        let wide = String(repeating: "z", count: 90)
        let texts = [
            "a b", "a  b", " a b", "a b ", "a\\tb", "a\\nb", "a\\r\\nb", "a\\u2028b", "\(wide)\(wide)",
            "\(wide) \(wide)",
        ]
        let shown = try texts.map { text in
            try ListedCall.review(
                "set(string)", "[\"\(text)\"]", of: ListedCall.vault,
                under: "{\"\(ListedCall.vault)\":{\"name\":\"Vault\",\"functions\":{\"set(string)\":{}}}}"
            ).text(width: width).split(separator: "contract  ")[0]
        }
        #expect(Set(shown).count == texts.count)
        #expect(shown[0].contains("string\n             \"a b\"\n"))
    }

    @Test(
        "takes an argument for one that is allowed by its bytes, and not by what its characters mean",
        arguments: [
            ("caf\u{E9}", true), ("cafe\u{301}", false), ("K", false),
        ])
    func bytes(text: String, isAllowed: Bool) throws {
        let review = try ListedCall.review(
            "set(string)", "[\"\(text)\"]", of: ListedCall.vault,
            under: """
                {"\(ListedCall.vault)":{"name":"Vault","functions":{"set(string)":{"arguments":{"0":["caf\u{E9}","\u{212A}"]}}}}}
                """)
        #expect(review.problems.map(\.code) == (isAllowed ? [] : ["policy.argument-not-allowed"]))
    }

    @Test("is the text that a person has read and found good", arguments: [60, 80])
    func golden(width: Int) throws {
        let review = try ListedCall.permit.review
        #expect(review.payment != nil, "\(review.problems)")
        // To record the expected texts again, run: AIRLOCK_RECORD=1 swift test --filter CallReviewTests. Then read the
        // recorded texts.
        if ProcessInfo.processInfo.environment["AIRLOCK_RECORD"] != nil {
            try Fixture.record(review.text(width: width), "reviews/call-permit-\(width).txt")
        }
        let golden = try Fixture.bytes("reviews/call-permit-\(width).txt")
        #expect(review.text(width: width) == String(decoding: golden, as: UTF8.self))
    }

    @Test("counts all that it takes of a token together, and needs nobody's digits under a policy that lists it")
    func sums() throws {
        func codes(_ first: String, _ second: String) throws -> [String] {
            try ListedCall.review("both(uint256,uint256)", "[\"\(first)\",\"\(second)\"]", of: ListedCall.vault)
                .problems
                .map { "\($0.code) \($0.field ?? "")" }
        }
        #expect(try codes("1000000", "1000000") == [])
        #expect(try codes("1000001", "1000000") == ["policy.over-payment-cap /arguments/0"])
        #expect(
            try codes("\(UInt256.max)", "\(UInt256.max)")
                == ["policy.over-payment-cap /arguments/0", "policy.over-day-cap /arguments/0"])
        let payment = try #require(try ListedCall.deposit.review.payment)
        #expect(payment.openPoints == [] && payment.expectedAnswer == "sign" && payment.recipientIsPinned)
        #expect(payment.question.hasPrefix("Call deposit(uint256,address) of Vault"))
    }
}
