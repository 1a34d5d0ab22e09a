import AirlockABI
import AirlockCalls
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPolicies
import AirlockRequestKinds
import AirlockRequests
import AirlockSamples
import AirlockStrictJSON
import AirlockTokens
import Testing

/// A call, and the problems that the policy finds in it. By default, the called contract is one that the policy lists.
private struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let function: String
    let arguments: String
    var value = "0"
    var to = UnverifiedCallTests.contract
    let problems: [String]

    init(
        _ name: String, _ function: String, _ arguments: String, value: String = "0",
        to: String = UnverifiedCallTests.contract, _ problems: [String]
    ) {
        testDescription = name
        self.function = function
        self.arguments = arguments
        self.value = value
        self.to = to
        self.problems = problems
    }

    var call: UnverifiedCall {
        get throws {
            try UnverifiedCallTests.read([
                "function": "\"\(function)\"", "arguments": arguments, "value": "\"\(value)\"", "to": "\"\(to)\"",
            ])
        }
    }
}

let alice = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"
let token = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
private let execution = "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
private let most = "\(UInt256.max)"
private var payer: Address { SampleKey.payer.address }

@Suite("A policy's calls")
struct CallPolicyTests {
    static let listed = """
        {"\(UnverifiedCallTests.contract)":{"name":"Vault","functions":{
          "setOwner(address)":{"arguments":{"0":["\(alice)","\(token)"]}},
          "deposit(uint256)":{"maxValue":"1000","spends":{"token":"\(token)","argument":"0"}},
          "swap((uint256,address),uint256)":{"arguments":{"0.1":["\(alice)"]},"spends":[{"token":"\(token)","argument":"0.0"},{"token":"\(UnverifiedCallTests.contract)","argument":"1"}]},
          "never(bool)":{"arguments":{"0":[]}},"\(execution)":{}}},
         "\(token)":{"name":"USDC","functions":{"approve(address,uint256)":{},"permit(address,address,uint256,uint256,uint8,bytes32,bytes32)":{},
          "setApprovalForAll(address,bool)":{},"transferFrom(address,address,uint256)":{}}}}
        """

    static func policy(_ calls: String = listed, chain: String = "8453") throws -> Policy {
        let text =
            "{\"airlock\":1,\"kind\":\"policy\",\"chains\":{\"\(chain)\":{\"contracts\":[],\"operators\":[],\"calls\":\(calls)}}}"
        return try Policy(Array(text.utf8), origin: "policy.json")
    }

    private static func rules(_ calls: String = listed) throws -> (any KindRules)? {
        try policy(calls).chains[.base]?.section(of: UnverifiedCall.self)
    }

