import AirlockCalls
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockRequestKinds
import AirlockRequests
import AirlockTransactions
import AirlockTransfers
import Testing

@Suite("An unsigned transaction")
struct ProposedTransactionTests {
    private static let contract = UnverifiedCallTests.contract
    private static let data: [UInt8] = [0x13, 0xaf, 0x40, 0x35] + Array(repeating: 0, count: 32)
    private static let entry = AccessListEntry(
        address: Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"), storageKeys: [.zero, .keccak([1])])

    private static func transaction(
        _ form: UnsignedTransaction.Form, to: String? = contract, value: UInt256 = 0, data: [UInt8] = data
    ) throws -> [UInt8] {
        let address = try to.map { try Address($0) }
        return UnsignedTransaction(nonce: 7, gas: 90_000, to: address, value: value, data: data, form: form).encoded
    }

    private static let dynamic = UnsignedTransaction.Form.dynamicFee(
        chainID: 8453, maxPriorityFeePerGas: 2, maxFeePerGas: 30, accessList: [])

    private static func read(_ bytes: [UInt8], _ end: String = "\n") throws -> any Request {
        try RequestKinds.read(Array((Hex.encode(bytes) + end).utf8))
    }

    @Test("of each type is a call, with its nonce, gas and fees")
    func types() throws {
        let forms: [(UnsignedTransaction.Form, UInt256, UInt256?)] = [
            (.legacy(chainID: 8453, gasPrice: 9), 9, nil),
            (.accessList(chainID: 8453, gasPrice: 9, accessList: []), 9, nil),
            (Self.dynamic, 30, 2),
        ]
        for (form, fee, priority) in forms {
            let call = try #require(try Self.read(Self.transaction(form, value: 5)) as? UnverifiedCall)
            #expect(call.chain == .base && call.value == 5 && call.data == Self.data && call.from == nil)
            #expect(
                call.proposal
                    == Proposal(
                        nonce: 7, gas: 90_000, maxFeePerGas: fee, maxPriorityFeePerGas: priority,
                        isGasPrice: priority == nil))
        }
    }

    @Test("keeps its access list, of type 1 and 2, in bytes and in JSON, as a call and as a transfer")
    func accessLists() throws {
        let list = [Self.entry, Self.entry]
        let forms: [UnsignedTransaction.Form] = [
            .accessList(chainID: 8453, gasPrice: 9, accessList: list),
            .dynamicFee(chainID: 8453, maxPriorityFeePerGas: 2, maxFeePerGas: 30, accessList: list),
        ]
        for form in forms {
            #expect(try Self.read(Self.transaction(form)).proposal?.accessList == list)
            let transfer = try Self.read(Self.transaction(form, value: 5, data: []))
            #expect(transfer is Transfer && transfer.proposal?.accessList == list)
        }
        let keys = Self.entry.storageKeys.map { "\"\($0)\"" }.joined(separator: ",")
        let entry = "{\"address\":\"\(Self.entry.address)\",\"storageKeys\":[\(keys)]}"
        let json = try RequestKinds.read(Self.json(["accessList": "[\(entry),\(entry)]"]))
        #expect(json.proposal == (try Self.read(Self.transaction(forms[1], value: 5))).proposal)
    }

    @Test("that is a plain transfer is read as one")
    func transfers() throws {
        let native = try #require(try Self.read(Self.transaction(Self.dynamic, value: 5, data: [])) as? Transfer)
        #expect(native.amount == 5 && native.token == nil && native.proposal?.nonce == 7)
        let token = try Self.transaction(Self.dynamic, data: [0xa9, 0x05, 0x9c, 0xbb] + Address.zero.bytes.bytes)
        #expect(problems { _ = try Self.read(token) }.isEmpty)
        var call: [UInt8] = [0xa9, 0x05, 0x9c, 0xbb] + Array(repeating: 0, count: 12)
        call += try Address(UnverifiedCallTests.other).bytes.bytes + Array(repeating: 0, count: 31) + [9]
        let sent = try #require(try Self.read(Self.transaction(Self.dynamic, data: call)) as? Transfer)
        #expect(try sent.amount == 9 && sent.token == Address(Self.contract))
        #expect(try sent.to == Address(UnverifiedCallTests.other))
        // If the same transfer is read from a JSON object, the result is the same request.
        let json = "{\"chainId\":\"0x2105\",\"to\":\"\(Self.contract)\",\"data\":\"\(Hex.encode(call))\"}"
        #expect(try RequestKinds.read(Array(json.utf8)).isSame(as: sent))
    }

