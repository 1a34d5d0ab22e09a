import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockSafes
import Testing

/// A batch of the Transaction Builder with one call. A test can change the call.
private struct Batch {
    var inputs =
        "[{\"internalType\":\"address\",\"name\":\"to\",\"type\":\"address\"},{\"name\":\"value\",\"type\":\"uint256\"}]"
    var values = "{\"to\":\"0x209693Bc6afc0C5328bA36FaF03C514EF312287C\",\"value\":\"1000000\"}"
    var data = "null"
    var name = "transfer"
    var meta = "{\"name\":\"March payroll\"}"
    var chain = "\"8453\""
    /// Transactions before the call, each with a comma after it.
    var before = ""

    static let transfer =
        "0xa9059cbb000000000000000000000000209693bc6afc0c5328ba36faf03c514ef312287c00000000000000000000000000000000000000000000000000000000000f4240"

    var json: String {
        """
        {"version":"1.0","chainId":\(chain),"createdAt":1772000000000,"meta":\(meta),"transactions":[\(before)
        {"to":"0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913","value":"0","data":\(data),
        "contractMethod":{"inputs":\(inputs),"name":"\(name)","payable":false},"contractInputsValues":\(values)}]}
        """
    }

    func encoded() throws -> String {
        guard case .calls(let calls) = try SafeRequest(Array(json.utf8)).content else { return "no calls" }
        return calls.map { Hex.encode($0.call.data) }.joined(separator: " ")
    }

    var codes: [String] {
        do {
            _ = try encoded()
            return []
        } catch { return (error as? any RuleBroken)?.problems.map(\.code) ?? ["\(error)"] }
    }

    /// Returns a batch that calls a function `f` with one argument of this type.
    static func argument(_ type: String, _ value: String, components: String = "") -> Batch {
        Batch(
            inputs: "[{\"name\":\"x\",\"type\":\"\(type)\"\(components)}]", values: "{\"x\":\(value)}", name: "f")
    }
}

@Suite("A batch of the Transaction Builder")
struct TransactionBatchTests {
    private static func words(_ words: String...) -> String {
        words.map { String(repeating: "0", count: 64 - $0.count) + $0 }.joined()
    }

    @Test("is encoded from method and values where it has no data, and compared with them where it has")
    func encoded() throws {
        #expect(try Batch().encoded() == Batch.transfer)
        #expect(try Batch(data: "\"\(Batch.transfer)\"").encoded() == Batch.transfer)
        #expect(Batch(data: "\"\(Batch.transfer.dropLast())1\"").codes == ["safe.data-contradict-method"])
        #expect(Batch(data: "\"0x\"").codes == ["safe.data-contradict-method"])
        #expect(try Batch(chain: "8453").encoded() == Batch.transfer)
    }

