public import AirlockEthereumTypes
public import AirlockDiagnostics
public import AirlockStrictJSON

/// A message that is signed by its structure (EIP-712): read from the JSON that wallets are asked to sign.
///
/// A digest exists only if every member of every type is there, nothing else is, and each value is one of its type.
public struct TypedData: Sendable {
    /// The type of the message.
    public let primaryType: String
    /// The contract and chain that the signature is for.
    public let domain: TypedDataDomain
    /// The message as it stands in the JSON, to be shown.
    public let message: JSONValue
    /// The hash of the domain.
    public let domainSeparator: Hash
    /// The primary type and all that it refers to.
    public let encodeType: String
    /// The message, encoded: the hash of its type, and a word for each member.
    public let encodedData: [UInt8]

    /// The addresses whose mixed case is not their checksum (EIP-55), each at its place. The digest is the same in any
    /// case; but a digit may have been altered, so that nobody should sign it.
    public let wrongChecksums: [Problem]
    let types: TypeTable
    let domainJSON: JSONValue

    /// The hash of the message.
    public var structHash: Hash { .keccak(encodedData) }

    /// What is signed: version 0x01 of EIP-191. If the domain itself is what is signed, no message follows it.
    public var digest: Hash {
        let prefix = [0x19, 0x01] + domainSeparator.bytes
        return .keccak(primaryType == Self.domainType ? prefix : prefix + structHash.bytes)
    }

    /// Reads one document and nothing else.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        let document: JSONDocument
        do throws(JSONError) { document = try JSONDocument(bytes) } catch {
            throw ProblemList(error.problems[0])
        }
        try self.init(document.root)
    }

    /// Reads `{"types":…,"primaryType":…,"domain":…,"message":…}`; all that is wrong with it is said at once.
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