    private static let refusedBytes: [(String, @Sendable () throws -> [UInt8], [String])] = [
        ("of no chain", { try transaction(.legacy(chainID: nil, gasPrice: 9)) }, ["call.no-chain chainId"]),
        ("that creates a contract", { try transaction(dynamic, to: nil) }, ["call.creates-a-contract to"]),
        ("to nobody", { try transaction(dynamic, to: "\(Address.zero)") }, ["call.null-contract to"]),
        ("of nothing", { try transaction(dynamic, data: []) }, ["call.nothing data"]),
        ("with half a selector", { try transaction(dynamic, data: [1, 2]) }, ["call.no-selector data"]),
        ("with blobs", { [3] + (try transaction(dynamic).dropFirst()) }, ["transaction.type-3-blob -"]),
        ("that sets code", { [4] + (try transaction(dynamic).dropFirst()) }, ["transaction.type-4-set-code -"]),
        ("of an unknown type", { [5] + (try transaction(dynamic).dropFirst()) }, ["transaction.unknown-type -"]),
        ("with a byte more", { try transaction(dynamic) + [0] }, ["rlp.trailing-bytes -"]),
        ("with a byte less", { try transaction(dynamic).dropLast() }, ["rlp.beyond-end -"]),
        ("of nothing at all", { [] }, ["rlp.missing-item -"]),
    ]

    @Test("is refused by its rule", arguments: refusedBytes.indices)
    func bytes(index: Int) throws {
        let (name, bytes, expected) = Self.refusedBytes[index]
        let text = try bytes()
        let found = problems { _ = try Self.read(text) }
        #expect(found.map { "\($0.code) \($0.field ?? "-")" } == expected, "\(name)")
    }

