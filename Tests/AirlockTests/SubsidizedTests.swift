import AirlockEthereumTypes
import Foundation
import AirlockStrictJSON
import Testing
import AirlockToolSupport
import AirlockSamples

private let method = "subsidizedTransferToken"

extension Workspace {
    /// Writes a conditions file with the values that `prepare` measures for a permit, and selects the payment method.
    fileprivate func subsidize(nonce: UInt64 = 0) throws {
        write("conditions.json", Self.permitConditions(nonce: nonce))
        set("-m", method)
    }

    /// Writes the same files as `subsidize`, but for a token that the policy lists and Airlock does not know. Changes
    /// the charge and the policy to use this token.
    fileprivate func subsidizeUnknownToken(domain: String) throws {
        let token = Address(known: "0x0000000000000000000000000000000000001234")
        try subsidize()
        try charge { $0.recipientCurrency = token }
        try edit("conditions.json", "\(SamplePayment.usdc)", "\(token)")
        try edit("conditions.json", Self.domain, domain)
        try edit("policy.json", "\(SamplePayment.usdc)", "\(token)")
    }

    fileprivate static func permitConditions(nonce: UInt64) -> String {
        """
        {"airlock":1,"kind":"conditions","chainId":"8453","sender":"\(SamplePayment.payer)","nonce":"\(nonce)",\
        "block":{"number":"43000000","hash":"0x\(String(repeating: "ab", count: 32))","timestamp":"1773131359"},\
        "token":{"address":"\(SamplePayment.usdc)","symbol":"USDC","decimals":"6","balance":"5000000",\
        "domainSeparator":"\(domain)"},"method":"\(method)"}
        """
    }

    /// The domain separator of USDC on Base.
    fileprivate static let domain = "0x02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f"
}

