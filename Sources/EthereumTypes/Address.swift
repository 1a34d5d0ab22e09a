import Keccak

/// The 20 bytes of an account or a contract, shown and read with the checksum of EIP-55.
public struct Address: Hashable, Sendable {
    public let bytes: FixedBytes<20>

    public init(_ bytes: FixedBytes<20>) { self.bytes = bytes }

    public static let zero = Address(.zero)

    public var isZero: Bool { self == .zero }

    /// The low 20 bytes of a hash: of a public key, of a creation.
    public init(lowBytesOf hash: Hash) { bytes = FixedBytes { hash[12 + $0] } }

    /// Reads `0x` and 40 digits in whatever case: where a stronger proof than the checksum follows.
    public init(anyCase text: String) throws(ValueError) {
        let utf8 = text.utf8Span.span
        guard Hex.hasPrefix(utf8), let bytes = FixedBytes<20>(digits: utf8.extracting(droppingFirst: 2)) else {
            throw ValueError(.notAddress, saw: text, expected: "0x and 40 hexadecimal digits")
        }
        self.init(bytes)
    }

    /// Reads `0x` and 40 digits: all lower case, all upper case, or the right mixed case of EIP-55.
    public init(_ text: String) throws(ValueError) {
        try self.init(anyCase: text)
        let digits = text.utf8.dropFirst(2)
        let hasLower = digits.contains { $0 >= UInt8(ascii: "a") }
        let hasUpper = digits.contains { UInt8(ascii: "A")...UInt8(ascii: "F") ~= $0 }
        if hasLower, hasUpper, !digits.elementsEqual(description.utf8.dropFirst(2)) {
            throw ValueError(.wrongChecksum, saw: text, expected: description)
        }
    }

    /// Reads `0x` and 40 digits: all lower case, all upper case, or the right mixed case of EIP-55.
    @inlinable
    public init(_ text: some StringProtocol) throws(ValueError) { try self.init(String(text)) }
}

extension Address: CustomStringConvertible {
    /// The mixed-case form of EIP-55: a letter is upper case where the hash of the lower-case digits has a high nibble.
    public var description: String {
        var text = Array(Hex.encode(bytes.inline.span).utf8)
        let hash = Keccak256.hash(text.span.extracting(droppingFirst: 2)).inline
        for index in 0..<40 {
            let nibble = index % 2 == 0 ? hash[index / 2] >> 4 : hash[index / 2] & 15
            if nibble >= 8, text[index + 2] >= UInt8(ascii: "a") { text[index + 2] -= 32 }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension Address {
    /// An address written in the program, with its checksum; one that is mistyped ends the first test that meets it.
    public init(known text: StaticString) {
        do { try self.init("\(text)") } catch { preconditionFailure("\(text) is not an address") }
    }
}
