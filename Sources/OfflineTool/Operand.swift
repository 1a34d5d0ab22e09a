import AirlockABI
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockRLP
import AirlockStrictJSON

/// An operand that contains the data itself and not the name of a file. If the operand is `-`, the data is read from
/// standard input.
enum Operand {
    static func bytes(_ operand: String) throws -> [UInt8] {
        operand == "-" ? try InputFile.read("-").bytes : Array(operand.utf8)
    }

    /// Returns the text of the operand. If the text comes from standard input, one line break at its end is removed. If
    /// there is a second line, the decoder refuses the text.
    static func text(_ operand: String) throws -> String {
        var bytes = try bytes(operand)
        guard operand == "-" else { return operand }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Decodes hexadecimal text to bytes. Standard input may be a mnemonic, so an error does not quote it.
    static func decoded(_ operand: String, by decode: (String) throws(ValueError) -> [UInt8]) throws -> [UInt8] {
        // If the operand contains a dot or a slash, it is probably the name of a file. The error explains how to pass
        // the content of this file instead.
        if operand != "-", operand.contains(".") || operand.contains("/") {
            throw Problem(
                OperandRule.fileName, saw: operand,
                hint: "for a file with hexadecimal digits: - < FILE; for a payment or a request: airlock verify FILE")
        }
        let text = try text(operand)
        do throws(ValueError) { return try decode(text) } catch { throw operand == "-" ? error.withoutText : error }
    }

    /// Decodes hexadecimal digits that begin with 0x.
    static func prefixed(_ text: String) throws(ValueError) -> [UInt8] { try Hex.decode(text) }

    /// Decodes hexadecimal digits. The prefix 0x is optional. Upper-case digits are accepted too, because some QR code
    /// scanners return them.
    static func scanned(_ text: String) throws(ValueError) -> [UInt8] {
        let isPrefixed = text.hasPrefix("0x") || text.hasPrefix("0X")
        return try Hex.decode(digits: isPrefixed ? text.dropFirst(2) : text[...])
    }
}

/// The error codes for operands that contain data.
enum OperandRule: String, Advised {
    case fileName = "operand.file-name"

    var meaning: String { "this is the name of a file, but hexadecimal digits are expected" }
    var next: String { "give the digits, or - to read them from standard input" }
    var exit: ExitCode { .usage }
}

extension JSONValue {
    /// Returns the string that this JSON value contains. Throws if the value is not a string.
    func requiredString() throws(Problem) -> String {
        guard let string else {
            throw Problem(JSONRule.wrongType, at: pointer, saw: text, expected: "a string")
        }
        return string
    }
}

/// What an ABI command encodes or decodes: a function call, or a list of values without a function.
struct ABICoding {
    private let function: ABIFunction?
    private let parameters: ABIParameters

    /// Reads a list of types or the signature of a function. A string that begins with a parenthesis is a list of
    /// types. Any other string is the signature of a function.
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

/// RLP items as JSON. Byte strings are `0x` strings, and lists are nested arrays.
extension RLPItem {
    /// Makes an RLP item from a JSON value.
    ///
    /// - Parameters:
    ///   - value: the JSON value.
    ///   - depth: how many more levels of nested lists are allowed.
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

    /// Returns the item as JSON. Throws if the lists are nested more deeply than `init(_:)` accepts.
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
