import AirlockABI
import AirlockCalls
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockRequestKinds
import AirlockRequests
import AirlockSamples
import AirlockStrictJSON
import AirlockTransfers
import Testing

@Suite("A call file")
struct UnverifiedCallTests {
    static let contract = "0x54235780057CC828C92aA40e3b02053881990153"
    static let other = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"

    /// The members of a valid call file, in JSON.
    static var members: [String: String] {
        [
            "airlock": "1", "kind": "\"call\"", "chainId": "\"8453\"", "from": "\"\(SampleKey.payer.address)\"",
            "to": "\"\(contract)\"", "value": "\"7\"", "function": "\"deposit(uint256,(address,bool)[])\"",
            "arguments": "[\"5\",[[\"\(other)\",true]]]", "reference": "\"invoice 7\"",
            "expires": "\"2026-12-31T00:00:00Z\"",
        ]
    }

    static func text(_ change: [String: String?] = [:]) -> [UInt8] {
        var all = members
        for (name, value) in change { all[name] = value }
        return Array(("{" + all.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}").utf8)
    }

    static func read(_ change: [String: String?] = [:]) throws -> UnverifiedCall {
        try #require(try RequestKinds.read(text(change)) as? UnverifiedCall)
    }

    @Test("is read, and written as it was read")
    func read() throws {
        let call = try Self.read()
        #expect(call.chain == .base && call.value == 7 && call.reference == "invoice 7")
        #expect(call.terms.owed == [Terms.Amount(currency: .zero, amount: 7)])
        #expect(call.data.count == 4 + 32 * 5 && call.function?.function.name == "deposit")
        let again = try UnverifiedCall(JSONDocument(call.json.bytes).root)
        #expect(again.isSame(as: call) && again.from == call.from && again.expires == call.expires)
        let asData = try Self.read(["function": nil, "arguments": nil, "data": "\"\(Hex.encode(call.data))\""])
        #expect(asData.isSame(as: call) && asData.function == nil)
        #expect(try UnverifiedCall(JSONDocument(asData.json.bytes).root).isSame(as: call))
    }

    @Test("owes nothing where it sends nothing")
    func nothing() throws { #expect(try Self.read(["value": nil]).terms.owed == []) }

    private static let refused: [(String, [String: String?], [String])] = [
        ("nobody", ["to": "\"\(Address.zero)\""], ["call.null-contract /to"]),
        (
            "no chain, no contract", ["chainId": nil, "to": nil],
            ["json.missing-field /chainId", "json.missing-field /to"]
        ),
        ("a member that no call has", ["gas": "\"1\""], ["json.unknown-field /gas"]),
        ("a function and data", ["data": "\"0x01020304\""], ["call.function-and-data /data"]),
        (
            "arguments and data", ["function": nil, "data": "\"0x01020304\""], ["call.function-and-data /data"]
        ),
        ("neither", ["function": nil, "arguments": nil], ["call.neither-function-nor-data /function"]),
        ("a function without arguments", ["arguments": nil], ["json.missing-field /arguments"]),
        ("arguments without a function", ["function": nil], ["json.missing-field /function"]),
        (
            "a function with names", ["function": "\"deposit(uint256 a,(address,bool)[] b)\""],
            ["call.signature-not-canonical /function"]
        ),
        (
            "a function with an alias", ["function": "\"deposit(uint,(address,bool)[])\""],
            ["call.signature-not-canonical /function"]
        ),
        ("no function", ["function": "\"deposit\""], ["abi.syntax /function"]),
        ("too few arguments", ["arguments": "[\"5\"]"], ["abi.wrong-count /arguments"]),
        (
            "two wrong arguments", ["arguments": "[\"-5\",[[\"0x01\",1]]]"],
            [
                "value.not-a-decimal-integer /arguments/0", "value.not-an-address /arguments/1/0/0",
                "abi.type-mismatch /arguments/1/0/1",
            ]
        ),
        ("a short selector", ["function": nil, "arguments": nil, "data": "\"0x0102\""], ["call.no-selector /data"]),
        (
            "a transfer of native currency", ["function": nil, "arguments": nil, "data": "\"0x\""],
            ["call.plain-transfer /data"]
        ),
        (
            "nothing at all", ["function": nil, "arguments": nil, "data": "\"0x\"", "value": "\"0\""],
            ["call.nothing /data"]
        ),
        (
            "a transfer of a token",
            ["function": "\"transfer(address,uint256)\"", "arguments": "[\"\(other)\",\"1\"]", "value": nil],
            ["call.plain-transfer /function"]
        ),
        ("a number", ["value": "7"], ["json.wrong-type /value"]),
        ("a wrong checksum", ["to": "\"0x54235780057cC828C92aA40e3b02053881990153\""], ["value.wrong-checksum /to"]),
        ("an empty reference", ["reference": "\"\""], ["transfer.reference-length /reference"]),
    ]

    @Test("is refused by its rule, with all that is wrong with it", arguments: refused)
    func refusal(name: String, change: [String: String?], expected: [String]) {
        let found = problems { _ = try Self.read(change) }
        #expect(found.map { "\($0.code) \($0.field ?? "-")" } == expected, "\(name)")
    }

    @Test("is the same call with another value, and another with other data, contract, payer, chain or reference")
    func key() throws {
        let payer = SampleKey.payer.address
        func key(_ change: [String: String?]) throws -> Hash { try Self.read(change).reference(payer: payer).key }
        let own = try key([:])
        #expect(try key(["value": "\"8\""]) == own && key(["expires": nil]) == own)
        for change in [
            ["chainId": "\"1\""], ["to": "\"\(Self.other)\""], ["arguments": "[\"6\",[]]"], ["reference": "\"other\""],
            ["reference": nil],
        ] as [[String: String?]] { #expect(try key(change) != own, "\(change)") }
        #expect(try Self.read().reference(payer: .zero).key != own)
    }

    @Test("expires, takes a reference where it has none, and has no methods")
    func options() throws {
        let call = try Self.read(["reference": nil])
        let late = try Timestamp("2027-01-01T00:00:00Z")
        #expect(call.expiry(at: late)?.code == "call.expired")
        #expect(try call.referenced("new").terms == call.terms)
        #expect(problems { _ = try Self.read().referenced("new") }.map(\.code) == ["request.option-without-effect"])
        #expect(problems { try call.requireMethod("transferNative") }.map(\.code) == ["request.option-without-effect"])
        #expect(!call.sharesConditions && call.proposal == nil)
    }

    @Test("is read back from signed bytes")
    func readBack() throws {
        let call = try Self.read()
        let payer = SampleKey.payer.address
        func signed(_ name: String) -> SignedCall {
            SignedCall(chain: call.chain, payer: payer, to: call.to, value: 7, data: call.data, name: name)
        }
        let read = try #require(RequestKinds.reading(signed("invoice 7")))
        #expect(read.request.isSame(as: call) && read.method == "call" && read.value == 7 && read.effect == nil)
        #expect(read.request.reference(payer: payer) == call.reference(payer: payer))
        #expect(try !#require(RequestKinds.reading(signed("invoice 8"))).request.isSame(as: call))
    }
}

func problems(_ body: () throws -> Void) -> [Problem] {
    do {
        try body()
        return []
    } catch let broken as any RuleBroken { return broken.problems } catch { return [] }
}
