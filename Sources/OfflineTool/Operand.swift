import AirlockABI
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockRLP
import AirlockStrictJSON

/// Operands that are data, not file names; `-` reads the data from standard input.
enum Operand {
    static func bytes(_ operand: String) throws -> [UInt8] {
        operand == "-" ? try InputFile.read("-").bytes : Array(operand.utf8)
    }

    /// The text without its line end. A second line stays in the text, so that the decoder refuses it.
    static func text(_ operand: String) throws -> String {
        var bytes = try bytes(operand)
        guard operand == "-" else { return operand }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Decodes bytes in hexadecimal. An error does not quote standard input, which may be a mnemonic.
    static func decoded(_ operand: String, by decode: (String) throws(ValueError) -> [UInt8]) throws -> [UInt8] {
        // If the operand is a file name, the hint says how to pass the contents of the file.
        if operand != "-", operand.contains(".") || operand.contains("/") {
            throw Problem(
                OperandRule.fileName, saw: operand,
                hint: "for a file with hexadecimal digits: - < FILE; for a payment or a request: airlock verify FILE")
        }
        let text = try text(operand)
        do throws(ValueError) { return try decode(text) } catch { throw operand == "-" ? error.withoutText : error }
    }

    /// Decodes hexadecimal digits after 0x.
    static func prefixed(_ text: String) throws(ValueError) -> [UInt8] { try Hex.decode(text) }

    /// Decodes hexadecimal digits in either case, with or without 0x: some scanners of QR codes return upper case.
    static func scanned(_ text: String) throws(ValueError) -> [UInt8] {
        let isPrefixed = text.hasPrefix("0x") || text.hasPrefix("0X")
        return try Hex.decode(digits: isPrefixed ? text.dropFirst(2) : text[...])
    }
}

/// The rules of operands that are data.
enum OperandRule: String, Advised {
    case fileName = "operand.file-name"

    var meaning: String { "this is the name of a file, and hexadecimal digits are expected" }
    var next: String { "give the digits, or - to read them from standard input" }
    var exit: ExitCode { .usage }
}

extension JSONValue {
    /// The string of a line; any other value is refused.
    func requiredString() throws(Problem) -> String {
        guard let string else {
            throw Problem(JSONRule.wrongType, at: pointer, saw: text, expected: "a string")
        }
        return string
    }
}

/// The encoding that an ABI command uses: that of a function call, or of a list of types.
struct ABICoding {
    private let function: ABIFunction?
    private let parameters: ABIParameters

    /// A list of types begins with a parenthesis, a function with its name.
    init(_ text: String) throws(ABIError) {
        if text.hasPrefix("(") { try self.init(types: text) } else { try self.init(function: text) }
    }

    init(function text: String) throws(ABIError) {
        let function = try ABIFunction(text)
        self.function = function
        self.parameters = function.inputs
    }

    init(types text: String) throws(ABIError) {
        self.function = nil
        self.parameters = try ABIParameters(text)
    }

    func encode(_ values: JSONValue) throws -> [UInt8] {
        let values = try parameters.values(from: values)
        return try function?.encodeCall(values) ?? parameters.encode(values)
    }

    func decode(_ data: [UInt8]) throws -> JSONOutput {
        let values = try function?.decodeCall(data) ?? parameters.decode(data)
        return .array(values.map(\.json))
    }
}

/// RLP as JSON: nested arrays of `0x` strings.
extension RLPItem {
    /// - Parameters:
    ///   - value: the JSON value.
    ///   - depth: how many more lists may be nested.
    init(_ value: JSONValue, depth: Int = JSONDocument.maximumDepth) throws {
        if let elements = value.elements {
            guard depth > 0 else { throw Self.tooDeep(value.pointer) }
            self = .list(try elements.map { try RLPItem($0, depth: depth - 1) })
        } else if let string = value.string {
            do { self = .bytes(try Hex.decode(string)) } catch { throw error.problems[0].at(value.pointer) }
        } else {
            throw Problem(JSONRule.wrongType, at: value.pointer, saw: value.text, expected: "an array or a 0x string")
        }
    }

    /// The item as JSON. Deeper nesting than `init(_:)` accepts is refused.
    func json(depth: Int = JSONDocument.maximumDepth) throws(Problem) -> JSONOutput {
        switch self {
        case .bytes(let bytes): return .string(Hex.encode(bytes))
        case .list(let items):
            guard depth > 0 else { throw Self.tooDeep(nil) }
            return .array(try items.map { item throws(Problem) in try item.json(depth: depth - 1) })
        }
    }

    private static func tooDeep(_ place: String?) -> Problem {
        Problem(RLPRule.tooDeep, at: place, hint: "nest at most \(JSONDocument.maximumDepth) lists")
    }
}
