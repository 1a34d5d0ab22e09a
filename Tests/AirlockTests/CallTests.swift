import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockToolSupport
import Foundation
import Testing
import AirlockSamples

extension Workspace {
    static let vault = SamplePayment.operator

    /// Writes a call file of the sample payer, with some members changed, and a policy that allows the call.
    fileprivate func call(_ change: [String: String?] = [:]) throws {
        var members: [(String, String)] = [
            ("airlock", "1"), ("kind", "\"call\""), ("chainId", "\"8453\""), ("from", "\"\(SamplePayment.payer)\""),
            ("to", "\"\(Self.vault)\""), ("value", "\"700\""), ("function", "\"deposit(uint256,address)\""),
            ("arguments", "[\"1050000\",\"\(SamplePayment().recipient)\"]"), ("reference", "\"deposit 7\""),
            ("expires", "\"2026-03-11T08:30:49Z\""),
        ]
        for (name, value) in change {
            let place = members.firstIndex { $0.0 == name } ?? members.count
            members.removeAll { $0.0 == name }
            if let value { members.insert((name, value), at: min(place, members.count)) }
        }
        write("call.json", "{\(members.map { "\"\($0)\":\($1)" }.joined(separator: ","))}")
        operands = ["call.json"]
        try allow()
        try edit(
            "conditions.json",
            """
            "token":{"address":"\(SamplePayment.usdc)","symbol":"USDC","decimals":"6","balance":"5000000"},\
            "approval":{"spender":"\(SamplePayment().contract)","allowance":"2000000","resetFirst":false}
            """, "\"l1Fee\":\"0\"")
    }

    /// Adds to the policy the contracts and functions that the tests call.
    fileprivate func allow() throws {
        try edit(
            "policy.json", "\"contracts\":",
            """
            "calls":{"\(Self.vault)":{"name":"Vault","functions":{"deposit(uint256,address)":{\
            "arguments":{"1":["\(SamplePayment().recipient)"]},"maxValue":"1000",\
            "spends":{"token":"\(SamplePayment.usdc)","argument":"0"}},"setOwner(address)":{}}},\
            "\(SamplePayment.usdc)":{"name":"USDC","functions":{"approve(address,uint256)":{},\
            "setApprovalForAll(address,bool)":{},"transferFrom(address,address,uint256)":{},\
            "transferAndCall(address,uint256)":{}}}},"contracts":
            """)
    }

    /// Writes an unsigned transaction. `tx encode` makes it from a JSON object with the fields that `inspect` shows.
    fileprivate func transaction(_ change: [String: String] = [:], accessList: String = "[]") throws {
        var members = [
            "type": "2", "chainId": "8453", "nonce": "7", "to": "\(Self.vault)", "value": "700", "gas": "180000",
            "maxFeePerGas": "30000000", "maxPriorityFeePerGas": "1000000",
            "data": Self.deposit,
        ]
        for (name, value) in change { members[name] = value.isEmpty ? nil : value }
        let text = members.map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",")
        write("fields.json", "{\(text),\"accessList\":\(accessList)}")
        let encoded = try tool("tx", "encode", path("fields.json"))
        write("transaction.hex", encoded.out)
        operands = ["transaction.hex"]
    }

    fileprivate static let deposit =
        "0x6e553f65" + "\(UInt256(1_050_000).word)".dropFirst(2) + String(repeating: "0", count: 24)
        + "\(SamplePayment().recipient)".lowercased().dropFirst(2)

}

