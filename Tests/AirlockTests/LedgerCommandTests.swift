import AirlockEthereumTypes
import Foundation
import AirlockStrictJSON
import AirlockTestSupport
import Testing
import AirlockToolSupport
import AirlockSamples

extension Desk {
    /// Runs another command of the tool in the same folder, with the same home.
    func tool(_ words: String...) throws -> Outcome { try tool(words) }

    func tool(_ words: [String]) throws -> Outcome {
        try BuiltTool("airlock").run(words, in: path("."), environment: environment)
    }

    /// Where the ledger is when nobody says otherwise.
    static let ledger = ".local/state/airlock/ledger.jsonl"

    /// The ledger's whole lines.
    var entries: [String] {
        guard let text = try? content(Self.ledger), text.isEmpty || text.hasSuffix("\n") else { return [] }
        return text.split(separator: "\n").map { String($0) }
    }

    /// Signs, which has to succeed, and gives the head that the payment carries.
    func signedHead(id: UInt8 = 0, nonce: Int = 7) throws -> String {
        try charge { $0.id = .init { _ in id } }
        set("--nonce", "\(nonce)")
        set("--json")
        defer { drop("--nonce", "--json") }
        let outcome = try run()
        #expect(outcome.exit == 0, "\(outcome.out)")
        return try #require(document(outcome.out)["payment"]?["ledgerHead"]?.string)
    }
}

@Suite("The ledger, as its owner looks at it")
struct LedgerCommandTests {
    @Test("lists, verifies and exports what was signed, with the head that the payment file carries")
    func looking() throws {
        let desk = try Desk()
        let heads = try [desk.signedHead(id: 1, nonce: 7), desk.signedHead(id: 2, nonce: 8)]

        let list = try document(desk.tool("ledger", "list", "--json").out)
        #expect(list["head"]?.string == heads[1])
        #expect(list["entries"]?.elements?.map { $0["hash"]?.string } == heads)
        let shown = try desk.tool("ledger", "list")
        #expect(shown.exit == 0 && heads.allSatisfy { shown.out.contains($0) })
        #expect(shown.out.contains("spends 1050000 of \(SamplePayment.usdc)"))

        #expect(try desk.tool("ledger", "verify").out == "2 entries, each follows the one before\nhead \(heads[1])\n")
        for head in heads { #expect(try desk.tool("ledger", "verify", "--head", head).exit == 0) }
        let other = try desk.tool("ledger", "verify", "--head", "0x" + String(repeating: "1", count: 64), "--json")
        #expect(other.exit == 10)
        #expect(try Refusal.problems(in: other.out) == [Refusal("ledger.head-unknown", "--head")])

        let rows = try desk.tool("ledger", "export").out.split(separator: "\n").map { $0.split(separator: ",") }
        #expect(rows.count == 3 && rows[0].count == 15 && rows.dropFirst().map { String($0[0]) } == heads)
        #expect(rows[1].contains("1050000") && rows[1].contains("8453") && rows[1].contains("\"pay\""))
        let lines = try desk.tool("ledger", "export", "--format", "json").out.split(separator: "\n")
        #expect(try lines.map { try JSONDocument(Array($0.utf8)).root["hash"]?.string } == heads)
        #expect(try document(desk.tool("ledger", "export", "--json").out)["entries"]?.elements?.count == 2)
        #expect(try desk.tool("ledger", "export", "--format", "xml").exit == 64)
    }

    @Test(
        "exports no cell that a spreadsheet would run",
        arguments: [
            ("=1+1", "\"'=1+1\""), ("+1", "\"'+1\""), ("-1", "\"'-1\""), ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\\t=1", "\"\\u{9}=1\""), ("\\r=1", "\"\\u{d}=1\""), ("a=1", "\"a=1\""),
        ])
    func formulas(id: String, cell: String) throws {
        let desk = try Desk()
        try desk.edit("charge.json", "6d1f2c1e-5b0a-4c55-9d7e-0a4b2f3c8e91", id)
        #expect(try desk.run().exit == 0)
        #expect(try desk.tool("ledger", "export").out.contains(",\(cell),"))
    }

