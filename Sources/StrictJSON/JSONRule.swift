public import AirlockDiagnostics

/// What can be wrong with a JSON text, or with a member that a reader asked for.
public enum JSONRule: String, Rule {
    case tooLarge = "json.too-large"
    case byteOrderMark = "json.byte-order-mark"
    case empty = "json.empty"
    case unfinished = "json.unfinished"
    case trailingBytes = "json.trailing-bytes"
    case tooDeep = "json.too-deep"

    case missingValue = "json.missing-value"
    case missingKey = "json.missing-key"
    case missingColon = "json.missing-colon"
    case missingComma = "json.missing-comma"
    case trailingComma = "json.trailing-comma"
    case duplicateKey = "json.duplicate-key"

    case leadingZero = "json.leading-zero"
    case plusSign = "json.plus-sign"
    case missingDigit = "json.missing-digit"
    case notFinite = "json.not-finite"

    case controlCharacter = "json.control-character"
    case badEscape = "json.bad-escape"
    case loneSurrogate = "json.lone-surrogate"
    case badUTF8 = "json.bad-utf8"

    case missingField = "json.missing-field"
    case wrongType = "json.wrong-type"
    case unknownField = "json.unknown-field"

    public var meaning: String {
        switch self {
        case .tooLarge: "the JSON text is larger than \(JSONDocument.maximumSize >> 20) MiB"
        case .byteOrderMark: "the JSON text starts with a byte order mark"
        case .empty: "there is no JSON value"
        case .unfinished: "the JSON text ends before its value does"
        case .trailingBytes: "something follows the JSON value"
        case .tooDeep: "the JSON text is nested deeper than \(JSONDocument.maximumDepth) levels"
        case .missingValue: "a JSON value should stand here"
        case .missingKey: "a member's name in double quotes should stand here"
        case .missingColon: "a colon should stand between a member's name and its value"
        case .missingComma: "a comma or the closing bracket should stand here"
        case .trailingComma: "a comma stands before the closing bracket"
        case .duplicateKey: "the object has this member twice"
        case .leadingZero: "a number starts with a needless zero"
        case .plusSign: "a number starts with a plus sign"
        case .missingDigit: "a number lacks a digit"
        case .notFinite: "JSON has no NaN and no Infinity"
        case .controlCharacter: "a control character stands in a string"
        case .badEscape: "a string has an escape that JSON does not know"
        case .loneSurrogate: "a string escapes one half of a surrogate pair without the other"
        case .badUTF8: "a string is not valid UTF-8"
        case .missingField: "a member is missing"
        case .wrongType: "a value is not of the kind that belongs here"
        case .unknownField: "the object has a member that nobody knows"
        }
    }
}
