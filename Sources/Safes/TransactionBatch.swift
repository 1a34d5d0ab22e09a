import AirlockABI
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockKeccak
import AirlockStrictJSON

/// Reads a batch file of Safe's Transaction Builder. Most transactions in such a file contain a method and its argument
/// values instead of call data. The call data is then encoded from the method and these values.
enum TransactionBatch {
    static func read(_ root: JSONValue) throws(ProblemList) -> SafeRequest {
        var reader = ObjectReader(root)
        let chain = readChain(&reader)
        var calls: [(call: SafeCall, dataPlace: String)] = []
        let elements = reader.array("transactions") ?? []
        let place = reader.pointer(to: "transactions")
        for (index, element) in elements.enumerated() {
            let call = reader.nested(element) { readCall(&$0, at: "\(place)/\(index)") }
            if let call { calls.append(call) }
        }
        if calls.isEmpty, reader.problems.isEmpty {
            reader.record([Problem(SafeRule.emptyBatch, at: reader.pointer(to: "transactions"))])
        }
        let meta = reader.optionalValue("meta")
        let safe = meta?["createdFromSafeAddress"]?.string.flatMap { try? Address($0) }
        let checksum = meta?["checksum"].flatMap { $0.isNull ? nil : $0 }
        if let checksum, checksum.string == nil {
            reader.record([
                Problem(JSONRule.wrongType, at: checksum.pointer, saw: checksum.text, expected: "a hash as a string")
            ])
        }
        guard let chain, reader.problems.isEmpty, calls.count == elements.count else {
            throw ProblemList(reader.problems) ?? ProblemList(Problem(JSONRule.wrongType, at: root.pointer))
        }
        var wrong: Problem?
        if let checksum, let stated = checksum.string {
            let own = "\(Checksum.of(root))"
            if own != stated.lowercased() {
                wrong = Problem(SafeRule.checksum, at: checksum.pointer, saw: stated, expected: own)
            }
        }
        return SafeRequest(
            .batch, .calls(calls), chain: chain,
            warnings: [safe.map { "the batch says that it was made for the Safe \($0)" }].compactMap(\.self),
            wrongChecksum: wrong)
    }

    /// Reads the chain ID, which is a string in most files and a number in some files.
    private static func readChain(_ reader: inout ObjectReader) -> Chain? {
        guard let value = reader.value("chainId") else { return nil }
        guard let text = value.string ?? value.number else {
            reader.record([Problem(JSONRule.wrongType, at: value.pointer, saw: value.text, expected: "a chain's id")])
            return nil
        }
        do throws(ValueError) { return try Chain(decimal: text) } catch {
            reader.record(error.problems.map { $0.at(value.pointer) })
            return nil
        }
    }

    private static func readCall(
        _ reader: inout ObjectReader, at place: String
    ) -> (call: SafeCall, dataPlace: String)? {
        let to = reader.string("to") { try Address($0) }
        let value = reader.string("value") { try UInt256(decimal: $0) }
        let given = reader.optionalString("data") { try Hex.decode($0) }
        let hasData = reader.optionalValue("data") != nil
        let made = reader.optionalValue("contractMethod").map { method in
            encode(method, reader.optionalValue("contractInputsValues"), &reader)
        }
        guard let to, let value, !hasData || given != nil else { return nil }
        if let made {
            guard let made else { return nil }
            if let given, given != made {
                reader.record([
                    Problem(
                        SafeRule.contradiction, at: reader.pointer(to: "data"), saw: Hex.encode(given),
                        expected: escaped(Hex.encode(made)))
                ])
                return nil
            }
            return (SafeCall(to: to, value: value, data: made), "\(place)/contractMethod")
        }
        return (SafeCall(to: to, value: value, data: given ?? []), "\(place)/data")
    }

    // MARK: Methods

    /// The methods for which the Transaction Builder makes no call data. A call of them has no function selector.
    private static let withoutData = ["receive", "fallback"]