    @Test("has no call data for receive and fallback, as the Transaction Builder makes none for them")
    func withoutData() throws {
        for name in ["receive", "fallback"] {
            #expect(try Batch(inputs: "[]", values: "null", name: name).encoded() == "0x")
            #expect(try Batch(inputs: "[]", values: "null", data: "\"0x\"", name: name).encoded() == "0x")
            #expect(
                Batch(inputs: "[]", values: "null", data: "\"0x12345678\"", name: name).codes == [
                    "safe.data-contradict-method"
                ])
            #expect(Batch(name: name).codes == ["safe.malformed-batch-value"])
        }
    }

    @Test("has the value of an input without a name under the index of the input")
    func unnamed() throws {
        let address = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"
        let none = "{\"name\":\"\",\"type\":\"address\"}"
        let cases: [(String, String)] = [
            ("[\(none),{\"name\":\"\",\"type\":\"uint256\"}]", "{\"0\":\"\(address)\",\"1\":\"1000000\"}"),
            (
                "[{\"type\":\"address\"},{\"name\":\"value\",\"type\":\"uint256\"}]",
                "{\"0\":\"\(address)\",\"value\":\"1000000\"}"
            ),
            (
                "[{\"name\":\"1\",\"type\":\"address\"},{\"name\":\"0\",\"type\":\"uint256\"}]",
                "{\"1\":\"\(address)\",\"0\":\"1000000\"}"
            ),
        ]
        for (inputs, values) in cases { #expect(try Batch(inputs: inputs, values: values).encoded() == Batch.transfer) }
        // In the first batch, the key of the value is the empty name of its input. In the others, one input is named
        // like the index of another input, so both would get the same value.
        let refused: [(String, String)] = [
            ("[\(none)]", "{\"\":\"\(address)\"}"),
            ("[\(none),{\"name\":\"0\",\"type\":\"address\"}]", "{\"0\":\"\(address)\"}"),
            ("[{\"name\":\"1\",\"type\":\"address\"},\(none)]", "{\"1\":\"\(address)\"}"),
        ]
        for (inputs, values) in refused {
            #expect(Batch(inputs: inputs, values: values).codes == ["safe.malformed-batch-value"])
        }
    }

    @Test("has arguments as texts, in which the parts of lists need no quotes")
    func texts() throws {
        let owner = "000000000000000000000000209693bc6afc0c5328ba36faf03c514ef312287c"
        let address = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"
        let pair = ",\"components\":[{\"name\":\"a\",\"type\":\"address\"},{\"name\":\"b\",\"type\":\"bool\"}]"
        let cases: [(Batch, String)] = [
            (.argument("bool", "\"true\""), Self.words("1")),
            (.argument("bool", "false"), Self.words("0")),
            (.argument("uint256", "\"9007199254740993\""), Self.words("20000000000001")),
            (
                .argument("string", "\"a, b]\""),
                Self.words("20", "5") + "612c20625d" + String(repeating: "0", count: 54)
            ),
            (.argument("address[]", "\"[\(address),\(address)]\""), Self.words("20", "2", owner, owner)),
            (.argument("address[]", "\"[ \\\"\(address)\\\" ]\""), Self.words("20", "1", owner)),
            (.argument("uint256[]", "\"[]\""), Self.words("20", "0")),
            (.argument("uint256[]", "[\"1\",2]"), Self.words("20", "2", "1", "2")),
            (.argument("uint256[][]", "\"[[1,2],[3]]\""), Self.words("20", "2", "40", "a0", "2", "1", "2", "1", "3")),
            (.argument("tuple", "\"[\\\"\(address)\\\",true]\"", components: pair), Self.words(owner, "1")),
            (
                .argument("tuple[]", "\"[[\\\"\(address)\\\",\\\"true\\\"]]\"", components: pair),
                Self.words("20", "1", owner, "1")
            ),
        ]
        for (batch, expected) in cases {
            let data = try batch.encoded()
            #expect(data.dropFirst(10) == expected, "\(batch.values)")
        }
    }

    @Test(
        "is refused where a value is none of its type",
        arguments: [
            ("bool", "\"yes\""), ("uint256", "\"-1\""), ("uint8", "\"256\""), ("address", "\"0x1234\""),
            ("address[]", "\"[0x1234]\""), ("address[]", "\"0x209693Bc6afc0C5328bA36FaF03C514EF312287C\""),
            ("uint256[]", "\"[1,]\""), ("uint256[]", "\"[1\""), ("uint256[]", "\"[1]]\""), ("uint256[]", "\"[1 2]\""),
            ("uint256[2]", "\"[1]\""), ("uint256[]", "\"[\\\"1]\""), ("uint256", "{}"), ("uint256", "null"),
            ("uint256", "[1]"), ("bytes4", "\"0x123456789a\""),
        ])
    func refusedValues(_ type: String, _ value: String) {
        #expect(Batch.argument(type, value).codes == ["safe.malformed-batch-value"])
    }

    @Test("is refused where a value is missing, two inputs have one name, or the method is none")
    func refusedMethods() {
        #expect(Batch(values: "{}").codes.first == "safe.malformed-batch-value")
        #expect(Batch(values: "null").codes.first == "safe.malformed-batch-value")
        let same = "[{\"name\":\"to\",\"type\":\"address\"},{\"name\":\"to\",\"type\":\"address\"}]"
        #expect(Batch(inputs: same).codes == ["safe.malformed-batch-value"])
        #expect(Batch(name: "f(uint256)").codes == ["safe.malformed-batch-value"])
        #expect(Batch.argument("wei", "\"1\"").codes == ["safe.malformed-batch-value"])
        #expect(Batch(chain: "null").codes == ["json.wrong-type"])
    }

    @Test("is refused where the text of a type is not one type, or the name of a method is more than a name")
    func refusedTypes() {
        let address = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"
        func inputs(_ to: String, _ value: String) -> String {
            "[{\"name\":\"to\",\"type\":\"\(to)\"},{\"name\":\"value\",\"type\":\"\(value)\"}]"
        }
        let one = "[{\"name\":\"to\",\"type\":\"address,uint256\"}]"
        let first = "{\"to\":\"\(Served.first)\",\"value\":\"1\",\"data\":null},"
        let component = ",\"components\":[{\"name\":\"a\",\"type\":\"address,bool\"}]"
        let cases: [Batch] = [
            Batch(inputs: one), Batch(inputs: one, before: first),
            Batch(inputs: inputs("(address", "uint256)"), values: "{\"to\":\"[\(address),1]\",\"value\":\"1\"}"),
            Batch(
                inputs: inputs("address,(uint256", "bool)"),
                values: "{\"to\":\"\(address)\",\"value\":\"[1,true]\"}"),
            .argument("tuple", "\"[\(address),true]\"", components: component),
            Batch(
                inputs: "[{\"name\":\"to\",\"type\":\"uint256\"}]", values: "{\"to\":\"\(address)\"}",
                name: "f(address) returns "),
        ]
        for batch in cases { #expect(batch.codes == ["safe.malformed-batch-value"], "\(batch.inputs)") }
    }

    @Test("has a checksum over all but its name, which a change of a value breaks")
    func checksum() throws {
        let text = """
            {"version":"1.0","chainId":"8453","createdAt":1772000000000,"meta":{"name":"March payroll","description":"two people","txBuilderVersion":"1.18.0","createdFromSafeAddress":"0x1c694Fc3006D81ff4a56F97E1b99529066a23725","createdFromOwnerAddress":"","checksum":"0xbec030f48edc35ffaaf0bf6e1ef3ca8c25b5e1d5f0810101241e0c55e3915773"},"transactions":[{"to":"0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913","value":"0","data":null,"contractMethod":{"inputs":[{"internalType":"address","name":"to","type":"address"},{"internalType":"uint256","name":"value","type":"uint256"}],"name":"transfer","payable":false},"contractInputsValues":{"to":"0x209693Bc6afc0C5328bA36FaF03C514EF312287C","value":"1000000"}},{"to":"0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913","value":"0","data":"0xa9059cbb000000000000000000000000742d35cc6634c0532925a3b844bc9e7595f8fe0000000000000000000000000000000000000000000000000000000000002625a0","contractMethod":null,"contractInputsValues":null}]}
            """
        let rules = try Served.rules()
        var given = SafeProposal.Given()
        given.safe = Address(known: "0x1c694Fc3006D81ff4a56F97E1b99529066a23725")
        func proposal(_ text: String) throws -> SafeProposal {
            try SafeProposal(SafeRequest(Array(text.utf8)), given, listed: [.base: rules])
        }
        #expect(throws: ProblemList.self) { try proposal(text) }
        given.nonce = 5
        let whole = try proposal(text)
        #expect(whole.problems.isEmpty && whole.calls.count == 2)
        #expect("\(whole.transaction.to)" == Served.batches)
        #expect(whole.transaction.operation == .delegateCall)
        #expect(whole.calls.map { $0.place("/to") } == ["/transactions/0/to", "/transactions/1/to"])
        #expect(whole.calls.map { $0.place("/data") } == ["/transactions/0/contractMethod", "/transactions/1/data"])
        let changed = text.replacing("\"value\":\"1000000\"", with: "\"value\":\"9000000\"")
        #expect(try proposal(changed).problems.map(\.code) == ["safe.wrong-checksum"])
        #expect(try proposal(text.replacing("March", with: "April")).problems.isEmpty)
        given.takesAnyChecksum = true
        #expect(try proposal(changed).problems.isEmpty)
        given.safe = nil
        #expect(throws: ProblemList.self) { try proposal(text) }
    }

    @Test("of one transaction is a plain call, and one of several needs a listed contract")
    func single() throws {
        var given = SafeProposal.Given()
        given.safe = Address(known: "0x1c694Fc3006D81ff4a56F97E1b99529066a23725")
        given.nonce = 5
        let one = try SafeProposal(
            SafeRequest(Array(Batch().json.utf8)), given, listed: [.base: Served.rules(delegateCalls: "")])
        #expect(one.problems.isEmpty && one.transaction.operation == .call && one.calls.count == 1)
        #expect(Hex.encode(one.transaction.data) == Batch.transfer)
        let two = Batch().json.replacing(
            "\"transactions\":[", with: "\"transactions\":[{\"to\":\"\(Served.first)\",\"value\":\"1\",\"data\":null},")
        do {
            _ = try SafeProposal(
                SafeRequest(Array(two.utf8)), given, listed: [.base: Served.rules(delegateCalls: "")])
            Issue.record("a batch went through no contract")
        } catch let problems as ProblemList { #expect(problems.problems.map(\.code) == ["safe.no-multisend-listed"]) }
    }
}
