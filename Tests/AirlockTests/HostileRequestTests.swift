import AirlockStrictJSON
import Foundation
import Testing
import AirlockToolSupport
import AirlockSamples

/// A request that must be refused, and what the tool must report about it.
private struct Hostile: Sendable {
    let name: String
    let request: String
    let exit: Int32
    /// The expected problems, in order. Each is written as the error code, a space, and the field that the tool
    /// reports.
    let problems: [String]

    /// Returns a transfer file in which one member has another value, or is missing.
    static func file(_ member: String, _ value: String?, _ exit: Int32, _ problems: String...) -> Hostile {
        var members = right.filter { $0.0 != member }
        if let value { members.append((member, value)) }
        let text = members.map { "\"\($0)\":\($1)" }.joined(separator: ",")
        return Hostile(name: "\(member) \(value ?? "missing")", request: "{\(text)}", exit: exit, problems: problems)
    }

    static func uri(_ text: String, _ exit: Int32, _ problems: String...) -> Hostile {
        Hostile(name: text, request: text, exit: exit, problems: problems)
    }

    static let shop = "\(SamplePayment().recipient)"
    static let usdc = "\(SamplePayment.usdc)"
    static let payer = "\(SamplePayment.payer)"
    static let nobody = "0x0000000000000000000000000000000000000000"

    private static let right: [(String, String)] = [
        ("airlock", "1"), ("kind", "\"transfer\""), ("chainId", "\"8453\""), ("from", "\"\(payer)\""),
        ("to", "\"\(shop)\""), ("token", "\"\(usdc)\""), ("amount", "\"1050000\""), ("reference", "\"invoice 7\""),
        ("expires", "\"2026-03-11T08:30:49Z\""),
    ]

    // MARK: Files

    static let files = heads + types + chains + addresses + amounts + references + times + signatures

    private static let heads = [
        file("airlock", nil, 65, "json.missing-field /airlock"),
        file("airlock", "2", 65, "format.unknown-version /airlock"),
        file("airlock", "\"1\"", 65, "json.wrong-type /airlock"),
        file("airlock", "null", 65, "json.wrong-type /airlock"),
        file("airlock", "1.0", 65, "format.unknown-version /airlock"),
        file("kind", nil, 65, "request.unknown-kind /kind"), file("kind", "1", 65, "request.unknown-kind /kind"),
        file("kind", "\"Transfer\"", 65, "request.unknown-kind /kind"),
        file("kind", "\"transfer \"", 65, "request.unknown-kind /kind"),
        file("memo", "\"x\"", 65, "json.unknown-field /memo"), file("data", "\"0x\"", 65, "json.unknown-field /data"),
        file("To", "\"\(shop)\"", 65, "json.unknown-field /To"),
        file("value", "\"1\"", 65, "json.unknown-field /value"),
    ]

    /// Transfer files with one wrong member. Every member gets values of wrong types, and is given twice. Three members
    /// are also left out or set to `null`.
    private static let types =
        ["chainId", "from", "to", "token", "amount", "reference", "expires", "requester", "signature"]
        .flatMap { member in
            ["5", "true", "[]", "{}"].map { file(member, $0, 65, "json.wrong-type /\(member)") } + [
                file(member, "\"a\",\"\(member)\":\"b\"", 65, "json.duplicate-key /\(member)"),
                file(
                    member, "\"a\",\"\\u00\(String(member.utf8.first ?? 0, radix: 16))\(member.dropFirst())\":\"b\"",
                    65,
                    "json.duplicate-key /\(member)"),
            ]
        }
        + ["chainId", "to", "amount"].flatMap { member in
            [
                file(member, nil, 65, "json.missing-field /\(member)"),
                file(member, "null", 65, "json.wrong-type /\(member)"),
            ]
        }

    private static let notIntegers = ["", " ", "x", "-1", "+1", "01", "1e3", "1.0", "0x10", "1_000", "1 ", "\\u0661"]