    /// Encodes the call data of a call, from the called method and the argument values. If this is not possible,
    /// records the problem and returns `nil`.
    private static func encode(
        _ method: JSONValue, _ values: JSONValue?, _ reader: inout ObjectReader
    ) -> [UInt8]? {
        reader.nested(method) { reader in
            let name = reader.string("name")
            let inputs = reader.array("inputs")
            guard let name, let inputs else { return nil }
            if withoutData.contains(name) {
                guard inputs.isEmpty else {
                    reader.record([
                        Problem(
                            SafeRule.batchValue, at: reader.pointer(to: "inputs"), saw: "\(inputs.count)",
                            expected: "no input of \(name)")
                    ])
                    return nil
                }
                return []
            }
            var types: [ABIType] = []
            for input in inputs {
                guard let type = reader.nested(input, { type(&$0) }) else { return nil }
                types.append(type)
            }
            let function: ABIFunction
            do throws(ABIError) {
                function = try ABIFunction("\(name)(\(types.map(\.description).joined(separator: ",")))")
            } catch {
                reader.record([Problem(SafeRule.batchValue, because: error.problems[0], at: method.pointer)])
                return nil
            }
            guard function.name == name, function.inputs.elements.map(\.type) == types else {
                reader.record([
                    Problem(
                        SafeRule.batchValue, at: reader.pointer(to: "name"), saw: name,
                        expected: "the name of a function and nothing else")
                ])
                return nil
            }
            var arguments: [ABIValue] = []
            var names: Set<String> = []
            for (index, (input, type)) in zip(inputs, types).enumerated()
            where reader.problems.count < ObjectReader.problemLimit {
                // The Transaction Builder stores the value of an input without a name under the index of the input.
                let key = input["name"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? "\(index)"
                guard names.insert(key).inserted else {
                    reader.record([
                        Problem(
                            SafeRule.batchValue, at: input.pointer, saw: key,
                            expected: "a name of its own for each input")
                    ])
                    return nil
                }
                guard let value = values?[key] else {
                    reader.record([
                        Problem(SafeRule.batchValue, at: input.pointer, saw: key, expected: "a value of this name")
                    ])
                    return nil
                }
                do throws(ProblemList) { arguments.append(try BatchValue.read(value, as: type)) } catch {
                    reader.record(error.problems)
                }
            }
            guard arguments.count == types.count else { return nil }
            do throws(ABIError) { return try function.encodeCall(arguments) } catch {
                reader.record([Problem(SafeRule.batchValue, because: error.problems[0], at: method.pointer)])
                return nil
            }
        }
    }

    /// Reads the type of an input or of a component of a tuple. If the text is not exactly one type, records the
    /// problem and returns `nil`.
    private static func type(_ reader: inout ObjectReader) -> ABIType? {
        guard var text = reader.string("type") else { return nil }
        if text.hasPrefix("tuple") {
            guard let components = reader.array("components") else { return nil }
            var types: [String] = []
            for component in components {
                guard let type = reader.nested(component, { Self.type(&$0) }) else { return nil }
                types.append(type.description)
            }
            text = "(\(types.joined(separator: ",")))\(text.dropFirst("tuple".count))"
        }
        do throws(ABIError) { return try ABIType(text) } catch {
            reader.record([Problem(SafeRule.batchValue, because: error.problems[0], at: reader.pointer(to: "type"))])
            return nil
        }
    }
}

/// Reads an argument value in a batch file. The value is either JSON, or a string such as `[0xabc,0xdef]`. In such a
/// string, the elements need no quotes.
private enum BatchValue {
    /// An argument value, split at its brackets and commas. The parts between them are still text.
    indirect enum Parts {
        case text(String)
        case list([Parts])
    }

    static func read(_ value: JSONValue, as type: ABIType) throws(ProblemList) -> ABIValue {
        guard let parts = parts(value, as: type), let json = json(parts, as: type),
            let document = try? JSONDocument(json.bytes)
        else {
            throw ProblemList(
                Problem(SafeRule.batchValue, at: value.pointer, saw: value.text, expected: "a value of type \(type)"))
        }
        do throws(ProblemList) { return try type.value(from: document.root, allowsHexIntegers: true) } catch {
            throw ProblemList(Problem(SafeRule.batchValue, because: error.problems[0], at: value.pointer))
        }
    }

    private static func isComposite(_ type: ABIType) -> Bool {
        switch type.kind {
        case .array, .list, .tuple: true
        default: false
        }
    }

    private static func parts(_ value: JSONValue, as type: ABIType) -> Parts? {
        if let elements = value.elements {
            var all: [Parts] = []
            for element in elements {
                guard let part = nested(element) else { return nil }
                all.append(part)
            }
            return .list(all)
        }
        guard let text = value.string ?? value.number ?? value.boolean.map({ "\($0)" }) else { return nil }
        guard isComposite(type) else { return .text(text) }
        var rest = Substring(text)
        guard let parts = list(&rest, depth: 0), trimmed(rest).isEmpty else { return nil }
        return parts
    }

