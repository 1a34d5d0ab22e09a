public import AirlockDiagnostics

/// A derivation path in the form of `crypto-keypath` (BCR-2020-007, tag 304). If the path starts from the master key,
/// it can include the fingerprint of the master key.
public struct CryptoKeypath: Hashable, Sendable {
    public enum Component: Hashable, Sendable {
        case index(UInt32, isHardened: Bool)
        /// A wildcard, written as `*`. It stands for any index.
        case wildcard(isHardened: Bool)
    }

    public static let tag: UInt64 = 304
    public static let maximumDepth = 32

    public let components: [Component]
    /// The fingerprint of the master key: the first four bytes of its hash. It is never 0. `nil` if the encoded path
    /// does not contain the fingerprint.
    public let sourceFingerprint: UInt32?
    public let depth: UInt8?

    public init(_ components: [Component], sourceFingerprint: UInt32? = nil, depth: UInt8? = nil) {
        self.components = components
        self.sourceFingerprint = sourceFingerprint
        self.depth = depth
    }

    public init(_ item: CBOR) throws(Problem) {
        var fields = try CBORFields(item, names: [1: "components", 2: "source-fingerprint", 3: "depth"])
        let items = try fields.require(fields.list(1), 1)
        guard items.count % 2 == 0, items.count <= 2 * Self.maximumDepth else {
            throw Problem(URRule.badPath, at: "components", saw: "\(items.count) items")
        }
        var components: [Component] = []
        for start in stride(from: 0, to: items.count, by: 2) {
            switch (items[start], items[start + 1]) {
            case (.unsigned(let index), .bool(let isHardened)) where index < 1 << 31:
                components.append(.index(UInt32(index), isHardened: isHardened))
            case (.list([]), .bool(let isHardened)): components.append(.wildcard(isHardened: isHardened))
            default: throw Problem(URRule.badPath, at: "components", detail: "component \(start / 2 + 1)")
            }
        }
        let fingerprint = try fields.unsigned32(2)
        guard fingerprint != 0 else {
            throw Problem(CBORRule.wrongType, at: "source-fingerprint", saw: "0", expected: "another number than 0")
        }
        let depth = try fields.unsigned(3)
        guard depth.map({ $0 <= 255 }) ?? true else {
            throw Problem(CBORRule.wrongType, at: "depth", expected: "a number below 256")
        }
        try fields.finish()
        self.init(components, sourceFingerprint: fingerprint, depth: depth.map { UInt8($0) })
    }

    public var item: CBOR {
        let items = components.flatMap { component -> [CBOR] in
            switch component {
            case .index(let index, let isHardened): [.unsigned(UInt64(index)), .bool(isHardened)]
            case .wildcard(let isHardened): [.list([]), .bool(isHardened)]
            }
        }
        var fields = [CBOR.Field(1, .list(items))]
        if let sourceFingerprint { fields.append(CBOR.Field(2, .unsigned(UInt64(sourceFingerprint)))) }
        if let depth { fields.append(CBOR.Field(3, .unsigned(UInt64(depth)))) }
        return .map(fields)
    }

    /// Whether the path contains no wildcard. A path without a wildcard leads to exactly one key.
    public var isOfOneKey: Bool {
        components.allSatisfy { if case .index = $0 { true } else { false } }
    }

    /// The path in the notation of BIP-32, without the prefix `m/`. An example is `44'/60'/0'`.
    public var text: String {
        components.map { component in
            switch component {
            case .index(let index, let isHardened): "\(index)" + (isHardened ? "'" : "")
            case .wildcard(let isHardened): "*" + (isHardened ? "'" : "")
            }
        }.joined(separator: "/")
    }
}

/// An extended public key in the form of `crypto-hdkey` (BCR-2020-007). Private keys are refused.
public struct CryptoHDKey: Hashable, Sendable {
    public static let type: StaticString = "crypto-hdkey"

    /// The public key as a compressed point of 33 bytes.
    public let key: [UInt8]
    /// The chain code of 32 bytes, or `nil`.
    public let chainCode: [UInt8]?
    /// The path from the master key to this key.
    public let origin: CryptoKeypath?
    /// The path from this key to the keys of the accounts. It can contain wildcards.
    public let children: CryptoKeypath?
    public let parentFingerprint: UInt32?
    public let name: String?
    public let note: String?

    public init(
        key: [UInt8], chainCode: [UInt8]?, origin: CryptoKeypath?, children: CryptoKeypath? = nil,
        parentFingerprint: UInt32? = nil, name: String? = nil, note: String? = nil
    ) throws(Problem) {
        try requireLength(key, 33, at: "key-data")
        if let chainCode { try requireLength(chainCode, 32, at: "chain-code") }
        self.key = key
        self.chainCode = chainCode
        self.origin = origin
        self.children = children
        self.parentFingerprint = parentFingerprint
        self.name = name
        self.note = note
    }

    public init(_ ur: UR) throws(Problem) {
        var fields = try CBORFields(
            ur.item(of: "\(Self.type)"),
            names: [
                1: "is-master", 2: "is-private", 3: "key-data", 4: "chain-code", 5: "use-info", 6: "origin",
                7: "children", 8: "parent-fingerprint", 9: "name", 10: "note",
            ])
        let key = try fields.require(fields.bytes(3), 3)
        let chainCode = try fields.bytes(4)
        let origin = try fields.tagged(6, CryptoKeypath.tag)
        let children = try fields.tagged(7, CryptoKeypath.tag)
        let parent = try fields.unsigned32(8)
        let (name, note) = (try fields.text(9), try fields.text(10))
        try fields.finish()
        try self.init(
            key: key, chainCode: chainCode, origin: keypath(origin), children: keypath(children),
            parentFingerprint: parent, name: name, note: note)
    }

    public var ur: UR {
        var fields = [CBOR.Field(3, .bytes(key))]
        if let chainCode { fields.append(CBOR.Field(4, .bytes(chainCode))) }
        if let origin { fields.append(CBOR.Field(6, .tagged(CryptoKeypath.tag, origin.item))) }
        if let children { fields.append(CBOR.Field(7, .tagged(CryptoKeypath.tag, children.item))) }
        if let parentFingerprint { fields.append(CBOR.Field(8, .unsigned(UInt64(parentFingerprint)))) }
        if let name { fields.append(CBOR.Field(9, .text(name))) }
        if let note { fields.append(CBOR.Field(10, .text(note))) }
        return UR(type: Self.type, .map(fields))
    }
}

private func keypath(_ item: CBOR?) throws(Problem) -> CryptoKeypath? {
    guard let item else { return nil }
    return try CryptoKeypath(item)
}

func requireLength(_ bytes: [UInt8], _ length: Int, at place: String) throws(Problem) {
    guard bytes.count == length else {
        throw Problem(URRule.wrongLength, at: place, saw: "\(bytes.count) bytes", expected: "\(length) bytes")
    }
}
