#if QR
    internal import AirlockCQREncode
    import AirlockCommandLineTool
    package import AirlockDiagnostics
    import AirlockUR

    /// A string as a QR code (ISO/IEC 18004), which is a square of dark and light modules.
    package struct QRCode: Sendable {
        package let side: Int
        /// The modules, row by row from the top left. `true` means dark.
        package let modules: [Bool]

        /// Makes the smallest QR code that holds the text. It uses the lowest level of error correction, because a code
        /// on a screen cannot be damaged, unlike a printed code. With less error correction the modules are larger, so
        /// a scanner reads them faster. The text may have at most 4296 characters of the alphanumeric mode.
        package init(_ text: String) throws(Problem) {
            guard let code = unsafe QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1) else {
                throw Problem(InternalRule.unexpected, detail: "there is no QR code for \(text.utf8.count) letters")
            }
            defer { unsafe QRcode_free(code) }
            let side = unsafe Int(code.pointee.width)
            // libqrencode stores each module as one byte. The lowest bit of the byte is 1 if the module is dark. The
            // remaining bits are flags.
            modules = unsafe UnsafeBufferPointer(start: code.pointee.data, count: side * side).map { $0 & 1 == 1 }
            self.side = side
        }

        /// The number of alphanumeric characters that fit into a QR code, for the versions 1 to 40 at the lowest level
        /// of error correction (ISO/IEC 18004, table 7).
        static let capacities = [
            25, 47, 77, 114, 154, 195, 224, 279, 335, 395, 468, 535, 619, 667, 758, 854, 938, 1046, 1153, 1249, 1352,
            1460, 1588, 1704, 1853, 1990, 2132, 2223, 2369, 2520, 2677, 2840, 3009, 3183, 3351, 3537, 3729, 3927, 4087,
            4296,
        ]

        /// Returns the number of characters that fit into a QR code of at most `columns` columns. The columns include
        /// the quiet zone, which is the empty margin of the code.
        static func capacity(columns: Int) -> Int {
            let version = (columns - 2 * quietZone - 17) / 4
            return version < 1 ? 0 : capacities[min(version, capacities.count) - 1]
        }

        /// Returns the number of columns of the smallest QR code that holds `letters` characters. The columns include
        /// the quiet zone. Returns `nil` if no QR code can hold so many characters.
        static func columns(for letters: Int) -> Int? {
            capacities.firstIndex { $0 >= letters }.map { 4 * ($0 + 1) + 17 + 2 * quietZone }
        }
    }

    /// The QR code as text for a terminal. Each character shows two modules, one above the other.
    extension QRCode {
        /// The width of the quiet zone in modules, as ISO/IEC 18004 requires.
        static let quietZone = 4

        var columns: Int { side + 2 * Self.quietZone }
        var rows: Int { (columns + 1) / 2 }

        /// Draws the QR code as text. In colour, it is black on white. These two colours are taken from the part of the
        /// 256-colour palette that terminal themes do not change. Without colour, characters fill the light modules and
        /// spaces are the dark modules, because most terminals show light text on a dark background.
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

    /// Encodes black and white pixels as PNG (ISO/IEC 15948). The data is not compressed, because the images are small,
    /// and an encoder without compression is simpler.
    enum PNG {
        /// Encodes an image as PNG.
        ///
        /// - Parameter isDark: whether the pixel at this column and row is black.
        static func encode(columns: Int, rows: Int, isDark: (Int, Int) -> Bool) -> [UInt8] {
            // The last five bytes of the header mean, in order: 1 bit for each pixel, greyscale, the standard
            // compression, the standard filtering, and no interlacing. PNG defines no other compression and filtering.
            let header = bigEndian(columns) + bigEndian(rows) + [1, 0, 0, 0, 0]
            var lines: [UInt8] = []
            for row in 0..<rows {
                lines.append(0)
                for start in stride(from: 0, to: columns, by: 8) {
                    let bits = (start..<start + 8).map { $0 < columns && !isDark($0, row) }
                    lines.append(bits.reduce(0) { $0 << 1 | ($1 ? 1 : 0) })
                }
            }
            return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + chunk("IHDR", header) + chunk("IDAT", zlib(lines))
                + chunk("IEND", [])
        }

        private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
            let content = Array(type.utf8) + data
            return bigEndian(data.count) + content + bigEndian(Int(CRC32.checksum(content)))
        }

        /// Makes a zlib stream (RFC 1950) without compression. The stream consists of stored blocks (RFC 1951).
        private static func zlib(_ data: [UInt8]) -> [UInt8] {
            var stream: [UInt8] = [0x78, 0x01]
            for start in stride(from: 0, to: data.count, by: 0xffff) {
                let block = data[start..<min(start + 0xffff, data.count)]
                let length = [UInt8(block.count & 0xff), UInt8(block.count >> 8)]
                stream += [start + block.count == data.count ? 1 : 0] + length + length.map { ~$0 } + block
            }
            var (low, high) = (1, 0)
            for byte in data {
                low = (low + Int(byte)) % 65521
                high = (high + low) % 65521
            }
            return stream + bigEndian(high << 16 | low)
        }

        private static func bigEndian(_ value: Int) -> [UInt8] {
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
        }
    }

    extension QRCode {
        /// The QR code and its quiet zone as a PNG image. Each module is four pixels wide.
        var png: [UInt8] {
            let points = 4
            return PNG.encode(columns: columns * points, rows: columns * points) { isDark($0 / points, $1 / points) }
        }
    }
#endif
