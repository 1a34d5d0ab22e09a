import AirlockDiagnostics

/// What a table of comma-separated values must be (RFC 4180).
public enum CSVRule: String, Advised {
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

    public var next: String {
        switch self {
        case .empty: "begin the table with a line that names its columns"
        case .fieldCount: "give each row every field, and put a field that holds a comma in quotes"
        case .bareQuote, .openQuote, .textAfterQuote:
            "put the whole field in quotes, and double each quote inside of it"
        case .bareReturn: "end each line with LF or CRLF"
        case .controlCharacter: "take it out, and separate the fields by commas and not by tabs"
        case .badUTF8: "save the table as UTF-8"
        }
    }

    public var exit: ExitCode { .malformedInput }
}
