public import AirlockDiagnostics

/// A Uniform Resource (UR, BCR-2020-005). It consists of a CBOR message and the name of the message's type. Its text
/// form suits QR codes.
///
/// ```swift
/// let ur = UR(bytes: Array("hello".utf8))
/// let text = ur.text                          // ur:bytes/fe…
/// let same = try UR(text.uppercased()).bytes()
/// ```
public struct UR: Hashable, Sendable {
    /// The type of the resource in lower-case letters, such as `bytes` or `eth-sign-request`.
    public let type: String
    /// The message, as encoded CBOR.
    public let message: [UInt8]

    /// The maximum size of a message in bytes.
    public static let maximumSize = 1 << 20

    /// Makes a resource from one item of CBOR.
    ///
    /// - Parameters:
    ///   - type: the name of the type. It may contain lower-case letters, digits and hyphens.
    ///   - item: the message.
    public init(type: StaticString, _ item: CBOR) {
        self.type = "\(type)"
        self.message = item.encoded
    }

    /// Makes a resource of the type `bytes`, which holds one byte string. Airlock shows a file in this form as QR
    /// codes, to transfer it between the two machines.
    public init(bytes: [UInt8]) { self.init(type: "bytes", .bytes(bytes)) }

    init(type: String, message: [UInt8]) {
        self.type = type
        self.message = message
    }

    /// Reads the text of a whole resource, in upper or lower case. Throws if the text is only a part of a resource.
    public init(_ text: some StringProtocol) throws(Problem) {
        switch try URText(text) {
        case .whole(let ur): self = ur
        case .part(let part): throw Problem(URRule.badSequence, saw: "\(part.sequence)-\(part.count)")
        }
    }

    /// The text in lower-case letters. In a QR code, use upper-case letters, because its alphanumeric mode has no
    /// lower-case letters.
    public var text: String { "ur:\(type)/\(Bytewords.encode(message))" }

    /// Decodes the CBOR message. Throws if the resource is not of this type.
    public func item(of type: String) throws(Problem) -> CBOR {
        guard self.type == type else { throw Problem(URRule.otherType, saw: self.type, expected: type) }
        return try CBOR(decoding: message)
    }

    /// The byte string of the resource. Throws if the type is not `bytes`.
    public func bytes() throws(Problem) -> [UInt8] {
        guard case .bytes(let bytes) = try item(of: "bytes") else {
            throw Problem(CBORRule.wrongType, expected: "one byte string")
        }
        return bytes
    }
}

/// One part of a Uniform Resource. It holds one fragment of the message, or a mix (XOR) of several fragments.
public struct URPart: Hashable, Sendable {
    public let type: String
    /// The number of the part. The first part has the number 1. Each part up to the number ``count`` holds a single
    /// fragment. Each later part holds one fragment or a mix of several fragments.
    public let sequence: UInt32
    /// The number of fragments of the message.
    public let count: Int
    /// The length of the message in bytes.
    public let length: Int
    /// The CRC-32 checksum of the message.
    public let checksum: UInt32
    public let data: [UInt8]

    /// The maximum number of fragments.
    public static let maximumCount = 4096

    init(type: String, sequence: UInt32, count: Int, length: Int, checksum: UInt32, data: [UInt8]) {
        self.type = type
        self.sequence = sequence
        self.count = count
        self.length = length
        self.checksum = checksum
        self.data = data
    }

    fileprivate init(type: String, sequence: Substring, words: Substring) throws(Problem) {
        let numbers = sequence.split(separator: "-", omittingEmptySubsequences: false)
        guard numbers.count == 2, let number = Self.number(numbers[0]), let count = Self.number(numbers[1]),
            count <= Self.maximumCount
        else { throw Problem(URRule.badSequence) }
        guard case .list(let items) = try CBOR(decoding: Bytewords.decode(words)), items.count == 5,
            case .unsigned(let ownNumber) = items[0], case .unsigned(let ownCount) = items[1],
            case .unsigned(let length) = items[2], case .unsigned(let checksum) = items[3],
            case .bytes(let data) = items[4]
        else { throw Problem(URRule.badPart, expected: "four numbers and bytes") }
        guard ownNumber == number, ownCount == count else {
            throw Problem(URRule.badSequence, saw: "\(sequence), in it \(ownNumber)-\(ownCount)")
        }
        guard length <= UR.maximumSize else { throw Problem(URRule.tooLarge, saw: "\(length) bytes") }
        // All fragments have the same length. If the message does not fill the last fragment, this fragment is padded.
        // No other fragment is padded, and the last fragment is not empty.
        guard let checksum = UInt32(exactly: checksum), 1...UR.maximumSize ~= data.count,
            (Int(count) - 1) * data.count < Int(length), Int(length) <= Int(count) * data.count
        else {
            throw Problem(URRule.badPart, saw: "\(count) fragments of \(data.count) bytes for \(length) bytes")
        }
        self.init(
            type: type, sequence: number, count: Int(count), length: Int(length), checksum: checksum, data: data)
    }

