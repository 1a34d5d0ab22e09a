import AirlockEthereumTypes
import AirlockPaymentFiles
public import AirlockDiagnostics

/// The forms in which a payment arrives.
extension Shipment {
    /// A payment file; or raw transactions in hexadecimal, one on a line, with or without 0x, in either case.
    public init(reading bytes: [UInt8]) throws(ProblemList) {
        let start = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        if start == UInt8(ascii: "{") {
            try self.init(Payment(bytes))
        } else {
            try self.init(hexadecimal: String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Raw transactions in words of hexadecimal digits. What is none is told by its line and never shown: it may be a
    /// passphrase or a mnemonic, in a file that was named by mistake.
    public init(hexadecimal text: String) throws(ProblemList) {
        var (raws, problems): ([[UInt8]], [Problem]) = ([], [])
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            do throws(ValueError) {
                for word in line.split(whereSeparator: \.isWhitespace) {
                    raws.append(try Hex.decode(digits: Self.digits(word)))
                }
            } catch { problems.append(Problem(error.rule, at: "line \(index + 1)", because: SendRule.empty)) }
        }
        if let all = ProblemList(problems) { throw all }
        try self.init(raw: raws)
    }

    /// Whether an operand is a raw transaction itself and not the name of a file: the shortest has 80 bytes and more.
    public static func isRaw(_ operand: String) -> Bool {
        let digits = digits(operand[...])
        return digits.utf8.count >= 160 && digits.allSatisfy { $0.isASCII && $0.isHexDigit }
    }

    private static func digits(_ word: Substring) -> Substring {
        word.hasPrefix("0x") || word.hasPrefix("0X") ? word.dropFirst(2) : word
    }
}
