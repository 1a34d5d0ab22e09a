import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockDiagnostics
import AirlockStrictJSON

/// Operands that hold data themselves; `-` reads them from standard input.
enum Operand {
    static func bytes(_ operand: String) throws -> [UInt8] {
        operand == "-" ? try InputFile.read("-").bytes : Array(operand.utf8)
    }

    /// Without the end of its line. A second line is left for the reader to refuse: nothing of the input is ignored.
    static func text(_ operand: String) throws -> String {
        var bytes = try bytes(operand)
        guard operand == "-" else { return operand }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Bytes in hexadecimal. What a file or a pipe holds in their place is not repeated: it may be a mnemonic.
    static func decoded(_ operand: String, by decode: (String) throws(ValueError) -> [UInt8]) throws -> [UInt8] {
        // Who names a file means what is in it, and is told how to give it.
        if operand != "-", operand.contains(".") || operand.contains("/") {
            throw Problem(
                OperandRule.fileName, saw: operand,
                hint: "for a file with hexadecimal digits: - < FILE; for a payment or a request: airlock verify FILE")
        }
        let text = try text(operand)
        do throws(ValueError) { return try decode(text) } catch { throw operand == "-" ? error.withoutText : error }
    }

    /// Hexadecimal digits after 0x.
    static func prefixed(_ text: String) throws(ValueError) -> [UInt8] { try Hex.decode(text) }

    /// Hexadecimal digits as a scanner gives them too: in upper case, with or without 0x.
    static func scanned(_ text: String) throws(ValueError) -> [UInt8] {
        let isPrefixed = text.hasPrefix("0x") || text.hasPrefix("0X")
        return try Hex.decode(digits: isPrefixed ? text.dropFirst(2) : text[...])
    }
}

/// The rules of operands that hold data.
enum OperandRule: String, Advised {
    case fileName = "operand.file-name"

    var meaning: String { "this is the name of a file, and hexadecimal digits are expected" }
    var next: String { "give the digits, or - to read them from standard input" }
    var exit: ExitCode { .usage }
}

extension JSONValue {
    /// The string that a line must be.
    func requiredString() throws(Problem) -> String {
        guard let string else {
            throw Problem(JSONRule.wrongType, at: pointer, saw: text, expected: "a string")
        }
        return string
    }
}
