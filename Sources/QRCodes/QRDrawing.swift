#if QR
    package import AirlockCommandLineTool
    import AirlockDiagnostics
    import AirlockUR

    /// The QR codes that show a Uniform Resource (UR, BCR-2020-005). Each QR code has at most a given number of
    /// columns. A small UR fits into a single QR code. A larger UR is divided into parts, which are shown in an endless
    /// sequence of QR codes.
    struct QRSequence {
        /// The default maximum number of columns of a QR code in an image. Few cameras can read larger codes.
        static let defaultColumns = 93
        /// The number of characters that a part has in addition to the fragment of the message. These characters encode
        /// the type of the UR, the number of the part, the checksums, and the headers of the CBOR items.
        private static let overhead = 72
        /// The number of parts in the sequence. After the last part, the sequence starts again.
        private static let period = 65_535

        private let encoder: FountainEncoder
        private let whole: String?

        init(_ ur: UR, columns: Int) throws(Problem) {
            let capacity = QRCode.capacity(columns: columns)
            let text = ur.text.uppercased()
            whole = text.utf8.count <= capacity ? text : nil
            let overhead = Self.overhead + ur.type.utf8.count - "bytes".utf8.count
            // A fragment has at least ten bytes, because a part with a smaller fragment would consist mostly of
            // overhead.
            let fragment = max(10, (capacity - overhead) / 2)
            guard whole != nil || capacity >= overhead + 20 else {
                throw Problem(
                    QRRule.windowTooSmall, saw: "\(columns) columns",
                    expected: "at least \(Self.leastColumns(for: ur)) columns")
            }
            encoder = FountainEncoder(ur, maximumFragment: fragment)
            guard whole != nil || encoder.count <= URPart.maximumCount else {
                throw Problem(
                    QRRule.tooLarge, saw: "\(encoder.count) codes", expected: "at most \(URPart.maximumCount)")
            }
        }

        /// Returns the minimum number of columns that a QR code needs to hold one part of the UR.
        static func leastColumns(for ur: UR) -> Int {
            QRCode.columns(for: overhead + 20 + ur.type.utf8.count - "bytes".utf8.count) ?? 0
        }

        var isSingle: Bool { whole != nil }
        /// The number of parts that a scanner needs if it misses none of them.
        var count: Int { whole != nil ? 1 : encoder.count }

        /// Returns the number of the part that the QR code with the given index shows. Indices count from 0, and part
        /// numbers count from 1. After the part with the number `period`, the part numbers start again at 1.
        func number(_ index: Int) -> Int { index % Self.period + 1 }

        func code(_ index: Int) throws(Problem) -> QRCode {
            try QRCode(whole ?? encoder.part(UInt32(number(index))).text.uppercased())
        }
    }

    /// What the terminal shows for a Uniform Resource (UR, BCR-2020-005): one QR code that is printed, or an animation
    /// of several QR codes.
    package struct QRDrawing {
        private enum Form {
            case once(String)
            case inTurn(QRSequence, milliseconds: Int, inColour: Bool)
        }

        private let form: Form

        /// Encodes a Uniform Resource (UR, BCR-2020-005) as QR codes for the terminal.
        ///
        /// - Parameters:
        ///   - window: the terminal window in which the QR codes are shown. `nil` if there is no window, such as for a
        ///     pipe.
        ///   - columns: the user's limit on the columns of a QR code. `nil` if the user gave no limit.
        init(
            _ ur: UR, in window: Console.Window?, columns: Int?, milliseconds: Int, inColour: Bool, canAnimate: Bool
        ) throws(Problem) {
            // One line of text shows two rows of modules. The last line of the window stays free for the cursor.
            let fitting = window.map { min($0.columns, 2 * ($0.rows - 1)) } ?? 185
            let least = QRSequence.leastColumns(for: ur)
            let needed = QRCode.columns(for: ur.text.utf8.count).map { min($0, least) } ?? least
            guard fitting >= needed else {
                throw Problem(
                    QRRule.windowTooSmall, saw: window.map { "\($0.columns) columns and \($0.rows) rows" },
                    expected: "at least \(needed) columns and \((needed + 1) / 2 + 1) rows")
            }
            let codes = try QRSequence(ur, columns: min(fitting, columns ?? .max))
            if codes.isSingle {
                form = .once(try codes.code(0).drawing(inColour: inColour))
            } else {
                guard window != nil, canAnimate else { throw Problem(QRRule.noTerminal) }
                form = .inTurn(codes, milliseconds: milliseconds, inColour: inColour)
            }
        }

        /// Shows the QR codes. Call this function last, because later output would scroll the codes away.
        package func show(_ console: Console) {
            switch form {
            case .once(let drawing): console.note(drawing)
            case .inTurn(let codes, let milliseconds, let inColour):
                _ = console.animate(milliseconds) { Self.picture($0, codes, $1, inColour: inColour) }
                console.note("showed \(codes.count) codes, and mixes of them, until you ended it\n")
            }
        }

        private static func picture(
            _ index: Int, _ codes: QRSequence, _ window: Console.Window, inColour: Bool
        ) -> String {
            guard let code = try? codes.code(index) else { return "" }
            guard window.columns >= code.columns, window.rows > code.rows else {
                return
                    "the window became too small: \(code.columns) columns and \(code.rows + 1) rows are needed; q ends"
            }
            return code.drawing(inColour: inColour)
                + "part \(codes.number(index)); \(codes.count) or more needed; q ends"
        }
    }
#endif
