import AirlockStrictJSON
import Testing
import AirlockToolSupport
import AirlockSamples

/// Tests of the commands that encode and decode. Each command must read and print a value in the same way, whether the
/// value is an argument or a line of standard input.
@Suite("The codecs")
struct CodecTests {
    private static func run(_ words: [String], _ input: String) throws -> Outcome {
        try BuiltTool("airlock").run(words + ["--json"], in: "/", input: .text(input))
    }

    private static func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    @Test("print of RLP only what they take back", arguments: [(64, true), (65, false)])
    func depth(depth: Int, isTaken: Bool) throws {
        // Builds the RLP encoding of nested lists. In RLP, a list has a longer prefix if its content is 56 bytes or
        // longer.
        var bytes: [UInt8] = [0xc0]
        for _ in 1..<depth {
            bytes = (bytes.count < 56 ? [0xc0 + UInt8(bytes.count)] : [0xf8, UInt8(bytes.count)]) + bytes
        }
        let digits = "0x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let decoded = try Self.run(["rlp", "decode", "-"], digits)
        let encoded = try Self.run(["rlp", "encode", "-"], Self.nested(depth))
        #expect(decoded.exit == (isTaken ? 0 : 65) && encoded.exit == (isTaken ? 0 : 65))
        let lines = try BuiltTool("airlock").run(
            ["rlp", "encode", "--lines"], in: "/", input: .text(Self.nested(depth) + "\n"))
        #expect(lines.exit == (isTaken ? 0 : 10))
        if isTaken { #expect(decoded.out.contains(Self.nested(depth)) && encoded.out.contains(digits)) }
    }

    @Test("show what the code of a panic means")
    func panic() throws {
        let data = "0x4e487b71" + String(repeating: "0", count: 62) + "11"
        let outcome = try BuiltTool("airlock").run(["decode-error", data], in: "/")
        #expect(outcome.exit == 0)
        #expect(outcome.out.hasPrefix("Panic(17)\n\nMeaning  an arithmetic operation of the contract overflowed "))
    }

    @Test("take of arguments in a line what they take on the command line", arguments: [62, 63])
    func arguments(depth: Int) throws {
        let function = "f(uint256\(String(repeating: "[]", count: depth)))"
        let alone = try Self.run(["abi", "encode", function, Self.nested(depth + 1)], "")
        let line = #"{"function":"\#(function)","arguments":\#(Self.nested(depth + 1))}"#
        let inLine = try BuiltTool("airlock").run(["abi", "encode", "--lines"], in: "/", input: .text(line + "\n"))
        #expect((alone.exit == 0) == (inLine.exit == 0), "\(alone.out) \(inLine.out)")
        #expect(!inLine.out.contains("json.too-deep"))
    }

    private static func transaction(_ type: String, _ members: String, chain: String = "1") -> String {
        """
        {"type":"\(type)","chainId":"\(chain)","nonce":"0","to":null,"value":"0","gas":"100000","data":"0x",\(members)}
        """
    }

    @Test(
        "refuse a transaction without an access list, or for no chain, at its place",
        arguments: [
            ("1", #""gasPrice":"1""#, "1", "json.missing-field", "/accessList"),
            ("2", #""maxFeePerGas":"1","maxPriorityFeePerGas":"1""#, "1", "json.missing-field", "/accessList"),
            ("0", #""gasPrice":"1""#, "0", "transaction.no-chain-id", "/chainId"),
            (
                "2", #""maxFeePerGas":"1","maxPriorityFeePerGas":"1","accessList":[]"#, "0",
                "transaction.no-chain-id", "/chainId"
            ),
        ])
    func transactions(type: String, members: String, chain: String, code: String, place: String) throws {
        let outcome = try Self.run(["tx", "encode", "-"], Self.transaction(type, members, chain: chain))
        #expect(outcome.exit == 65)
        #expect(try Refusal.problems(in: outcome.out) == [.init(code, place)])
    }

    @Test("warn of a signed transaction that no node takes, and encode it again")
    func warnings() throws {
        let workspace = try Workspace()
        let raw = try workspace.run().out
        let sound = try Self.run(["inspect", "-"], raw)
        #expect(!sound.out.contains("warnings"))
        // A transaction with two mistakes. The priority fee (2) is above the maximum fee (1), and the gas limit is only
        // 3. The signature causes no warning, because a public key can be recovered from it.
        let fields = "01" + "80" + "02" + "01" + "03" + "80" + "80" + "80" + "c0" + "80"
        let word = "a0" + String(repeating: "12", count: 32)
        let odd = "0x02f8" + String(10 + 66, radix: 16) + fields + word + word
        let outcome = try Self.run(["inspect", "-"], odd)
        let warnings = try document(outcome.out)["warnings"]?.elements?.compactMap(\.string) ?? []
        #expect(outcome.exit == 0 && warnings.count == 2, "\(outcome.out)")
        #expect(warnings.first?.hasPrefix("the priority fee is above the maximum fee") == true)
        #expect(try Self.run(["tx", "encode", "-"], outcome.out).exit == 0)
    }

    @Test("hash a descriptor by its canonical form, from a file and in lines")
    func descriptorHash() throws {
        let workspace = try Workspace()
        workspace.write("written.json", "{ \"b\" : [1.0, 1e2],\n  \"a\": \"\\u0041\" }")
        let expected = try workspace.tool("keccak", "--text", "{\"a\":\"A\",\"b\":[1,100]}").out
        let shown = try workspace.tool("descriptors", "hash", "written.json")
        #expect(shown.exit == 0 && shown.err.isEmpty && shown.out == expected)
        let inLines = try Self.run(["descriptors", "hash", "--lines"], "{\"b\":[1,100],\"a\":\"A\"}\n")
        #expect(inLines.exit == 0 && inLines.out.contains(expected.split(separator: "\n")[0]))

        workspace.write("inexact.json", "{\"a\":[9007199254740993]}")
        let refused = try workspace.tool("descriptors", "hash", "inexact.json", "--json")
        #expect(refused.exit == 65)
        #expect(
            try Refusal.problems(in: refused.out) == [.init("descriptor.not-canonical", "/a/0")])
        #expect(try workspace.tool("descriptors", "hash", "missing.json").exit == 66)
    }
}
