public import AirlockDiagnostics

/// What a descriptor (ERC-7730) must be, and what it must hold for the call or message that it is to describe.
public enum DescriptorRule: String, Rule {
    case schema = "descriptor.schema-version"
    case unsupported = "descriptor.not-supported"
    case badKey = "descriptor.bad-format-key"
    case duplicateKey = "descriptor.same-function-twice"
    case badPath = "descriptor.bad-path"
    case missingConstant = "descriptor.missing-constant"
    case tooLarge = "descriptor.too-large"
    case badInclude = "descriptor.include-outside"
    case includeCycle = "descriptor.include-cycle"
    case includeDepth = "descriptor.include-depth"
    case notCanonical = "descriptor.not-canonical"

    case unbound = "descriptor.binds-nothing"
    case otherContract = "descriptor.other-contract"
    case otherDomain = "descriptor.other-domain"
    case unknownFunction = "descriptor.unknown-function"
    case unknownMessage = "descriptor.unknown-message"
    case ambiguous = "descriptor.ambiguous"
    case badData = "descriptor.call-data"
    case noValue = "descriptor.no-such-value"
    case wrongType = "descriptor.wrong-type"
    case arrayLengths = "descriptor.array-lengths"
    case mustMatch = "descriptor.must-match"
    case tooDeep = "descriptor.too-deep"
    case untrusted = "descriptor.not-trusted"

    public var meaning: String {
        switch self {
        case .schema: "the descriptor is not one of schema 2 of ERC-7730"
        case .unsupported: "the descriptor uses what is not supported"
        case .badKey: "a key of the descriptor's formats cannot be read"
        case .duplicateKey: "two keys of the descriptor's formats are of one function or message"
        case .badPath: "a path of the descriptor cannot be read"
        case .missingConstant: "the descriptor names a constant, an enum or a definition that it does not have"
        case .tooLarge: "the descriptor is larger than any person could check"
        case .badInclude: "the descriptor includes a file outside of its folder"
        case .includeCycle: "the descriptor includes itself"
        case .includeDepth: "descriptors include each other too deeply"
        case .notCanonical: "a number of the descriptor has no exact canonical form"
        case .unbound: "the descriptor does not say which contract it is for"
        case .otherContract: "the descriptor is for other contracts"
        case .otherDomain: "the descriptor is for messages of another domain"
        case .unknownFunction: "the descriptor does not describe this function"
        case .unknownMessage: "the descriptor does not describe this type of message"
        case .ambiguous: "more than one descriptor describes this"
        case .badData: "the call data are not those of the function"
        case .noValue: "a path of the descriptor leads to no value"
        case .wrongType: "a value does not have the type that the descriptor's format needs"
        case .arrayLengths: "arrays that the descriptor shows together have different lengths"
        case .mustMatch: "a value is not one of those that the descriptor demands"
        case .tooDeep: "calls are nested too deeply"
        case .untrusted: "the policy trusts neither the descriptor's hash nor anybody who attested it"
        }
    }
}

/// Why a descriptor cannot be read, or does not apply.
public struct DescriptorError: RuleBroken, Hashable, Sendable {
    public let problems: [Problem]

    init(_ problem: Problem) { problems = [problem] }

    init(_ broken: some RuleBroken) { problems = broken.problems }
}