@Suite("A payment that someone else sends")
struct SubsidizedTests {
    @Test("is a permit and its call in the file, with one line on standard output, and verifies")
    func file() throws {
        let workspace = try Workspace()
        try workspace.subsidize()
        workspace.set("-o", "payment.json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 0, "\(outcome.err)")
        let text = try workspace.content("payment.json")
        let payment = try JSONDocument(Array(text.utf8)).root
        #expect(payment["method"]?.string == method)
        let transactions = try #require(payment["transactions"]?.elements)
        let permit = try #require(transactions.first)
        #expect(transactions.count == 1 && permit["role"]?.string == "permit" && permit["raw"] == nil)
        #expect(permit["nonce"]?.string == "0" && permit["to"]?.string == "\(SamplePayment().contract)")
        #expect(permit["data"]?.string?.hasPrefix("0x1d7f10ac") == true)
        #expect(permit["domainSeparator"]?.string == Workspace.domain)
        #expect(outcome.out == "permit 0 \(permit["hash"]?.string ?? "")\n")
        let words = outcome.err.split { $0.isWhitespace }.joined(separator: " ")
        #expect(words.contains("that somebody else must send and pay for"))
        #expect(words.contains(Workspace.domain))
        #expect(words.contains(payment["code"]?.string ?? "no code"))

        // If the same charge is signed again, the payment file is the same, and the ledger gets no new entry.
        #expect(try workspace.run().exit == 0)
        #expect(try workspace.content("payment.json") == text)
        #expect(workspace.entries.count == 1)

        workspace.judge("payment.json")
        workspace.drop("-m")
        let verified = try workspace.run()
        #expect(verified.exit == 0, "\(verified.err)")
        #expect(verified.out.split { $0.isWhitespace }.joined(separator: " ").contains("someone else must send it"))
    }

    @Test("has a call that the sponsor's own transaction carries, and that inspect takes apart")
    func call() throws {
        let workspace = try Workspace()
        try workspace.subsidize()
        workspace.set("--json")
        let permit = try #require(document(workspace.run().out)["payment"]?["transactions"]?[0])
        let data = try #require(permit["data"]?.string)
        workspace.write("sponsor.hex", SamplePayment.strangerKey, mode: 0o600)
        workspace.write(
            "transaction.json",
            """
            {"type":"2","chainId":"8453","nonce":"0","to":\(permit["to"]?.json.text ?? ""),"value":"0","gas":"250000",\
            "maxFeePerGas":"30000000","maxPriorityFeePerGas":"1000000","accessList":[],"data":"\(data)"}
            """)
        let encoded = try workspace.tool(
            "tx", "encode", "transaction.json", "-k", "sponsor.hex", "--blind", "--yes", "--ledger", "sponsor")
        #expect(encoded.exit == 0, "\(encoded.err)")
        let raw = encoded.out.split(separator: "\n").first.map { String($0) } ?? ""
        let call = try #require(document(workspace.tool("inspect", raw, "--json").out)["call"])
        #expect(call["function"]?.string?.hasPrefix("subsidizedTransferToken((uint256") == true)
        let permitted = call["arguments"]?["signatureTransferData"]
        #expect(permitted?["owner"]?.string == "\(SamplePayment.payer)")
        #expect(permitted?["signature"]?.string == permit["signature"]?.string)
    }

    @Test("is refused, and nothing signed", arguments: refusals)
    func refused(refusal: RefusedRun) throws { try refusal.check() }

    private static let refusals = [
        RefusedRun("as a raw transaction", 64, ["usage.conflicting-options": "--raw"]) {
            try $0.subsidize()
            $0.set("--raw")
        },
        RefusedRun("with the nonce of a transaction", 10, ["conditions.other-method": "/method"]) {
            try $0.subsidize()
            try $0.edit("conditions.json", "\"method\":\"\(method)\"", "\"method\":\"transferTokenPreApproved\"")
        },
        RefusedRun("by a transaction, with the nonce of a permit", 10, ["conditions.other-method": "/method"]) {
            workspace in
            try workspace.edit("conditions.json", "\"nonce\"", "\"method\":\"\(method)\",\"nonce\"")
        },
        RefusedRun("without the token's domain", 64, ["sign.missing-value": "/token/domainSeparator"]) {
            try $0.subsidize()
            try $0.edit("conditions.json", ",\"domainSeparator\":\"\(Workspace.domain)\"", "")
        },
        RefusedRun("in another token's domain", 10, ["conditions.other-domain": "/token/domainSeparator"]) {
            try $0.subsidize()
            try $0.edit("conditions.json", "0x02fa7265", "0x02fa7266")
        },
        RefusedRun(
            "of a listed token, in the domain of USDC", 10, ["conditions.other-domain": "/token/domainSeparator"]
        ) { try $0.subsidizeUnknownToken(domain: Workspace.domain) },
        RefusedRun(
            "of a listed token, in a domain that nobody knows, unasked", 10, ["sign.policy-not-enough": "--policy"]
        ) { try $0.subsidizeUnknownToken(domain: "0x" + String(repeating: "5a", count: 32)) },
        RefusedRun("with more than the payer has", 10, ["money.token-balance-too-low": "/token/balance"]) {
            try $0.subsidize()
            try $0.edit("conditions.json", "\"5000000\"", "\"1049999\"")
        },
        RefusedRun(
            "in native currency", 10,
            ["method.incorrect-currency": "/data/web3_data/transfer_intent/call_data/recipient_currency"]
        ) {
            try $0.subsidize()
            try $0.charge { $0.recipientCurrency = .zero }
        },
        RefusedRun(
            "with what only a transaction has", 64,
            [
                "method.signs-no-transaction": "--gas", "method.signs-no-transaction": "--approve",
                "method.signs-no-transaction": "--rungs", "method.signs-no-transaction": "--cancel",
            ]
        ) {
            try $0.subsidize()
            $0.set("--gas", "1")
            $0.set("--approve")
            $0.set("--rungs", "2")
            $0.set("--cancel")
        },
    ]

    @Test("in a domain that the policy pins of a token that nobody else knows is signed unasked")
    func pinned() throws {
        let domain = "0x" + String(repeating: "5a", count: 32)
        let workspace = try Workspace()
        try workspace.subsidizeUnknownToken(domain: domain)
        try workspace.edit("policy.json", "\"decimals\":\"6\"", "\"decimals\":\"6\",\"domainSeparator\":\"\(domain)\"")
        workspace.set("-o", "payment.json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 0, "\(outcome.err)")
    }

    @Test("in a domain that nobody knows is asked for, with the domain in the question", arguments: [0, 11] as [Int32])
    func asked(exit: Int32) throws {
        let workspace = try Workspace()
        try workspace.subsidizeUnknownToken(domain: "0x" + String(repeating: "5a", count: 31) + "c3")
        workspace.drop("--yes")
        workspace.set("-o", "payment.json")
        let terminal = try workspace.atTerminal()
        try terminal.wait(for: "Type the last six digits of the separator to sign: ")
        let words = terminal.screen.split { $0.isWhitespace }.joined(separator: " ")
        #expect(words.contains("No policy pins the domain separator 0x5a5a"))
        terminal.type(exit == 0 ? "5a5ac3\n" : "sign\n")
        #expect(try terminal.finish().exit == exit)
    }

    @Test("needs a file or a document, since there is no raw transaction to print")
    func noFile() throws {
        let workspace = try Workspace()
        try workspace.subsidize()
        let outcome = try workspace.run()
        #expect(outcome.exit == 64 && outcome.out.isEmpty && workspace.entries.isEmpty)
        #expect(outcome.err.contains("give -o or --json"))
    }

    @Test("uses up the permit's nonce, which another permit takes only by naming it")
    func nonce() throws {
        let workspace = try Workspace()
        try workspace.subsidize()
        workspace.set("--json")
        let first = try #require(document(workspace.run().out)["payment"]?["transactions"]?[0]?["hash"]?.string)
        try workspace.charge {
            $0.id = FixedBytes { _ in 9 }
            $0.recipientAmount = 1_000_000
        }
        let refused = try workspace.run()
        #expect(refused.exit == 10)
        #expect(try Refusal.problems(in: refused.out).map(\.code) == ["ledger.nonce-already-signed"])
        workspace.set("--replace", first)
        #expect(try workspace.run().exit == 0)
    }

    @Test("is, in a stream, a line with its permit in place of a raw transaction")
    func lines() throws {
        func line(_ number: UInt8, nonce: UInt64) throws -> String {
            var payment = SamplePayment()
            payment.id = FixedBytes { _ in number }
            return """
                {"charge":\(try payment.charge().split(separator: "\n").joined()),"conditions":\
                \(Workspace.permitConditions(nonce: nonce)),"method":"\(method)"}
                """
        }
        let workspace = try Workspace()
        workspace.operands = []
        workspace.drop("-c", "--yes")
        workspace.set("--lines")
        let lines = try [line(1, nonce: 0), line(2, nonce: 1), line(3, nonce: 1)]
        workspace.input = .text(lines.joined(separator: "\n") + "\n")
        let answers = try workspace.run().out.split(separator: "\n").map { try JSONDocument(Array($0.utf8)).root }
        #expect(answers.map { $0["ok"]?.boolean } == [true, true, false])
        #expect(answers[2]["error"]?["code"]?.string == "ledger.nonce-already-signed")
        let permit = try #require(answers[1]["transactions"]?[0])
        #expect(answers[1]["raw"] == nil && permit["role"]?.string == "permit" && permit["nonce"]?.string == "1")
        // If the second charge is signed outside a batch, its permit is the same.
        let single = try Workspace()
        try single.subsidize(nonce: 1)
        try single.charge { $0.id = FixedBytes { _ in 2 } }
        single.set("--json")
        #expect(try document(single.run().out)["payment"]?["transactions"]?[0]?.json.text == permit.json.text)
    }

    @Test("in a domain that nobody knows is refused in a stream")
    func unknownDomainInLines() throws {
        let domain = "0x" + String(repeating: "5a", count: 32)
        let workspace = try Workspace()
        try workspace.subsidizeUnknownToken(domain: domain)
        let (charge, conditions) = (try workspace.content("charge.json"), try workspace.content("conditions.json"))
        let line = "{\"charge\":\(charge),\"conditions\":\(conditions),\"method\":\"\(method)\"}"
        workspace.operands = []
        workspace.drop("-c", "--yes", "-m")
        workspace.set("--lines")
        workspace.input = .text(line.split(separator: "\n").joined() + "\n")
        let error = try JSONDocument(Array(workspace.run().out.utf8.dropLast())).root["error"]
        #expect(error?["code"]?.string == "sign.policy-not-enough")
        #expect(error?["message"]?.string?.contains("/domainSeparator") == true)
        #expect(workspace.entries.isEmpty)
    }

    @Test("of a folder has a nonce for each, in the order of the deadlines")
    func folder() throws {
        let workspace = try Workspace()
        try workspace.subsidize(nonce: 4)
        try FileManager.default.createDirectory(atPath: workspace.path("charges"), withIntermediateDirectories: false)
        for index in 0..<2 as Range<UInt8> {
            var payment = SamplePayment()
            payment.id = FixedBytes { _ in index }
            payment.deadline = UInt256(1_773_217_849 - UInt64(index) * 3600)
            workspace.write("charges/\(index).json", try payment.charge())
        }
        workspace.operands = ["charges"]
        workspace.set("-o", "payments")
        let outcome = try workspace.run()
        #expect(outcome.exit == 0, "\(outcome.err)")
        let rows = outcome.out.split(separator: "\n").map { $0.split(separator: " ").prefix(3).joined(separator: " ") }
        #expect(rows == ["1.json permit 4", "0.json permit 5"])
    }
}