    private static let cases: [Case] = [
        Case("an argument of the list", "setOwner(address)", "[\"\(alice)\"]", []),
        Case(
            "another argument", "setOwner(address)", "[\"\(UnverifiedCallTests.contract)\"]",
            ["policy.argument-not-allowed /arguments/0"]),
        Case(
            "native currency for a function without any", "setOwner(address)", "[\"\(alice)\"]", value: "1",
            ["policy.over-call-value /value"]),
        Case(
            "both", "setOwner(address)", "[\"\(payer)\"]", value: "1",
            ["policy.over-call-value /value", "policy.argument-not-allowed /arguments/0"]),
        Case("the most native currency", "deposit(uint256)", "[\"5\"]", value: "1000", []),
        Case(
            "too much of it", "deposit(uint256)", "[\"5\"]", value: "1001", ["policy.over-call-value /value"]),
        Case("a part of a tuple", "swap((uint256,address),uint256)", "[[\"5\",\"\(alice)\"],\"6\"]", []),
        Case(
            "another part", "swap((uint256,address),uint256)", "[[\"5\",\"\(token)\"],\"6\"]",
            ["policy.argument-not-allowed /arguments/0/1"]),
        Case(
            "a function without a value that is allowed", "never(bool)", "[true]",
            ["policy.argument-not-allowed /arguments/0"]),
        Case("a function that is not listed", "withdraw(uint256)", "[\"5\"]", ["policy.function-not-listed /function"]),
        Case(
            "a contract that is not listed", "setOwner(address)", "[\"\(alice)\"]", to: alice,
            ["policy.called-contract-not-listed /to"]),
        Case("an approval", "approve(address,uint256)", "[\"\(alice)\",\"5\"]", to: token, []),
        Case(
            "one of any amount", "approve(address,uint256)", "[\"\(alice)\",\"\(most)\"]", to: token,
            ["call.unlimited-approval /arguments/1"]),
        Case(
            "one of 2^255", "approve(address,uint256)", "[\"\(alice)\",\"\(half)\"]", to: token,
            ["call.unlimited-approval /arguments/1"]),
        Case("one of less", "approve(address,uint256)", "[\"\(alice)\",\"\(belowHalf)\"]", to: token, []),
        Case(
            "one of any amount, not listed", "approve(address,uint256)", "[\"\(alice)\",\"\(most)\"]",
            ["call.unlimited-approval /arguments/1", "policy.function-not-listed /function"]),
        Case(
            "a transfer that sends native currency besides", "transfer(address,uint256)", "[\"\(alice)\",\"5\"]",
            value: "1", to: token, ["call.plain-transfer /function", "policy.function-not-listed /function"]),
        Case(
            "all of a collection", "setApprovalForAll(address,bool)", "[\"\(alice)\",true]", to: token,
            ["call.approval-for-all /arguments/1"]),
        Case("none of it any more", "setApprovalForAll(address,bool)", "[\"\(alice)\",false]", to: token, []),
        Case(
            "a permit of any amount", "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
            "[\"\(payer)\",\"\(alice)\",\"\(most)\",\"1\",\"27\",\"\(Hash.zero)\",\"\(Hash.zero)\"]", to: token,
            ["call.unlimited-approval /arguments/2"]),
        Case(
            "a permit of somebody else's", "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
            "[\"\(alice)\",\"\(payer)\",\"\(most)\",\"1\",\"27\",\"\(Hash.zero)\",\"\(Hash.zero)\"]", to: token, []),
        executed("the signatures of others", [(alice, 28), (payer.description, 27)], []),
        executed("an approval of another owner on chain", [(alice, 1)], []),
        executed("a contract's signature", [(payer.description, 0)], []),
        executed(
            "an approval of the payer", [(payer.description, 1)],
            ["call.approves-a-safe-transaction /arguments/9"]),
        executed(
            "an approval of the payer, after another signature", [(alice, 28), (payer.description, 1)],
            ["call.approves-a-safe-transaction /arguments/9"]),
        executed(
            "an approval of the payer, with bytes that the contract ignores", [(payer.description, 1)], ignored: "ff",
            ["call.approves-a-safe-transaction /arguments/9"]),
    ]

    /// A call that executes a Safe transaction. `ignored` is the value of the 12 bytes before the owner's address.
    private static func executed(
        _ name: String, _ signatures: [(owner: String, v: UInt8)], ignored: String = "00", _ problems: [String]
    ) -> Case {
        let heads = signatures.map { owner, v in
            String(repeating: ignored, count: 12) + owner.dropFirst(2).lowercased() + String(repeating: "0", count: 64)
                + Hex.encode([v]).dropFirst(2)
        }
        let arguments =
            "[\"\(token)\",\"0\",\"0x\",\"0\",\"0\",\"0\",\"0\",\"\(Address.zero)\",\"\(Address.zero)\",\"0x\(heads.joined())\"]"
        return Case(name, execution, arguments, problems)
    }

    private static let half = "57896044618658097711785492504343953926634992332820282019728792003956564819968"
    private static let belowHalf = "57896044618658097711785492504343953926634992332820282019728792003956564819967"

