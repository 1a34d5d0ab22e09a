public import AirlockDiagnostics

/// Encodes bytes as pairs of letters (BCR-2020-012, minimal style). The CRC-32 checksum of the bytes is appended.
public enum Bytewords {
    /// The first and the last letter of each of the 256 bytewords. The index of a byteword is the value of its byte.
    private static let letters = Array(
        """
        aeadaoaxaaahamatayasbkbdbnbtbabsbebybgbwbbbzcmchcscfcycwcecackctcxclcpcndkdadsdidedtdrdndwdpdmdl\
        dyeheyeoeeecenemetesftfrfnfsfmfhfzfpfwfxfyfefgflfdgagegrgsgtglgwgdgygmgughgohfhghdhkhthphhhlhyhe\
        hnhsidiaieihiyioisinimjejzjnjtjljojsjpjkjykpkoktkskkknkgkekikblblalylflslrlplnltloldlelulklgmnmy\
        mhmemomumwmdmtmsmknlnyndnsntnnnenboyoeotoxonolospdptpkpypspmplpepfpaprqdqzrerprlrorhrdrkrfryrnrs\
        rtsesasrssskswstspsosgsbsfsntotktitttdtetytltbtstptatnuyuoutueurvtvyvovlvevwvavdvswlwdwmwpwewyws\
        wtwnwzwfwkykynylyaytzszoztzczezm
        """.utf8)

    private static let bytes: [UInt16: UInt8] = Dictionary(
        uniqueKeysWithValues: (0..<256).map { (pair(letters[2 * $0], letters[2 * $0 + 1]), UInt8($0)) })

    private static func pair(_ first: UInt8, _ second: UInt8) -> UInt16 { UInt16(first) << 8 | UInt16(second) }

    /// Encodes the bytes and their checksum in lower-case letters.
    public static func encode(_ message: [UInt8]) -> String {
        let all = message + bigEndian(CRC32.checksum(message))
        return String(decoding: all.flatMap { letters[2 * Int($0)...2 * Int($0) + 1] }, as: UTF8.self)
    }

    /// Decodes the bytes and removes the checksum. Throws if the checksum does not match. The letters may be upper or
    /// lower case.
    public static func decode(_ text: some StringProtocol) throws(Problem) -> [UInt8] {
        let text = Array(text.utf8)
        guard text.count % 2 == 0, text.count >= 10 else {
            throw Problem(URRule.badByteword, detail: "\(text.count) letters")
        }
        var message: [UInt8] = []
        message.reserveCapacity(text.count / 2)
        for index in stride(from: 0, to: text.count, by: 2) {
            guard let byte = bytes[pair(lowerCase(text[index]), lowerCase(text[index + 1]))] else {
                throw Problem(
                    URRule.badByteword, saw: String(decoding: text[index...index + 1], as: UTF8.self),
                    detail: "at letter \(index + 1)")
            }
            message.append(byte)
        }
        let checksum = message.suffix(4)
        message.removeLast(4)
        guard bigEndian(CRC32.checksum(message)).elementsEqual(checksum) else { throw Problem(URRule.wrongChecksum) }
        return message
    }

    private static func lowerCase(_ letter: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= letter ? letter | 0x20 : letter
    }
}

/// The checksum CRC-32/ISO-HDLC, which zlib and PNG also use. It protects bytewords, and messages that are sent in
/// parts, against errors.
public enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ (value >> 1) : value >> 1 }
    }

    public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
    }
}

func bigEndian<Integer: FixedWidthInteger & UnsignedInteger>(_ value: Integer) -> [UInt8] {
    stride(from: Integer.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> Integer($0)) }
}
