import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockStrictJSON
import Testing

@Suite("request call")
struct CallCommandTests {
    private static let options = ["--chain", "base", "--from", Writing.payer, "--to", Writing.usdc]

    private static let written: [(String, String, [String], String)] = [
        (
            "function setOwner(address owner)", "[\"\(Writing.payee.lowercased())\"]", [],
            #""value":"0","function":"setOwner(address)","arguments":["\#(Writing.payee)"]}"#
        ),
        (
            "f((uint256,bool)[],bytes)", #"[[["7",true]],"0x01"]"#,
            ["--value", "0.5eth", "--reference", "x", "--expires", "2026-12-31T00:00:00Z"],
            #""value":"500000000000000000","function":"f((uint256,bool)[],bytes)","arguments":[[["7",true]],"0x01"],"#
                + #""reference":"x","expires":"2026-12-31T00:00:00Z"}"#
        ),
        ("pause()", "[]", [], #""value":"0","function":"pause()","arguments":[]}"#),
    ]

    @Test("writes function and arguments in their one form", arguments: written)
    func writes(function: String, arguments: String, options: [String], rest: String) throws {
        let outcome = try Writing(["call", function, arguments] + Self.options + options)
        #expect(outcome.exit == .done, "\(outcome.err)")
        let head = #"{"airlock":1,"kind":"call","chainId":"8453","from":"\#(Writing.payer)","to":"\#(Writing.usdc)","#
        #expect(outcome.out == head + rest + "\n")
    }

    @Test("shows the call data beside the request")
    func data() throws {
        let outcome = try Writing(["call", "setOwner(address)", "[\"\(Writing.payee)\"]", "--json"] + Self.options)
        let document = try JSONDocument(Array(outcome.out.utf8)).root
        #expect(
            document["data"]?.string
                == "0x13af4035000000000000000000000000" + Writing.payee.dropFirst(2).lowercased())
        #expect(document["request"]?["kind"]?.string == "call")
    }

    private static let refused: [(String, String, [String], [String])] = [
        ("setOwner(adress)", "[]", [], ["abi.unknown-type -"]),
        ("setOwner(address)", "[]", [], ["abi.wrong-count "]),
        ("setOwner(address)", "{", [], ["json.unfinished "]),
        ("f(uint8)", #"["256"]"#, [], ["abi.out-of-range /0"]),
        ("f()", "[]", ["--value", "1USDC"], ["usage.invalid-value --value"]),
        ("f()", "[]", ["--reference", ""], ["transfer.reference-length --reference"]),
    ]

    @Test("refuses what cannot be encoded", arguments: refused)
    func refuses(function: String, arguments: String, options: [String], expected: [String]) throws {
        let outcome = try Writing(["call", function, arguments, "--json"] + Self.options + options)
        #expect(try outcome.refusals == expected)
    }

    @Test("refuses to call nobody")
    func nobody() throws {
        let zero = "0x0000000000000000000000000000000000000000"
        let outcome = try Writing([
            "call", "f()", "[]", "--json", "--chain", "1", "--from", Writing.payer, "--to", zero,
        ])
        #expect(try outcome.refusals == ["usage.invalid-value --to"])
    }
}