    private static func nested(_ value: JSONValue) -> Parts? {
        if let elements = value.elements {
            let all = elements.map(nested)
            return all.contains { $0 == nil } ? nil : .list(all.compactMap(\.self))
        }
        return (value.string ?? value.number ?? value.boolean.map { "\($0)" }).map { .text($0) }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        text.drop { $0 == " " || $0.isNewline || $0 == "\t" }
    }

    /// Reads a list in square brackets, with its elements.
    private static func list(_ text: inout Substring, depth: Int) -> Parts? {
        text = trimmed(text)
        guard depth < ABIType.maximumDepth, text.first == "[" else { return nil }
        text = trimmed(text.dropFirst())
        var all: [Parts] = []
        if text.first == "]" {
            text = text.dropFirst()
            return .list([])
        }
        while true {
            text = trimmed(text)
            guard let part = text.first == "[" ? list(&text, depth: depth + 1) : leaf(&text) else { return nil }
            all.append(part)
            text = trimmed(text)
            let next = text.first
            text = text.dropFirst()
            if next == "]" { return .list(all) }
            guard next == "," else { return nil }
        }
    }

    /// Reads an element that is not a list. The element is either a JSON string in quotes, or the text before the next
    /// space, comma or bracket.
    private static func leaf(_ text: inout Substring) -> Parts? {
        guard text.first == "\"" else {
            let word = text.prefix { !",[]\" ".contains($0) && !$0.isNewline }
            text = text.dropFirst(word.count)
            return word.isEmpty ? nil : .text(String(word))
        }
        var isEscaped = false
        let body = text.dropFirst().prefix { character in
            defer { isEscaped = !isEscaped && character == "\\" }
            return isEscaped || character != "\""
        }
        let quoted = text.prefix(body.count + 2)
        guard quoted.count == body.count + 2, let root = try? JSONDocument(Array(quoted.utf8)).root,
            let string = root.string
        else { return nil }
        text = text.dropFirst(quoted.count)
        return .text(string)
    }

    /// Converts an argument value to JSON, from which `ABIType.value(from:)` can read it.
    private static func json(_ parts: Parts, as type: ABIType) -> JSONOutput? {
        switch (type.kind, parts) {
        case (.tuple(let parameters), .list(let parts)) where parts.count == parameters.elements.count:
            let all = zip(parameters.elements, parts).map { json($1, as: $0.type) }
            return all.contains { $0 == nil } ? nil : .array(all.compactMap(\.self))
        case (.array(let element, _), .list(let parts)), (.list(let element), .list(let parts)):
            let all = parts.map { json($0, as: element) }
            return all.contains { $0 == nil } ? nil : .array(all.compactMap(\.self))
        case (.bool, .text("true")): return true
        case (.bool, .text("false")): return false
        case (.bool, _), (.tuple, _), (.array, _), (.list, _), (_, .list): return nil
        case (_, .text(let text)): return .string(text)
        }
    }
}

/// The checksum of a batch. Anybody can compute this checksum, so it detects only accidental changes.
private enum Checksum {
    static func of(_ root: JSONValue) -> Hash {
        var bytes: [UInt8] = []
        append(root, isRoot: true, to: &bytes)
        return .keccak(bytes)
    }

    /// Appends a JSON value to the bytes that are hashed for the checksum. As in JavaScript, members are sorted by the
    /// UTF-16 code units of their names. The name of the batch is replaced by null, and the checksum itself is omitted.
    private static func append(_ value: JSONValue, isRoot: Bool = false, isMeta: Bool = false, to bytes: inout [UInt8])
    {
        if let members = value.members {
            var members = members.map { (key: $0.key, value: Optional($0.value)) }
            if isMeta {
                members.removeAll { $0.key == "checksum" || $0.key == "name" }
                members.append(("name", nil))
            }
            members.sort { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
            bytes.append(UInt8(ascii: "{"))
            bytes += JSONOutput.array(members.map { .string($0.key) }).bytes
            for (key, value) in members {
                if let value {
                    append(value, isMeta: isRoot && key == "meta", to: &bytes)
                } else {
                    bytes += "null".utf8
                }
                bytes.append(UInt8(ascii: ","))
            }
            bytes.append(UInt8(ascii: "}"))
        } else if let elements = value.elements {
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(element, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        } else {
            bytes += value.json.bytes
        }
    }
}
