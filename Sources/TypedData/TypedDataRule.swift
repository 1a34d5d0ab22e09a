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
}
