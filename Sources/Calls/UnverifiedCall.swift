import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockPaymentFiles
public import AirlockRequests
public import AirlockStrictJSON
import AirlockTokens

/// A request to call a function of a contract. The request was read and is well-formed, but it is not verified yet.
public struct UnverifiedCall: Sendable {
    public let chain: Chain
    /// The account that makes the call. `nil` if any account is allowed to sign.
    public let from: Address?
    public let to: Address
    /// The native currency that the call sends, in wei.
    public let value: UInt256
    /// The call data: the selector and the encoded arguments.
    public let data: [UInt8]
    /// The called function and the arguments, if the request contains them. `nil` if the request contains only call
    /// data.
    public let function: FunctionCall?
    /// The reference text that the owner gave to the call. `nil` if the request has no reference.
    public var reference: String?
    public let expires: Timestamp?
    public let proposal: Proposal?
    public let source: Source

    /// The form in which the call was given. Error messages need it to show where a wrong member is.
    public enum Source: Hashable, Sendable {
        case file
        /// The bytes of an unsigned transaction in hexadecimal.
        case transaction
        /// The JSON of an unsigned transaction. `data` is the name of the member with the call data.
        case arguments(data: String)
        /// A transaction that is already signed.
        case bytes
    }

    /// Makes a request. If the values break rules for calls, throws one error that lists all problems.
    public init(
        chain: Chain, from: Address?, to: Address, value: UInt256, data: [UInt8], function: FunctionCall? = nil,
        reference: String? = nil, expires: Timestamp? = nil, proposal: Proposal? = nil, source: Source = .file
    ) throws(ProblemList) {
        self.chain = chain
        self.from = from
        self.to = to
        self.value = value
        self.data = data
        self.function = function
        self.reference = reference
        self.expires = expires
        self.proposal = proposal
        self.source = source
        if let all = ProblemList(problems) { throw all }
    }

    /// Makes a request from an unsigned transaction.
    public init(_ transaction: ProposedTransaction) throws(ProblemList) {
        try self.init(
            chain: transaction.chain, from: transaction.from, to: transaction.to, value: transaction.value,
            data: transaction.data, proposal: transaction.proposal,
            source: transaction.isBytes ? .transaction : .arguments(data: transaction.dataMember))
    }

    private var problems: [Problem] {
        var problems: [Problem] = []
        if to.isZero { problems.append(Problem(CallRule.nullContract, at: places.payee)) }
        if data.isEmpty, value.isZero {
            problems.append(Problem(CallRule.nothing, at: dataPlace))
        } else if Self.isPlainTransfer(to: to, value: value, data: data) {
            problems.append(Problem(CallRule.plainTransfer, at: dataPlace))
        } else if data.count < 4 {
            problems.append(
                Problem(CallRule.shortData, at: dataPlace, saw: "\(data.count) bytes", expected: "4 bytes or more"))
        }
        if let reference { problems += Reference.problems(of: reference, at: places.reference) }
        return problems
    }

    /// Whether the call is only a transfer. Such a call is refused, and the user must request it as a transfer. The
    /// ledger identifies a transfer by its payee and reference, but it identifies a call by other data. So the ledger
    /// would not detect that the same payment is signed both as a transfer and as a call.
    static func isPlainTransfer(to: Address, value: UInt256, data: [UInt8]) -> Bool {
        if data.isEmpty { return !value.isZero }
        guard value.isZero, data.count == 68, data.starts(with: ERC20.transfer(.zero, .zero).prefix(16)) else {
            return false
        }
        return true
    }

    // MARK: Places

    /// The location of the call data, for error messages. It is a JSON pointer, or the name `data` if the call was read
    /// from the bytes of an unsigned transaction.
    var dataPlace: String {
        switch source {
        case .file: function == nil ? "/data" : "/function"
        case .transaction: "data"
        case .arguments(let data): "/\(data)"
        case .bytes: "/data"
        }
    }

    /// Returns the location of the argument at a position. If the request contains only call data, this is the
    /// location of the call data.
    func place(of position: String) -> String {
        function == nil ? dataPlace : "/arguments/\(position.split(separator: ".").joined(separator: "/"))"
    }

    var places: Terms.Places {
        func place(_ name: String) -> String { source == .transaction ? name : "/\(name)" }
        return Terms.Places(
            chain: place("chainId"), payer: ArgumentPlace.payer.place(or: "/from", isGiven: source == .transaction),
            payee: place("to"),
            currency: place("value"), amount: place("value"), expires: place("expires"),
            reference: ArgumentPlace.reference.place(or: "/reference", isGiven: source != .file))
    }

    // MARK: The called function

    /// Returns the called function and its decoded arguments. Looks for the function first in the request, then in the
    /// policy, and then among the known functions of tokens. Returns `nil` if the function is not found, or if the data
    /// after the selector is not exactly the encoding of the arguments.
    func decoded(by rules: CallRules?) -> FunctionCall? {
        if let function { return function }
        if let listed = rules?.function(of: data, at: to)?.function {
            return (try? listed.decodeCall(data)).map { FunctionCall(listed, $0) }
        }
        return (try? tokenFunction(of: nil)).flatMap { $0.map { FunctionCall($0.function, $0.arguments) } }
    }

