import Foundation
import AirlockTestSupport

/// The picture that a text shows on a terminal with white letters on a black background. Each character of the text
/// shows two dots, one above the other.
public struct Screen {
    /// The modules of the QR code, row by row. `true` is a light module. Each row is made from one line of the text.
    public private(set) var dots: [[Bool]] = []

    /// Reads a text that consists of spaces, half blocks and full blocks. The text can contain two colour sequences:
    /// one for black (16) on white (231), and one that resets the colours. Throws if the text contains any other
    /// character or sequence.
    public init(_ text: some StringProtocol) throws {
        var (letter, ground) = (true, false)
        for line in text.split(whereSeparator: \.isNewline) {
            var (upper, lower): ([Bool], [Bool]) = ([], [])
            var rest = line.unicodeScalars[...]
            while let scalar = rest.popFirst() {
                switch scalar {
                case " ": (upper, lower) = (upper + [ground], lower + [ground])
                case "\u{2580}": (upper, lower) = (upper + [letter], lower + [ground])
                case "\u{2584}": (upper, lower) = (upper + [ground], lower + [letter])
                case "\u{2588}": (upper, lower) = (upper + [letter], lower + [letter])
                case "\u{1B}":
                    var sequence = ""
                    while let next = rest.popFirst(), next != "m" { sequence.unicodeScalars.append(next) }
                    switch sequence {
                    case "[0": (letter, ground) = (true, false)
                    case "[38;5;16;48;5;231": (letter, ground) = (false, true)
                    default: throw ToolFailure("a sequence that this terminal does not know: \(sequence)")
                    }
                default: throw ToolFailure("a character that is no part of a picture: \(scalar)")
                }
            }
            dots += [upper, lower]
        }
    }

    /// Reads the drawing in a tool's output. The lines of a drawing begin with a colour sequence or with a full block.
    public init(drawingIn text: String) throws {
        let lines = text.split(whereSeparator: \.isNewline)
            .filter { $0.hasPrefix("\u{1B}") || $0.hasPrefix("\u{2588}") }
        try self.init(lines.joined(separator: "\n"))
    }

    /// Returns the text that a scanner reads in the picture; `nil` if no scanner is installed.
    public func scanned() throws -> String? {
        guard let scanner = BuiltTool.installed("zbarimg") else {
            print("note: there is no zbarimg here, and the QR code was not read: install zbar-tools")
            return nil
        }
        let scratch = try Scratch()
        // The picture is a portable graymap, with four by four pixels for each dot.
        let side = 4
        let width = (dots.map(\.count).max() ?? 0) * side
        var picture = Data("P5 \(width) \(dots.count * side) 255\n".utf8)
        for row in dots {
            let points = row.flatMap { [UInt8](repeating: $0 ? 255 : 0, count: side) }
            let rest = [UInt8](repeating: 0, count: width - points.count)
            for _ in 0..<side { picture.append(contentsOf: points + rest) }
        }
        try picture.write(to: URL(filePath: scratch("code.pgm")))
        let outcome = try scanner.run(["--raw", "-q", "code.pgm"], in: scratch.path)
        guard outcome.exit == 0 else { throw ToolFailure("the scanner reads nothing: \(outcome.err)") }
        return outcome.out
    }
}
