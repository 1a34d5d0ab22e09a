public import AirlockDiagnostics

/// The rules of typed data (EIP-712) that neither JSON nor the values have by themselves.
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
        case .emptyDomain: "the domain has no fields, so that the signature is valid everywhere"
        case .domainField: "the domain has a field that EIP-712 does not have at this place"
        case .wrongCount: "the array has another number of elements than its type"
        case .messageNotEmpty: "the domain alone is signed, and yet there is a message"
        }
    }

    public var next: String {
        switch self {
        case .unknownType: "define the type under types, or use uintN, intN, address, bool, bytesN, bytes or string"
        case .badName: "use letters, digits, _ and $ only"
        case .reservedName: "give the struct another name"
        case .duplicateMember: "do not sign this: it can be read in two ways"
        case .wrongArrayLength: "write T[] for any number of elements, or T[3] for exactly three"
        case .tooDeep, .typesTooLarge: "check the types: no contract has any like these"
        case .emptyDomain, .domainField:
            """
            use only string name, string version, uint256 chainId, address verifyingContract and bytes32 salt, in this \
            order
            """
        case .wrongCount: "give as many elements as the type says"
        case .messageNotEmpty: "give an empty message, or the primary type that the message is of"
        }
    }

    public var exit: ExitCode { .malformedInput }
}
