import AirlockABI
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockRequests
import AirlockStrictJSON

/// The calls that a policy allows on one chain: the allowed contracts, the allowed functions of each contract, the
/// allowed values of arguments, and the arguments that contain the spent amounts of tokens.
struct CallRules: KindRules {
    struct Contract: Sendable {
        let name: String
        /// The allowed functions. The key is the canonical signature of the function.
        let functions: [String: Function]
    }

    struct Function: Sendable {
        let function: ABIFunction
        /// The allowed values of some arguments. An argument for which the policy lists no values can have any value.
        let arguments: [(position: Position, allowed: [ABIValue])]
        /// The maximum amount of native currency that the call is allowed to send, in wei. `nil` if the call is not
        /// allowed to send any.
        let maxValue: UInt256?
        let spends: [Spend]

        /// Whether the policy restricts the values of the argument at this position. The policy can list values for the
        /// argument itself, or for a tuple that contains the argument.
        func lists(_ position: String) -> Bool {
            arguments.contains { position == "\($0.position)" || position.hasPrefix("\($0.position).") }
        }
    }

    /// A token that a call spends, and the argument of the call that contains the spent amount.
    struct Spend: Sendable {
        let token: Address
        let argument: Position
    }

    let contracts: [Address: Contract]

    func label(of address: Address) -> String? { contracts[address]?.name }

    /// Returns the function whose selector is at the start of the call data. Returns `nil` if the policy does not list
    /// this function for the contract.
    func function(of data: [UInt8], at contract: Address) -> Function? {
        guard let selector = Selector(of: data.span) else { return nil }
        return contracts[contract]?.functions.values.first { $0.function.selector == selector }
    }

    // MARK: Reading

    static let section = PolicySection(
        "calls", start: [:],
        toFillIn: "calls: the contracts that may be called, each with a name and the signatures of its functions"
    ) { value, problems in
        var reader = ObjectReader(value)
        // If the JSON value is not an object, use `nil` as the result. `ObjectReader` has already recorded the problem.
        let contracts = value.members == nil ? nil : read(value, &reader)
        problems += reader.problems
        return contracts.map(CallRules.init)
    }

    private static func read(_ value: JSONValue, _ reader: inout ObjectReader) -> [Address: Contract]? {
        reader.keyed(value, repeated: CallPolicyRule.repeatedName, key: { try Self.contract($0) }) { reader, _, value in
            reader.nested(value) { reader in
                let name = reader.string("name")
                let functions = reader.value("functions").flatMap { value in
                    reader.keyed(value, repeated: CallPolicyRule.repeatedName, key: { $0 }) { reader, name, value in
                        reader.nested(value) { Function(name, value, &$0) }
                    }
                }
                if let functions { refuseSameSelectors(functions, at: value.pointer, &reader) }
                reader.refuseUnknown()
                guard let name, let functions else { return nil }
                return Contract(name: name, functions: functions)
            }
        }
    }

    private static func contract(_ text: String) throws -> Address {
        let address = try Address(text)
        guard !address.isZero else { throw Problem(CallRule.nullContract, saw: text) }
        return address
    }

    private static func refuseSameSelectors(
        _ functions: [String: Function], at place: String, _ reader: inout ObjectReader
    ) {
        for (_, same) in Dictionary(grouping: functions.keys, by: { functions[$0]?.function.selector })
        where same.count > 1 {
            reader.record([
                Problem(
                    CallPolicyRule.sameSelector, at: "\(place)/functions", saw: same.sorted().joined(separator: ", "))
            ])
        }
    }

    // MARK: Sentences

    func sentences(_ words: PolicyFormatter) -> [String] {
        let chain = words.chain
        if contracts.isEmpty { return ["On \(chain) no contract may be called."] }
        return contracts.sorted { $0.key.description < $1.key.description }.flatMap { address, contract in
            let name = "\(escaped(contract.name, limit: 40)) (\(address))"
            if contract.functions.isEmpty { return ["On \(chain) no function of \(name) may be called."] }
            return contract.functions.sorted { $0.key < $1.key }.map { signature, function in
                "On \(chain) \(signature) of \(name) may be called, \(function.words(words))."
            }
        }
    }
}

