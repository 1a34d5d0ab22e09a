public import AirlockDiagnostics

/// The error codes for input that breaks the rules of canonical RLP (yellow paper, appendix B).
public enum RLPRule: String, Rule {
    case missingItem = "rlp.missing-item"
    case superfluousItem = "rlp.superfluous-item"
    case trailingBytes = "rlp.trailing-bytes"
    case beyondEnd = "rlp.beyond-end"
    case lengthTooLarge = "rlp.length-too-large"
    case lengthNotMinimal = "rlp.length-not-minimal"
    case lengthLeadingZero = "rlp.length-leading-zero"
    case byteNotMinimal = "rlp.byte-not-minimal"
    case integerLeadingZero = "rlp.integer-leading-zero"
    case integerTooLarge = "rlp.integer-too-large"
    case wrongLength = "rlp.wrong-length"
    case expectedBytes = "rlp.expected-bytes"
    case expectedList = "rlp.expected-list"
    case tooDeep = "rlp.too-deep"

    public var meaning: String {
        switch self {
        case .missingItem: "an item is missing"
        case .superfluousItem: "a list holds more items than it should"
        case .trailingBytes: "there are more bytes after the end"
        case .beyondEnd: "an item is longer than what is left of the input or of its list"
        case .lengthTooLarge: "a length is 2^63 or above"
        case .lengthNotMinimal: "a length below 56 is written in the long form"
        case .lengthLeadingZero: "a length has a leading zero"
        case .byteNotMinimal: "a single byte below 128 is written with a prefix"
        case .integerLeadingZero: "an integer has a leading zero"
        case .integerTooLarge: "an integer has more bytes than its type"
        case .wrongLength: "a byte string has the wrong length"
        case .expectedBytes: "a list stands where a byte string is expected"
        case .expectedList: "a byte string stands where a list is expected"
        case .tooDeep: "lists are nested too deeply"
        }
    }
}

/// The error for input that is not canonical RLP, or does not have the expected structure.
public struct RLPError: RuleBroken, Hashable, Sendable {
    public let rule: RLPRule
    /// The offset of the item that breaks the rule. If an item is missing, this is the offset at which it should begin.
    /// If there are too many items or bytes, this is the offset of the first of them.
    public let offset: Int

    public init(_ rule: RLPRule, at offset: Int) {
        self.rule = rule
        self.offset = offset
    }

    public var problems: [Problem] { [Problem(rule, detail: "at byte \(offset)")] }
}