    @Test("says where it begins in printable ASCII alone, and every foreign text in JSON, too")
    func printable() throws {
        let desk = try Desk()
        let name = "\u{202e}\u{9b}2J.jsonl"
        #expect(try desk.tool("ledger", "init", "--ledger", name).out == "\\u{202e}\\u{9b}2J.jsonl\n")
        #expect(
            try desk.tool("ledger", "init", "--ledger", "b" + name, "--json").out.hasSuffix(
                #"b\u202e\u009b2J.jsonl"}"# + "\n"))
        try desk.edit("charge.json", "6d1f2c1e-5b0a-4c55-9d7e-0a4b2f3c8e91", "\u{202e}\u{7f}\u{85}")
        desk.set("--ledger", "ledger.jsonl")
        desk.set("--json")
        let said =
            try desk.run().out + desk.tool("ledger", "list", "--ledger", "ledger.jsonl", "--json").out
            + desk.tool("ledger", "export", "--ledger", "ledger.jsonl", "--format", "json").out
        #expect(said.components(separatedBy: #""chargeId":"\u202e\u007f\u0085""#).count == 4, "\(said)")
        #expect(said.utf8.allSatisfy { (0x20..<0x7f).contains($0) || $0 == 0x0a })
        // The ledger itself holds what was signed.
        #expect(try desk.content("ledger.jsonl").contains("\u{202e}\u{7f}\u{85}"))
    }

    @Test("exports an amount once, however many transactions stand for it")
    func amounts() throws {
        let desk = try Desk()
        desk.set("--rungs", "3")
        desk.set("--cancel")
        #expect(try desk.run().exit == 0)
        let rows = try desk.tool("ledger", "export").out.split(separator: "\n")
        #expect(rows.count == 5)
        #expect(rows.count { $0.contains(",1050000,") } == 1)
    }

    @Test("exports both amounts of a swap, of the same transaction")
    func swap() throws {
        let desk = try Desk()
        desk.set("--method", "swapAndTransferUniswapV3Native")
        desk.set("--value", "0.001eth")
        #expect(try desk.run().exit == 0)
        let rows = try desk.tool("ledger", "export").out.split(separator: "\n").dropFirst()
        #expect(rows.map { $0.split(separator: ",")[11] } == ["1050000", "1000000000000000"])
        #expect(Set(rows.map { $0.split(separator: ",").last }).count == 1)
    }

    @Test("is altered, cut or missing: verify says so and where")
    func tampered() throws {
        let desk = try Desk()
        let head = try (desk.signedHead(id: 1, nonce: 7), desk.signedHead(id: 2, nonce: 8)).1
        let lines = desk.entries
        func verify(_ text: String, _ more: String...) throws -> Outcome {
            desk.write(Desk.ledger, text, mode: 0o600)
            return try BuiltTool("airlock").run(
                ["ledger", "verify", "--json"] + more, in: desk.path("."), environment: desk.environment)
        }
        let altered = lines[0].replacingOccurrences(of: "1050000", with: "1050001")
        #expect(
            try Refusal.problems(in: verify(altered + "\n" + lines[1] + "\n").out)
                == [Refusal("ledger.broken-chain", "line 2")])
        #expect(
            try Refusal.problems(in: verify(lines[1] + "\n" + lines[0] + "\n").out)
                == [Refusal("ledger.broken-chain", "line 1")])
        // A cut tail is seen by the head alone.
        #expect(try verify(lines[0] + "\n").exit == 0)
        #expect(
            try Refusal.problems(in: verify(lines[0] + "\n", "--head", head).out)
                == [Refusal("ledger.head-unknown", "--head")])
        let missing = try desk.tool("ledger", "verify", "--ledger", "nowhere", "--json")
        #expect(try Refusal.problems(in: missing.out) == [Refusal("file.missing", "nowhere")])
        #expect(missing.exit == 66)
        let lost = try desk.tool("ledger", "verify", "--ledger", "nowhere", "--head", head, "--json")
        #expect(try Refusal.problems(in: lost.out) == [Refusal("ledger.missing", "nowhere")])
    }

    @Test("counts a last line without its end, and says so of a part of one")
    func unfinished() throws {
        let desk = try Desk()
        let head = try desk.signedHead()
        let text = try desk.content(Desk.ledger)
        desk.write(Desk.ledger, String(text.dropLast()), mode: 0o600)
        #expect(try desk.tool("ledger", "verify").out == "1 entry, each follows the one before\nhead \(head)\n")
        desk.set("--nonce", "8")
        let again = try desk.run()
        #expect(again.exit == 10 && again.err.contains("another transaction was signed for this request before"))

        desk.write(Desk.ledger, text + "{\"airlock\"", mode: 0o600)
        let words = "the last line is unfinished: 10 bytes, as a crash leaves it before anything is put out"
        for command in ["list", "verify"] {
            let outcome = try desk.tool("ledger", command)
            #expect(outcome.exit == 0 && outcome.err.contains(words))
            #expect(try document(desk.tool("ledger", command, "--json").out)["unfinishedBytes"]?.number == "10")
        }
        #expect(try desk.tool("doctor").out.split { $0.isWhitespace }.joined(separator: " ").contains(words))
        #expect(try desk.run().err.split { $0.isWhitespace }.joined(separator: " ").contains(words))
        try desk.charge { $0.id = .init { _ in 9 } }
        #expect(try desk.run().exit == 0)
        let after = try desk.tool("ledger", "verify")
        #expect(after.out.hasPrefix("2 entries") && after.err.isEmpty)
    }

    @Test("is empty before anything was signed, and missing where a path to it is typed")
    func none() throws {
        let desk = try Desk()
        let list = try desk.tool("ledger", "list", "--json")
        #expect(list.exit == 0 && list.err.contains("there is no ledger at"))
        #expect(try document(list.out)["entries"]?.elements?.isEmpty == true)
        #expect(try document(list.out)["head"]?.string == "0x\(String(repeating: "0", count: 64))")
        let export = try desk.tool("ledger", "export")
        #expect(export.exit == 0 && export.out.split(separator: "\n").count == 1)
        #expect(try desk.tool("ledger", "verify").exit == 66)
        for command in ["list", "verify", "export"] {
            #expect(try desk.tool("ledger", command, "--ledger", "nowhere").exit == 66)
        }
        #expect(!desk.files.keys.contains { $0.hasSuffix("ledger.jsonl") })
    }

    @Test("goes on after a lost disk by the head that the relay remembers")
    func lost() throws {
        let desk = try Desk()
        let head = try desk.signedHead(id: 1, nonce: 7)
        try FileManager.default.removeItem(atPath: desk.path(Desk.ledger))
        try desk.edit("conditions.json", "\"nativeBalance\":", "\"ledgerHead\":\"\(head)\",\"nativeBalance\":")
        try desk.charge { $0.id = .init { _ in 2 } }
        desk.set("--nonce", "8")
        let refused = try desk.run()
        #expect(refused.exit == 10 && refused.err.contains("airlock ledger init --accept-head"))
        // A plain init leaves an empty ledger, which is no answer to the head and stands in nobody's way.
        #expect(try desk.tool("ledger", "init").exit == 0)
        #expect(try desk.run().exit == 10)
        #expect(try desk.tool("ledger", "init", "--accept-head", "0x12").exit == 64)
        let begun = try desk.tool("ledger", "init", "--accept-head", head)
        #expect(begun.exit == 0 && begun.out.hasSuffix("/\(Desk.ledger)\n"))
        #expect(try desk.run().exit == 0)
        #expect(try desk.tool("ledger", "verify", "--head", head).exit == 0)
        let again = try desk.tool("ledger", "init", "--accept-head", head, "--json")
        #expect(again.exit == 73)
        #expect(try Refusal.problems(in: again.out).map(\.code) == ["ledger.already-there"])
        #expect(desk.entries.count == 2)
    }

    @Test(
        "is never begun in a file that holds something else, which stays as it is",
        arguments: [
            SamplePayment.payerKey, "correct horse battery staple", "test test test\n", "\u{0}\u{1}", "{\"version\":3}",
            "{\"airlock\":1,\"kind\":\"conditions\"", "one\ntwo",
        ])
    func notALedger(text: String) throws {
        let desk = try Desk()
        desk.write("transaction.json", Self.transaction)
        for words in [
            ["ledger", "init"], ["ledger", "init", "--accept-head", "0x" + String(repeating: "1", count: 64)],
            ["ledger", "verify"], ["tx", "encode", "transaction.json", "-k", "key.hex", "--blind", "--yes"], desk.words,
        ] {
            desk.write("secret", text, mode: 0o600)
            let outcome = try BuiltTool("airlock").run(
                words + ["--ledger", "secret", "--json"], in: desk.path("."), environment: desk.environment)
            #expect(outcome.exit == 65, "\(words)")
            #expect(try Refusal.problems(in: outcome.out).map(\.code) == ["ledger.not-a-ledger"])
            #expect(try desk.content("secret") == text)
        }
    }

    private static let transaction = """
        {"type":"2","chainId":"8453","nonce":"7","to":"\(SamplePayment.payer)","value":"1","gas":"21000",\
        "maxFeePerGas":"30000000","maxPriorityFeePerGas":"1000000","accessList":[],"data":"0x"}
        """

    @Test("is no input of the command, by whichever name")
    func input() throws {
        let keys = try KeyDesk()
        keys.scratch.file("transaction.json", Self.transaction)
        try FileManager.default.linkItem(atPath: keys.scratch("empty"), toPath: keys.scratch("link"))
        let outcome = try keys.run(
            "tx", "encode", "transaction.json", "-k", "words", "--passphrase-file", "empty", "--blind", "--yes",
            "--ledger", "link", "--json")
        #expect(outcome.exit == 73)
        #expect(try KeyDesk.refusal(outcome) == ["file.is-input at link"])
        #expect(try keys.scratch.content("empty") == "")
    }

    @Test("is read while others read it, and waited for while another process may write to it")
    func held() throws {
        let desk = try Desk()
        #expect(try desk.run().exit == 0)
        let reading = [["ledger", "list"], ["ledger", "verify"], ["ledger", "export"], ["doctor"]]
        func run(_ words: [String]) throws -> Outcome {
            try BuiltTool("airlock").run(
                words + ["--lock-timeout", "0"], in: desk.path("."), environment: desk.environment)
        }
        let file = unsafe open(desk.path(Desk.ledger), O_RDONLY)
        defer { close(file) }
        #expect(flock(file, LOCK_SH) == 0)
        for words in reading.dropLast() { #expect(try run(words).exit == 0, "\(words)") }
        desk.command = "review"
        desk.drop("-k", "--yes")
        #expect(try run(desk.words).exit == 0)
        #expect(flock(file, LOCK_EX) == 0)
        for words in reading.dropLast() + [desk.words] {
            let outcome = try run(words)
            #expect(outcome.exit == 74, "\(words)")
            #expect(outcome.err.contains("file.locked") || outcome.err.contains("another process"))
        }
        let waited = try BuiltTool("airlock").run(
            ["ledger", "verify", "--lock-timeout", "1"], in: desk.path("."), environment: desk.environment)
        #expect(waited.exit == 74 && waited.err.contains("airlock: waiting for "))
    }

    @Test("is read by who may not write to it")
    func readOnly() throws {
        let desk = try Desk()
        #expect(try desk.run().exit == 0)
        #expect(unsafe chmod(desk.path(Desk.ledger), 0o400) == 0)
        for words in [["ledger", "list"], ["ledger", "verify"], ["ledger", "export"]] {
            #expect(
                try BuiltTool("airlock").run(words, in: desk.path("."), environment: desk.environment).exit == 0)
        }
    }

    @Test("is its owner's alone, in a folder that is made for it")
    func modes() throws {
        let desk = try Desk()
        #expect(try desk.run().exit == 0)
        func mode(_ name: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: desk.path(name))[.posixPermissions] as? Int
        }
        #expect(try mode(Desk.ledger) == 0o600)
        #expect(try mode(".local/state/airlock") == 0o700)
    }
}
