import AirlockABI
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockStrictJSON
import Testing

@Suite("Conformance: ABI", .needsVectors)
struct ABIVectors {
    @Test("ethereum/tests ABITests")
    func ethereumTests() throws {
        let cases = try Vectors.json("ethereum-tests/ABITests/basic_abi_tests.json").namedCases()
        conform("ethereum-tests/ABITests", cases) { value in
            let parameters = try self.parameters(value.array("types"))
            let arguments = try self.values(parameters, value.array("args"))
            try bothWays(parameters, arguments, value.bytes("result"))
        }
    }

    @Test("ethers abi")
    func ethers() throws {
        let cases = try #require(Vectors.json("ethers-sample/abi.json.gz").elements)
        conform("ethers-sample/abi", cases.map { ($0["name"]?.string ?? "", $0) }) { value in
            let parameters = try ABIParameters("(\(value.text("type")))")
            let argument = try parameters.elements[0].type.value(from: value.member("value"))
            try bothWays(parameters, [argument], value.bytes("encoded"))
        }
    }

    @Test("ethers solidity-hashes")
    func solidityHashes() throws {
        let cases = try #require(Vectors.json("ethers-sample/solidity-hashes.json.gz").elements)
        conform("ethers-sample/solidity-hashes", cases.map { ($0["name"]?.string ?? "", $0) }) { value in
            let parameters = try self.parameters(value.array("types"))
            let packed = try parameters.encodePacked(self.values(parameters, value.array("values")))
            try same("the hash", Hash.keccak(packed).description, value.text("keccak256"))
        }
    }

    @Test("eth-abi encodings")
    func ethABI() throws {
        conform("eth-abi/encodings", try Vectors.json("eth-abi/encodings.json").cases()) { value in
            let kind = try value.text("kind")
            let type = try ABIType(value.text("type"))
            let argument = try type.value(from: value.member("value"))
            var encoded = try value.bytes("encoded")
            var parameters = try ABIParameters("(\(type))")
            var arguments = [argument]
            switch (kind, type.kind, argument) {
            // In cases of the kinds `static` and `dynamic_tuple`, the test set puts the list of arguments into a tuple.
            // The members of this tuple are the arguments.
            case ("static", .tuple(let inner), .tuple(let values)),
                ("dynamic_tuple", .tuple(let inner), .tuple(let values)):
                (parameters, arguments) = (inner, values)
            case ("dynamic_single_no_offset", _, _): encoded = UInt256(32).word.bytes + encoded
            default: break
            }
            try bothWays(parameters, arguments, encoded)
            if let packed = value["packed"]?.string {
                try same("the packed encoding", parameters.encodePacked(arguments), hex(packed))
            }
        }
    }

    @Test("micro-eth-signer abi_type_mapping")
    func typeMapping() throws {
        conform("micro-eth-signer/abi_type_mapping", try Vectors.json("micro-eth-signer/abi_type_mapping.json").cases())
        {
            let value = $0
            let parameters = try ABIParameters("(\(value.text("type")))")
            let type = parameters.elements[0].type
            guard value["throws"]?.boolean == true else {
                let argument = try type.value(from: value.member("value"))
                return try bothWays(parameters, [argument], value.bytes("exp"))
            }
            if let argument = value["value"], !argument.isNull {
                let error = #expect(throws: ProblemList.self) { try type.value(from: argument) }
                let rules = ["abi.out-of-range", "value.not-a-decimal-integer", "abi.type-mismatch", "abi.wrong-count"]
                try same("refused by a rule of numbers", rules.contains(error?.problems.first?.code ?? ""), true)
            }
            // One case has an odd number of hexadecimal digits, so it cannot be read as bytes. The test does not decode
            // it.
            if let data = try? value.bytes("exp") {
                let error = #expect(throws: ABIError.self) { try parameters.decode(data) }
                try same("refused as out of range", error?.rule, .outOfRange)
            }
        }
    }

