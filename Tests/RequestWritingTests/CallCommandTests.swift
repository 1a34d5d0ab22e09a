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
        ("setOwner(adress)", "[]", [], ["abi.unknown-type FUNCTION"]),
        ("setOwner(address)", "[]", [], ["abi.wrong-count ARGUMENTS"]),
        ("setOwner(address)", "{", [], ["json.unfinished ARGUMENTS"]),
        ("f(uint8)", #"["256"]"#, [], ["abi.out-of-range ARGUMENTS/0"]),
        ("f(uint8[])", #"[["1","256"]]"#, [], ["abi.out-of-range ARGUMENTS/0/1"]),
        ("f(uint9)", "[", [], ["abi.wrong-width FUNCTION", "json.unfinished ARGUMENTS/0"]),
        ("f()", "[]", ["--value", "1USDC"], ["usage.invalid-value --value"]),
        ("f()", "[]", ["--reference", ""], ["transfer.reference-length --reference"]),
    ]

    @Test("refuses what cannot be encoded", arguments: refused)
    func refuses(function: String, arguments: String, options: [String], expected: [String]) throws {
        let outcome = try Writing(["call", function, arguments, "--json"] + Self.options + options)
        #expect(try outcome.refusals == expected)
    }

    @Test("says of which operand it speaks, what it saw and what it expected")
    func words() throws {
        let outcome = try Writing(["call", "f(uint8,bool)", #"["256",1]"#] + Self.options)
        #expect(outcome.err.contains("saw 256; expected") && outcome.err.contains("(ARGUMENTS/0)"), "\(outcome.err)")
    }

    @Test("refuses to call nobody")
    func nobody() throws {
        let zero = "0x0000000000000000000000000000000000000000"
        let outcome = try Writing([
            "call", "f()", "[]", "--json", "--chain", "1", "--from", Writing.payer, "--to", zero,
        ])
        #expect(try outcome.refusals == ["usage.invalid-value --to"])
    }

    @Test("warns of a time that has passed, and writes the file all the same", arguments: ["transfer", "call"])
    func expired(command: String) throws {
        let words =
            command == "call"
            ? ["f()", "[]"] + Self.options
            : ["--chain", "base", "--from", Writing.payer, "--to", Writing.payee, "--amount", "1"]
        for (time, isPast) in [
            ("2026-05-31T23:59:59Z", true), ("\(Writing.now)", true), ("2026-06-01T00:00:01Z", false),
        ] {
            let outcome = try Writing([command] + words + ["--expires", time])
            let warning = "airlock: warning: --expires \(time) has passed, it is 2026-06-01T00:00:00Z: "
            #expect(outcome.exit == .done && outcome.err.contains(warning) == isPast, "\(outcome.err)")
            #expect(outcome.out.contains("\"expires\":\"\(time)\""))
            let document = try Writing([command] + words + ["--expires", time, "--json"]).out
            #expect(document.contains("\"warnings\":[\"--expires \(time) has passed") == isPast)
        }
    }
}
