public import AirlockDiagnostics

/// What a table of comma-separated values must be (RFC 4180).
public enum CSVRule: String, Rule {
    case empty = "csv.empty"
    case fieldCount = "csv.field-count"
    case bareQuote = "csv.bare-quote"
    case openQuote = "csv.open-quote"
    case textAfterQuote = "csv.text-after-quote"
    case bareReturn = "csv.bare-carriage-return"
    case controlCharacter = "csv.control-character"
    case badUTF8 = "csv.bad-utf8"

    public var meaning: String {
        switch self {
        case .empty: "the table has no head"
        case .fieldCount: "the row does not have as many fields as the head"
        case .bareQuote: "a quote stands in a field that does not begin with one"
        case .openQuote: "a field begins with a quote that is never closed"
        case .textAfterQuote: "something follows the closing quote of a field"
        case .bareReturn: "a carriage return stands alone, without the newline of a line's end"
        case .controlCharacter: "a control character stands in a field"
        case .badUTF8: "a field is not valid UTF-8"
        }
    }
}