    @Test("stands in a file of its own, with one end of line at most")
    func ends() throws {
        let bytes = try Self.transaction(Self.dynamic)
        for end in ["", "\n", "\r\n"] { #expect(problems { _ = try Self.read(bytes, end) }.isEmpty) }
        for end in ["\n\n", " ", "00", "\n0x"] { #expect(!problems { _ = try Self.read(bytes, end) }.isEmpty) }
        let signed = "0xc0"
        #expect(problems { _ = try RequestKinds.read(Array(signed.utf8)) }.map(\.code) == ["rlp.missing-item"])
    }

    // MARK: JSON

    private static var members: [String: String] {
        [
            "chainId": "\"0x2105\"", "from": "\"\(UnverifiedCallTests.other)\"", "to": "\"\(contract)\"",
            "gas": "\"0x15f90\"", "maxFeePerGas": "\"0x1e\"", "maxPriorityFeePerGas": "\"0x2\"", "value": "\"0x5\"",
            "nonce": "\"0x7\"", "data": "\"\(Hex.encode(data))\"",
        ]
    }

    private static func json(_ change: [String: String?] = [:]) -> [UInt8] {
        var all = members
        for (name, value) in change { all[name] = value }
        return Array(("{" + all.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}").utf8)
    }

    @Test("in JSON is the same call")
    func arguments() throws {
        let bytes = try Self.read(Self.transaction(Self.dynamic, value: 5))
        let same: [[String: String?]] = [
            [:], ["type": "\"0x2\""], ["input": Self.members["data"]], ["data": nil, "input": Self.members["data"]],
            ["accessList": "[]"], ["gasPrice": "null"],
        ]
        for change in same {
            let call = try #require(try RequestKinds.read(Self.json(change)) as? UnverifiedCall)
            #expect(call.isSame(as: bytes) && call.proposal == bytes.proposal, "\(change)")
            #expect(try call.from == Address(UnverifiedCallTests.other))
        }
        let price = try RequestKinds.read(
            Self.json(["maxFeePerGas": nil, "maxPriorityFeePerGas": nil, "gasPrice": "\"0x9\"", "type": "\"0x0\""]))
        #expect(price.proposal?.maxFeePerGas == 9 && price.proposal?.maxPriorityFeePerGas == nil)
    }

    private static let refusedJSON: [(String, [String: String?], [String])] = [
        ("another input", ["input": "\"0x13af4035\""], ["call.data-and-input-differ /input"]),
        ("no chain", ["chainId": nil], ["call.no-chain /chainId"]),
        ("chain zero", ["chainId": "\"0x0\""], ["value.not-a-chain /chainId"]),
        ("a chain in decimal", ["chainId": "\"8453\""], ["value.not-a-hex-quantity /chainId"]),
        ("no contract", ["to": nil], ["call.creates-a-contract /to"]),
        ("a leading zero", ["gas": "\"0x015f90\""], ["value.not-a-hex-quantity /gas"]),
        ("no digits", ["value": "\"0x\""], ["value.not-a-hex-quantity /value"]),
        ("a number", ["value": "5"], ["json.wrong-type /value"]),
        ("a nonce of 72 bits", ["nonce": "\"0x1ffffffffffffffff\""], ["value.too-large /nonce"]),
        ("half a byte", ["data": "\"0x13af403\""], ["value.not-hex /data"]),
        ("two prices", ["gasPrice": "\"0x9\""], ["call.gas-price-and-max-fee /gasPrice"]),
        ("fees of another type", ["type": "\"0x1\""], ["call.other-type /type"]),
        ("blobs", ["type": "\"0x3\""], ["transaction.type-3-blob /type"]),
        ("an unknown type", ["type": "\"0x7f\""], ["transaction.unknown-type /type"]),
        (
            "an access list of nothing", ["accessList": "[{}]"],
            ["json.missing-field /accessList/0/address", "json.missing-field /accessList/0/storageKeys"]
        ),
        (
            "an access list with more", ["accessList": "[{\"address\":\"\(contract)\",\"storageKeys\":[],\"gas\":1}]"],
            ["json.unknown-field /accessList/0/gas"]
        ),
        (
            "half a storage key", ["accessList": "[{\"address\":\"\(contract)\",\"storageKeys\":[\"0x00\"]}]"],
            ["value.wrong-length /accessList/0/storageKeys/0"]
        ),
        (
            "an access list in type 0",
            [
                "accessList": "[{\"address\":\"\(contract)\",\"storageKeys\":[]}]", "type": "\"0x0\"",
                "maxFeePerGas": nil, "maxPriorityFeePerGas": nil, "gasPrice": "\"0x9\"",
            ], ["call.other-type /type"]
        ),
        ("an authorization", ["authorizationList": "[]"], ["json.unknown-field /authorizationList"]),
        ("a member of nobody's", ["gasLimit": "\"0x1\""], ["json.unknown-field /gasLimit"]),
        (
            "two things at once", ["gas": "\"1\"", "input": "\"0x\""],
            ["value.not-a-hex-quantity /gas", "call.data-and-input-differ /input"]
        ),
    ]

    @Test("in JSON is refused by its rule", arguments: refusedJSON)
    func refused(name: String, change: [String: String?], expected: [String]) {
        let found = problems { _ = try RequestKinds.read(Self.json(change)) }
        #expect(found.map { "\($0.code) \($0.field ?? "-")" } == expected, "\(name)")
    }

    @Test("is told from what only looks like one")
    func others() throws {
        for text in [
            "{\"types\":{},\"domain\":{},\"to\":\"0x\",\"value\":\"0x1\"}",
            "{\"safe\":\"0x\",\"to\":\"0x\",\"nonce\":1}",
            "{\"to\":\"\(Self.contract)\"}", "[]",
        ] {
            #expect(problems { _ = try RequestKinds.read(Array(text.utf8)) }.allSatisfy { !$0.code.hasPrefix("call.") })
        }
    }

    @Test("is refused where it can be read as two kinds")
    func two() {
        let text = "{\"data\":{\"web3_data\":{}},\"to\":\"\(Self.contract)\",\"value\":\"0x1\"}"
        #expect(problems { _ = try RequestKinds.read(Array(text.utf8)) }.map(\.code) == ["request.two-kinds"])
    }
}
