import AirlockCalls
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockRequests
import AirlockSamples
import AirlockStrictJSON
import Testing

@testable import AirlockBroadcast

@Suite("What a call changes for its payer, as a node tells it")
struct PayerChangesTests {
    static let payer = SampleKey.payer.address
    static let vault = Address(known: "0x54235780057CC828C92aA40e3b02053881990153")
    static let weth = Address(known: "0x4200000000000000000000000000000000000006")
    static let usdc = SamplePayment.usdc

    static func call() throws -> UnverifiedCall {
        try UnverifiedCall(
            chain: .base, from: payer, to: vault, value: 7, data: [1, 2, 3, 4], reference: "deposit")
    }

    private static func topic(_ event: String) -> String { "\"\(Hash.keccak(Array(event.utf8)))\"" }

    private static func padded(_ address: Address) -> String {
        "\"0x\(String(repeating: "0", count: 24))\(address.description.dropFirst(2).lowercased())\""
    }

    static func log(_ event: String, _ parties: [Address], _ data: String, of token: Address = usdc) -> String {
        let topics = [topic(event)] + parties.map(padded)
        return #"{"address":"\#(token)","topics":[\#(topics.joined(separator: ","))],"#
            + #""data":"\#(data)","position":"0x0"}"#
    }

    static func transfer(_ from: Address, _ to: Address, _ amount: UInt256, of token: Address = usdc) -> String {
        log("Transfer(address,address,uint256)", [from, to], "\(amount.word)", of: token)
    }

    static func approval(_ spender: Address, _ amount: UInt256, of token: Address = usdc) -> String {
        log("Approval(address,address,uint256)", [payer, spender], "\(amount.word)", of: token)
    }

    static func frame(
        _ from: Address = payer, _ to: Address = vault, value: String = "0x7", type: String = "CALL",
        logs: [String] = [], calls: [String] = [], error: String? = nil
    ) -> String {
        let error = error.map { #","error":"\#($0)""# } ?? ""
        return #"{"from":"\#(from)","to":"\#(to)","gas":"0x1","gasUsed":"0x1","input":"0x","type":"\#(type)""#
            + #","value":"\#(value)","logs":[\#(logs.joined(separator: ","))],"calls":[\#(calls.joined(separator: ","))]"#
            + "\(error)}"
    }

    private func prepared(_ trace: ScriptedNode.Answer?) async throws -> Preparation.Result {
        var chain = ScriptedChain(calls: PreparationTests.token)
        chain.calls["49948e0e"] = "\"\(UInt256.zero.word)\""
        chain.others["debug_traceCall"] = trace
        let node = try chain.node()
        let result = try await Preparation(Self.call(), from: Self.payer).measure(Nodes(node.node))
        #expect(node.asked("debug_traceCall").count == 1)
        let asked = try #require(node.asked("debug_traceCall").first).parameters
        #expect(asked.contains(#""value":"0x7""#) && asked.contains(#""withLog":true"#), "\(asked)")
        return result
    }

    /// Returns the notes that `prepare` reports for this call trace. Leaves out the note about the nonce.
    private func notes(_ trace: ScriptedNode.Answer?) async throws -> [String] {
        try await prepared(trace).notes.map(\.text).filter { !$0.hasPrefix("nonce") }
    }

    private func said(_ frame: String) async throws -> [String] {
        let notes = try await notes("\(frame)")
        #expect(notes.last?.hasPrefix("the node reports this, and nothing proves it") == true, "\(notes)")
        return notes.dropLast().map { String($0.dropFirst("simulated: the payer ".count)) }
    }

    @Test("says what is sent, received and allowed, with the names that tokens give themselves")
    func words() async throws {
        let frame = Self.frame(
            logs: [
                Self.transfer(Self.payer, Self.vault, 1_050_000),
                Self.transfer(Self.vault, Self.payer, 9, of: Self.vault),
                // These two transfers do not change the payer's balance.
                Self.transfer(Self.vault, Self.weth, 5), Self.transfer(Self.payer, Self.payer, 5),
                Self.approval(Self.vault, 3), Self.approval(Self.vault, 0), Self.approval(Self.weth, .max),
                Self.log("Deposit(address,uint256)", [Self.payer], "\(UInt256(11).word)", of: Self.weth),
                Self.log("Deposit(address,uint256)", [Self.payer], "\(UInt256(12).word)", of: Self.vault),
                Self.log("ApprovalForAll(address,address,bool)", [Self.payer, Self.vault], "\(UInt256(1).word)"),
                Self.log(
                    "Transfer(address,address,uint256)", [Self.payer, Self.vault, Self.weth], "0x", of: Self.vault),
            ],
            calls: [
                Self.frame(Self.vault, Self.payer, value: "0x2"), Self.frame(Self.vault, Self.weth, value: "0x3"),
                // The first call is a DELEGATECALL, which transfers no value. The second call and its inner call were
                // reverted.
                Self.frame(Self.payer, Self.vault, value: "0x7", type: "DELEGATECALL"),
                Self.frame(
                    Self.vault, Self.payer, logs: [Self.transfer(Self.payer, Self.weth, 1)],
                    calls: [Self.frame(Self.vault, Self.payer)], error: "execution reverted"),
            ])
        #expect(
            try await said(frame) == [
                "sends 0.000000000000000007 ETH", "gets 0.000000000000000002 ETH", "sends 1.05 USDC (\(Self.usdc))",
                "gets 0.000009 USDC (\(Self.vault))", "gets 0.000011 USDC (\(Self.weth))",
                "sends item \(UInt256(Hash { $0 < 12 ? 0 : Self.weth.bytes[$0 - 12] })) of \(Self.vault)",
                "lets \(Self.vault) take up to 0 USDC (\(Self.usdc))",
                "lets \(Self.weth) take any amount of USDC (\(Self.usdc))",
                "lets \(Self.vault) move every item of \(Self.usdc)",
            ])
    }

