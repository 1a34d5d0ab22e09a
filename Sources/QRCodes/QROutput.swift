package import AirlockCommandLineTool
package import AirlockDiagnostics
import AirlockFiles
package import AirlockUR

/// The output of a command as QR codes. The option `--qr` draws them on the terminal, and `--qr-frames` writes them as
/// images. If the output does not fit into one QR code, several QR codes are shown in turn. They contain redundant
/// parts (a fountain code), so the scanner may miss some of them.
package struct QROutput {
    #if QR
        static let draw = Option(
            "--qr", help: "also draw the output on standard error as a QR code, or as several in turn until you type q")
        static let frames = Option(
            "--qr-frames", value: "DIR", help: "also write it as QR codes in PNG files, into a new folder")
        static let size = Option(
            "--qr-size", value: "COLUMNS", help: "how many columns a code may take, 29 to 185 (default: what fits)")
        static let rate = Option(
            "--qr-rate", value: "N", help: "how many codes a second are shown where there are several (default 5)")

        package static let options = [draw, frames, size, rate]
        /// A line for the output of `--version`. It tells the user that this build cannot draw QR codes. Empty if this
        /// build can draw QR codes.
        package static let state = ""
    #else
        package static let options: [Option] = []
        package static let state = "QR codes: not in this build\n"
    #endif

    /// Whether the user requested QR codes.
    package static func isAsked(_ arguments: Arguments) -> Bool {
        #if QR
            arguments.has(draw) || arguments.has(frames)
        #else
            false
        #endif
    }
}

#if QR
    extension QROutput {
        /// Throws if the options for QR codes are invalid. A command must call this function before it does anything
        /// else.
        package static func check(_ arguments: Arguments) throws(ProblemList) {
            try check(arguments, isAsked: isAsked(arguments))
        }

        static func check(_ arguments: Arguments, isAsked: Bool) throws(ProblemList) {
            var problems: [Problem] = []
            for option in [size, rate] where arguments.has(option) && !isAsked {
                problems.append(
                    Problem(UsageRule.conflict, at: option.name, detail: "nothing is drawn without --qr or --qr-frames")
                )
            }
            _ = numbers(arguments, &problems)
            if let folder = arguments.value(frames) { problems.collect { try OutputFolder.check(folder) } }
            if let all = ProblemList(problems) { throw all }
        }

        private static func number(
            _ option: Option, _ range: ClosedRange<Int>, _ arguments: Arguments, _ problems: inout [Problem]
        ) -> Int? {
            guard let text = arguments.value(option) else { return nil }
            if let number = Int(text), range.contains(number) { return number }
            problems.append(
                Problem(
                    UsageRule.invalidValue, at: option.name, saw: text,
                    expected: "\(range.lowerBound) to \(range.upperBound)"))
            return nil
        }

        private static func numbers(
            _ arguments: Arguments, _ problems: inout [Problem]
        ) -> (columns: Int?, rate: Int?) {
            (number(size, 29...185, arguments, &problems), number(rate, 1...30, arguments, &problems))
        }

        /// Encodes the bytes as QR codes, and writes them as images if `--qr-frames` is given. Returns `nil` if the
        /// user did not give `--qr`.
        package static func make(
            of bytes: [UInt8], _ arguments: Arguments, _ console: Console
        ) throws -> QRDrawing? {
            try make(of: UR(bytes: bytes), arguments, console)
        }

        package static func make(of ur: UR, _ arguments: Arguments, _ console: Console) throws -> QRDrawing? {
            try make(of: ur, isDrawn: arguments.has(draw), arguments, console)
        }

        static func make(
            of ur: UR, isDrawn: Bool, _ arguments: Arguments, _ console: Console
        ) throws -> QRDrawing? {
            guard isDrawn || arguments.has(frames) else { return nil }
            guard ur.message.count <= UR.maximumSize else {
                throw Problem(QRRule.tooLarge, saw: "\(ur.message.count) bytes", expected: "at most \(UR.maximumSize)")
            }
            var problems: [Problem] = []
            let (columns, rate) = numbers(arguments, &problems)
            if let all = ProblemList(problems) { throw all }
            if let folder = arguments.value(frames) { try write(ur, to: folder, columns: columns) }
            guard isDrawn else { return nil }
            return try QRDrawing(
                ur, in: console.window, columns: columns, milliseconds: 1000 / (rate ?? 5),
                inColour: console.showsColour, canAnimate: console.hasTerminal)
        }

        /// Writes the QR codes as images. If there are several, each image of the first half holds one fragment of the
        /// message, and each image of the second half holds a mix of fragments. A viewer shows the images again and
        /// again, and a scanner uses the mixes to recover fragments that it missed.
        private static func write(_ ur: UR, to folder: String, columns: Int?) throws {
            let codes = try QRSequence(ur, columns: columns ?? QRSequence.defaultColumns)
            let count = codes.isSingle ? 1 : 2 * codes.count
            var output = try OutputFolder(folder)
            let width = "\(count)".count
            for index in 0..<count {
                let number = "\(index + 1)"
                let name = String(repeating: "0", count: width - number.count) + number + ".png"
                let png = try codes.code(index).png
                try output.write(png.span, to: name)
            }
            try output.finish()
        }
    }
#else
    extension QROutput {
        package static func check(_ arguments: Arguments) throws(ProblemList) {}

        package static func make(of bytes: [UInt8], _ arguments: Arguments, _ console: Console) throws -> QRDrawing? {
            nil
        }

        package static func make(of ur: UR, _ arguments: Arguments, _ console: Console) throws -> QRDrawing? { nil }
    }

    package struct QRDrawing {
        package func show(_ console: Console) {}
    }
#endif

/// The error codes for drawing QR codes.
package enum QRRule: String, Advised {
    case windowTooSmall = "qr.window-too-small"
    case noTerminal = "qr.no-terminal"
    case tooLarge = "qr.too-large"
    case keyFile = "qr.key-file"

    package var meaning: String {
        switch self {
        case .windowTooSmall: "the window or --qr-size is too small for a QR code, and none was made"
        case .noTerminal: "the data does not fit into one QR code, and there is no terminal to show several in turn"
        case .tooLarge: "the data is too large for QR codes"
        case .keyFile: "the file holds a key, and no camera may read it"
        }
    }

    package var next: String {
        switch self {
        case .windowTooSmall:
            "nothing is lost: give a larger --qr-size, or make the window larger or its letters smaller, and run again"
        case .noTerminal:
            "nothing is lost: run the same command at a terminal, or write pictures with --qr-frames"
        case .tooLarge: "nothing is lost: carry it on a stick"
        case .keyFile: "name a request, a payment or another file that is meant to be seen"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .windowTooSmall, .noTerminal, .tooLarge: .cannotWrite
        case .keyFile: .refused
        }
    }
}
