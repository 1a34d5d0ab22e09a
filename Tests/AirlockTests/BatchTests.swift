import AirlockEthereumTypes
import Foundation
import AirlockStrictJSON
import Testing
import AirlockToolSupport
import AirlockSamples

@Suite("A stream of charges")
struct BatchTests {
    /// Returns a line of a batch, with a charge in native currency. If `nonce` is `nil`, the nonce is the number of the
    /// line.
    private static func line(_ number: Int, nonce: Int? = nil, edit: (String) -> String = { $0 }) throws -> String {
        var payment = SamplePayment()
        payment.recipientCurrency = .zero
        payment.id = FixedBytes { $0 < 8 ? 0 : UInt8(truncatingIfNeeded: number >> ((15 - $0) * 8)) }
        let charge = try payment.charge().split(separator: "\n").joined()
        return edit(
            """
            {"charge":\(charge),"conditions":{"chainId":"8453","sender":"\(SamplePayment.payer)",\
            "nonce":"\(nonce ?? number)","gas":"180000","maxFeePerGas":"30000000","maxPriorityFeePerGas":"1000000"}}
            """)
    }

    private static func workspace(_ lines: [String]) throws -> Workspace {
        let workspace = try Workspace()
        workspace.operands = []
        workspace.drop("-c", "--yes")
        workspace.set("--lines")
        try workspace.edit("policy.json", "\"maxConditionsAge\":\"3600\",", "")
        workspace.input = .text(lines.joined(separator: "\n") + "\n")
        return workspace
    }

    private static func answers(_ outcome: Outcome) throws -> [JSONValue] {
        try outcome.out.split(separator: "\n").map { try JSONDocument(Array($0.utf8)).root }
    }

