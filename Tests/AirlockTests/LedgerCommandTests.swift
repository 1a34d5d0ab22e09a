import AirlockEthereumTypes
import Foundation
import AirlockStrictJSON
import AirlockTestSupport
import Testing
import AirlockToolSupport
import AirlockSamples

extension Workspace {
    /// Runs another command of `airlock` in the workspace's folder, with the same home folder.
    func tool(_ words: String...) throws -> Outcome { try tool(words) }

    func tool(_ words: [String]) throws -> Outcome {
        try BuiltTool("airlock").run(words, in: path("."), environment: environment)
    }

    /// The default path of the ledger, relative to the home folder.
    static let ledger = ".local/state/airlock/ledger.jsonl"

    /// The lines of the ledger. Empty if there is no ledger, or if its last line is unfinished.
    var entries: [String] {
        guard let text = try? content(Self.ledger), text.isEmpty || text.hasSuffix("\n") else { return [] }
        return text.split(separator: "\n").map { String($0) }
    }

    /// Signs a charge, which must succeed. Returns the ledger head that the payment contains.
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
        let workspace = try Workspace()
        let heads = try [workspace.signedHead(id: 1, nonce: 7), workspace.signedHead(id: 2, nonce: 8)]

        let list = try document(workspace.tool("ledger", "list", "--json").out)
        #expect(list["head"]?.string == heads[1])
        #expect(list["entries"]?.elements?.map { $0["hash"]?.string } == heads)
        let shown = try workspace.tool("ledger", "list")
        #expect(shown.exit == 0 && heads.allSatisfy { shown.out.contains($0) })
        #expect(shown.out.contains("spends 1050000 of \(SamplePayment.usdc)"))

