import AirlockABI
public import AirlockEthereumTypes
import AirlockStrictJSON

/// What keeps a signature for one contract from being valid for another. Fields that are nothing are left out.
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

    /// The fields of EIP-712, in its order: "Fields must appear in the above order, skipping any absent fields."
    static let fields = [
        (name: "name", type: "string"), (name: "version", type: "string"), (name: "chainId", type: "uint256"),
        (name: "verifyingContract", type: "address"), (name: "salt", type: "bytes32"),
    ]

    /// From JSON whose fields have been checked.
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

    /// The hash that goes into every digest of this domain.
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

    /// The digest that is signed for a struct of this domain: version 0x01 of EIP-191.
    public func digest(structHash: Hash) -> Hash { Self.digest(structHash: structHash, separator: separator) }

    /// The same, where only the hash of the domain is known.
    public static func digest(structHash: Hash, separator: Hash) -> Hash {
        .keccak([0x19, 0x01] + separator.bytes + structHash.bytes)
    }
}
