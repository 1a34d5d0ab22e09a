import AirlockABI
public import AirlockEthereumTypes
import AirlockKeccak
import AirlockStrictJSON

/// The domain of EIP-712. It ensures that a signature for one contract is not valid for another. Fields that are `nil`
/// are omitted.
public struct TypedDataDomain: Hashable, Sendable {
    public var name: String?
    public var version: String?
    public var chainId: UInt256?
    public var verifyingContract: Address?
    public var salt: Hash?

    public init(
        name: String? = nil, version: String? = nil, chainId: UInt256? = nil, verifyingContract: Address? = nil,
        salt: Hash? = nil
    ) {
        self.name = name
        self.version = version
        self.chainId = chainId
        self.verifyingContract = verifyingContract
        self.salt = salt
    }

    /// All fields that a domain can have, in the order that EIP-712 requires: "Fields must appear in the above order,
    /// skipping any absent fields."
    static let fields = [
        (name: "name", type: "string"), (name: "version", type: "string"), (name: "chainId", type: "uint256"),
        (name: "verifyingContract", type: "address"), (name: "salt", type: "bytes32"),
    ]

    /// Reads a domain from JSON. The caller must have checked the fields.
    init(checked json: JSONValue) {
        name = json["name"]?.string
        version = json["version"]?.string
        if let number = json["chainId"], let type = MemberType.elementary("uint256"),
            case .uint(let value)? = try? type.value(from: number, allowsHexIntegers: true)
        {
            chainId = value
        }
        verifyingContract = json["verifyingContract"]?.string.flatMap { try? Address(anyCase: $0) }
        salt = json["salt"]?.string.flatMap { try? Hash(hex: $0) }
    }

    /// The domain separator: the hash of the domain. Every digest includes it.
    public var separator: Hash { encoded.hash }

    var encoded: StructEncoder {
        let isPresent = [name != nil, version != nil, chainId != nil, verifyingContract != nil, salt != nil]
        let members = zip(Self.fields, isPresent).filter(\.1).map { "\($0.0.type) \($0.0.name)" }
        var encoder = StructEncoder("EIP712Domain(\(members.joined(separator: ",")))")
        if let name { encoder.append(string: name) }
        if let version { encoder.append(string: version) }
        if let chainId { encoder.append(chainId) }
        if let verifyingContract { encoder.append(verifyingContract) }
        if let salt { encoder.append(salt) }
        return encoder
    }

    /// The digest that is signed for a struct in this domain (EIP-191, version 0x01).
    public func digest(structHash: Hash) -> Hash { Self.digest(structHash: structHash, separator: separator) }

    /// Returns the digest that is signed for a struct, computed from the domain separator. The fields of the domain are
    /// not needed.
    public static func digest(structHash: Hash, separator: Hash) -> Hash {
        .keccak([0x19, 0x01] + separator.bytes + structHash.bytes)
    }
}

/// Encodes a struct member by member, as EIP-712's `encodeData` does: first the hash of the type, then one word for
/// each member.
///
/// ```swift
/// var permitted = StructEncoder("TokenPermissions(address token,uint256 amount)")
/// permitted.append(token)
/// permitted.append(amount)
/// ```
public struct StructEncoder: Sendable {
    /// The bytes encoded so far. The hash of the struct is the hash of these bytes.
    public private(set) var bytes: [UInt8]

    /// Begins the encoding of a struct.
    ///
    /// - Parameter encodeType: the struct's type and all types that it refers to, as EIP-712's `encodeType` writes
    ///   them.
    public init(_ encodeType: String) { self.init(typeHash: .keccak(Array(encodeType.utf8))) }

    public init(typeHash: Hash) { bytes = typeHash.bytes }

    /// The hash of the struct (EIP-712's `hashStruct`).
    public var hash: Hash { .keccak(bytes) }

    public mutating func append(_ value: UInt256) { bytes += value.word.bytes }

    public mutating func append(_ value: Int256) { bytes += value.bitPattern.word.bytes }

    public mutating func append(_ value: Bool) { append(UInt256(value ? 1 : 0)) }

    public mutating func append(_ value: Address) {
        bytes += repeatElement(0, count: 12)
        bytes += value.bytes.bytes
    }

    /// Appends a word: a `bytes32`, the hash of a struct, or the hash of an array.
    public mutating func append(_ word: Hash) { bytes += word.bytes }

    public mutating func append(string: String) { append(.keccak(Array(string.utf8))) }

    public mutating func append(bytes value: [UInt8]) { append(.keccak(value)) }
}