    @Test("gives the same transactions, in order, as signing one by one, and records them")
    func same() throws {
        let lines = try (1...40).map { try Self.line($0) }
        let workspace = try Self.workspace(lines)
        let outcome = try workspace.run()
        #expect(outcome.exit == 0, "\(outcome.err)")
        let answers = try Self.answers(outcome)
        #expect(answers.count == 40)
        for (index, answer) in answers.enumerated() where index % 13 == 0 {
            let single = try Workspace()
            let line = try JSONDocument(Array(lines[index].utf8)).root
            single.write("charge.json", try #require(line["charge"]).json.text)
            single.drop("-c")
            for (name, value) in [
                "--nonce": "\(index + 1)", "--gas": "180000", "--max-fee": "30000000", "--priority-fee": "1000000",
            ] { single.set(name, value) }
            #expect(try single.run().out == (answer["raw"]?.string ?? "") + "\n")
        }
        let ledger = try BuiltTool("airlock").run(
            ["ledger", "verify", "--json"], in: workspace.path(""), environment: workspace.environment)
        #expect(ledger.out.contains("\"entries\":40"))
        // If the same batch is signed again, the tool gives the same answers.
        #expect(try workspace.run().out == outcome.out)
    }

    @Test("spoils no line by a bad one, each refused at its place in the line")
    func bad() throws {
        let zeros = String(repeating: "0", count: 40)
        let lines = [
            try Self.line(1), "{",
            try Self.line(2) { $0.replacing("\"fee_amount\":\"10500\"", with: "\"fee_amount\":\"10501\"") },
            try Self.line(3) { $0.replacing(",\"gas\":\"180000\"", with: "") },
            try Self.line(4) { $0.replacing("{\"charge\"", with: "{\"charges\":1,\"charge\"") },
            try Self.line(5, nonce: 1), try Self.line(1, nonce: 6), "", try Self.line(7),
            try Self.line(8) { $0.replacing("{\"charge\"", with: "{\"nonce\":\"4\",\"charge\"") },
            try Self.line(9) { $0.replacing("\"gas\":", with: "\"x\":1,\"gas\":") },
            try Self.line(10) { $0.replacing("\"chainId\":", with: "\"kind\":\"policy\",\"chainId\":") },
            try Self.line(11) { $0.replacing("{\"charge\"", with: "{\"method\":\"x\",\"charge\"") },
            try Self.line(12) { $0.replacing("{\"charge\"", with: "{\"value\":\"1\",\"charge\"") },
            try Self.line(13) {
                $0.replacing("\"recipient\":\"\(SamplePayment().recipient)\"", with: "\"recipient\":\"0x\(zeros)\"")
            },
            try Self.line(14) { $0.replacing("\"8453\"", with: "\"1\"") },
        ]
        let outcome = try Self.workspace(lines).run()
        #expect(outcome.exit == 10)
        let answers = try Self.answers(outcome)
        let callData = "/charge/data/web3_data/transfer_intent/call_data"
        let expected: [(String, String)?] = [
            nil, ("json.unfinished", ""), ("charge.signature-mismatch", "\(callData)/signature"),
            ("sign.missing-value", "/conditions/gas"), ("json.unknown-field", "/charges"),
            ("ledger.nonce-already-signed", "/conditions/nonce"), ("ledger.intent-already-signed", "\(callData)/id"),
            ("json.empty", ""), nil,
            ("json.unknown-field", "/nonce"), ("json.unknown-field", "/conditions/x"),
            ("format.unknown-kind", "/conditions/kind"), ("method.unknown", "/method"),
            ("method.value-not-exact", "/value"), ("charge.null-recipient", "\(callData)/recipient"),
            ("conditions.other-chain", "/conditions/chainId"),
        ]
        #expect(answers.count == expected.count)
        for (answer, problem) in zip(answers, expected) {
            #expect(answer["ok"]?.boolean == (problem == nil))
            #expect(answer["error"]?["code"]?.string == problem?.0)
            #expect(answer["error"]?["field"]?.string ?? "" == problem?.1 ?? "", "\(answer.json.text)")
        }
    }

    @Test("answers what it has, and at an interrupt says where to go on")
    func interrupted() throws {
        let workspace = try Self.workspace([])
        workspace.write("lines.jsonl", try (1...3).map { try Self.line($0) }.joined(separator: "\n") + "\n")
        // The script does not close the tool's standard input. The tool must answer each line without waiting for more
        // input.
        workspace.write(
            "run.sh",
            """
            set -m
            mkfifo input
            "$@" <input >out.jsonl 2>err.txt &
            exec 3>input
            cat lines.jsonl >&3
            until [ "$(wc -l <out.jsonl)" -eq 3 ]; do sleep 0.05; done
            "$1" ledger init --lock-timeout 0 --json >init.json
            kill -INT $!
            wait $!
            """)
        let bash = try #require(BuiltTool.installed("bash"))
        let outcome = try bash.run(
            ["run.sh", BuiltTool("airlock").path] + workspace.words, in: workspace.path("."),
            environment: workspace.environment)
        #expect(outcome.exit == 130)
        #expect(try workspace.content("err.txt").contains("interrupted: 3 lines are answered; continue with line 4"))
        #expect(workspace.entries.count == 3)
        // `ledger init` did not have to wait for the signing process, because that process does not lock the ledger
        // while it waits for input.
        #expect(try Refusal.problems(in: workspace.content("init.json")).map(\.code) == ["ledger.already-there"])
    }

    @Test(
        "ends, and signs no line again, when its ledger is moved away or becomes an older copy",
        arguments: [
            ("mv ledger moved", "the ledger is missing, though payments were signed before", false),
            ("cp older new && mv new ledger", "the ledger does not know an entry that was in it before", true),
            ("cat older >ledger", "the ledger does not know an entry that was in it before", true),
        ])
    func lostLedger(change: String, refusal: String, isThere: Bool) throws {
        let workspace = try Self.workspace([])
        workspace.set("--ledger", "ledger")
        workspace.write("lines.jsonl", try (1...2).map { try Self.line($0) }.joined(separator: "\n") + "\n")
        workspace.write(
            "run.sh",
            """
            mkfifo input
            "$@" <input >out.jsonl 2>err.txt &
            exec 3>input
            sed -n 1p lines.jsonl >&3
            until [ "$(wc -l <out.jsonl)" -eq 1 ] || ! kill -0 $!; do sleep 0.05; done
            cp ledger older
            sed -n 2p lines.jsonl >&3
            until [ "$(wc -l <out.jsonl)" -eq 2 ] || ! kill -0 $!; do sleep 0.05; done
            \(change)
            cat lines.jsonl >&3
            exec 3>&-
            wait $!
            """)
        let bash = try #require(BuiltTool.installed("bash"))
        let outcome = try bash.run(
            ["run.sh", BuiltTool("airlock").path] + workspace.words, in: workspace.path("."),
            environment: workspace.environment)
        #expect(outcome.exit == 10)
        let errors = try workspace.content("err.txt")
        #expect(errors.contains(refusal), "\(errors)")
        #expect(try workspace.content("out.jsonl").split(separator: "\n").count == 2)
        #expect(workspace.files.keys.contains("ledger") == isThere)
        if isThere { #expect(try workspace.content("ledger") == workspace.content("older")) }
    }

    @Test("lists the transactions of a payment with rungs and a cancel")
    func plan() throws {
        let workspace = try Self.workspace([try Self.line(1)])
        workspace.set("--rungs", "2")
        workspace.set("--cancel")
        let answer = try #require(try Self.answers(workspace.run()).first)
        let roles = answer["transactions"]?.elements?.map { $0["role"]?.string }
        #expect(roles == ["pay", "pay", "cancel"])
        #expect(answer["raw"] == nil)
    }

    @Test("needs a policy that pins and caps, and takes nothing that a line says itself")
    func refused() throws {
        let unpinned = try Self.workspace([try Self.line(1)])
        try unpinned.edit("policy.json", "\"recipients\":{\"\(SamplePayment().recipient)\":\"Example shop\"},", "")
        let answer = try #require(try Self.answers(unpinned.run()).first)
        #expect(answer["error"]?["code"]?.string == "sign.policy-not-enough")
        let costly = try Self.workspace([try Self.line(1)])
        try costly.edit("policy.json", ",\"maxNetworkFee\":\"10000000000000000\"", "")
        let refusal = try Self.answers(costly.run()).first?["error"]
        #expect(refusal?["code"]?.string == "sign.policy-not-enough")
        #expect(refusal?["message"]?.string?.contains("/chains/8453/maxNetworkFee") == true)
        let typed = try Self.workspace([try Self.line(1)])
        typed.set("--nonce", "1")
        #expect(try typed.run().exit == 64)
        let replacing = try Self.workspace([try Self.line(1)])
        replacing.set("--replace", "0x" + String(repeating: "1", count: 64))
        #expect(try replacing.run().err.contains("a request that replaces another is signed on its own (--replace)"))
        for (name, value) in [("-o", "payment.json"), ("--raw", nil), ("--force", nil)] {
            let elsewhere = try Self.workspace([try Self.line(1)])
            elsewhere.set(name, value)
            let outcome = try elsewhere.run()
            #expect(outcome.exit == 64 && outcome.err.contains("with --lines the answers go to standard output"))
        }
        let none = try Self.workspace([try Self.line(1)])
        none.drop("--policy")
        #expect(try none.run().exit == 64)
    }
}