    private static let chains =
        notIntegers.map { file("chainId", "\"\($0)\"", 65, "value.not-a-decimal-integer /chainId") } + [
            file("chainId", "\"0\"", 65, "value.not-a-chain /chainId"),
            file("chainId", "\"18446744073709551616\"", 65, "value.not-a-chain /chainId"),
            file("chainId", "\"1\"", 10, "conditions.other-chain /chainId", "policy.chain-not-listed /chainId"),
        ]

    private static let amounts =
        notIntegers.map { file("amount", "\"\($0)\"", 65, "value.not-a-decimal-integer /amount") } + [
            file("amount", "\"0\"", 65, "transfer.zero-amount /amount"),
            // 2^256, which is too large for a uint256.
            file(
                "amount", "\"115792089237316195423570985008687907853269984665640564039457584007913129639936\"", 65,
                "value.too-large /amount"),
            file("amount", "\"5000001\"", 10, "money.token-balance-too-low /token/balance"),
            file(
                "amount", "\"100000001\"", 10, "policy.over-payment-cap /amount",
                "money.token-balance-too-low /token/balance"),
        ]

    private static let addresses =
        ["from", "to", "token", "requester"].flatMap { member in
            [
                "", "0x", String(shop.dropLast()), shop + "1", String(shop.dropFirst(2)), "0X" + shop.dropFirst(2),
                shop.dropLast() + "g", " " + shop, "vitalik.eth",
            ].map { file(member, "\"\($0)\"", 65, "value.not-an-address /\(member)") } + [
                // The letter F of the address is in lower case here, so the EIP-55 checksum is wrong.
                file(member, "\"\(shop.replacing("F72581", with: "f72581"))\"", 65, "value.wrong-checksum /\(member)")
            ]
        } + [
            file("from", "\"\(nobody)\"", 10, "conditions.other-sender /sender", "key.not-the-payer /from"),
            file(
                "from", "\"\(SamplePayment.operator)\"", 10, "conditions.other-sender /sender",
                "key.not-the-payer /from"),
            file("to", "\"\(nobody)\"", 10, "transfer.null-recipient /to"),
            file("to", "\"\(payer)\"", 10, "transfer.to-the-payer /to"),
            file("to", "\"\(usdc)\"", 10, "transfer.to-the-token /to"),
            file("to", "\"\(SamplePayment.operator)\"", 10, "policy.recipient-not-listed /to"),
            file("token", "\"\(nobody)\"", 65, "transfer.zero-token /token"),
            file("token", "\"\(shop)\"", 10, "transfer.to-the-token /to"),
            file(
                "token", "\"\(SamplePayment.operator)\"", 10, "policy.currency-not-listed /token",
                "conditions.other-token /token/address"),
            file("requester", "\"\(shop)\"", 65, "transfer.requester-without-signature /requester"),
        ]

    private static let references =
        ["", String(repeating: "a", count: 257), String(repeating: "\u{e9}", count: 129)]
        .map { file("reference", "\"\($0)\"", 65, "transfer.reference-length /reference") }
        // References with forbidden characters. The first ones have a space at either end, two spaces in a row, a line
        // feed, a tab, NUL, a no-break space or U+2028. The others have an invisible character: a zero-width space, a
        // right-to-left override, a soft hyphen, a variation selector or a tag.
        + [
            " ", " a", "a ", "a  b", "a\\n", "a\\tb", "a\\u0000b", "a\\u00a0b", "a\\u2028b", "a\\u200bb", "a\\u202eb",
            "a\\u00adb", "a\\ufe0fb", "a\\udb40\\udc41b",
        ].map { file("reference", "\"\($0)\"", 65, "transfer.reference-blanks /reference") }
        // These references are not in Unicode normalization form C (NFC). The same text in NFC looks identical, and it
        // could be the reference of a request that was already paid.
        + ["cafe\u{301}", "\u{212B}ngstr\u{F6}m", "\u{1112}\u{1161}"].map {
            file("reference", "\"\($0)\"", 65, "transfer.reference-form /reference")
        }
        + [file("reference", "\"\\ud800\"", 65, "json.lone-surrogate /reference")]

