import AirlockEthereumTypes
import Foundation
import AirlockStrictJSON
import Testing
import AirlockToolSupport

/// A payment method, the currency and the amount that the charge asks for, and the expected value of the transaction.
struct Way: Sendable, CustomTestStringConvertible {
    let method: String
    let currency: Address
    let amount: UInt256
    var options: KeyValuePairs<String, String> = [:]
    let value: String

    var testDescription: String { method }

    func prepare(_ workspace: Workspace) throws {
        try workspace.charge {
            $0.recipientCurrency = currency
            $0.recipientAmount = amount
        }
        for (name, value) in options { workspace.set(name, value) }
    }

    static let all = [
        Way(method: "transferNative", currency: .zero, amount: 415_800_000_000_000, value: "415800000010500"),
        Way(method: "transferTokenPreApproved", currency: SamplePayment.usdc, amount: 1_039_500, value: "0"),
        Way(
            method: "wrapAndTransfer", currency: SamplePayment.wrappedNative, amount: 415_800_000_000_000,
            value: "415800000010500"),
        Way(
            method: "swapAndTransferUniswapV3Native", currency: SamplePayment.usdc, amount: 1_039_500,
            options: ["-m": "swapAndTransferUniswapV3Native", "--value": "0.0008eth", "--pool-fee": "3000"],
            value: "800000000000000"),
    ]
}

/// Returns the only JSON document in a text. Throws if this document does not report success.
func document(_ text: String) throws -> JSONValue {
    let root = try JSONDocument(Array(text.utf8)).root
    try #require(root["ok"]?.boolean == true, "\(text)")
    return root
}

/// Returns the only JSON document in a text. Throws if this document does not report a refusal.
func refusalDocument(_ text: String) throws -> JSONValue {
    let root = try JSONDocument(Array(text.utf8)).root
    try #require(root["ok"]?.boolean == false, "\(text)")
    return root
}