    /// Reads a number of at least 1 that has no leading zeros.
    private static func number(_ digits: Substring) -> UInt32? {
        guard digits.first != "0", digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return nil
        }
        return UInt32(digits)
    }

    public var text: String {
        let part = CBOR.list([
            .unsigned(UInt64(sequence)), .unsigned(UInt64(count)), .unsigned(UInt64(length)),
            .unsigned(UInt64(checksum)), .bytes(data),
        ])
        return "ur:\(type)/\(sequence)-\(count)/\(Bytewords.encode(part.encoded))"
    }
}

/// The content of one QR code: a whole Uniform Resource, or a part of one.
public enum URText: Hashable, Sendable {
    case whole(UR)
    case part(URPart)

    /// Whether the text begins like a Uniform Resource. The rest of the text is not checked.
    public static func begins(_ text: some StringProtocol) -> Bool { text.prefix(3).lowercased() == "ur:" }

    /// Reads the text of one QR code, in upper or lower case.
    public init(_ text: some StringProtocol) throws(Problem) {
        guard text.utf8.count <= 2 * UR.maximumSize + 100 else {
            throw Problem(URRule.tooLarge, saw: "\(text.utf8.count) letters")
        }
        // Only ASCII is accepted, because some other characters become ASCII letters in lower case.
        guard Self.begins(text), text.utf8.allSatisfy({ $0 < 0x80 }) else { throw Self.notUR(text) }
        let fields = text.dropFirst(3).lowercased().split(separator: "/", omittingEmptySubsequences: false)
        guard 2...3 ~= fields.count else { throw Self.notUR(text) }
        let type = String(fields[0])
        guard !type.isEmpty, type.utf8.allSatisfy(Self.isTypeLetter) else { throw Problem(URRule.badType, saw: type) }
        if fields.count == 3 {
            self = .part(try URPart(type: type, sequence: fields[1], words: fields[2]))
        } else {
            let message = try Bytewords.decode(fields[1])
            guard message.count <= UR.maximumSize else { throw Problem(URRule.tooLarge, saw: "\(message.count) bytes") }
            self = .whole(UR(type: type, message: message))
        }
    }

    /// The problem to report for a text that is not a UR. Somebody may show a key to the camera by mistake, so the
    /// problem quotes only the scheme of a URI, such as `https:`.
    private static func notUR(_ text: some StringProtocol) -> Problem {
        let start = String(text.prefix(21))
        let scheme = start.prefix { $0 != ":" }
        let isScheme =
            scheme.utf8.count < start.utf8.count
            && scheme.utf8.allSatisfy { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 }
        return Problem(URRule.notUR, saw: isScheme ? "\(scheme):" : nil)
    }

    public var type: String {
        switch self {
        case .whole(let ur): ur.type
        case .part(let part): part.type
        }
    }

    private static func isTypeLetter(_ letter: UInt8) -> Bool {
        switch letter {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

/// The error codes for Uniform Resources (BCR-2020-005), for the parts of a resource, and for the content of a
/// resource.
public enum URRule: String, Rule {
    case notUR = "ur.not-ur"
    case badType = "ur.bad-type"
    case otherType = "ur.other-type"
    case badSequence = "ur.bad-sequence"
    case badByteword = "ur.bad-byteword"
    case wrongChecksum = "ur.wrong-checksum"
    case tooLarge = "ur.too-large"
    case badPart = "ur.bad-part"
    case otherMessage = "ur.other-message"
    case contradiction = "ur.contradiction"
    case unknownDataType = "ur.unknown-data-type"
    case badPath = "ur.bad-path"
    case wrongLength = "ur.wrong-length"

    public var meaning: String {
        switch self {
        case .notUR: "the text does not have the form of a uniform resource (ur:type/words)"
        case .badType: "the type of a uniform resource has characters other than letters, digits and hyphens"
        case .otherType: "the uniform resource is of another type"
        case .badSequence: "the numbers of a part are not 1-1 to 4294967295-4096, or the part itself states others"
        case .badByteword: "two letters are not one of the bytewords"
        case .wrongChecksum: "the checksum does not match: the text is damaged or incomplete"
        case .tooLarge: "the uniform resource is larger than what is read"
        case .badPart: "the lengths that a part states do not fit together"
        case .otherMessage: "the part belongs to another uniform resource"
        case .contradiction: "the part contradicts the parts before it"
        case .unknownDataType: "the request's data is of a type that ERC-4527 does not know"
        case .badPath: "the derivation path is not one of single keys"
        case .wrongLength: "a byte string has the wrong length"
        }
    }
}
