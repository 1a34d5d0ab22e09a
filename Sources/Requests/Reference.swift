// The standard library offers normalization as SPI only.
@_spi(_Unicode) import Swift
public import AirlockDiagnostics
public import AirlockEthereumTypes

/// Identifies a request that must not be signed twice: two requests of one kind with the same key are the same request,
/// whatever else they contain.
public struct Reference: Hashable, Sendable {
    /// The kind of request, such as `transfer`.
    public let kind: String
    /// The name by which the user knows it, such as the number of an invoice; empty if the request has none.
    public let text: String
    public let key: Hash
    /// The id in the form of the first kind of request, whose files and ledger entries keep it: see ``FirstForm``.
    public let legacy: FixedBytes<16>?

    public init(kind: String, text: String, key: Hash, legacy: FixedBytes<16>? = nil) {
        self.kind = kind
        self.text = text
        self.key = key
        self.legacy = legacy
    }

    /// The key is the hash of the kind and of all parts, each preceded by its length, so that no two lists of parts
    /// have the same hash input.
    public init(kind: String, text: String, of parts: [[UInt8]]) {
        var bytes = Array("airlock reference 1\n\(kind)\n".utf8)
        for part in parts { bytes += Array("\(part.count)\n".utf8) + part }
        self.init(kind: kind, text: text, key: .keccak(bytes))
    }
}

extension Reference {
    /// The longest text, in bytes of UTF-8.
    public static let longestText = 256

    /// The problems of a text as a reference.
    public static func problems(of reference: String, at place: String) -> [Problem] {
        let size = reference.utf8.count
        let words = reference.split(whereSeparator: \.isWhitespace)
        if size > 0,
            words.joined(separator: " ") != reference
                || reference.unicodeScalars.contains(where: isInvisible)
        {
            return [
                Problem(
                    ReferenceRule.blanks, at: place, saw: reference,
                    expected: "single spaces, and only between words")
            ]
        }
        if !reference._nfc.elementsEqual(reference.unicodeScalars) {
            return [Problem(ReferenceRule.form, at: place, saw: reference, expected: "normalization form C")]
        }
        guard size == 0 || size > longestText else { return [] }
        return [
            Problem(
                ReferenceRule.length, at: place, saw: "\(size) bytes",
                expected: "1 to \(longestText) bytes")
        ]
    }

    /// References that differ only in such a character look alike, and would be paid as two.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
            || scalar.properties.isDefaultIgnorableCodePoint
    }
}

/// The rules for the text of a reference.
public enum ReferenceRule: String, Rule {
    case length = "transfer.reference-length"
    case form = "transfer.reference-form"
    case blanks = "transfer.reference-blanks"

    public var meaning: String {
        switch self {
        case .length: "the reference is empty or too long"
        case .form: "the reference is not in Unicode's normalization form C"
        case .blanks: "the reference holds control characters, or characters or blanks that cannot be seen"
        }
    }
}

/// The members by which payment files, ledger entries and answers name requests of the first kind. They are older than
/// all other kinds, and stay as they are.
public enum FirstForm {
    /// The name of the kind.
    public static let kind = "charge"
    /// The member that names the request.
    public static let name = "chargeId"
    /// The member with the id that must not be signed twice.
    public static let id = "intentId"

    /// The signer of the request and its id, as an event names them.
    public struct Event: Hashable, Sendable {
        public let `operator`: Address
        public let id: FixedBytes<16>

        public init(operator: Address, id: FixedBytes<16>) {
            self.operator = `operator`
            self.id = id
        }

        public var members: [(name: String, value: String)] { [("operator", "\(`operator`)"), ("id", "\(id)")] }
    }

    /// The name and the id as text.
    public static func words(_ name: String, _ id: FixedBytes<16>) -> String { "\(kind) \(name), intent \(id)" }
}