@Suite("A payment that is signed")
struct SignTests {
    @Test("says what was asked, by each method, and holds when it is verified", arguments: Way.all)
    func method(way: Way) throws {
        let workspace = try Workspace()
        try way.prepare(workspace)
        let signed = try workspace.run()
        #expect(signed.exit == 0, "\(signed.err)")
        let raw = try #require(signed.out.split(separator: "\n").first).description
        #expect(signed.out == raw + "\n" && raw.hasPrefix("0x02f9"))
        #expect(signed.err.contains("\nsandbox      on: this process can open no connection\n"))

        let tool = try BuiltTool("airlock")
        let shown = try document(tool.run(["inspect", raw, "--json"], in: "/", environment: [:]).out)
        let says = [
            "type": "2", "chainId": "8453", "nonce": "7", "to": "\(SamplePayment().contract)", "value": way.value,
            "gas": "180000", "maxFeePerGas": "30000000", "maxPriorityFeePerGas": "1000000",
            "from": "\(SamplePayment.payer)",
        ]
        for (name, value) in says { #expect(shown[name]?.string == value, "\(name)") }
        let arguments = try #require(shown["call"]?["arguments"])
        #expect(shown["call"]?["function"]?.string?.hasPrefix(way.method + "(") == true)
        #expect(arguments["intent"]?["recipientAmount"]?.string == "\(way.amount)")
        #expect(arguments["intent"]?["recipient"]?.string == "\(SamplePayment().recipient)")
        #expect(arguments["poolFeesTier"]?.string == (way.value == "800000000000000" ? "3000" : nil))
    }

    @Test("has the same bytes on every machine", arguments: Way.all)
    func deterministic(way: Way) throws {
        let raws = try (0..<2).map { _ in
            let workspace = try Workspace()
            try way.prepare(workspace)
            return try workspace.run().out
        }
        #expect(raws[0] == raws[1] && !raws[0].isEmpty)
    }

    @Test("has the same bytes whether its conditions are in a file, piped in or typed, and whatever is said beside")
    func sameConditions() throws {
        let changes: [(Workspace) throws -> Void] = [
            { _ in },
            { $0.set("--raw") },
            { $0.set("--chain", "base") },
            { $0.set("--chain", "8453") },
            { $0.set("-m", "transferTokenPreApproved") },
            { $0.set("--value", "0") },
            { workspace in
                workspace.operands = ["-"]
                workspace.input = .text(try workspace.content("charge.json"))
            },
            { workspace in
                workspace.input = .text(try workspace.content("conditions.json"))
                workspace.set("-c", "-")
            },
            { workspace in
                try workspace.edit("conditions.json", "\"nonce\":\"7\"", "\"nonce\":\"8\"")
                workspace.set("--nonce", "7")
            },
            { workspace in
                try workspace.edit("conditions.json", "\"180000\"", "\"200000\"")
                try workspace.edit("conditions.json", "\"30000000\"", "\"1\"")
                try workspace.edit("conditions.json", "\"1000000\"", "\"1\"")
                workspace.set("--gas", "180000")
                workspace.set("--max-fee", "0.03gwei")
                workspace.set("--priority-fee", "0.001 gwei")
            },
            { workspace in
                try workspace.edit("charge.json", "2026-03-11T08:30:49Z", "2026-03-11T09:30:49.999+01:00")
            },
            { workspace in
                try workspace.edit("charge.json", "2026-03-11T08:30:49Z", "1773217849")
            },
            { workspace in
                workspace.write("key.hex", "\u{FEFF}0x\(SamplePayment.payerKey)\r\n", mode: 0o400)
            },
            { workspace in
                let charge = try workspace.content("charge.json")
                workspace.write("charge.json", "\n\t" + charge.replacingOccurrences(of: ",", with: " ,\r\n") + "\n\n")
            },
        ]
        let raws = try changes.map { change in
            let workspace = try Workspace()
            try change(workspace)
            let outcome = try workspace.run()
            #expect(outcome.exit == 0, "\(outcome.err)")
            return outcome.out
        }
        #expect(Set(raws).count == 1 && raws[0].hasPrefix("0x02"))
    }

    @Test("stands in the file, of mode 0600, with one line for each transaction on standard output")
    func file() throws {
        let workspace = try Workspace()
        workspace.set("-o", "payment.json")
        let outcome = try workspace.run()
        let payment = try JSONDocument(Array(workspace.content("payment.json").utf8)).root
        let transaction = try #require(payment["transactions"]?.elements?.first)
        #expect(outcome.out == "pay 7 \(transaction["hash"]?.string ?? "")\n")
        #expect(
            try FileManager.default.attributesOfItem(atPath: workspace.path("payment.json"))[.posixPermissions] as? Int
                == 0o600)
        #expect(payment["airlock"]?.number == "1" && payment["kind"]?.string == "payment")
        let says = [
            "chainId": "8453", "from": "\(SamplePayment.payer)", "method": "transferTokenPreApproved",
            "expires": "2026-03-11T08:30:49Z", "intentId": "\(SamplePayment().id)",
        ]
        for (name, value) in says { #expect(payment[name]?.string == value, "\(name)") }
        #expect(transaction["role"]?.string == "pay" && transaction["rung"]?.string == "0")

        workspace.judge("payment.json")
        let verified = try workspace.run()
        #expect(verified.exit == 0, "\(verified.err)")
        workspace.set("--json")
        #expect(try document(workspace.run().out)["kind"]?.string == "payment")
    }

    @Test("is the one document on standard output with --json, and the file itself with -o -")
    func documents() throws {
        let workspace = try Workspace()
        workspace.set("--json")
        let first = try document(workspace.run().out)
        workspace.drop("--json")
        workspace.set("-o", "-")
        let second = try JSONDocument(Array(workspace.run().out.utf8)).root
        #expect(second["kind"]?.string == "payment")
        for name in ["ledgerHead", "code"] {
            #expect(second[name]?.string == first["payment"]?[name]?.string, "\(name)")
        }
    }

    @Test("may stand in its file already, and takes another file's place only by force")
    func again() throws {
        let workspace = try Workspace()
        workspace.set("-o", "payment.json")
        #expect(try workspace.run().exit == 0)
        let content = try workspace.content("payment.json")
        #expect(try workspace.run().exit == 0)
        #expect(try workspace.content("payment.json") == content)
        workspace.write("payment.json", "other")
        #expect(try workspace.run().exit == 73)
        #expect(try workspace.content("payment.json") == "other")
        workspace.set("--force")
        #expect(try workspace.run().exit == 0)
        #expect(try workspace.content("payment.json") == content)
    }

    @Test("is kept in the ledger when it could not be written, and given again by the same command")
    func recorded() throws {
        let workspace = try Workspace()
        workspace.set("-o", "/proc/payment.json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 73)
        #expect(!RefusedRun.holdsTransaction(outcome.out + outcome.err))
        workspace.set("-o", "payment.json")
        #expect(try workspace.run().exit == 0)
    }

    @Test("is reviewed on standard error: how much, to whom, at what worst cost, until when, in 80 columns")
    func review() throws {
        let workspace = try Workspace()
        workspace.environment["COLUMNS"] = "80"
        let signed = try workspace.run()
        let sentence = """
            Pay 1.05 USDC on base (8453), of it 0.0105 USDC to the operator as a fee and 1.0395 USDC to Example shop \
            (\(SamplePayment().recipient)), worst total cost in native currency 0.0000054 ETH, valid until 2026-03-11T08:30:49Z.
            """
        let words = signed.err.split(separator: "\n\n").first?.replacingOccurrences(of: "\n", with: " ")
        #expect(words == "read as: charge " + sentence)
        #expect(signed.err.split(separator: "\n").allSatisfy { $0.utf8.count <= 80 })
        #expect(!signed.err.contains("\u{1B}"))
        workspace.command = "review"
        workspace.drop("-k", "--yes")
        let reviewed = try workspace.run()
        #expect(reviewed.exit == 0)
        #expect(reviewed.err == "read as: charge\n" && signed.err.hasPrefix(reviewed.err + reviewed.out.prefix(80)))
        workspace.set("--json")
        let document = try document(workspace.run().out)
        #expect(document["review"]?["sentence"]?.string == sentence)
        #expect(document["review"]?["worstTotalCost"]?.string == "5400000000000")
    }

    @Test("can be verified when its charge never expires in any year that has a name")
    func farDeadline() throws {
        let workspace = try Workspace()
        try workspace.charge { $0.deadline = .max }
        try workspace.edit("charge.json", "18446744073709551615 seconds since 1970", "\(UInt256.max)")
        workspace.set("-o", "payment.json")
        #expect(try workspace.run().exit == 0)
        workspace.judge("payment.json")
        let verified = try workspace.run()
        #expect(verified.exit == 0, "\(verified.err)")
    }

    @Test("is nothing that a closed standard output got: that is an error")
    func closedOutput() throws {
        let workspace = try Workspace()
        let command = "\(try BuiltTool("airlock").path) \(workspace.words.joined(separator: " ")) >/dev/full"
        let shell = try #require(BuiltTool.installed("sh"))
        #expect(try shell.run(["-c", command], in: workspace.path("."), environment: workspace.environment).exit == 74)
    }
}
