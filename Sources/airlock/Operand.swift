import EthereumTypes
import Files
import Problems
import StrictJSON

/// Operands that hold data themselves; `-` reads them from standard input.
enum Operand {
    static func bytes(_ operand: String) throws -> [UInt8] {
        operand == "-" ? try InputFile.read("-").bytes : Array(operand.utf8)
    }

    /// Without the end of its line.
    static func text(_ operand: String) throws -> String {
        guard operand == "-" else { return operand }
        let bytes = try bytes(operand)
        return String(decoding: bytes.prefix { ![0x0A, 0x0D].contains($0) }, as: UTF8.self)
    }

    /// Hexadecimal digits as a scanner gives them too: in upper case, with or without 0x.
    static func scanned(_ text: String) throws -> [UInt8] {
        let isPrefixed = text.hasPrefix("0x") || text.hasPrefix("0X")
        return try Hex.decode(digits: isPrefixed ? text.dropFirst(2) : text[...])
    }
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
