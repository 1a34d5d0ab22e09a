public import AirlockEthereumTypes
public import AirlockDiagnostics
public import AirlockStrictJSON

/// The interface of a contract, read from the JSON ABI that a compiler writes.
public struct ABIInterface: Sendable {
    /// The constructor's arguments. `nil` if the JSON ABI lists no constructor.
    public private(set) var constructor: ABIParameters?
    public private(set) var functions: [ABIFunction] = []
    public private(set) var reverts: [ABIRevert] = []
    public private(set) var events: [ABIEvent] = []

    /// Reads a JSON ABI, which is an array. If there are problems, throws one error that lists all problems and the
    /// JSON pointer of each problem.
    public init(_ json: JSONValue) throws(ProblemList) {
        guard let items = json.elements else {
            throw ProblemList(
                Problem(ABIRule.typeMismatch, at: json.pointer, saw: json.text, expected: "the array of a JSON ABI"))
        }
        var problems: [Problem] = []
        for item in items where problems.count < ObjectReader.problemLimit {
            var reader = ObjectReader(item)
            read(&reader)
            problems += reader.problems
        }
        if let list = ProblemList(problems) { throw list }
    }

    public func function(_ selector: Selector) -> ABIFunction? { functions.first { $0.selector == selector } }

    public func revert(_ selector: Selector) -> ABIRevert? { reverts.first { $0.selector == selector } }

    /// Finds an event by the first topic of its logs, which is the hash of its signature. Anonymous events are not
    /// found, because their logs do not begin with this hash.
    public func event(_ topic: Hash) -> ABIEvent? { events.first { !$0.isAnonymous && $0.topic == topic } }
}

extension ABIInterface {
    private mutating func read(_ reader: inout ObjectReader) {
        // Before Solidity 0.5, an entry of a JSON ABI could omit the member `type`. The default was "function".
        switch reader.optionalString("type") ?? "function" {
        case "function":
            let mutability = Self.mutability(&reader)
            let outputs = Self.parameters("outputs", &reader, isOptional: true)
            if let name = Self.name(&reader), let inputs = Self.parameters("inputs", &reader), let outputs {
                functions.append(ABIFunction(name, inputs, outputs, mutability))
            }
        case "constructor":
            constructor = Self.parameters("inputs", &reader)
        case "error":
            if let name = Self.name(&reader), let inputs = Self.parameters("inputs", &reader) {
                reverts.append(ABIRevert(name, inputs))
            }
        case "event":
            event(&reader)
        case "fallback", "receive":
            break
        case let other:
            let expected = "function, constructor, error, event, fallback or receive"
            reader.record([
                Problem(ABIRule.unknownWord, at: reader.pointer(to: "type"), saw: other, expected: expected)
            ])
        }
    }

    private mutating func event(_ reader: inout ObjectReader) {
        let isAnonymous = reader.optionalBoolean("anonymous") ?? false
        let inputs = reader.objects("inputs") { reader -> (parameter: ABIParameter, isIndexed: Bool)? in
            let isIndexed = reader.optionalBoolean("indexed") ?? false
            return Self.parameter(&reader).map { ($0, isIndexed) }
        }
        guard let name = Self.name(&reader), let inputs else { return }
        let event = ABIEvent(
            name, ABIParameters(inputs.map(\.parameter)), isIndexed: inputs.map(\.isIndexed), isAnonymous: isAnonymous)
        if let event {
            events.append(event)
        } else {
            reader.record([Problem(ABIRule.tooManyIndexed, at: reader.pointer(to: "inputs"))])
        }
    }

    private static func name(_ reader: inout ObjectReader) -> String? {
        reader.string("name") { text in
            var parser = SignatureParser(text)
            let name = try parser.name()
            try parser.finish()
            return name
        }
    }

    /// Reads the mutability of a function: whether a call changes the state of the chain, and whether it accepts native
    /// currency. Old compilers write two booleans, `constant` and `payable`, instead of `stateMutability`.
    private static func mutability(_ reader: inout ObjectReader) -> ABIFunction.Mutability {
        guard let word = reader.optionalString("stateMutability") else {
            if reader.optionalBoolean("constant") == true { return .view }
            return reader.optionalBoolean("payable") == true ? .payable : .nonpayable
        }
        if let known = ABIFunction.Mutability(rawValue: word) { return known }
        let expected = "pure, view, nonpayable or payable"
        let pointer = reader.pointer(to: "stateMutability")
        reader.record([Problem(ABIRule.unknownWord, at: pointer, saw: word, expected: expected)])
        return .nonpayable
    }

    private static func parameters(
        _ key: String, _ reader: inout ObjectReader, isOptional: Bool = false
    ) -> ABIParameters? {
        if isOptional, reader.optionalValue(key) == nil { return ABIParameters.none }
        return reader.objects(key) { Self.parameter(&$0) }.map { ABIParameters($0) }
    }

    private static func parameter(_ reader: inout ObjectReader) -> ABIParameter? {
        let name = reader.optionalString("name") ?? ""
        var components: ABIParameters?
        if reader.optionalValue("components") != nil {
            components = parameters("components", &reader)
            if components == nil { return nil }
        }
        let type = reader.string("type") { text in
            var parser = SignatureParser(text)
            let type = try parser.type(components: components)
            try parser.finish()
            return type
        }
        return type.map { ABIParameter(name, $0) }
    }
}