        #expect(
            try workspace.tool("ledger", "verify").out == "2 entries, each follows the one before\nhead \(heads[1])\n")
        for head in heads { #expect(try workspace.tool("ledger", "verify", "--head", head).exit == 0) }
        let other = try workspace.tool("ledger", "verify", "--head", "0x" + String(repeating: "1", count: 64), "--json")
        #expect(other.exit == 10)
        #expect(try Refusal.problems(in: other.out) == [Refusal("ledger.head-unknown", "--head")])

        let rows = try workspace.tool("ledger", "export").out.split(separator: "\n").map { $0.split(separator: ",") }
        #expect(rows.count == 3 && rows[0].count == 15 && rows.dropFirst().map { String($0[0]) } == heads)
        #expect(rows[1].contains("1050000") && rows[1].contains("8453") && rows[1].contains("\"pay\""))
        let lines = try workspace.tool("ledger", "export", "--format", "json").out.split(separator: "\n")
        #expect(try lines.map { try JSONDocument(Array($0.utf8)).root["hash"]?.string } == heads)
        #expect(try document(workspace.tool("ledger", "export", "--json").out)["entries"]?.elements?.count == 2)
        #expect(try workspace.tool("ledger", "export", "--format", "xml").exit == 64)
    }

    @Test(
        "exports no cell that a spreadsheet would run",
        arguments: [
            ("=1+1", "\"'=1+1\""), ("+1", "\"'+1\""), ("-1", "\"'-1\""), ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\\t=1", "\"\\u{9}=1\""), ("\\r=1", "\"\\u{d}=1\""), ("a=1", "\"a=1\""),
        ])
    func formulas(id: String, cell: String) throws {
        let workspace = try Workspace()
        try workspace.edit("charge.json", "6d1f2c1e-5b0a-4c55-9d7e-0a4b2f3c8e91", id)
        #expect(try workspace.run().exit == 0)
        #expect(try workspace.tool("ledger", "export").out.contains(",\(cell),"))
    }

    @Test("says where it begins in printable ASCII alone, and every foreign text in JSON, too")
    func printable() throws {
        let workspace = try Workspace()
        let name = "\u{202e}\u{9b}2J.jsonl"
        #expect(try workspace.tool("ledger", "init", "--ledger", name).out == "\\u{202e}\\u{9b}2J.jsonl\n")
        #expect(
            try workspace.tool("ledger", "init", "--ledger", "b" + name, "--json").out.hasSuffix(
                #"b\u202e\u009b2J.jsonl"}"# + "\n"))
        try workspace.edit("charge.json", "6d1f2c1e-5b0a-4c55-9d7e-0a4b2f3c8e91", "\u{202e}\u{7f}\u{85}")
        workspace.set("--ledger", "ledger.jsonl")
        workspace.set("--json")
        let said =
            try workspace.run().out + workspace.tool("ledger", "list", "--ledger", "ledger.jsonl", "--json").out
            + workspace.tool("ledger", "export", "--ledger", "ledger.jsonl", "--format", "json").out
        #expect(said.components(separatedBy: #""chargeId":"\u202e\u007f\u0085""#).count == 4, "\(said)")
        #expect(said.utf8.allSatisfy { (0x20..<0x7f).contains($0) || $0 == 0x0a })
        // The ledger contains the invisible characters of the charge's id as they were signed. It does not escape them.
        #expect(try workspace.content("ledger.jsonl").contains("\u{202e}\u{7f}\u{85}"))
    }

    @Test("exports an amount once, however many transactions stand for it")
    func amounts() throws {
        let workspace = try Workspace()
        workspace.set("--rungs", "3")
        workspace.set("--cancel")
        #expect(try workspace.run().exit == 0)
        let rows = try workspace.tool("ledger", "export").out.split(separator: "\n")
        #expect(rows.count == 5)
        #expect(rows.count { $0.contains(",1050000,") } == 1)
    }

    @Test("exports both amounts of a swap, of the same transaction")
    func swap() throws {
        let workspace = try Workspace()
        workspace.set("--method", "swapAndTransferUniswapV3Native")
        workspace.set("--value", "0.001eth")
        #expect(try workspace.run().exit == 0)
        let rows = try workspace.tool("ledger", "export").out.split(separator: "\n").dropFirst()
        #expect(rows.map { $0.split(separator: ",")[11] } == ["1050000", "1000000000000000"])
        #expect(Set(rows.map { $0.split(separator: ",").last }).count == 1)
    }

    @Test("is altered, cut or missing: verify says so and where")
    func tampered() throws {
        let workspace = try Workspace()
        let head = try (workspace.signedHead(id: 1, nonce: 7), workspace.signedHead(id: 2, nonce: 8)).1
        let lines = workspace.entries
        func verify(_ text: String, _ more: String...) throws -> Outcome {
            workspace.write(Workspace.ledger, text, mode: 0o600)
            return try BuiltTool("airlock").run(
                ["ledger", "verify", "--json"] + more, in: workspace.path("."), environment: workspace.environment)
        }
        let altered = lines[0].replacingOccurrences(of: "1050000", with: "1050001")
        #expect(
            try Refusal.problems(in: verify(altered + "\n" + lines[1] + "\n").out)
                == [Refusal("ledger.broken-chain", "line 2")])
        #expect(
            try Refusal.problems(in: verify(lines[1] + "\n" + lines[0] + "\n").out)
                == [Refusal("ledger.broken-chain", "line 1")])
        // If the last entry is cut off, `ledger verify` can notice this only if it is given the ledger head.
        #expect(try verify(lines[0] + "\n").exit == 0)
        #expect(
            try Refusal.problems(in: verify(lines[0] + "\n", "--head", head).out)
                == [Refusal("ledger.head-unknown", "--head")])
        let missing = try workspace.tool("ledger", "verify", "--ledger", "nowhere", "--json")
        #expect(try Refusal.problems(in: missing.out) == [Refusal("file.missing", "nowhere")])
        #expect(missing.exit == 66)
        let lost = try workspace.tool("ledger", "verify", "--ledger", "nowhere", "--head", head, "--json")
        #expect(try Refusal.problems(in: lost.out) == [Refusal("ledger.missing", "nowhere")])
    }

    @Test("counts a last line without its end, and says so of a part of one")
    func unfinished() throws {
        let workspace = try Workspace()
        let head = try workspace.signedHead()
        let text = try workspace.content(Workspace.ledger)
        workspace.write(Workspace.ledger, String(text.dropLast()), mode: 0o600)
        #expect(try workspace.tool("ledger", "verify").out == "1 entry, each follows the one before\nhead \(head)\n")
        workspace.set("--nonce", "8")
        let again = try workspace.run()
        #expect(again.exit == 10 && again.err.contains("another transaction was signed for this request before"))

        workspace.write(Workspace.ledger, text + "{\"airlock\"", mode: 0o600)
        let words = "the last line is unfinished: 10 bytes, as a crash leaves it before anything is put out"
        for command in ["list", "verify"] {
            let outcome = try workspace.tool("ledger", command)
            #expect(outcome.exit == 0 && outcome.err.contains(words))
            #expect(try document(workspace.tool("ledger", command, "--json").out)["unfinishedBytes"]?.number == "10")
        }
        #expect(try workspace.tool("doctor").out.split { $0.isWhitespace }.joined(separator: " ").contains(words))
        #expect(try workspace.run().err.split { $0.isWhitespace }.joined(separator: " ").contains(words))
        try workspace.charge { $0.id = .init { _ in 9 } }
        #expect(try workspace.run().exit == 0)
        let after = try workspace.tool("ledger", "verify")
        #expect(after.out.hasPrefix("2 entries") && after.err.isEmpty)
    }

    @Test("is empty before anything was signed, and missing where a path to it is typed")
    func none() throws {
        let workspace = try Workspace()
        let list = try workspace.tool("ledger", "list", "--json")
        #expect(list.exit == 0 && list.err.contains("there is no ledger at"))
        #expect(try document(list.out)["entries"]?.elements?.isEmpty == true)
        #expect(try document(list.out)["head"]?.string == "0x\(String(repeating: "0", count: 64))")
        let export = try workspace.tool("ledger", "export")
        #expect(export.exit == 0 && export.out.split(separator: "\n").count == 1)
        #expect(try workspace.tool("ledger", "verify").exit == 66)
        for command in ["list", "verify", "export"] {
            #expect(try workspace.tool("ledger", command, "--ledger", "nowhere").exit == 66)
        }
        #expect(!workspace.files.keys.contains { $0.hasSuffix("ledger.jsonl") })
    }

    @Test("goes on after a lost disk by the head that the relay remembers")
    func lost() throws {
        let workspace = try Workspace()
        let head = try workspace.signedHead(id: 1, nonce: 7)
        try FileManager.default.removeItem(atPath: workspace.path(Workspace.ledger))
        try workspace.edit("conditions.json", "\"nativeBalance\":", "\"ledgerHead\":\"\(head)\",\"nativeBalance\":")
        try workspace.charge { $0.id = .init { _ in 2 } }
        workspace.set("--nonce", "8")
        let refused = try workspace.run()
        #expect(refused.exit == 10 && refused.err.contains("airlock ledger init --accept-head"))
        // Without --accept-head, `ledger init` creates an empty ledger. Signing is still refused, because the ledger
        // head in the conditions file is not in this ledger. A later `ledger init` with --accept-head is still
        // possible.
        #expect(try workspace.tool("ledger", "init").exit == 0)
        #expect(try workspace.run().exit == 10)
        #expect(try workspace.tool("ledger", "init", "--accept-head", "0x12").exit == 64)
        let begun = try workspace.tool("ledger", "init", "--accept-head", head)
        #expect(begun.exit == 0 && begun.out.hasSuffix("/\(Workspace.ledger)\n"))
        #expect(try workspace.run().exit == 0)
        #expect(try workspace.tool("ledger", "verify", "--head", head).exit == 0)
        let again = try workspace.tool("ledger", "init", "--accept-head", head, "--json")
        #expect(again.exit == 73)
        #expect(try Refusal.problems(in: again.out).map(\.code) == ["ledger.already-there"])
        #expect(workspace.entries.count == 2)
    }

    @Test(
        "is never begun in a file that holds something else, which stays as it is",
        arguments: [
            SamplePayment.payerKey, "correct horse battery staple", "test test test\n", "\u{0}\u{1}", "{\"version\":3}",
            "{\"airlock\":1,\"kind\":\"conditions\"", "one\ntwo",
        ])
    func notALedger(text: String) throws {
        let workspace = try Workspace()
        workspace.write("transaction.json", Self.transaction)
        for words in [
            ["ledger", "init"], ["ledger", "init", "--accept-head", "0x" + String(repeating: "1", count: 64)],
            ["ledger", "verify"], ["tx", "encode", "transaction.json", "-k", "key.hex", "--blind", "--yes"],
            workspace.words,
        ] {
            workspace.write("secret", text, mode: 0o600)
            let outcome = try BuiltTool("airlock").run(
                words + ["--ledger", "secret", "--json"], in: workspace.path("."), environment: workspace.environment)
            #expect(outcome.exit == 65, "\(words)")
            #expect(try Refusal.problems(in: outcome.out).map(\.code) == ["ledger.not-a-ledger"])
            #expect(try workspace.content("secret") == text)
        }
    }

    private static let transaction = """
        {"type":"2","chainId":"8453","nonce":"7","to":"\(SamplePayment.payer)","value":"1","gas":"21000",\
        "maxFeePerGas":"30000000","maxPriorityFeePerGas":"1000000","accessList":[],"data":"0x"}
        """

    @Test("is no input of the command, by whichever name")
    func input() throws {
        let keys = try KeyWorkspace()
        keys.scratch.file("transaction.json", Self.transaction)
        try FileManager.default.linkItem(atPath: keys.scratch("empty"), toPath: keys.scratch("link"))
        let outcome = try keys.run(
            "tx", "encode", "transaction.json", "-k", "words", "--passphrase-file", "empty", "--blind", "--yes",
            "--ledger", "link", "--json")
        #expect(outcome.exit == 73)
        #expect(try KeyWorkspace.refusal(outcome) == ["file.is-input at link"])
        #expect(try keys.scratch.content("empty") == "")
    }

    @Test("is read while others read it, and waited for while another process may write to it")
    func held() throws {
        let workspace = try Workspace()
        #expect(try workspace.run().exit == 0)
        let reading = [["ledger", "list"], ["ledger", "verify"], ["ledger", "export"], ["doctor"]]
        func run(_ words: [String]) throws -> Outcome {
            try BuiltTool("airlock").run(
                words + ["--lock-timeout", "0"], in: workspace.path("."), environment: workspace.environment)
        }
        let file = unsafe open(workspace.path(Workspace.ledger), O_RDONLY)
        defer { close(file) }
        #expect(flock(file, LOCK_SH) == 0)
        for words in reading.dropLast() { #expect(try run(words).exit == 0, "\(words)") }
        workspace.command = "review"
        workspace.drop("-k", "--yes")
        #expect(try run(workspace.words).exit == 0)
        #expect(flock(file, LOCK_EX) == 0)
        for words in reading.dropLast() + [workspace.words] {
            let outcome = try run(words)
            #expect(outcome.exit == 74, "\(words)")
            #expect(outcome.err.contains("file.locked") || outcome.err.contains("another process"))
        }
        let waited = try BuiltTool("airlock").run(
            ["ledger", "verify", "--lock-timeout", "1"], in: workspace.path("."), environment: workspace.environment)
        #expect(waited.exit == 74 && waited.err.contains("airlock: waiting for "))
    }

    @Test("is read by who may not write to it")
    func readOnly() throws {
        let workspace = try Workspace()
        #expect(try workspace.run().exit == 0)
        #expect(unsafe chmod(workspace.path(Workspace.ledger), 0o400) == 0)
        for words in [["ledger", "list"], ["ledger", "verify"], ["ledger", "export"]] {
            #expect(
                try BuiltTool("airlock").run(words, in: workspace.path("."), environment: workspace.environment).exit
                    == 0)
        }
    }

    @Test("is its owner's alone, in a folder that is made for it")
    func modes() throws {
        let workspace = try Workspace()
        #expect(try workspace.run().exit == 0)
        func mode(_ name: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: workspace.path(name))[.posixPermissions] as? Int
        }
        #expect(try mode(Workspace.ledger) == 0o600)
        #expect(try mode(".local/state/airlock") == 0o700)
    }
}