    private static let times =
        [
            "", "x", "0", "1773216649", "2026-03-11", "2026-03-11T08:30:49", "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-03-11T24:00:01Z", "2026-03-11T08:30:60Z", "10000-01-01T00:00:00Z", "2026-03-11 08:30:49Z ",
        ].map { file("expires", "\"\($0)\"", 65, "value.not-a-time /expires") } + [
            file("expires", "\"2026-03-10T08:30:48Z\"", 10, "transfer.expired /expires"),
            file("expires", "\"1970-01-01T00:00:00Z\"", 10, "transfer.expired /expires"),
        ]

    private static let signatures =
        ["", "x", "11", "0x1", "0x1g"].map { file("signature", "\"\($0)\"", 65, "value.not-hex /signature") }
        + [0, 1, 64, 66].map { size in
            file("signature", "\"0x\(repeated("11", size))\"", 10, "transfer.signature-form /signature")
        } + [
            file(
                "signature", "\"0x\(repeated("11", 65))\"", 65, "transfer.requester-without-signature /signature"),
            // Four signatures of an invalid form: v is 17; s is above half of the curve's order; r and s are zero; v is
            // 0.
            signed(repeated("11", 65), "transfer.signature-form"),
            signed(repeated("11", 32) + repeated("ff", 32) + "1b", "transfer.signature-form"),
            signed(repeated("00", 64) + "1b", "transfer.signature-form"),
            signed(repeated("11", 64) + "00", "transfer.signature-form"),
            // This signature has a valid form, because its r is the x coordinate of the curve's generator. But the
            // requester did not make the signature.
            signed(
                "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798" + repeated("11", 32) + "1b",
                "transfer.signature-mismatch"),
            file(
                "requester", "\"\(nobody)\",\"signature\":\"0x\(repeated("11", 65))\"", 65,
                "transfer.null-requester /requester"),
        ]

    private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    private static func signed(_ digits: String, _ code: String) -> Hostile {
        file("requester", "\"\(shop)\",\"signature\":\"0x\(digits)\"", 10, "\(code) /signature")
    }

    // MARK: Payment URIs

    private static let native = "ethereum:\(shop)@8453"
    private static let transfer = "ethereum:\(usdc)@8453/transfer"