    /// The signatures of the functions of tokens and of Permit2 that Airlock knows.
    public static var tokenFunctions: [String] { TokenFunction.signatures }

    /// Decodes the call if it calls a known function of a token. Returns `nil` for any other function. Throws if the
    /// selector is known but the arguments cannot be decoded.
    func tokenFunction(of payer: Address?) throws(ABIError) -> TokenFunction? {
        try TokenFunction(data, of: to, payer: payer) { place(of: $0) }
    }
}

extension UnverifiedCall {
    /// The members of a call file. Each of them is well-formed, but the rules for calls are not checked yet.
    private struct Members {
        let chain: Chain
        let from: Address?
        let to: Address
        let value: UInt256
        let data: [UInt8]
        let function: FunctionCall?
        let reference: String?
        let expires: Timestamp?
    }

    /// Reads a call file.
    public init(_ root: JSONValue) throws(ProblemList) {
        let members = try AirlockFile.read(root, Self.readFile)
        do throws(ProblemList) {
            try self.init(
                chain: members.chain, from: members.from, to: members.to, value: members.value, data: members.data,
                function: members.function, reference: members.reference, expires: members.expires)
        } catch { throw error.at(root) }
    }

    private static func readFile(_ reader: inout ObjectReader) -> Members? {
        AirlockFile.readHead(&reader, kind: kind)
        let chain = reader.string("chainId") { try Chain(decimal: $0) }
        let from = reader.optionalString("from") { try Address($0) }
        let to = reader.string("to") { try Address($0) }
        let value = reader.optionalString("value") { try UInt256(decimal: $0) }
        let call = readCall(&reader)
        let reference = reader.optionalString("reference")
        let expires = reader.optionalString("expires") { try Timestamp($0) }
        guard let chain, let to, let call else { return nil }
        return Members(
            chain: chain, from: from, to: to, value: value ?? .zero, data: call.data, function: call.function,
            reference: reference, expires: expires)
    }

    /// Reads either the function and its arguments, or the call data. Refuses a request that contains both, because the
    /// user could read one function and its arguments while the chain executes different call data.
    private static func readCall(_ reader: inout ObjectReader) -> (function: FunctionCall?, data: [UInt8])? {
        let (named, given) = (reader.optionalValue("function"), reader.optionalValue("data"))
        if given != nil, named != nil || reader.optionalValue("arguments") != nil {
            _ = reader.optionalValue("arguments")
            reader.record([
                Problem(
                    CallRule.twoCalls, at: reader.pointer(to: "data"),
                    expected: "either function and arguments, or data")
            ])
            return nil
        }
        if given != nil { return reader.string("data") { try Hex.decode($0) }.map { (nil, $0) } }
        guard named != nil || reader.optionalValue("arguments") != nil else {
            reader.record([
                Problem(
                    CallRule.noCall, at: reader.pointer(to: "function"), expected: "function and arguments, or data")
            ])
            return nil
        }
        let function = reader.string("function") { text throws in try UnverifiedCall.function(text) }
        guard let value = reader.value("arguments"), let function else { return nil }
        do {
            let arguments = try function.inputs.values(from: value)
            return (FunctionCall(function, arguments), try function.encodeCall(arguments))
        } catch let broken as any RuleBroken {
            reader.record(broken.problems.map { $0.field == nil ? $0.at(value.pointer) : $0 })
        } catch { reader.record([Problem(JSONRule.wrongType, at: value.pointer)]) }
        return nil
    }

    /// Reads the signature of a function. Refuses a signature that is not canonical, so that there is only one way to
    /// write each function.
    static func function(_ text: String) throws -> ABIFunction {
        let function = try ABIFunction(text)
        guard function.signature == text else {
            throw Problem(CallRule.notCanonical, saw: text, expected: function.signature)
        }
        return function
    }

    /// The request as the JSON of a call file.
    public var json: JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("airlock", .number(AirlockFile.version)), ("kind", .string(Self.kind)),
            ("chainId", .string("\(chain.id)")),
        ]
        if let from { members.append(("from", .string("\(from)"))) }
        members += [("to", .string("\(to)")), ("value", .string("\(value)"))]
        if let function {
            members += [
                ("function", .string(function.function.signature)),
                ("arguments", .array(function.arguments.map(\.json))),
            ]
        } else {
            members.append(("data", .string(Hex.encode(data))))
        }
        if let reference { members.append(("reference", .string(reference))) }
        if let expires { members.append(("expires", .string("\(expires)"))) }
        return .object(members)
    }
}

extension ProblemList {
    /// Returns a copy of these problems with the JSON pointers that they have in a larger document. The request is a
    /// part of that document, and `root` is the JSON value of the request.
    func at(_ root: JSONValue) -> ProblemList {
        ProblemList(problems.map { $0.at(root.pointer + ($0.field ?? "")) }) ?? self
    }
}
