package import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockFiles
import AirlockStrictJSON
import AirlockUR

/// The command `qr`. It shows the content of a file as QR codes. The other machine scans them with its camera.
package enum DrawCommand {
    private static let notes = """
        Draws a file on standard error as a QR code that holds it as a uniform resource
        (ur:bytes), or as several in turn until you type q; scan on the other machine may
        miss some of them. qr does for any file what --qr does for the output of other
        commands. Draw several requests or payments as one file with a document on each
        line, which sign --lines and send read. A file with the text of ur:eth-sign-request
        or ur:eth-signature is drawn as that.

        With --qr-frames pictures are written instead. A file with a key is refused.
        """

    /// Returns the command `qr`. In a build without QR codes, returns no command.
    ///
    /// - Parameter seal: a function that restricts the process to the rights that it needs to draw QR codes.
    package static func all(
        _ console: Console, seal: @escaping @Sendable () throws -> Void = {}
    ) -> [Command] {
        #if QR
            let options = [QROutput.frames, QROutput.size, QROutput.rate]
            return [
                Command(
                    "qr", "draw a file as QR codes, for the other machine's camera", operands: ["FILE"],
                    options: options, notes: notes
                ) { arguments in
                    var problems: [Problem] = []
                    problems.collect { try QROutput.check(arguments, isAsked: true) }
                    let file = problems.collect {
                        try InputFile.read(arguments.operands[0], limit: UR.maximumSize)
                    }
                    if let file, holdsKey(file.bytes) { problems.append(Problem(QRRule.keyFile, at: file.path)) }
                    if let all = ProblemList(problems) { throw all }
                    guard let file else { throw Problem(InternalRule.unexpected) }
                    try seal()
                    let isDrawn = !arguments.has(QROutput.frames)
                    let drawing = try QROutput.make(of: resource(file.bytes), isDrawn: isDrawn, arguments, console)
                    if arguments.has(.json) {
                        try console.write(["ok": true, "bytes": .string("\(file.bytes.count)")])
                    }
                    drawing?.show(console)
                    return .done
                }
            ]
        #else
            return []
        #endif
    }

    /// Returns the Uniform Resource (UR) to draw. A UR is a CBOR message with a type, encoded as text (BCR-2020-005).
    /// `scan` can write files that contain a UR of the type `eth-sign-request` or `eth-signature`. For such a file, the
    /// UR in the file is drawn. For any other file, the content of the file is encoded as a UR of the type `bytes`.
    private static func resource(_ bytes: [UInt8]) -> UR {
        var text = String(decoding: bytes, as: UTF8.self)[...]
        if text.last == "\n" { text.removeLast() }
        guard let ur = try? UR(text), ["eth-sign-request", "eth-signature"].contains(ur.type) else {
            return UR(bytes: bytes)
        }
        return ur
    }

    /// Whether the bytes look like a key that `sign` accepts: a keystore, a mnemonic, or hexadecimal digits. A file with
    /// a key on one of several lines counts too. The command `qr` refuses such a file, even if the file is not really a
    /// key. As in a key file, a byte order mark at the beginning is skipped.
    static func holdsKey(_ bytes: [UInt8]) -> Bool {
        let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
        return isKey(text[...]) || text.split(separator: 0x0a).contains(where: isKey)
    }

    private static func isKey(_ text: ArraySlice<UInt8>) -> Bool {
        if let root = (try? JSONDocument(Array(text)))?.root, root["crypto"] != nil || root["Crypto"] != nil {
            return true
        }
        let words = text.split { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
        let isPhrase =
            [12, 15, 18, 21, 24].contains(words.count)
            && words.allSatisfy { (3...8).contains($0.count) && $0.allSatisfy(isLetter) }
        return isPhrase || words.count == 1 && isDigits(words[0])
    }

    private static func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 }

    private static func isDigits(_ word: ArraySlice<UInt8>) -> Bool {
        let digits =
            word.starts(with: Array("0x".utf8)) || word.starts(with: Array("0X".utf8)) ? word.dropFirst(2) : word
        return digits.count == 64 && digits.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
    }
}
