#if QR
    import AirlockCQREncode
    import AirlockCommandLineTool
    import AirlockDiagnostics

    /// A QR code (ISO/IEC 18004) of a text: a square of dark and light modules.
    struct QRCode {
        let side: Int
        /// Row by row from the top left; true is dark.
        let modules: [Bool]

        /// The smallest code that holds the text. Error correction is the least: a screen has no scratches, and larger
        /// modules are read sooner. No payment is so large that there is none: the limit is 4296 letters.
        init(_ text: String) throws(Problem) {
            guard let code = unsafe QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1) else {
                throw Problem(InternalRule.unexpected, detail: "there is no QR code for \(text.utf8.count) letters")
            }
            defer { unsafe QRcode_free(code) }
            let side = unsafe Int(code.pointee.width)
            // Of each byte the lowest bit is the module's colour; the others say how it came there.
            modules = unsafe UnsafeBufferPointer(start: code.pointee.data, count: side * side).map { $0 & 1 == 1 }
            self.side = side
        }
    }
#endif
