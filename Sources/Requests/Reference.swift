// This import is needed for Unicode normalization, which the standard library offers only as SPI (system programming
// interface).
@_spi(_Unicode) import Swift
public import AirlockDiagnostics
public import AirlockEthereumTypes

/// The identity of a request that must not be signed twice. Two requests of the same kind count as the same request if
/// their references have the same hash in `key`, even if the requests differ in other values.
public struct Reference: Hashable, Sendable {
    /// The kind of request, such as `transfer`.
    public let kind: String
    /// The name by which the user knows the request, such as an invoice number. Empty if the request has no such name.
    public let text: String
    public let key: Hash
    /// The id of a request of the oldest kind (see ``LegacyMembers``). The files and the ledger entries of such a
    /// request contain this id. `nil` for requests of other kinds.
    public let legacy: FixedBytes<16>?

    public init(kind: String, text: String, key: Hash, legacy: FixedBytes<16>? = nil) {
        self.kind = kind
        self.text = text
        self.key = key
        self.legacy = legacy
    }

    /// Makes a reference. Computes `key` as the hash of the kind and of `parts`, which are the values that identify the
    /// request. The hash input contains the length of each part before the part itself. So two different lists of parts
    /// never give the same hash input.
    public init(kind: String, text: String, of parts: [[UInt8]]) {
        var bytes = Array("airlock reference 1\n\(kind)\n".utf8)
        for part in parts { bytes += Array("\(part.count)\n".utf8) + part }
        self.init(kind: kind, text: text, key: .keccak(bytes))
    }
}

extension Reference {
    /// The maximum length of the text of a reference, in bytes of UTF-8.
    public static let longestText = 256

    /// Returns the text of a reference to show to the user. A valid reference is escaped and never cut, so two
    /// references that differ only at their ends are shown differently.
    ///
    /// Escaping makes a reference longer. A character of two UTF-8 bytes, such as U+07FF, grows most: to the seven
    /// characters `\u{7ff}`. The limit allows for this, so it cuts only text that is not a valid reference, such as
    /// text in an altered file.
    public static func shown(_ text: String) -> String { escaped(text, limit: 4 * longestText) }

    /// Checks whether a string can be the text of a reference. Returns the problems of the string. Returns an empty
    /// array if the string is valid.
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

    /// Whether a character is invisible. Invisible characters are refused, because two references that differ only in
    /// an invisible character look the same. The user could then pay the same request twice.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
            || scalar.properties.isDefaultIgnorableCodePoint
    }
}

/// The error codes for the text of a reference.
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

/// The names of the JSON members that identify requests of the oldest kind in payment files, in ledger entries, and in
/// the answers to the lines of a batch. These names were chosen before there were other kinds of request. They cannot
/// change, because existing files contain them.
public enum LegacyMembers {
    /// The name of the oldest kind of request.
    public static let kind = "charge"
    /// The name of the JSON member that contains the request's name (its charge ID).
    public static let name = "chargeId"
    /// The name of the JSON member that contains the request's id. A request with the same id must not be signed twice.
    public static let id = "intentId"

    /// The signer and the id of a request of the oldest kind. When a contract executes the payment of such a request,
    /// it logs an event that contains both.
    public struct Event: Hashable, Sendable {
        public let `operator`: Address
        public let id: FixedBytes<16>

        public init(operator: Address, id: FixedBytes<16>) {
            self.operator = `operator`
            self.id = id
        }

        public var members: [(name: String, value: String)] { [("operator", "\(`operator`)"), ("id", "\(id)")] }
    }

    /// Returns the name and the id of a request of the oldest kind as text for the user.
    public static func words(_ name: String, _ id: FixedBytes<16>) -> String { "\(kind) \(name), intent \(id)" }
}
