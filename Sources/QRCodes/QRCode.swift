#if QR
    internal import AirlockCQREncode
    import AirlockCommandLineTool
    package import AirlockDiagnostics

    /// A QR code (ISO/IEC 18004) of a text: a square of dark and light modules.
    package struct QRCode: Sendable {
        package let side: Int
        /// Row by row from the top left; true is dark.
        package let modules: [Bool]

        /// The smallest code that holds the text. Error correction is the least: a screen has no scratches, and larger
        /// modules are read sooner. The limit is 4296 letters of the alphanumeric mode.
        package init(_ text: String) throws(Problem) {
            guard let code = unsafe QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1) else {
                throw Problem(InternalRule.unexpected, detail: "there is no QR code for \(text.utf8.count) letters")
            }
            defer { unsafe QRcode_free(code) }
            let side = unsafe Int(code.pointee.width)
            // Of each byte the lowest bit is the module's colour; the others say how it came there.
            modules = unsafe UnsafeBufferPointer(start: code.pointee.data, count: side * side).map { $0 & 1 == 1 }
            self.side = side
        }

        /// How many letters of the alphanumeric mode the codes of version 1 to 40 hold at the least error correction
        /// (ISO/IEC 18004, table 7).
        static let capacities = [
            25, 47, 77, 114, 154, 195, 224, 279, 335, 395, 468, 535, 619, 667, 758, 854, 938, 1046, 1153, 1249, 1352,
            1460, 1588, 1704, 1853, 1990, 2132, 2223, 2369, 2520, 2677, 2840, 3009, 3183, 3351, 3537, 3729, 3927, 4087,
            4296,
        ]

        /// How many letters fit into a code that takes no more columns than these, light ones included.
        static func capacity(columns: Int) -> Int {
            let version = (columns - 2 * quietZone - 17) / 4
            return version < 1 ? 0 : capacities[min(version, capacities.count) - 1]
        }

        /// How many columns a code takes that holds so many letters; `nil` where none does.
        static func columns(for letters: Int) -> Int? {
            capacities.firstIndex { $0 >= letters }.map { 4 * ($0 + 1) + 17 + 2 * quietZone }
        }
    }
#endif