extension CallRules.Function {
    fileprivate init?(_ signature: String, _ rules: JSONValue, _ reader: inout ObjectReader) {
        let place = rules.pointer
        let function: ABIFunction
        do throws(ABIError) { function = try ABIFunction(signature) } catch {
            reader.record(error.problems.map { $0.at(place) })
            return nil
        }
        guard function.signature == signature else {
            reader.record([
                Problem(CallRule.notCanonical, at: place, saw: signature, expected: function.signature)
            ])
            return nil
        }
        // Refuse null. If null meant that `arguments` is absent, the policy would allow every argument value.
        reader.refuseNull(["arguments", "maxValue"])
        var arguments: [(position: Position, allowed: [ABIValue])] = []
        if let value = reader.optionalValue("arguments") {
            let listed = reader.keyed(value, repeated: CallPolicyRule.repeatedName, key: { $0 }) {
                reader, name, value in
                Self.allowed(name, value, of: function, &reader)
            }
            arguments = (listed ?? [:]).values.sorted { $0.position.path.lexicographicallyPrecedes($1.position.path) }
        }
        let maxValue = reader.optionalString("maxValue") { try UInt256(decimal: $0) }
        var spends: [CallRules.Spend] = []
        // Refuse an empty `spends`, because it names no amount to count. The author of the policy probably meant to
        // name one.
        let counted = reader.optionalValue("spends")
        if let empty = rules["spends"], empty.isNull || empty.elements?.isEmpty == true {
            reader.record([
                Problem(
                    JSONRule.wrongType, at: empty.pointer, saw: empty.text,
                    expected: "an object or an array of objects, or no spends")
            ])
        } else if let value = counted {
            for value in value.elements ?? [value] {
                let spend: CallRules.Spend? = reader.nested(value) { Self.spend(&$0, of: function) }
                spends += spend.map { [$0] } ?? []
            }
        }
        reader.refuseUnknown()
        self.init(function: function, arguments: arguments, maxValue: maxValue, spends: spends)
    }

    private static func allowed(
        _ name: String, _ value: JSONValue, of function: ABIFunction, _ reader: inout ObjectReader
    ) -> (position: Position, allowed: [ABIValue])? {
        guard let position = Position(name, of: function) else {
            reader.record([Problem(CallPolicyRule.noArgument, at: value.pointer, saw: name)])
            return nil
        }
        guard let elements = value.elements else {
            reader.record([
                Problem(JSONRule.wrongType, at: value.pointer, saw: value.text, expected: "an array of values")
            ])
            return nil
        }
        var allowed: [ABIValue] = []
        for element in elements where reader.problems.count < ObjectReader.problemLimit {
            do throws(ProblemList) { allowed.append(try position.type.value(from: element)) } catch {
                reader.record(error.problems)
            }
        }
        return (position, allowed)
    }

    private static func spend(_ reader: inout ObjectReader, of function: ABIFunction) -> CallRules.Spend? {
        let token = reader.string("token") { text throws -> Address in
            let token = text == "0x0" ? .zero : try Address(text)
            guard !token.isZero else {
                throw Problem(CallRule.nullContract, expected: "a token; maxValue bounds native currency")
            }
            return token
        }
        let argument = reader.string("argument") { text throws(Problem) in
            guard let position = Position(text, of: function) else {
                throw Problem(CallPolicyRule.noArgument, saw: text)
            }
            guard case .uint = position.type.kind else {
                throw Problem(CallPolicyRule.notAmount, saw: "\(text), of type \(position.type)")
            }
            return position
        }
        reader.refuseUnknown()
        guard let token, let argument else { return nil }
        return CallRules.Spend(token: token, argument: argument)
    }

    fileprivate func words(_ words: PolicyFormatter) -> String {
        var parts = [maxValue.map { "with at most \(words.native($0))" } ?? "without native currency"]
        for (position, allowed) in arguments {
            let values = allowed.map { escaped($0.json.printable, limit: 120) }
            parts.append(
                values.isEmpty
                    ? "with no value of argument \(position), so not at all"
                    : "with argument \(position) only \(values.joined(separator: " or "))")
        }
        parts += spends.map { spend in
            "where argument \(spend.argument) is an amount of \(words.requester(spend.token).joined(separator: " ")) "
                + "that it takes"
        }
        return parts.joined(separator: ", ")
    }
}

/// The position of an argument, or of a part of a tuple. Positions are counted from 0: `0` is the first argument, and
/// `0.2` is the third part of the first argument, which is a tuple.
struct Position: Hashable, Sendable, CustomStringConvertible {
    let path: [Int]
    let type: ABIType

    var description: String { path.map(String.init).joined(separator: ".") }

    /// Reads a position, such as `0.2`. Returns `nil` if the function has no argument at this position, or if a number
    /// in the text has a sign or leading zeros.
    init?(_ text: String, of function: ABIFunction) {
        var (parameters, path): (ABIParameters?, [Int]) = (function.inputs, [])
        var type: ABIType?
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            guard let index = Int(part), "\(index)" == part, let elements = parameters?.elements,
                elements.indices.contains(index)
            else { return nil }
            path.append(index)
            type = elements[index].type
            if case .tuple(let inner) = elements[index].type.kind { parameters = inner } else { parameters = nil }
        }
        guard let type else { return nil }
        self.path = path
        self.type = type
    }

    /// Returns the argument value at this position.
    func value(in arguments: [ABIValue]) -> ABIValue? {
        var (values, found): ([ABIValue], ABIValue?) = (arguments, nil)
        for index in path {
            guard values.indices.contains(index) else { return nil }
            found = values[index]
            if case .tuple(let inner) = values[index] { values = inner } else { values = [] }
        }
        return found
    }
}
