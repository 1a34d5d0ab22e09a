import Foundation
import AirlockStrictJSON
import Testing
import AirlockToolSupport
import AirlockSamples

@Suite("The blind door")
struct BlindTests {
    private static func workspace() throws -> Workspace {
        let workspace = try Workspace()
        workspace.write("tx.json", transaction(value: 5))
        workspace.write("other.json", transaction(value: 6))
        workspace.write("note.json", note)
        return workspace
    }

    private static func transaction(value: Int) -> String {
        """
        {"type":"2","chainId":"8453","nonce":"7","to":"\(SamplePayment().recipient)","value":"\(value)",\
        "gas":"21000","maxFeePerGas":"30000000","maxPriorityFeePerGas":"1000000","accessList":[],"data":"0x"}
        """
    }

    private static let note = """
        {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"chainId","type":"uint256"}],\
        "Note":[{"name":"text","type":"string"}]},"primaryType":"Note",\
        "domain":{"name":"Example","chainId":8453},"message":{"text":"hello"}}
        """

    @Test(
        "opens to nobody who does not name it",
        arguments: [["tx", "encode", "tx.json"], ["typed-data", "sign", "note.json"]])
    func named(command: [String]) throws {
        let workspace = try Self.workspace()
        let airlock = try BuiltTool("airlock")
        for (words, field) in [(["-k", "key.hex", "--yes"], "--blind"), (["--blind", "--yes"], "--key")] {
            let outcome = try airlock.run(
                command + words + ["--json"], in: workspace.path("."), environment: workspace.environment)
            #expect(outcome.exit == 64)
            #expect(try Refusal.problems(in: outcome.out) == [Refusal("usage.missing-value", field)])
        }
        // There is no terminal, so the tool cannot ask for consent.
        let unasked = try airlock.run(
            command + ["-k", "key.hex", "--blind", "--json"], in: workspace.path("."),
            environment: workspace.environment)
        #expect(unasked.exit == 64)
        #expect(try Refusal.problems(in: unasked.out) == [Refusal("sign.nobody-to-ask", nil)])
        #expect(workspace.entries == [])
    }

    @Test("shows what would be signed, asks, and records it")
    func asks() throws {
        for (word, exit) in [("sign", 0), ("yes", 11), ("", 11)] as [(String, Int32)] {
            let workspace = try Self.workspace()
            let words = ["tx", "encode", "tx.json", "-k", "key.hex", "--blind"]
            let terminal = try Terminal(
                BuiltTool("airlock"), words, in: workspace.path("."), environment: workspace.environment)
            try terminal.wait(for: "Type sign to sign it blind: ")
            for shown in ["\(SamplePayment().recipient)", "\(SamplePayment.payer)", "warn: it comes without a request"]
            {
                #expect(terminal.screen.contains(shown))
            }
            terminal.type(word + "\n")
            let outcome = try terminal.finish()
            #expect(outcome.exit == exit)
            #expect(RefusedRun.holdsTransaction(outcome.out) == (exit == 0))
            #expect(workspace.entries.count == (exit == 0 ? 1 : 0))
        }
    }

