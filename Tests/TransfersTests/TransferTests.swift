import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockRequests
import AirlockSamples
import AirlockSecp256k1
import AirlockSecretKeys
import AirlockStrictJSON
import Testing
import AirlockTransfers

@Suite("A transfer file")
struct TransferTests {
    private static let payee = "0x54235780057CC828C92aA40e3b02053881990153"
    private static let token = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"

    /// The members of a valid transfer file, in JSON.
    private static var members: [String: String] {
        [
            "airlock": "1", "kind": "\"transfer\"", "chainId": "\"8453\"",
            "from": "\"\(SampleKey.payer.address)\"", "to": "\"\(payee)\"", "token": "\"\(token)\"",
            "amount": "\"12500000\"", "reference": "\"invoice 2026-114\"", "expires": "\"2026-12-31T00:00:00Z\"",
        ]
    }

    private static func read(_ change: (inout [String: String]) -> Void = { _ in }) throws -> Transfer {
        var members = members
        change(&members)
        let text = "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
        return try Transfer(JSONDocument(Array(text.utf8)).root)
    }

    @Test("is read, and written as it was read")
    func read() throws {
        let transfer = try Self.read()
        #expect(transfer.chain == .base && transfer.amount == 12_500_000 && transfer.reference == "invoice 2026-114")
        let written = try Transfer(JSONDocument(Array(transfer.json.text.utf8)).root)
        #expect(written == transfer)
        #expect(try transfer.target == Address(Self.token) && transfer.value == .zero)
        let call = try #require(
            Transfer.reading(target: transfer.target, value: transfer.value, data: transfer.data))
        #expect(call.to == transfer.to && call.token == transfer.token && call.amount == transfer.amount)
    }

    private static let refused: [(String, [String: String?], [String])] = [
        ("no recipient", ["to": nil], ["json.missing-field /to"]),
        (
            "no amount, no chain", ["amount": nil, "chainId": nil],
            ["json.missing-field /chainId", "json.missing-field /amount"]
        ),
        ("another kind", ["kind": "\"charge\""], ["format.unknown-kind /kind"]),
        ("a member that no transfer has", ["memo": "\"x\""], ["json.unknown-field /memo"]),
        ("nobody", ["to": "\"0x0000000000000000000000000000000000000000\""], ["transfer.null-recipient /to"]),
        ("the token", ["to": "\"\(token)\""], ["transfer.to-the-token /to"]),
        ("the payer", ["to": "\"\(SampleKey.payer.address)\""], ["transfer.to-the-payer /to"]),
        ("a wrong checksum", ["to": "\"0x54235780057cC828C92aA40e3b02053881990153\""], ["value.wrong-checksum /to"]),
        ("the zero token", ["token": "\"0x0000000000000000000000000000000000000000\""], ["transfer.zero-token /token"]),
        ("nothing", ["amount": "\"0\""], ["transfer.zero-amount /amount"]),
        ("a fraction", ["amount": "\"1.5\""], ["value.not-a-decimal-integer /amount"]),
        ("a number", ["amount": "5"], ["json.wrong-type /amount"]),
        ("an empty reference", ["reference": "\"\""], ["transfer.reference-length /reference"]),
        (
            "a long reference", ["reference": "\"\(String(repeating: "a", count: 257))\""],
            ["transfer.reference-length /reference"]
        ),
        ("half a proof", ["requester": "\"\(payee)\""], ["transfer.requester-without-signature /requester"]),
        ("a short signature", ["signature": "\"0x00\""], ["transfer.signature-form /signature"]),
        (
            "no payer of its own, and nothing to nobody",
            ["to": "\"0x0000000000000000000000000000000000000000\"", "amount": "\"0\""],
            ["transfer.null-recipient /to", "transfer.zero-amount /amount"]
        ),
    ]

    @Test("is refused by its rule at its place", arguments: refused.indices)
    func refusal(index: Int) {
        let (name, change, expected) = Self.refused[index]
        let found = problems {
            _ = try Self.read { members in for (key, value) in change { members[key] = value } }
        }
        #expect(found.map { "\($0.code) \($0.field ?? "-")" }.sorted() == expected.sorted(), "\(name)")
    }

    @Test("names its requester by a signature over every member, and nobody else")
    func requester() throws {
        let requester = SampleKey.stranger
        let unsigned = try Self.read()
        #expect(try unsigned.provenRequester() == nil)
        let signature = try requester.secret.sign(unsigned.digest)
        func signed(_ change: (inout [String: String]) -> Void = { _ in }) throws -> Transfer {
            try Self.read {
                $0["requester"] = "\"\(requester.address)\""
                $0["signature"] = "\"\(signature)\""
                change(&$0)
            }
        }
        #expect(try signed().provenRequester() == requester.address)
        let changes: [(inout [String: String]) -> Void] = [
            { $0["chainId"] = "\"1\"" }, { $0["from"] = nil }, { $0["to"] = "\"\(SampleKey.operator.address)\"" },
            { $0["token"] = nil }, { $0["amount"] = "\"12500001\"" }, { $0["reference"] = "\"invoice 2026-115\"" },
            { $0["reference"] = nil }, { $0["expires"] = nil }, { $0["expires"] = "\"2026-12-31T00:00:01Z\"" },
            { $0["requester"] = "\"\(SampleKey.operator.address)\"" },
        ]
        for change in changes {
            let altered = try signed(change)
            #expect(problems { _ = try altered.provenRequester() }.map(\.code) == ["transfer.signature-mismatch"])
        }
    }

    @Test("is the same request whatever its amount, and another with another of the members that name it")
    func reference() throws {
        let payer = SampleKey.payer.address
        let key = try Self.read().reference(payer: payer).key
        let same: [(inout [String: String]) -> Void] = [
            { $0["amount"] = "\"1\"" }, { $0["expires"] = nil }, { $0["from"] = nil },
        ]
        for change in same { #expect(try Self.read(change).reference(payer: payer).key == key) }
        let other: [(inout [String: String]) -> Void] = [
            { $0["chainId"] = "\"1\"" }, { $0["to"] = "\"\(SampleKey.operator.address)\"" }, { $0["token"] = nil },
            { $0["reference"] = nil }, { $0["reference"] = "\"invoice 2026-115\"" },
        ]
        for change in other { #expect(try Self.read(change).reference(payer: payer).key != key) }
        #expect(try Self.read { $0["from"] = nil }.reference(payer: SampleKey.stranger.address).key != key)
    }
}