    @Test("say what may be called, and every rule is said at once", arguments: cases)
    fileprivate func judged(test: Case) throws {
        let call = try test.call
        let rules = try #require(try Self.rules())
        let judgement = call.judged(by: rules, payer: payer)
        #expect(judgement.problems.map { "\($0.code) \($0.field ?? "-")" } == test.problems)
        // The same call is now read from its call data alone, without the name of its function. The policy must report
        // the expected error codes again.
        let bytes = try UnverifiedCall(
            chain: call.chain, from: nil, to: call.to, value: call.value, data: call.data, source: .bytes)
        let told = bytes.judged(by: rules, payer: payer).problems
        // If the payer is not known, sending the call counts as nobody's approval.
        #expect(
            !bytes.judged(by: rules, payer: nil).problems.contains { $0.code == "call.approves-a-safe-transaction" })
        #expect(told.map(\.code) == test.problems.map { $0.split(separator: " ").first.map(String.init) ?? "" })
    }

    @Test(
        "warn where shares of the payer are given away that no spends count, and refuse the permit of a numbered token")
    func uncounted() throws {
        func judged(_ function: String, _ arguments: String, _ more: String = "") throws -> PolicyResult {
            let rules = try Self.rules(
                "{\"\(UnverifiedCallTests.contract)\":{\"name\":\"Vault\",\"functions\":{\"\(function)\":{\(more)}}}}")
            return try Case("", function, arguments, []).call.judged(by: rules, payer: payer)
        }
        let spends = "\"spends\":{\"token\":\"\(UnverifiedCallTests.contract)\",\"argument\":\"0\"}"
        for name in ["withdraw", "redeem"] {
            let function = "\(name)(uint256,address,address)"
            let own = "[\"5\",\"\(alice)\",\"\(payer)\"]"
            let warned = try judged(function, own)
            #expect(warned.warnings.contains { $0.contains("no cap counts what \(name) gives away") })
            #expect(warned.problems.isEmpty)
            #expect(try judged(function, own, spends).warnings.isEmpty)
            #expect(try judged(function, "[\"5\",\"\(alice)\",\"\(alice)\"]").warnings.isEmpty)
        }
        let permit = try judged(
            "permit(address,uint256,uint256,uint8,bytes32,bytes32)",
            "[\"\(alice)\",\"5\",\"9\",\"27\",\"\(Hash.zero)\",\"\(Hash.zero)\"]")
        #expect(permit.problems.map(\.code) == ["call.token-function-not-understood"])
    }

    @Test("are not asked of a function with the same selector and another signature")
    func collision() throws {
        // Both functions have the selector 0x42966c68.
        let rules = try Self.rules(
            "{\"\(UnverifiedCallTests.contract)\":{\"name\":\"Vault\",\"functions\":{\"burn(uint256)\":{}}}}")
        let call = try Case("", "collate_propagate_storage(bytes16)", "[\"0x00000000000000000000000000000000\"]", [])
            .call
        let found = call.judged(by: rules, payer: payer).problems
        #expect(found.map(\.code) == ["policy.function-not-listed"])
    }

    @Test("say what a call takes, and its function what it lets others take")
    func takes() throws {
        func takes(_ function: String, _ arguments: String, to: String = UnverifiedCallTests.contract) throws
            -> [TokenOutflow]
        {
            var inputs = ActionInputs(payer: payer)
            inputs.rules = try Self.rules()
            return try Case("", function, arguments, to: to, []).call.prove().action(inputs).call.takes
        }
        let (tokenAddress, contract) = (try Address(token), try Address(UnverifiedCallTests.contract))
        #expect(
            try takes("deposit(uint256)", "[\"5\"]") == [
                TokenOutflow(token: tokenAddress, amount: 5, .used(by: contract), at: "/arguments/0")
            ])
        #expect(
            try takes("swap((uint256,address),uint256)", "[[\"5\",\"\(alice)\"],\"6\"]") == [
                TokenOutflow(token: tokenAddress, amount: 5, .used(by: contract), at: "/arguments/0/0"),
                TokenOutflow(token: contract, amount: 6, .used(by: contract), at: "/arguments/1"),
            ])
        #expect(
            try takes("approve(address,uint256)", "[\"\(alice)\",\"5\"]", to: token) == [
                TokenOutflow(
                    token: tokenAddress, amount: 5, .allowed(to: Address(alice)), at: "/arguments/1",
                    takerAt: "/arguments/0")
            ])
        #expect(try takes("approve(address,uint256)", "[\"\(alice)\",\"0\"]", to: token) == [])
        #expect(
            try takes("transferFrom(address,address,uint256)", "[\"\(payer)\",\"\(alice)\",\"5\"]", to: token) == [
                TokenOutflow(
                    token: tokenAddress, amount: 5, .moved(to: Address(alice)), at: "/arguments/2",
                    takerAt: "/arguments/1")
            ])
        #expect(
            try takes("transferFrom(address,address,uint256)", "[\"\(alice)\",\"\(payer)\",\"5\"]", to: token) == [])
    }

    /// Functions of tokens or of Permit2. Each row has the function, its arguments, the amount that it takes from the
    /// payer (`nil` if none), and whether this amount counts as an unlimited approval.
    private static let known: [(String, String, String?, Bool)] = [
        ("increaseAllowance(address,uint256)", "[\"\(alice)\",\"5\"]", "5 allowed", false),
        ("forceApprove(address,uint256)", "[\"\(alice)\",\"5\"]", "5 allowed", false),
        ("safeApprove(address,uint256)", "[\"\(alice)\",\"\(most)\"]", "\(most) allowed", true),
        ("safeIncreaseAllowance(address,uint256)", "[\"\(alice)\",\"5\"]", "5 allowed", false),
        ("increaseApproval(address,uint256)", "[\"\(alice)\",\"\(most)\"]", "\(most) allowed", true),
        ("permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)", dai(true), "\(most) allowed", true),
        ("permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)", dai(false), nil, false),
        ("approve(address,address,uint160,uint48)", "[\"\(token)\",\"\(alice)\",\"5\",\"9\"]", "5 allowed", false),
        (
            "approve(address,address,uint160,uint48)",
            "[\"\(token)\",\"\(alice)\",\"1461501637330902918203684832716283019655932542975\",\"9\"]",
            "1461501637330902918203684832716283019655932542975 allowed", true
        ),
        (
            "permit(address,((address,uint160,uint48,uint48),address,uint256),bytes)",
            "[\"\(payer)\",[[\"\(token)\",\"5\",\"1\",\"1\"],\"\(alice)\",\"1\"],\"0x\"]", "5 allowed", false
        ),
        (
            "permit(address,((address,uint160,uint48,uint48)[],address,uint256),bytes)",
            "[\"\(payer)\",[[[\"\(token)\",\"5\",\"1\",\"1\"]],\"\(alice)\",\"1\"],\"0x\"]", "5 allowed", false
        ),
        (
            "permitTransferFrom(((address,uint256),uint256,uint256),(address,uint256),address,bytes)",
            "[[[\"\(token)\",\"9\"],\"1\",\"1\"],[\"\(alice)\",\"5\"],\"\(payer)\",\"0x\"]", "5 moved", false
        ),
        (
            "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)",
            "[\"\(payer)\",\"\(alice)\",\"5\",\"1\",\"1\",\"\(Hash.zero)\",\"0x\"]", "5 moved", false
        ),
        (
            "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)",
            "[\"\(payer)\",\"\(alice)\",\"5\",\"1\",\"1\",\"\(Hash.zero)\",\"0x\"]", "5 moved", false
        ),
        (
            "permit(address,address,uint256,uint256,bytes)", "[\"\(payer)\",\"\(alice)\",\"5\",\"1\",\"0x\"]",
            "5 allowed", false
        ),
        (
            "permit(address,address,uint256,uint256,bytes)",
            "[\"\(payer)\",\"\(alice)\",\"\(most)\",\"1\",\"0x\"]", "\(most) allowed", true
        ),
        (
            "permit(address,address,uint256,uint256,bytes)",
            "[\"\(alice)\",\"\(payer)\",\"\(most)\",\"1\",\"0x\"]", nil, false
        ),
        ("approveAndCall(address,uint256)", "[\"\(alice)\",\"5\"]", "5 allowed", false),
        ("approveAndCall(address,uint256,bytes)", "[\"\(alice)\",\"\(most)\",\"0x\"]", "\(most) allowed", true),
        ("transferAndCall(address,uint256)", "[\"\(alice)\",\"5\"]", "5 moved", false),
        ("transferAndCall(address,uint256,bytes)", "[\"\(alice)\",\"5\",\"0x\"]", "5 moved", false),
        (
            "transferFromAndCall(address,address,uint256)", "[\"\(payer)\",\"\(alice)\",\"5\"]", "5 moved", false
        ),
        (
            "transferFromAndCall(address,address,uint256,bytes)", "[\"\(payer)\",\"\(alice)\",\"5\",\"0x\"]",
            "5 moved", false
        ),
        (
            "transferFromAndCall(address,address,uint256)", "[\"\(alice)\",\"\(payer)\",\"5\"]", nil, false
        ),
        ("send(address,uint256,bytes)", "[\"\(alice)\",\"5\",\"0x\"]", "5 moved", false),
        (
            "operatorSend(address,address,uint256,bytes,bytes)",
            "[\"\(payer)\",\"\(alice)\",\"5\",\"0x\",\"0x\"]", "5 moved", false
        ),
        (
            "operatorSend(address,address,uint256,bytes,bytes)",
            "[\"\(alice)\",\"\(payer)\",\"5\",\"0x\",\"0x\"]", nil, false
        ),
        ("transfer(address,uint256,bytes)", "[\"\(alice)\",\"5\",\"0x\"]", "5 moved", false),
        ("burn(uint256)", "[\"5\"]", "5", false),
        ("burn(uint256,bytes)", "[\"5\",\"0x\"]", "5", false),
        ("burn(address,uint256)", "[\"\(payer)\",\"5\"]", "5", false),
        ("burn(address,uint256)", "[\"\(alice)\",\"5\"]", nil, false),
        ("burnFrom(address,uint256)", "[\"\(payer)\",\"5\"]", "5", false),
        ("burnFrom(address,uint256)", "[\"\(alice)\",\"5\"]", nil, false),
        ("operatorBurn(address,uint256,bytes,bytes)", "[\"\(payer)\",\"5\",\"0x\",\"0x\"]", "5", false),
        ("authorizeOperator(address)", "[\"\(alice)\"]", "\(most) allowed", true),
        ("approve(address)", "[\"\(alice)\"]", "\(most) allowed", true),
        (
            "permitTransferFrom(((address,uint256)[],uint256,uint256),(address,uint256)[],address,bytes)",
            "[[[[\"\(token)\",\"9\"]],\"1\",\"1\"],[[\"\(alice)\",\"5\"]],\"\(payer)\",\"0x\"]", "5 moved", false
        ),
        (
            "permitTransferFrom(((address,uint256)[],uint256,uint256),(address,uint256)[],address,bytes)",
            "[[[[\"\(token)\",\"9\"]],\"1\",\"1\"],[[\"\(payer)\",\"5\"]],\"\(alice)\",\"0x\"]", nil, false
        ),
        (
            "permitWitnessTransferFrom(((address,uint256),uint256,uint256),(address,uint256),address,bytes32,string,bytes)",
            "[[[\"\(token)\",\"9\"],\"1\",\"1\"],[\"\(alice)\",\"5\"],\"\(payer)\",\"\(Hash.zero)\",\"\",\"0x\"]",
            "5 moved",
            false
        ),
        (
            "permitWitnessTransferFrom(((address,uint256)[],uint256,uint256),(address,uint256)[],address,bytes32,string,bytes)",
            "[[[[\"\(token)\",\"9\"]],\"1\",\"1\"],[[\"\(alice)\",\"5\"]],\"\(payer)\",\"\(Hash.zero)\",\"\",\"0x\"]",
            "5 moved", false
        ),
    ]

    @Test("say of every transfer of a batch whom it pays, which token, and where")
    func batches() throws {
        let other = UnverifiedCallTests.contract
        let expected = [
            TokenOutflow(
                token: try Address(token), amount: 5, .moved(to: try Address(alice)), at: "/arguments/1/0/1",
                takerAt: "/arguments/1/0/0"),
            TokenOutflow(
                token: try Address(other), amount: 6, .moved(to: try Address(token)), at: "/arguments/1/1/1",
                takerAt: "/arguments/1/1/0"),
        ]
        let signed = try Case(
            "", "permitTransferFrom(((address,uint256)[],uint256,uint256),(address,uint256)[],address,bytes)",
            "[[[[\"\(token)\",\"9\"],[\"\(other)\",\"9\"]],\"1\",\"1\"],[[\"\(alice)\",\"5\"],[\"\(token)\",\"6\"]],\"\(payer)\",\"0x\"]",
            to: token, []
        ).call
        #expect(try signed.prove().action(ActionInputs(payer: payer)).call.takes == expected)
        let allowed = try Case(
            "", "transferFrom((address,address,uint160,address)[])",
            "[[[\"\(payer)\",\"\(alice)\",\"5\",\"\(token)\"],[\"\(payer)\",\"\(token)\",\"6\",\"\(other)\"]]]",
            to: token, []
        ).call
        let takes = try allowed.prove().action(ActionInputs(payer: payer)).call.takes
        #expect(takes.map(\.token) == expected.map(\.token) && takes.map(\.way) == expected.map(\.way))
        #expect(takes.map(\.place) == ["/arguments/0/0/2", "/arguments/0/1/2"])
    }

    /// Functions that move tokens in amounts that Airlock cannot read, so no cap can count them. Each row has the
    /// function and its arguments.
    private static let unread: [(String, String)] = [
        ("safeTransferFrom(address,address,uint256)", "[\"\(payer)\",\"\(alice)\",\"5\"]"),
        ("safeTransferFrom(address,address,uint256,bytes)", "[\"\(payer)\",\"\(alice)\",\"5\",\"0x\"]"),
        ("safeTransferFrom(address,address,uint256,uint256,bytes)", "[\"\(payer)\",\"\(alice)\",\"5\",\"1\",\"0x\"]"),
        (
            "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)",
            "[\"\(payer)\",\"\(alice)\",[\"5\"],[\"1\"],\"0x\"]"
        ),
        (
            "permitTransferFrom(((address,uint256)[],uint256,uint256),(address,uint256)[],address,bytes)",
            "[[[],\"1\",\"1\"],[[\"\(alice)\",\"5\"]],\"\(payer)\",\"0x\"]"
        ),
        ("transferFrom(address,address,uint256,uint256)", "[\"\(payer)\",\"\(alice)\",\"5\",\"1\"]"),
    ]

    @Test(
        "refuse, listed or not, what moves or gives away a token by its number",
        arguments: [
            ("transfer(address,uint256,uint256)", "[\"\(alice)\",\"5\",\"1\"]", "call.token-function-not-understood"),
            ("approve(address,uint256,uint256)", "[\"\(alice)\",\"5\",\"1\"]", "call.token-function-not-understood"),
            ("approve(address,uint256,uint256)", "[\"\(alice)\",\"5\",\"0\"]", nil),
            ("setOperator(address,bool)", "[\"\(alice)\",true]", "call.approval-for-all"),
            ("setOperator(address,bool)", "[\"\(alice)\",false]", nil),
        ] as [(String, String, String?)])
    func numbered(function: String, arguments: String, code: String?) throws {
        let call = try Case("", function, arguments, to: token, []).call
        let rules = try Self.rules("{\"\(token)\":{\"name\":\"\",\"functions\":{\"\(function)\":{}}}}")
        #expect(call.judged(by: rules, payer: payer).problems.map(\.code) == (code.map { [$0] } ?? []))
    }

    /// Functions that have the same effect as a plain transfer if the payer owns the tokens. Each row has the function
    /// and its arguments. If the arguments name the payer as the owner, the test also names another owner. Then the
    /// policy reports no problem.
    private static let disguised: [(String, String)] = [
        ("transferFrom(address,address,uint256)", "[\"\(payer)\",\"\(alice)\",\"5\"]"),
        ("transferFrom(address,address,uint160,address)", "[\"\(payer)\",\"\(alice)\",\"5\",\"\(token)\"]"),
        ("transferFrom((address,address,uint160,address)[])", "[[[\"\(payer)\",\"\(alice)\",\"5\",\"\(token)\"]]]"),
        ("move(address,address,uint256)", "[\"\(payer)\",\"\(alice)\",\"5\"]"),
        ("push(address,uint256)", "[\"\(alice)\",\"5\"]"),
    ]

    @Test("refuse, listed or not, what does no more than a transfer: it would be signed as both", arguments: disguised)
    func transfers(function: String, arguments: String) throws {
        let call = try Case("", function, arguments, to: token, []).call
        let rules = try Self.rules("{\"\(token)\":{\"name\":\"\",\"functions\":{\"\(function)\":{}}}}")
        for rules in [nil, rules] {
            let found = call.judged(by: rules, payer: payer).problems
            #expect(found.map { "\($0.code) \($0.field ?? "")" } == ["call.plain-transfer /function"])
        }
        #expect(try call.prove().action(ActionInputs(payer: payer)).call.takes.map(\.amount) == [5])
        guard arguments.contains("\(payer)") else { return }
        let others = try Case("", function, arguments.replacing("\(payer)", with: token), to: token, []).call
        #expect(others.judged(by: rules, payer: payer).problems.isEmpty)
    }

    @Test("refuse, listed or not, what moves tokens of which nobody reads how much", arguments: unread)
    func notUnderstood(function: String, arguments: String) throws {
        let call = try Case("", function, arguments, to: token, []).call
        let rules = try Self.rules("{\"\(token)\":{\"name\":\"\",\"functions\":{\"\(function)\":{}}}}")
        for rules in [nil, rules] {
            let found = call.judged(by: rules, payer: payer).problems
            #expect(found.map(\.code) == ["call.token-function-not-understood"])
            #expect(found.map(\.field) == ["/function"])
        }
        let others = try Case("", function, arguments.replacing("\(payer)", with: alice), to: token, []).call
        #expect(others.judged(by: rules, payer: payer).problems.isEmpty)
    }

    private static func dai(_ allowed: Bool) -> String {
        "[\"\(payer)\",\"\(alice)\",\"1\",\"1\",\(allowed),\"27\",\"\(Hash.zero)\",\"\(Hash.zero)\"]"
    }

    @Test("know the functions that take tokens, or let others take them", arguments: known)
    func understood(function: String, arguments: String, taken: String?, isUnlimited: Bool) throws {
        let call = try Case("", function, arguments, to: token, []).call
        let takes = try call.prove().action(ActionInputs(payer: payer)).call.takes
        let said = takes.map { take -> String in
            switch take.way {
            case .allowed: "\(take.amount) allowed"
            case .moved: "\(take.amount) moved"
            case .used, .pulled: "\(take.amount)"
            }
        }
        #expect(said == (taken.map { [$0] } ?? []) && takes.allSatisfy { "\($0.token)" == token })
        #expect(
            call.judged(by: nil, payer: payer).problems.map(\.code) == (isUnlimited ? ["call.unlimited-approval"] : []))
    }

    @Test("refuse call data that are not exactly the function's arguments")
    func undecodable() throws {
        let rules = try Self.rules()
        let approval = ERC20.approve(try Address(alice), 5)
        let vault = Selector(signature: "setOwner(address)").bytes.bytes + Array(repeating: UInt8(1), count: 32)
        for (to, data) in [
            (token, approval + [0]), (token, approval.dropLast()), (UnverifiedCallTests.contract, vault),
        ] as [(String, [UInt8])] {
            let call = try UnverifiedCall(
                chain: .base, from: nil, to: Address(to), value: 0, data: data, source: .bytes)
            #expect(call.judged(by: rules, payer: payer).problems.map(\.code) == ["call.arguments-not-decodable"])
        }
    }
}