    /// Payment URIs that break the grammar of EIP-681, or that Airlock must refuse for another reason.
    static let uris =
        [
            uri("ethereum:\(shop)?value=1", 65, "uri.no-chain chain id"),
            uri(
                "ethereum:\(shop)@1?value=1", 10, "conditions.other-chain /chainId", "policy.chain-not-listed chain id"),
            uri("ethereum:\(shop)@0?value=1", 65, "value.not-a-chain chain id"),
            uri("ethereum:\(shop)@18446744073709551616?value=1", 65, "value.not-a-chain chain id"),
            uri("ethereum:vitalik.eth@8453?value=1", 65, "uri.not-an-address target"),
            uri(
                "ethereum:vitalik.eth?value=-1", 65, "uri.not-an-address target", "uri.no-chain chain id",
                "uri.negative value"),
            uri(
                "ethereum://\(shop)@8453?value=1", 65, "uri.not-an-address target", "uri.no-chain chain id",
                "uri.other-function function"),
            uri("ethereum:pay-pay-\(shop)@8453?value=1", 65, "uri.not-an-address target"),
            uri("ethereum:0X\(shop.dropFirst(2))@8453?value=1", 65, "uri.not-an-address target"),
            uri("ethereum:\(shop.dropLast())@8453?value=1", 65, "value.not-an-address target"),
            uri(
                "ethereum:\(shop.replacing("F72581", with: "f72581"))?value=1", 65, "value.wrong-checksum target",
                "uri.no-chain chain id"),
            uri("ethereum:\(nobody)@8453?value=1", 10, "transfer.null-recipient target"),
            uri(
                "ethereum:\(payer)@8453?value=1", 10, "policy.recipient-not-listed target",
                "transfer.to-the-payer target"),
            uri("ethereum:\(SamplePayment.operator)@8453?value=1", 10, "policy.recipient-not-listed target"),
            uri("\(native)", 65, "uri.no-amount value"), uri("\(native)?value=0", 65, "transfer.zero-amount value"),
            uri("\(native)?value=-1", 65, "uri.negative value"),
            uri("\(native)?value=1.5", 65, "uri.not-an-integer value"),
            uri("\(native)?value=2.0145e3", 65, "uri.not-an-integer value"),
            uri("\(native)?value=1e78", 65, "uri.too-large value"),
            uri("\(native)?value=1e18446744073709551617", 65, "uri.too-large value"),
            uri("\(native)?value=1&value=1", 65, "uri.repeated-parameter value"),
            uri("\(native)?value=1&gas=1", 65, "uri.gas gas"),
            uri("\(native)?value=1&gasLimit=1", 65, "uri.gas gasLimit"),
            uri("\(native)?value=1&gasPrice=1", 65, "uri.gas gasPrice"),
            uri("\(native)?value=1&data=0x", 65, "uri.unknown-parameter data"),
            uri("\(native)?Value=1", 65, "uri.unknown-parameter Value", "uri.no-amount value"),
            uri("\(native)/?value=1", 65, "uri.other-function function"),
            uri("\(native)/approve?address=\(shop)&uint256=1", 65, "uri.other-function function"),
            uri("\(native)/transferFrom?address=\(payer)&uint256=1", 65, "uri.other-function function"),
            uri("\(native)/setApprovalForAll?address=\(shop)&bool=true", 65, "uri.other-function function"),
            uri("\(native)/Transfer?address=\(shop)&uint256=1", 65, "uri.other-function function"),
            uri("\(native)/transfer/x?address=\(shop)&uint256=1", 65, "uri.other-function function"),
            uri("\(transfer)?uint256=1&address=\(shop)", 65, "uri.other-argument-order address"),
            uri("\(transfer)?uint256=1", 65, "uri.no-recipient address"),
            uri("\(transfer)?address=\(shop)", 65, "uri.no-amount uint256"),
            uri("\(transfer)?address=\(shop)&uint=1", 65, "uri.unknown-parameter uint", "uri.no-amount uint256"),
            uri("\(transfer)?address=\(shop)&uint256=1&value=1", 65, "uri.unknown-parameter value"),
            uri("\(transfer)?address=\(shop)&uint256=1&bytes=0x", 65, "uri.unknown-parameter bytes"),
            uri("\(transfer)?address=\(shop)&address=\(payer)&uint256=1", 65, "uri.repeated-parameter address"),
            uri("\(transfer)?address=vitalik.eth&uint256=1", 65, "value.not-an-address address"),
            uri("\(transfer)?address=\(nobody)&uint256=1", 10, "transfer.null-recipient address"),
            uri("\(transfer)?address=\(usdc)&uint256=1", 10, "transfer.to-the-token address"),
            uri(
                "\(transfer)?address=\(payer)&uint256=1", 10, "policy.recipient-not-listed address",
                "transfer.to-the-payer address"),
            uri("\(transfer)?address=\(shop)&uint256=0", 65, "transfer.zero-amount uint256"),
            uri("ethereum:\(nobody)@8453/transfer?address=\(shop)&uint256=1", 65, "transfer.zero-token target"),
        ]
        + ["8453abc", "", "08453", "0x2105", "-1", "+8453", "8453@1", "8453%20", "8453#x"].map {
            uri("ethereum:\(shop)@\($0)?value=1", 65, "value.not-a-decimal-integer chain id")
        }
        + ["", "e1", ".5e1", "5.e1", "1e", "1e-2", "1e+2", "++1", "0x10", "1_000", "1%30", "=1", "1;value=2", "1#x"].map
    {
        uri("\(native)?value=\($0)", 65, "uri.not-a-number value")
    }
}

