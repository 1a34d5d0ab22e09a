public import AirlockEthereumTypes

/// What must not be signed twice: two requests of one kind with the same key are the same request, whatever else they say.
public struct Reference: Hashable, Sendable {
    /// The kind of request, such as `transfer`.
    public let kind: String
    /// What a person knows it by, such as an invoice's number; empty where the request names nothing.
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

    /// The key is the hash of the kind and of all parts, each with its length before it, so that no two lists of parts are
    /// hashed alike.
    public init(kind: String, text: String, of parts: [[UInt8]]) {
        var bytes = Array("airlock reference 1\n\(kind)\n".utf8)
        for part in parts { bytes += Array("\(part.count)\n".utf8) + part }
        self.init(kind: kind, text: text, key: .keccak(bytes))
    }
}

/// Payment files, ledger entries and answers of the first kind of request, from before there was another, name it by these
/// members. They are read and written for ever.
public enum FirstForm {
    /// What a person calls it.
    public static let kind = "charge"
    /// What the request is called.
    public static let name = "chargeId"
    /// What must not be signed twice.
    public static let id = "intentId"

    /// Who signs such requests, and the id, as an event says them.
    public struct Event: Hashable, Sendable {
        public let `operator`: Address
        public let id: FixedBytes<16>

        public init(operator: Address, id: FixedBytes<16>) {
            self.operator = `operator`
            self.id = id
        }

        public var members: [(name: String, value: String)] { [("operator", "\(`operator`)"), ("id", "\(id)")] }
    }

    /// For a person.
    public static func words(_ name: String, _ id: FixedBytes<16>) -> String { "\(kind) \(name), intent \(id)" }
}
