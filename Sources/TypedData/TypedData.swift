public import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// Typed structured data (EIP-712), read from the JSON that applications send to wallets for signing.
///
/// Reading fails if a member of a type is missing, if there is an unknown member, or if a value does not have its type.
/// So a digest is computed only for complete and valid data.
public struct TypedData: Sendable {
    /// The name of the message's type.
    public let primaryType: String
    /// The domain: the chain and the contract for which the signature is valid.
    public let domain: TypedDataDomain
    /// The message as JSON, for display.
    public let message: JSONValue
    /// The domain separator: the hash of the domain.
    public let domainSeparator: Hash
    /// The primary type and all types that it refers to, as text in the form of EIP-712's `encodeType`.
    public let encodeType: String
    /// The encoded message: the hash of its type, and one word for each member.
    public let encodedData: [UInt8]

    /// The problems of addresses with a wrong checksum (EIP-55). Each problem contains the JSON pointer of the address.
    /// The checksum is the letter case of the address, and the digest does not depend on it. But a wrong checksum can
    /// mean that somebody altered a digit, so such a message should not be signed.
    public let wrongChecksums: [Problem]
    let types: TypeTable
    let domainJSON: JSONValue

    /// The hash of the encoded message.
    public var structHash: Hash { .keccak(encodedData) }

    /// The digest that is signed (EIP-191, version 0x01). It covers the domain separator and the hash of the message.
    /// If the primary type is the domain's own type, it covers only the domain separator.
    public var digest: Hash {
        let prefix = [0x19, 0x01] + domainSeparator.bytes
        return .keccak(primaryType == Self.domainType ? prefix : prefix + structHash.bytes)
    }

    /// Reads one JSON document. Nothing else may follow the document.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        let document: JSONDocument
        do throws(JSONError) { document = try JSONDocument(bytes) } catch {
            throw ProblemList(error.problems[0])
        }
        try self.init(document.root)
    }

    /// Reads `{"types":…,"primaryType":…,"domain":…,"message":…}`. If there are problems, throws one error that lists
    /// them all.
    public init(_ json: JSONValue) throws(ProblemList) {
        var reader = ObjectReader(json)
        let types = reader.value("types")
        let primaryType = reader.string("primaryType")
        let domain = reader.value("domain")
        let message = reader.value("message")
        reader.refuseUnknown()
        var problems = reader.problems
        let table = types.map { TypeTable($0, problems: &problems) }
        if let table, let primaryType, problems.isEmpty {
            problems += table.unknown(primaryType, at: reader.pointer(to: "primaryType"))
        }
        if let types, problems.isEmpty { problems += table?.domainProblems(types) ?? [] }
        guard let table, let primaryType, let domain, let message, problems.isEmpty else {
            throw ProblemList(problems) ?? ProblemList(Problem(JSONRule.wrongType, at: json.pointer))
        }

        var messageReader = MessageReader(table)
        let encodedDomain = messageReader.encode(Self.domainType, domain)
        var encodedMessage = encodedDomain
        if primaryType != Self.domainType {
            encodedMessage = messageReader.encode(primaryType, message)
        } else if message.members?.isEmpty != true {
            messageReader.record([Problem(TypedDataRule.messageNotEmpty, at: message.pointer, saw: message.text)])
        }
        if let list = ProblemList(messageReader.problems) { throw list }
        wrongChecksums = messageReader.wrongChecksums
        self.types = table
        domainJSON = domain
        self.domain = TypedDataDomain(checked: domain)
        domainSeparator = encodedDomain.hash
        encodedData = encodedMessage.bytes
        self.primaryType = primaryType
        self.message = message
        encodeType = table.encodeType(primaryType)
    }

    static let domainType = "EIP712Domain"
}

extension TypedData {
    /// One value of the domain or the message. The user must see every such value before signing.
    public struct Member: Sendable {
        /// The path of the value, such as `message.details[0].token`.
        public let path: String
        /// The name of the value's type, such as `address`. If the value is an array without elements, this is the type
        /// of the array, such as `PermitDetails[]`.
        public let type: String
        /// The value. `nil` for an array without elements and for a struct without members.
        public let value: ABIValue?
    }

