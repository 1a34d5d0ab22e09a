#if QR
    /// The code as a terminal shows it: two modules in each character, one above the other.
    extension QRCode {
        /// Light modules all around, as wide as ISO/IEC 18004 asks for.
        static let quietZone = 4

        var columns: Int { side + 2 * Self.quietZone }
        var rows: Int { (columns + 1) / 2 }

        /// Black on white whatever the terminal's colours are: these two of the 256 belong to no theme. Without colour what
        /// is light is written, as for letters that are lighter than their ground.
        func drawing(inColour: Bool) -> String {
            (0..<rows).map { row in
                let cells = (0..<columns).map { column in
                    switch (isDark(column, 2 * row) == inColour, isDark(column, 2 * row + 1) == inColour) {
                    case (false, false): " "
                    case (true, false): "\u{2580}"
                    case (false, true): "\u{2584}"
                    case (true, true): "\u{2588}"
                    }
                }
                let line = cells.joined()
                return inColour ? "\u{1B}[38;5;16;48;5;231m\(line)\u{1B}[0m\n" : line + "\n"
            }.joined()
        }

        func isDark(_ column: Int, _ row: Int) -> Bool {
            let (x, y) = (column - Self.quietZone, row - Self.quietZone)
            return 0..<side ~= x && 0..<side ~= y && modules[y * side + x]
        }
    }
#endif