@Suite("A hostile request")
struct HostileRequestTests {
    /// Returns a workspace in which a payment was signed before, so that there is a ledger.
    private static func workspace() throws -> Workspace {
        let workspace = try Workspace()
        workspace.set("--nonce", "6")
        let outcome = try workspace.run()
        try #require(outcome.exit == 0, "\(outcome.err)")
        workspace.drop("--nonce")
        workspace.write("request", "")
        return workspace
    }

    @Test("is refused for exactly what is wrong with it, where it is wrong; nothing is put out, nothing recorded")
    func refused() throws {
        let workspace = try Self.workspace()
        workspace.set("-o", "payment.json")
        workspace.set("--json")
        var seen: Set<String> = []
        for hostile in Hostile.files + Hostile.uris {
            workspace.write("request", hostile.request)
            workspace.operands = hostile.request.hasPrefix("ethereum:") ? [hostile.request] : ["request"]
            let before = workspace.files
            let outcome = try workspace.run()
            let said = try Refusal.problems(in: outcome.out)
            #expect(said.map { "\($0.code) \($0.field ?? "-")" } == hostile.problems, "\(hostile.name)")
            #expect(outcome.exit == hostile.exit, "\(hostile.name)")
            #expect(workspace.files == before, "\(hostile.name)")
            #expect(!RefusedRun.holdsTransaction(outcome.out + outcome.err), "\(hostile.name)")
            seen.formUnion(hostile.problems.map { String($0.prefix { $0 != " " }) })
        }
        // The requests in this test file break every rule in `rules`, except these three rules.
        let missing = Self.rules.subtracting(seen)
        #expect(missing == ["policy.requester-not-listed", "uri.not-a-payment", "uri.not-a-parameter"])
    }

    /// The error codes that `explain` lists for transfers and payment URIs.
    private static var rules: Set<String> {
        let outcome = try? BuiltTool("airlock").run(["explain"], in: "/")
        let words = (outcome?.out ?? "").split { $0.isWhitespace || $0 == ":" }.map(String.init)
        return Set(
            words.filter { $0.hasPrefix("transfer.") || $0.hasPrefix("uri.") || $0 == "policy.requester-not-listed" })
    }

    @Test("is refused in a line of a batch for the same, and its neighbour is signed")
    func inLines() throws {
        let workspace = try Self.workspace()
        workspace.operands = []
        let conditions = try workspace.content("conditions.json").replacing(/"block":\{[^}]*\},/, with: "")
        workspace.drop("-c", "--yes")
        workspace.set("--lines")
        try workspace.edit("policy.json", "\"maxConditionsAge\":\"3600\",", "")
        let good = "ethereum:\(Hostile.shop)@8453?value=1"
        let hostile = Hostile.files + Hostile.uris
        let lines = (hostile.map(\.request) + [good]).map { request in
            "{\"request\":\(request.hasPrefix("{") ? request : "\"\(request)\""),\"conditions\":\(conditions)}\n"
        }
        workspace.write("lines.jsonl", lines.joined())
        workspace.input = .file(workspace.path("lines.jsonl"))
        let outcome = try workspace.run()
        let answers = try outcome.out.split(separator: "\n").map { try JSONDocument(Array($0.utf8)).root }
        try #require(answers.count == lines.count, "\(outcome.err)")
        for (one, answer) in zip(hostile, answers) {
            let errors = answer["errors"]?.elements ?? answer["error"].map { [$0] } ?? []
            let expected = one.problems.map { $0.prefix { $0 != " " } }
            #expect(errors.map { $0["code"]?.string ?? "" } == expected.map(String.init), "\(one.name)")
            #expect(answer["ok"]?.boolean == false, "\(one.name)")
        }
        #expect(answers.last?["ok"]?.boolean == true)
        #expect(outcome.exit != 0)
        #expect(workspace.entries.count == 2)
    }
}
