public import AirlockDiagnostics

/// A JSON text that follows all rules of RFC 8259 and three more rules. No object has two members with the same name.
/// The text has no byte order mark. No string has a lone surrogate.
public struct JSONDocument: Sendable {
    /// The maximum nesting depth of arrays and objects.
    public static let maximumDepth = 64
    /// The maximum size of a JSON text, in bytes.
    public static let maximumSize = 16 << 20

    let storage: Storage

    /// Reads a JSON text that contains one value. Only white space may precede or follow the value.
    ///
    /// - Parameters:
    ///   - bytes: the JSON text.
    ///   - depth: the maximum nesting depth of arrays and objects.
    public init(_ bytes: [UInt8], depth: Int = maximumDepth) throws(JSONError) {
        var scanner = Scanner(bytes, maximumDepth: depth)
        do throws(Failure) {
            try scanner.run(bytes.span)
        } catch {
            throw scanner.error(error)
        }
        storage = Storage(scanner.tape)
    }

    /// The top-level value of the document.
    public var root: JSONValue { JSONValue(storage, 0) }

    /// The parsed document. All values of one document share this object.
    final class Storage: Sendable {
        let tape: Tape

        init(_ tape: Tape) { self.tape = tape }
    }
}

/// The reason why the input is not strict JSON, and the position of the error.
///
/// The error quotes nothing from the input except member names, because somebody may pass a file with a secret key by
/// mistake.
public struct JSONError: RuleBroken, Hashable {
    public let rule: JSONRule
    /// The position of the first wrong byte in the text, counted from 0.
    public let offset: Int
    /// The line of the error, counted from 1. A line ends with a line feed.
    public let line: Int
    /// The column of the error, counted from 1 in Unicode scalars.
    public let column: Int
    /// The JSON pointer (RFC 6901) of the innermost value that contains the error. For a duplicate member, this is the
    /// pointer of the second member.
    public let pointer: String

    init(_ rule: JSONRule, at offset: Int, of bytes: [UInt8], pointer: String) {
        let before = bytes[..<offset]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        self.rule = rule
        self.offset = offset
        self.line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        // Count the Unicode scalars. Each scalar has exactly one byte that is not a continuation byte of UTF-8.
        self.column = 1 + before[lineStart...].count { $0 & 0xc0 != 0x80 }
        self.pointer = pointer
    }

    public var problems: [Problem] {
        [Problem(rule, at: pointer, detail: "line \(line), column \(column)")]
    }
}

/// The rules for JSON texts, and for the object members that `ObjectReader` reads.
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
        case .byteOrderMark: "the text starts with a byte order mark"
        case .empty: "there is no JSON value"
        case .unfinished: "the JSON text ends before its value does"
        case .trailingBytes: "something follows the JSON value"
        case .tooDeep: "the JSON text is nested deeper than \(JSONDocument.maximumDepth) levels"
        case .missingValue: "a JSON value is expected here"
        case .missingKey: "a member's name in double quotes is expected here"
        case .missingColon: "a colon is expected between a member's name and its value"
        case .missingComma: "a comma or the closing bracket is expected here"
        case .trailingComma: "there is a comma before the closing bracket"
        case .duplicateKey: "the object has this member twice"
        case .leadingZero: "a number starts with a needless zero"
        case .plusSign: "a number starts with a plus sign"
        case .missingDigit: "a number lacks a digit"
        case .notFinite: "JSON has no NaN and no Infinity"
        case .controlCharacter: "a string has a control character"
        case .badEscape: "a string has an escape that JSON does not know"
        case .loneSurrogate: "a string escapes one half of a surrogate pair without the other"
        case .badUTF8: "a string is not valid UTF-8"
        case .missingField: "a member is missing"
        case .wrongType: "a value is not of the kind that is expected here"
        case .unknownField: "the object has an unknown member"
        }
    }
}