    @Test("is in the JSON, and never in the conditions")
    func json() async throws {
        let logs = [Self.transfer(Self.payer, Self.vault, 1_050_000), Self.approval(Self.vault, 3)]
        let result = try await prepared("\(Self.frame(value: "0x0", logs: logs))")
        #expect(
            result.changes?.json.text == """
                {"native":{"in":"0","out":"0"},"tokens":[{"token":"\(Self.usdc)","symbol":"USDC","decimals":"6","in":"0",\
                "out":"1050000"}],"approvals":[{"token":"\(Self.usdc)","spender":"\(Self.vault)","amount":"3"}],"items":[],\
                "managers":[]}
                """)
        let without = try await prepared(nil)
        #expect(without.changes == nil && without.conditions == result.conditions)
    }

    @Test("counts events of a call inside in the order in which they were logged")
    func order() async throws {
        let inner = Self.frame(Self.vault, Self.weth, value: "0x0", logs: [Self.approval(Self.vault, 2)])
        func position(_ log: String, _ position: String) -> String {
            log.replacing(#""position":"0x0""#, with: #""position":"\#(position)""#)
        }
        for (first, last) in [("0x0", 2), ("0x1", 1)] {
            let frame = Self.frame(
                value: "0x0", logs: [position(Self.approval(Self.vault, 1), first)], calls: [inner])
            #expect(
                try await said(frame) == ["lets \(Self.vault) take up to 0.00000\(last) USDC (\(Self.usdc))"])
        }
    }

    @Test("says that nothing changes, and that the call fails after all")
    func nothing() async throws {
        let quiet = try await notes("\(Self.frame(value: "0x0"))")
        #expect(quiet == ["simulated: the payer gets, sends and allows nothing"])
        let failed = try await notes("\(Self.frame(error: "out of\\u001b gas"))")
        #expect(
            failed == [#"the node says that the call fails, with "out of\u{1b} gas", and has measured its gas"#],
            "\(failed)")
    }

    private static let noAnswer = "the node's answer is malformed"

    static let silent: [(ScriptedNode.Answer?, String)] = [
        (nil, "it has no debug_traceCall"),
        (.refused("tracing is not for you", code: -32000), "tracing is not for you"),
        ("null", noAnswer),
        ("[]", noAnswer),
        (#"{"type":"CALL"}"#, noAnswer),
        (#"{"type":"CALL","from":"0x1"}"#, noAnswer),
        ("\(frame(value: "7"))", noAnswer),
        ("\(frame(value: "0x1\(String(repeating: "0", count: 64))"))", noAnswer),
        ("\(frame(logs: ["7"]))", noAnswer),
        ("\(frame(logs: [#"{"address":"0x1","topics":[],"data":"0x"}"#]))", noAnswer),
        ("\(frame(calls: ["{}"]))", noAnswer),
        ("\(frame(calls: Array(repeating: frame(), count: 10_000)))", noAnswer),
        (
            "\((0..<40).reduce(frame()) { inner, _ in frame(calls: [inner]) })",
            noAnswer
        ),
    ]

    @Test("is left out with a note where a node does not tell it, or tells nonsense", arguments: silent)
    func silence(trace: ScriptedNode.Answer?, reason: String) async throws {
        let result = try await prepared(trace)
        #expect(result.changes == nil && result.conditions.gas == 120_000)
        let notes = result.notes.map(\.text).filter {
            $0.hasPrefix("the node does not say what changes for the payer: ")
        }
        #expect(notes.count == 1 && notes[0].contains(reason), "\(result.notes)")
    }

    @Test("says no more than twenty changes, and how many there are")
    func many() async throws {
        let logs = (1...50).map { index in
            let token = Address(lowBytesOf: UInt256(UInt64(index)).word)
            return Self.transfer(Self.payer, Self.vault, 1, of: token)
        }
        let all = try await notes("\(Self.frame(logs: logs))")
        #expect(all.count == 22 && all[20] == "simulated: 31 more changes are not shown", "\(all)")
        let most = try await said(
            Self.frame(
                value: "0x0",
                logs: [Self.transfer(Self.payer, Self.vault, .max), Self.transfer(Self.payer, Self.vault, .max)]))
        #expect(most.count == 1)
    }

    @Test("is asked of the next node where the first does not tell it, and of none for other requests")
    func others() async throws {
        var chain = ScriptedChain(calls: PreparationTests.token)
        let silent = try chain.node()
        chain.others["debug_traceCall"] = "\(Self.frame())"
        let node = try chain.node()
        let result = try await Preparation(Self.call(), from: Self.payer).measure(Nodes(silent.node, [node.node]))
        #expect(result.changes != nil && silent.asked("debug_traceCall").count == 1)
        let charge = try chain.node()
        _ = try await SamplePayment.preparation().measure(Nodes(charge.node))
        #expect(charge.asked("debug_traceCall").isEmpty)
    }
}