    @Test("warns of a nonce seen before, and signs the same again without a second record")
    func warns() throws {
        let workspace = try Self.workspace()
        let options = ["-k", "key.hex", "--blind", "--yes"]
        func encode(_ file: String) throws -> Outcome {
            try BuiltTool("airlock").run(
                ["tx", "encode", file] + options, in: workspace.path("."), environment: workspace.environment)
        }
        let first = try encode("tx.json")
        #expect(first.exit == 0 && !first.err.contains("nonce 7 at"))
        #expect(try encode("tx.json").out == first.out)
        #expect(workspace.entries.count == 1)
        let other = try encode("other.json")
        #expect(other.exit == 0 && other.err.contains("warn: another transaction was signed with nonce 7 at "))
        #expect(workspace.entries.count == 2)
        #expect(try workspace.tool("ledger", "verify").exit == 0)
        // Transactions with this nonce were already signed blind. A payment with the same nonce is refused unless it
        // names the transaction that it replaces.
        workspace.set("--json")
        #expect(
            try Refusal.problems(in: workspace.run().out).map(\.code)
                == ["ledger.nonce-already-signed", "ledger.nonce-already-signed"])
    }

    @Test("warns of it in the line's own answer, where many are signed, and records each once")
    func lines() throws {
        let workspace = try Self.workspace()
        let lines = try ["tx.json", "other.json", "tx.json"].map { name in
            try workspace.content(name).split(separator: "\n").joined()
        }
        let outcome = try BuiltTool("airlock").run(
            ["tx", "encode", "--lines", "-k", "key.hex", "--blind", "--yes"], in: workspace.path("."),
            input: .text(lines.joined(separator: "\n") + "\n"), environment: workspace.environment)
        #expect(outcome.exit == 0)
        let answers = try outcome.out.split(separator: "\n").map { try document(String($0)) }
        #expect(answers.map { $0["raw"]?.string }.first == answers.last?["raw"]?.string)
        #expect(answers.map { $0["warnings"]?.elements?.count ?? 0 } == [0, 1, 1])
        #expect(answers[1]["warnings"]?.elements?.first?.string?.contains("signed with nonce 7 at ") == true)
        #expect(workspace.entries.count == 2)
        #expect(try workspace.tool("ledger", "verify").exit == 0)
    }

    @Test("takes what inspect shows, and refuses a member that contradicts the others or the key")
    func contradictions() throws {
        let workspace = try Self.workspace()
        workspace.write("other.hex", "\(String(repeating: "0", count: 63))2\n", mode: 0o600)
        func encode(_ text: String, _ more: String...) throws -> Outcome {
            workspace.write("fields.json", text)
            return try BuiltTool("airlock").run(
                ["tx", "encode", "fields.json", "--json"] + more, in: workspace.path("."),
                environment: workspace.environment)
        }
        for plain in [
            Self.transaction(value: 5),
            #"{"type":"0","chainId":"8453","nonce":"7","to":null,"value":"0","gas":"60000","gasPrice":"1","data":"0x"}"#,
        ] {
            let raw = try document(encode(plain).out)["raw"]?.string
            let signed = try document(encode(plain, "-k", "key.hex", "--blind", "--yes").out)["raw"]?.string
            let shown = try workspace.tool("inspect", #require(signed), "--json").out
            let members = try document(shown)
            // If `tx encode` gets the fields that `inspect` shows, it makes the bytes of the original transaction
            // again. This must be true for the unsigned and for the signed transaction.
            #expect(try document(encode(shown).out)["raw"]?.string == raw)
            #expect(try document(encode(shown, "-k", "key.hex", "--blind", "--yes").out)["raw"]?.string == signed)
            let parity = members["v"] == nil ? "yParity" : "v"
            for field in ["from", "hash", "signingHash", parity] {
                let said = try #require(members[field]?.string)
                let other: String =
                    switch field {
                    case "from": "\(SamplePayment.operator)"
                    case parity: "99"
                    default: "\(said.dropLast())" + (said.last == "1" ? "0" : "1")
                    }
                let outcome = try encode(shown.replacing("\"\(field)\":\"\(said)\"", with: "\"\(field)\":\"\(other)\""))
                #expect(outcome.exit == 65)
                #expect(
                    try Refusal.problems(in: outcome.out)
                        == [.init("transaction.contradiction", "/\(field)")])
            }
            for field in [parity, "r", "s"] {
                let said = try #require(members[field]?.string)
                let outcome = try encode(shown.replacing("\"\(field)\":\"\(said)\",", with: ""))
                #expect(
                    try Refusal.problems(in: outcome.out) == [.init("json.missing-field", "/\(field)")])
            }
            let keyed = try encode(shown, "-k", "other.hex", "--blind", "--yes")
            #expect(
                try Refusal.problems(in: keyed.out) == [.init("transaction.contradiction", "/from")])
        }
        #expect(workspace.entries.count == 2)
    }

    @Test("shows an approval of a token by its names")
    func approval() throws {
        let workspace = try Self.workspace()
        let amount = String(repeating: "0", count: 62) + "ff"
        let spender = "\(SamplePayment().contract)".dropFirst(2).lowercased()
        let data = "0x095ea7b3" + String(repeating: "0", count: 24) + spender + amount
        workspace.write(
            "tx.json",
            Self.transaction(value: 0).replacing("\"0x\"", with: "\"\(data)\"").replacing("21000", with: "60000"))
        let encoded = try workspace.tool("tx", "encode", "tx.json", "-k", "key.hex", "--blind", "--yes")
        let call = try document(workspace.tool("inspect", String(encoded.out.dropLast()), "--json").out)["call"]
        #expect(call?["function"]?.string == "approve(address,uint256)")
        #expect(call?["arguments"]?["spender"]?.string == "\(SamplePayment().contract)")
        #expect(call?["arguments"]?["amount"]?.string == "255")
        #expect(encoded.err.contains("spender") && encoded.err.contains("255"))
    }

    @Test("shows every value of typed data with its type, whole, the long ones first, and asks with what it allows")
    func shown() throws {
        let workspace = try Self.workspace()
        let padding = String(repeating: "x", count: 5000)
        workspace.write("permit.json", Self.permit(memo: padding))
        let terminal = try Terminal(
            BuiltTool("airlock"), ["typed-data", "sign", "permit.json", "-k", "key.hex", "--blind"],
            in: workspace.path("."), environment: workspace.environment)
        try terminal.wait(for: "Type sign to sign it blind: ")
        let screen = terminal.screen
        for line in [
            "message.spender (address) \(SamplePayment().recipient)", "message.value (uint256) 5000000",
            "Permit(address spender,uint256 value,string memo)",
            "The message is Permit for USD Coin (\(SamplePayment.usdc)) on base (8453); it pays \(SamplePayment().recipient), "
                + "or lets it take, 5000000 atomic units of \(SamplePayment.usdc).",
        ] {
            #expect(screen.split { $0.isWhitespace }.joined(separator: " ").contains(line), "\(line)")
        }
        #expect(screen.filter { $0 == "x" }.count >= 5000)
        let memo = try #require(screen.range(of: "message.memo (string)"))
        let spender = try #require(screen.range(of: "message.spender (address)"))
        #expect(memo.lowerBound < spender.lowerBound)
        terminal.type("no\n")
        #expect(try terminal.finish().exit == 11)
    }

    @Test("refuses what is too long to be shown whole")
    func tooLong() throws {
        let workspace = try Self.workspace()
        workspace.write("permit.json", Self.permit(memo: String(repeating: " ", count: 70_000)))
        let outcome = try workspace.tool(
            "typed-data", "sign", "permit.json", "-k", "key.hex", "--blind", "--yes", "--json")
        #expect(outcome.exit == 10)
        #expect(try Refusal.problems(in: outcome.out) == [.init("blind.too-long", nil)])
        #expect(workspace.entries.isEmpty)
    }

    @Test("refuses an address with a wrong checksum, whose digest is shown with a warning")
    func checksum() throws {
        let workspace = try Self.workspace()
        let right = "\(SamplePayment().recipient)"
        workspace.write("right.json", Self.permit(memo: ""))
        workspace.write("wrong.json", Self.permit(memo: "").replacing(right, with: right.replacing("eA", with: "EA")))
        let digest = try workspace.tool("typed-data", "hash", "right.json").out
        let shown = try workspace.tool("typed-data", "hash", "wrong.json")
        #expect(shown.exit == 0 && shown.out == digest)
        #expect(shown.err.contains("warn: ") && shown.err.contains("(/message/spender)"))
        let json = try document(workspace.tool("typed-data", "hash", "wrong.json", "--json").out)
        #expect(json["warnings"]?.elements?.count == 1)
        let signed = try workspace.tool(
            "typed-data", "sign", "wrong.json", "-k", "key.hex", "--blind", "--yes", "--json")
        #expect(signed.exit == 65)
        #expect(
            try Refusal.problems(in: signed.out) == [.init("value.wrong-checksum", "/message/spender")])
        #expect(workspace.entries.isEmpty)
    }

    /// Returns the typed data of a permit for USDC. The message also has a text, in the field `memo`.
    private static func permit(memo: String) -> String {
        """
        {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"chainId","type":"uint256"},
        {"name":"verifyingContract","type":"address"}],
        "Permit":[{"name":"spender","type":"address"},{"name":"value","type":"uint256"},
        {"name":"memo","type":"string"}]},"primaryType":"Permit",
        "domain":{"name":"USD Coin","chainId":8453,"verifyingContract":"\(SamplePayment.usdc)"},
        "message":{"spender":"\(SamplePayment().recipient)","value":"0x004c4b40","memo":"\(memo)"}}
        """
    }

    @Test("gives a signature of typed data, which is recorded without a nonce")
    func typedData() throws {
        let workspace = try Self.workspace()
        let outcome = try workspace.tool(
            "typed-data", "sign", "note.json", "-k", "key.hex", "--blind", "--yes", "--json")
        #expect(outcome.exit == 0)
        #expect(try document(outcome.out)["signature"]?.string?.utf8.count == 132)
        #expect(outcome.err.contains("hello") && outcome.err.contains("\(SamplePayment.payer)"))
        #expect(workspace.entries.count == 1 && !workspace.entries[0].contains("\"nonce\""))
    }
}