@Suite("A call that is signed")
struct CallTests {
    @Test("calls the contract with exactly these data, counts what it takes, and verifies")
    func signed() throws {
        let workspace = try Workspace()
        try workspace.call()
        workspace.set("-o", "payment.json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 0, "\(outcome.err)")
        let words = outcome.err.split { $0.isWhitespace }.joined(separator: " ")
        #expect(words.contains("Call deposit(uint256,address) of Vault (\(Workspace.vault)) on base (8453),"))
        #expect(words.contains("which may take 1.05 USDC,"))
        #expect(
            words.contains("argument 0 uint256 1050000 argument 1 address \(SamplePayment().recipient) Example shop"))
        let payment = try JSONDocument(Array(workspace.content("payment.json").utf8)).root
        #expect(
            payment["request"]?["kind"]?.string == "call" && payment["request"]?["reference"]?.string == "deposit 7")
        let raw = try #require(payment["transactions"]?[0]?["raw"]?.string)
        let shown = try JSONDocument(Array(workspace.tool("inspect", raw, "--json").out.utf8)).root
        #expect(shown["to"]?.string == "\(Workspace.vault)" && shown["value"]?.string == "700")
        #expect(shown["data"]?.string == Workspace.deposit)
        // If the same call is signed again, the payment file is the same.
        let before = try workspace.content("payment.json")
        #expect(try workspace.run().exit == 0 && workspace.content("payment.json") == before)
        let ledger = try workspace.tool("ledger", "list", "--json").out
        #expect(ledger.contains("\"amount\":\"1050000\"") && ledger.contains("\"amount\":\"700\""), "\(ledger)")
        workspace.judge("payment.json")
        #expect(try workspace.run().exit == 0)
        workspace.judge("call.json")
        #expect(try workspace.run().exit == 0)
        try workspace.edit("payment.json", "\"deposit 7\"", "\"deposit 8\"")
        workspace.judge("payment.json")
        #expect(try workspace.run().exit == 10)
    }

    @Test("is asked for on the terminal, where the question says the function, the contract and what it takes")
    func question() throws {
        let workspace = try Workspace()
        try workspace.call()
        workspace.drop("--yes")
        let terminal = try workspace.atTerminal()
        try terminal.wait(for: "Type sign: ")
        terminal.type("sign\n")
        let outcome = try terminal.finish()
        let said = outcome.err.split { $0.isWhitespace }.joined(separator: " ")
        #expect(outcome.exit == 0 && said.contains("Call deposit(uint256,address) of Vault"), "\(said)")
    }

    @Test("has its raw parts and its digest in JSON")
    func json() throws {
        let workspace = try Workspace()
        try workspace.call()
        workspace.command = "review"
        workspace.drop("--yes", "-k")
        workspace.set("--json")
        let review = try #require(JSONDocument(Array(workspace.run().out.utf8)).root["review"])
        #expect(review["kind"]?.string == "call" && review["function"]?.string == "deposit(uint256,address)")
        #expect(review["arguments"]?[0]?["type"]?.string == "uint256")
        #expect(review["arguments"]?[0]?["value"]?.string == "1050000")
        #expect(review["spends"]?.elements?.count == 2)
        let data = try Hex.decode(Workspace.deposit)
        let digest = Hash.keccak(UInt256(UInt64(data.count)).word.bytes + data)
        #expect(review["calldataDigest"]?.string == "\(digest)")
    }

    @Test("is the same call with another value, which the ledger refuses, and another with another reference")
    func twice() throws {
        let workspace = try Workspace()
        try workspace.call()
        #expect(try workspace.run().exit == 0)
        try workspace.edit("call.json", "\"700\"", "\"701\"")
        workspace.set("--nonce", "8")
        #expect(try workspace.run().exit == 10)
        try workspace.edit("call.json", "deposit 7", "deposit 8")
        #expect(try workspace.run().exit == 0)
    }

    @Test("stands in lines and in a folder, and takes no conditions of other requests")
    func lines() throws {
        let workspace = try Workspace()
        try workspace.call()
        let (call, conditions) = (try workspace.content("call.json"), try workspace.content("conditions.json"))
        workspace.write("lines", "{\"request\":\(call),\"conditions\":\(conditions)}\n{\"request\":\(call)}\n")
        workspace.operands = []
        workspace.drop("-c")
        workspace.set("--lines")
        workspace.input = .file(workspace.path("lines"))
        let answers = try workspace.run().out.split(separator: "\n").map { try JSONDocument(Array($0.utf8)).root }
        #expect(answers.first?["ok"]?.boolean == true && answers.first?["reference"]?.string == "deposit 7")
        #expect(answers.last?["error"]?["code"]?.string == "sign.missing-value")
    }

    @Test("is read from an unsigned transaction, whose nonce, gas and fees are signed without conditions too")
    func transaction() throws {
        for isJSON in [false, true] {
            let workspace = try Workspace()
            try workspace.call()
            try workspace.transaction()
            if isJSON {
                workspace.write(
                    "transaction.hex",
                    """
                    {"chainId":"0x2105","to":"\(Workspace.vault)","value":"0x2bc","input":"\(Workspace.deposit)","nonce":"0x7",\
                    "gas":"0x2bf20","maxFeePerGas":"0x1c9c380","maxPriorityFeePerGas":"0xf4240"}
                    """)
            }
            workspace.set("--raw")
            let with = try workspace.run()
            #expect(with.exit == 0 && with.err.contains("it says"), "\(with.err)")
            workspace.drop("-c")
            let without = try workspace.run()
            #expect(without.exit == 0 && without.out == with.out, "\(without.err)")
        }
    }

    @Test("of an unsigned transaction is shown by review, as the hint of inspect says")
    func inspected() throws {
        let workspace = try Workspace()
        try workspace.call()
        try workspace.transaction()
        let inspected = try workspace.tool("inspect", String(workspace.content("transaction.hex").dropLast()))
        #expect(inspected.exit == 65)
        let hint = "\nhint: sign it first; airlock review FILE shows an unsigned transaction\n"
        #expect(inspected.err.hasSuffix(hint), "\(inspected.err)")
        workspace.command = "review"
        workspace.drop("-k", "--yes")
        let review = try workspace.run()
        #expect(review.exit == 0 && review.out.contains("deposit"), "\(review.err)")
    }

    @Test("keeps the access list of an unsigned transaction in the signed bytes, and shows it")
    func accessList() throws {
        let workspace = try Workspace()
        try workspace.call()
        let key = "\(Hash.keccak([1]))"
        let list = "[{\"address\":\"\(SamplePayment.usdc)\",\"storageKeys\":[\"\(key)\",\"\(key)\"]}]"
        try workspace.transaction(accessList: list)
        workspace.set("--raw")
        workspace.set("--cancel")
        let signed = try workspace.run()
        #expect(signed.exit == 0, "\(signed.err)")
        #expect(
            signed.err.contains(
                "access list  1 contract, 2 storage keys: it changes the gas alone\n             \(SamplePayment.usdc)\n             key \(key)\n"
            ),
            "\(signed.err)")
        let raws = signed.out.split(separator: "\n").map(String.init)
        let lists = try raws.map { raw in
            try JSONDocument(Array(workspace.tool("inspect", raw, "--json").out.utf8)).root["accessList"]?.json.text
        }
        // The cancel transaction has an empty access list.
        #expect(lists == [list, "[]"])
        workspace.command = "review"
        workspace.drop("--raw", "-k", "--yes", "--cancel")
        workspace.set("--json")
        let review = try JSONDocument(Array(workspace.run().out.utf8)).root["review"]
        #expect(review?["accessList"]?.json.text == list)
        let described = try workspace.tool("describe", "transaction.hex")
        #expect(described.exit == 0, "\(described.err)")
        #expect(described.out.contains("\nnonce        ") && described.out.contains("             key \(key)\n"))
        let says = try JSONDocument(Array(workspace.tool("describe", "transaction.hex", "--json").out.utf8)).root[
            "transaction"]
        #expect(says?["accessList"]?.json.text == list && says?["gas"]?.string != nil)
        // The intrinsic gas is the sum of 21000, the gas of the call data, and the gas of the access list. The access
        // list costs 2400 for one address and 3800 for two storage keys. The gas limit here was measured without the
        // access list, so it is too low.
        workspace.drop("-c")
        workspace.write(
            "transaction.hex",
            """
            {"chainId":"0x2105","from":"\(SamplePayment.payer)","to":"\(Workspace.vault)","nonce":"0x7","gas":"0x61a8",\
            "input":"\(Workspace.deposit)","maxFeePerGas":"0x1c9c380","maxPriorityFeePerGas":"0xf4240",\
            "accessList":\(list)}
            """)
        #expect(try workspace.run().out.contains("transaction.gas-below-intrinsic"))
    }

    private static func altered(
        _ name: String, _ exit: Int32, _ problems: KeyValuePairs<String, String?>, _ change: [String: String?]
    ) -> RefusedRun { RefusedRun(name, exit, problems) { try $0.call(change) } }

    private static func proposed(
        _ name: String, _ exit: Int32, _ problems: KeyValuePairs<String, String?>, _ change: [String: String],
        _ options: (String, String)...
    ) -> RefusedRun {
        RefusedRun(name, exit, problems) { workspace in
            try workspace.call()
            try workspace.transaction(change)
            for (name, value) in options { workspace.set(name, value) }
        }
    }

    private static let most = "\(UInt256.max)"
    private static let usdc = "\"\(SamplePayment.usdc)\""

    @Test("is refused, and nothing signed", arguments: refusals)
    func refused(refusal: RefusedRun) throws { try refusal.check() }

    private static let refusals: [RefusedRun] = [
        altered("another version", 65, ["format.unknown-version": "/airlock"], ["airlock": "2"]),
        altered(
            "another chain", 10, ["conditions.other-chain": "/chainId", "policy.chain-not-listed": "/chainId"],
            ["chainId": "\"1\""]),
        altered(
            "another payer", 10, ["conditions.other-sender": "/sender", "key.not-the-payer": "/from"], ["from": usdc]),
        altered(
            "another contract", 10, ["policy.called-contract-not-listed": "/to"],
            ["to": "\"\(SamplePayment().contract)\""]),
        altered("more value", 10, ["policy.over-call-value": "/value"], ["value": "\"1001\""]),
        altered(
            "another function", 10, ["policy.function-not-listed": "/function"],
            ["function": "\"withdraw(uint256,address)\""]),
        altered(
            "another argument", 10, ["policy.argument-not-allowed": "/arguments/1"],
            ["arguments": "[\"1050000\",\(usdc)]"]),
        altered(
            "a larger amount", 10, ["policy.over-payment-cap": "/arguments/0"],
            ["arguments": "[\"100000001\",\"\(SamplePayment().recipient)\"]"]),
        altered("a deadline that is past", 10, ["call.expired": "/expires"], ["expires": "\"2026-03-10T08:30:48Z\""]),
        altered(
            "data of no function that is listed", 10, ["policy.function-not-listed": "/data"],
            ["function": nil, "arguments": nil, "data": "\"0x01020304\""]),
        altered(
            "a byte more", 10, ["call.arguments-not-decodable": "/data"],
            [
                "function": nil, "arguments": nil, "value": nil,
                "data": "\"0x13af4035\(String(repeating: "0", count: 66))\"",
            ]),
        altered("a member that is unknown", 65, ["json.unknown-field": "/nonce"], ["nonce": "\"7\""]),
        altered(
            "an approval of any amount", 10,
            [
                "call.unlimited-approval": "/arguments/1", "policy.over-call-value": "/value",
                "policy.recipient-not-listed": "/arguments/0", "policy.over-payment-cap": "/arguments/1",
            ], ["to": usdc, "function": "\"approve(address,uint256)\"", "arguments": "[\(usdc),\"\(most)\"]"]),
        altered(
            "all of a collection", 10, ["call.approval-for-all": "/arguments/1"],
            [
                "to": usdc, "function": "\"setApprovalForAll(address,bool)\"", "arguments": "[\(usdc),true]",
                "value": nil,
            ]),
        altered(
            "a token of a collection", 10,
            ["call.token-function-not-understood": "/function", "policy.function-not-listed": "/function"],
            [
                "to": usdc, "function": "\"safeTransferFrom(address,address,uint256)\"",
                "arguments": "[\"\(SamplePayment.payer)\",\(usdc),\"1\"]", "value": nil,
            ]),
        altered(
            "a token moved to somebody", 10,
            ["policy.recipient-not-listed": "/arguments/0"],
            [
                "to": usdc, "function": "\"transferAndCall(address,uint256)\"", "arguments": "[\(usdc),\"1\"]",
                "value": nil,
            ]),
        altered(
            "what does no more than a transfer", 10, ["call.plain-transfer": "/function"],
            [
                "to": usdc, "function": "\"transferFrom(address,address,uint256)\"",
                "arguments": "[\"\(SamplePayment.payer)\",\"\(SamplePayment().recipient)\",\"1\"]", "value": nil,
            ]),
        altered(
            "an approval of whom nothing lists", 10, ["policy.recipient-not-listed": "/arguments/0"],
            ["to": usdc, "function": "\"approve(address,uint256)\"", "arguments": "[\(usdc),\"1\"]", "value": nil]),
        RefusedRun("a policy without calls", 10, ["policy.kind": "/to"]) { workspace in
            try workspace.call()
            let policy = try workspace.content("policy.json")
            let start = try #require(policy.firstRange(of: "\"calls\":"))
            let end = try #require(policy.firstRange(of: "\"contracts\":"))
            workspace.write("policy.json", policy.replacingCharacters(in: start.lowerBound..<end.lowerBound, with: ""))
        },
        RefusedRun("with an approval", 64, ["request.option-without-effect": "--approve"]) { workspace in
            try workspace.call()
            workspace.set("--approve")
        },
        RefusedRun("with a value by option", 64, ["request.option-without-effect": "--value"]) { workspace in
            try workspace.call()
            workspace.set("--value", "1wei")
        },
        proposed("another nonce than the transaction's", 10, ["conditions.other-nonce": "/nonce"], ["nonce": "8"]),
        RefusedRun(
            "a transaction without a priority fee, and no conditions", 64, ["sign.missing-value": "--priority-fee"]
        ) {
            workspace in
            try workspace.call()
            workspace.write(
                "transaction.json",
                """
                {"chainId":"0x2105","to":"\(Workspace.vault)","value":"0x2bc","input":"\(Workspace.deposit)","nonce":"0x7",\
                "gas":"0x2bf20","maxFeePerGas":"0x1c9c380"}
                """)
            workspace.operands = ["transaction.json"]
            workspace.drop("-c")
        },
        proposed("dearer fees too", 10, ["conditions.other-max-fee": "--rungs"], [:], ("--rungs", "3")),
        proposed("another gas", 10, ["conditions.other-gas": "/gas"], ["gas": "180001"]),
        proposed("another fee", 10, ["conditions.other-max-fee": "/maxFeePerGas"], ["maxFeePerGas": "30000001"]),
        proposed(
            "another priority fee", 10, ["conditions.other-priority-fee": "--priority-fee"], [:],
            ("--priority-fee", "2wei")),
        proposed(
            "all of them at once", 10,
            [
                "conditions.other-nonce": "/nonce", "conditions.other-gas": "/gas",
                "conditions.other-max-fee": "/maxFeePerGas", "conditions.other-priority-fee": "/maxPriorityFeePerGas",
            ], ["nonce": "8", "gas": "180001", "maxFeePerGas": "30000001", "maxPriorityFeePerGas": "1000001"]),
        proposed(
            "another contract in it", 10, ["policy.called-contract-not-listed": "to"],
            ["to": "\(SamplePayment().contract)", "data": "0x13af4035"]),
    ]

    @Test("of an unsigned transaction that is a transfer is signed as a transfer, with its recipients and caps")
    func transfer() throws {
        let workspace = try Workspace()
        try workspace.call()
        try workspace.transaction(["data": "0x", "to": "\(SamplePayment().recipient)"])
        let outcome = try workspace.run()
        #expect(outcome.exit == 0 && outcome.err.contains("Pay 0.0000000000000007 ETH"), "\(outcome.err)")
        try workspace.transaction(["data": "0x", "nonce": "8"])
        workspace.set("--json")
        let codes = try Refusal.problems(in: workspace.run().out).map(\.code)
        #expect(codes.contains("policy.recipient-not-listed") && codes.contains("conditions.other-nonce"))
    }
}