    /// A value of the message, including all values inside it. `type` is the type as the message writes it, such as
    /// `Person[]`.
    public indirect enum Value: Sendable {
        case elementary(type: String, ABIValue)
        case array(type: String, [Value])
        case structure(type: String, [(name: String, value: Value)])
    }

    /// Every value of the domain and of the message, in the order in which the types list them.
    public var members: [Member] {
        var members: [Member] = []
        append(value(.structure(Self.domainType), [], Self.domainType, domainJSON), "domain", to: &members)
        if primaryType != Self.domainType { append(messageValue, "message", to: &members) }
        return members
    }

    /// The value of the message. If the domain itself is signed, this is the domain.
    public var messageValue: Value {
        value(
            .structure(primaryType), [], primaryType, primaryType == Self.domainType ? domainJSON : message)
    }

    private func append(_ value: Value, _ path: String, to members: inout [Member]) {
        switch value {
        case .elementary(let type, let value): members.append(Member(path: path, type: type, value: value))
        case .array(let type, let elements):
            if elements.isEmpty { members.append(Member(path: path, type: type, value: nil)) }
            for (index, element) in elements.enumerated() { append(element, "\(path)[\(index)]", to: &members) }
        case .structure(let type, let parts):
            if parts.isEmpty { members.append(Member(path: path, type: type, value: nil)) }
            for part in parts { append(part.value, "\(path).\(part.name)", to: &members) }
        }
    }

    /// Converts JSON to a value. The initializer of `TypedData` has already checked the JSON: every member exists,
    /// and every value has the right type.
    private func value(
        _ base: MemberType.Base, _ lengths: ArraySlice<Int?>, _ type: String, _ json: JSONValue
    ) -> Value {
        if !lengths.isEmpty {
            let element = type.lastIndex(of: "[").map { String(type[..<$0]) } ?? type
            return .array(
                type: type, (json.elements ?? []).map { value(base, lengths.dropLast(), element, $0) })
        }
        switch base {
        case .structure(let name):
            let parts = (types.structs[name] ?? []).compactMap { member in
                json[member.name].map {
                    (member.name, value(member.type.base, member.type.lengths[...], member.text, $0))
                }
            }
            return .structure(type: name, parts)
        case .elementary(let type):
            var reader = MessageReader(types)
            guard let value = try? reader.value(type, json) else { return .structure(type: "\(type)", []) }
            return .elementary(type: "\(type)", value)
        }
    }
}

/// The rules that apply only to typed data (EIP-712). The rules for JSON and for single values are not listed here.
public enum TypedDataRule: String, Rule {
    case unknownType = "typed-data.unknown-type"
    case badName = "typed-data.bad-name"
    case reservedName = "typed-data.reserved-name"
    case duplicateMember = "typed-data.duplicate-member"
    case wrongArrayLength = "typed-data.wrong-array-length"
    case tooDeep = "typed-data.too-deep"
    case typesTooLarge = "typed-data.types-too-large"
    case emptyDomain = "typed-data.empty-domain"
    case domainField = "typed-data.domain-field"
    case wrongCount = "typed-data.wrong-count"
    case messageNotEmpty = "typed-data.message-not-empty"

    public var meaning: String {
        switch self {
        case .unknownType: "the type is neither one of EIP-712 nor defined"
        case .badName: "a name has a character that would make the hashed type ambiguous"
        case .reservedName: "a struct has the name of an elementary type"
        case .duplicateMember: "the struct has this member twice"
        case .wrongArrayLength: "the length of the array cannot be read"
        case .tooDeep: "the array has more than \(MemberType.maximumDepth) dimensions"
        case .typesTooLarge: "the types are larger than any person could check"
        case .emptyDomain: "the domain has no fields, so the signature is valid everywhere"
        case .domainField: "the domain has a field that EIP-712 does not have at this place"
        case .wrongCount: "the array does not have as many elements as its type"
        case .messageNotEmpty: "only the domain is signed, but there is a message"
        }
    }
}