    @Test("micro-eth-signer abi_sighash")
    func sighash() throws {
        conform("micro-eth-signer/abi_sighash", try Vectors.json("micro-eth-signer/abi_sighash.json").cases()) {
            value in
            let item = try #require(value[1])
            let interface = try ABIInterface(JSONDocument(Array("[\(item.output.text)]".utf8)).root)
            let found =
                interface.functions.map { $0.selector.description } + interface.events.map { $0.topic.description }
            try same("the selector or topic", found, ["0x" + #require(value[0]?.string)])
        }
    }

    /// Files with data that Airlock must refuse to decode. Each file has a list of the rules that its cases break, one
    /// rule for each case, in order.
    @Test(
        "data that must not be decoded",
        arguments: [
            (
                "eth-abi/decode_invalid",
                [
                    .wrongOffset, .lengthTooLarge, .wrongOffset, .wrongOffset, .offsetOutside, .offsetOutside,
                    .wrongOffset, .tooShort, .elementsWithoutSize, .trailingData, .trailingData, .syntax, .tooShort,
                ]
            ),
            (
                "ethabi/decode_invalid",
                [
                    .tooShort, .tooShort, .tooShort, .tooShort, .tooShort, .tooShort, .tooShort, .tooShort,
                    .lengthTooLarge, .lengthTooLarge, .offsetOutside, .dirtyPadding, .trailingData,
                ]
            ),
        ] as [(String, [ABIRule])])
    func invalid(file: String, rules: [ABIRule]) throws {
        let cases = try Vectors.json("\(file).json").cases()
        try #require(cases.count == rules.count)
        conform(file, zip(cases, rules).map { ($0.name, ($0.case, $1)) }) { (value, rule) in
            do throws(any Error) {
                let values = try parameters(value.array("types")).decode(value.bytes("data"))
                throw Failure("decodes to \(values)")
            } catch let error as ABIError {
                try same("the rule", error.rule, rule)
            }
        }
    }

    @Test("alloy-json-abi")
    func alloy() throws {
        let cases = try Vectors.files(under: "alloy-json-abi").map { ($0, try Vectors.json($0)) }
        conform("alloy-json-abi", cases.map { ($0.0, $0) }) { (path, json) in
            if path.hasSuffix("UniswapV3Position.json") {
                // This file describes a Solidity library. The selector of a library function can contain the name of a
                // contract type, which is not an ABI type. Airlock therefore refuses the file.
                let error = #expect(throws: ProblemList.self) { try ABIInterface(json) }
                try same("the rules", Set(error?.problems.map(\.code) ?? []), ["abi.unknown-type"])
                return
            }
            let interface = try ABIInterface(json)
            let items = try #require(json.elements).filter {
                ["function", "error", "event"].contains($0["type"]?.string)
            }
            let found = Set(
                interface.functions.map { "function \($0.signature)" }
                    + interface.reverts.map { "error \($0.signature)" }
                    + interface.events.map { "event \($0.signature)" })
            try same("the signatures", found, Set(items.map { try "\($0.text("type")) \(signature($0))" }))
        }
    }

    // MARK: Reading the vectors

    private func bothWays(_ parameters: ABIParameters, _ values: [ABIValue], _ encoded: [UInt8]) throws {
        try same("the encoding", Hex.encode(parameters.encode(values)), Hex.encode(encoded))
        try same("the values", parameters.decode(encoded), values)
    }

    private func parameters(_ types: [JSONValue]) throws -> ABIParameters {
        try ABIParameters("(\(types.map { $0.string ?? "" }.joined(separator: ",")))")
    }

    private func values(_ parameters: ABIParameters, _ json: [JSONValue]) throws -> [ABIValue] {
        try same("the number of values", json.count, parameters.elements.count)
        return try zip(parameters.elements, json).map { try value($0.type, $1) }
    }

    /// Converts a JSON value of a test set to an ABI value. Some sets write integers as hexadecimal digits, with a
    /// minus sign in front if the integer is negative. Some sets write bytes as text.
    private func value(_ type: ABIType, _ json: JSONValue) throws -> ABIValue {
        switch (type.kind, json.string) {
        case (.array(let element, _), _), (.list(let element), _):
            return .array(try #require(json.elements).map { try value(element, $0) })
        case (.uint, .some(let text)): return .uint(try UInt256(quantity: text))
        case (.int, .some(let text)):
            let magnitude = try UInt256(quantity: text.replacing("-", with: "")).description
            return .int(try Int256(decimal: text.hasPrefix("-") ? "-\(magnitude)" : magnitude))
        case (.bytes, .some(let text)) where !text.hasPrefix("0x"): return .bytes(Array(text.utf8))
        case (.fixedBytes, .some(let text)) where !text.hasPrefix("0x"): return .fixedBytes(Array(text.utf8))
        default: return try type.value(from: json)
        }
    }

    /// Returns the signature of a function, error or event in JSON. This code does not use the module under test,
    /// because the module's signatures are compared with it. It is kept simple, so that it is easy to check.
    private func signature(_ item: JSONValue) throws -> String {
        try "\(item.text("name"))\(types(of: item, "inputs"))"
    }

    private func types(of item: JSONValue, _ key: String) throws -> String {
        let types = try item.array(key).map { parameter in
            let type = try parameter.text("type")
            return type.hasPrefix("tuple") ? try self.types(of: parameter, "components") + type.dropFirst(5) : type
        }
        return "(\(types.joined(separator: ",")))"
    }
}

extension JSONValue {
    /// This value, in the type that the JSON writer accepts.
    var output: JSONOutput {
        switch kind {
        case .null: .null
        case .boolean: .boolean(boolean == true)
        case .number: .number(number ?? "")
        case .string: .string(string ?? "")
        case .array: .array(children.map(\.output))
        case .object: .object((members ?? []).map { ($0.key, $0.value.output) })
        }
    }
}
