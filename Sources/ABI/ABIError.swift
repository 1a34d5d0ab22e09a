public import AirlockDiagnostics

/// The rules of the contract ABI that an input can break. The input is the signature of a function, a value, or encoded
/// data.
public enum ABIRule: String, Rule {
    case syntax = "abi.syntax"
    case unknownType = "abi.unknown-type"
    case wrongWidth = "abi.wrong-width"
    case wrongArrayLength = "abi.wrong-array-length"
    case elementsWithoutSize = "abi.elements-without-size"
    case typeTooLarge = "abi.type-too-large"
    case tooDeep = "abi.too-deep"
    case tooManyIndexed = "abi.too-many-indexed"
    case unknownWord = "abi.unknown-word"

    case typeMismatch = "abi.type-mismatch"
    case wrongCount = "abi.wrong-count"
    case notPackable = "abi.not-packable"

    case outOfRange = "abi.out-of-range"

    case tooShort = "abi.data-too-short"
    case trailingData = "abi.trailing-data"
    case offsetOutside = "abi.offset-outside"
    case wrongOffset = "abi.wrong-offset"
    case lengthTooLarge = "abi.length-too-large"
    case dirtyPadding = "abi.dirty-padding"
    case notBoolean = "abi.not-a-boolean"
    case badUTF8 = "abi.bad-utf8"
    case wrongSelector = "abi.wrong-selector"
    case wrongTopic = "abi.wrong-topic"
    case wrongTopicCount = "abi.wrong-topic-count"

    public var meaning: String {
        switch self {
        case .syntax: "the signature cannot be read"
        case .unknownType: "the contract ABI has no such type"
        case .wrongWidth: "the type has a width that does not exist"
        case .wrongArrayLength: "the length of the array cannot be read"
        case .elementsWithoutSize: "the elements of the array, or parts of them, take no space"
        case .typeTooLarge: "a value of the type would take more than 2 GiB"
        case .tooDeep: "the types are nested deeper than \(ABIType.maximumDepth) levels"
        case .tooManyIndexed: "more parameters of the event are indexed than a log has topics"
        case .unknownWord: "the JSON ABI has a word that is not known"
        case .typeMismatch: "the value is not one of its type"
        case .wrongCount: "there are too few or too many values"
        case .notPackable: "Solidity does not pack this type"
        case .outOfRange: "the number does not fit in its type"
        case .tooShort: "the data end before the value does"
        case .trailingData: "something follows the encoded values"
        case .offsetOutside: "an offset points outside the data"
        case .wrongOffset: "an offset does not point at the end of what was encoded before"
        case .lengthTooLarge: "a length is larger than the data that are left"
        case .dirtyPadding: "the bytes that fill up a word are not zero"
        case .notBoolean: "a boolean is neither 0 nor 1"
        case .badUTF8: "a string is not valid UTF-8"
        case .wrongSelector: "the data belong to another function or error"
        case .wrongTopic: "the log belongs to another event"
        case .wrongTopicCount: "the log does not have as many topics as the event"
        }
    }
}

/// An error in the input: the rule of the contract ABI that the input breaks, and the position of the error.
public struct ABIError: RuleBroken, Hashable, Sendable {
    public enum Place: Hashable, Sendable {
        /// The offset of the first wrong byte. If the error is in a signature or type, this is an offset in its text.
        /// If the error is in encoded data, this is an offset in the data.
        case offset(Int)
        /// The JSON pointer of the value that breaks the rule. For example, `/0/2` is the third part of the first
        /// argument.
        case value(String)
    }

    public let rule: ABIRule
    public let place: Place
    public let saw: String?
    public let expected: String?

    init(_ rule: ABIRule, at place: Place, saw: String? = nil, expected: String? = nil) {
        self.rule = rule
        self.place = place
        self.saw = saw
        self.expected = expected
    }

    public var problems: [Problem] {
        switch place {
        case .offset(let offset):
            [Problem(rule, saw: saw, expected: expected, detail: "at byte \(offset)")]
        case .value(let pointer):
            [Problem(rule, at: pointer, saw: saw, expected: expected)]
        }
    }

    /// Returns this error with a longer JSON pointer. The function inserts the index of the value in its tuple or array
    /// at the start of the pointer.
    func inside(_ index: Int) -> ABIError {
        guard case .value(let pointer) = place else { return self }
        return ABIError(rule, at: .value("/\(index)\(pointer)"), saw: saw, expected: expected)
    }
}
