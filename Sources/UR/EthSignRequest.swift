public import AirlockDiagnostics
public import AirlockEthereumTypes

/// A wallet's request to an offline signer, in the form of `eth-sign-request` (ERC-4527). Only the fields of the
/// request are checked here. The data to sign is not checked here.
public struct EthSignRequest: Hashable, Sendable {
    public static let type: StaticString = "eth-sign-request"

    public enum DataType: UInt64, CaseIterable, Sendable {
        /// An unsigned legacy transaction, encoded as RLP.
        case legacyTransaction = 1
        /// Typed data in the JSON form of EIP-712.
        case typedData = 2
        /// A message to sign with the prefix of EIP-191. The data of the request does not include this prefix.
        case message = 3
        /// An unsigned typed transaction (EIP-2718): the type byte, followed by RLP.
        case typedTransaction = 4
    }

    /// The id of the request, 16 bytes. The response must repeat it.
    public let id: FixedBytes<16>?
    public let signData: [UInt8]
    public let dataType: DataType
    /// The chain ID. `nil` if the request does not name a chain. In ERC-4527, the default is 1.
    public let chainID: UInt64?
    public let path: CryptoKeypath
    public let address: Address?
    /// The wallet's name, as the wallet itself states it. Nothing proves that the name is true.
    public let origin: String?

    public init(
        id: FixedBytes<16>?, signData: [UInt8], dataType: DataType, chainID: UInt64?, path: CryptoKeypath,
        address: Address? = nil, origin: String? = nil
    ) {
        self.id = id
        self.signData = signData
        self.dataType = dataType
        self.chainID = chainID
        self.path = path
        self.address = address
        self.origin = origin
    }

    public init(_ ur: UR) throws(Problem) {
        var fields = try CBORFields(
            ur.item(of: "\(Self.type)"),
            names: [
                1: "request-id", 2: "sign-data", 3: "data-type", 4: "chain-id", 5: "derivation-path", 6: "address",
                7: "origin",
            ])
        let id = try requestID(&fields)
        let signData = try fields.require(fields.bytes(2), 2)
        let number = try fields.require(fields.unsigned(3), 3)
        guard let dataType = DataType(rawValue: number) else {
            throw Problem(URRule.unknownDataType, at: "data-type", saw: "\(number)", expected: "1, 2, 3 or 4")
        }
        let chainID = try fields.unsigned(4)
        let path = try CryptoKeypath(fields.require(fields.tagged(5, CryptoKeypath.tag), 5))
        guard path.isOfOneKey else {
            throw Problem(URRule.badPath, at: "derivation-path", saw: path.text)
        }
        var address: Address?
        if let bytes = try fields.bytes(6) {
            guard let exact = FixedBytes<20>(bytes) else {
                throw Problem(URRule.wrongLength, at: "address", saw: "\(bytes.count) bytes", expected: "20 bytes")
            }
            address = Address(exact)
        }
        let origin = try fields.text(7)
        try fields.finish()
        self.init(
            id: id, signData: signData, dataType: dataType, chainID: chainID, path: path, address: address,
            origin: origin)
    }

    public var ur: UR {
        var fields: [CBOR.Field] = []
        if let id { fields.append(CBOR.Field(1, .tagged(uuidTag, .bytes(id.bytes)))) }
        fields.append(CBOR.Field(2, .bytes(signData)))
        fields.append(CBOR.Field(3, .unsigned(dataType.rawValue)))
        if let chainID { fields.append(CBOR.Field(4, .unsigned(chainID))) }
        fields.append(CBOR.Field(5, .tagged(CryptoKeypath.tag, path.item)))
        if let address { fields.append(CBOR.Field(6, .bytes(address.bytes.bytes))) }
        if let origin { fields.append(CBOR.Field(7, .text(origin))) }
        return UR(type: Self.type, .map(fields))
    }
}

/// The response to a request, in the form of `eth-signature` (ERC-4527).
public struct EthSignature: Hashable, Sendable {
    public static let type: StaticString = "eth-signature"

    /// The id of the request that this response answers.
    public let id: FixedBytes<16>?
    /// The values r, s and v, one after the other. r and s take 32 bytes each. v usually takes one byte. For a legacy
    /// transaction on a chain with a large chain ID, v can take more bytes.
    public let signature: [UInt8]
    public let origin: String?

    public init(id: FixedBytes<16>?, signature: [UInt8], origin: String? = nil) throws(Problem) {
        guard 65...73 ~= signature.count else {
            throw Problem(
                URRule.wrongLength, at: "signature", saw: "\(signature.count) bytes", expected: "65 to 73 bytes")
        }
        self.id = id
        self.signature = signature
        self.origin = origin
    }

    public init(_ ur: UR) throws(Problem) {
        var fields = try CBORFields(
            ur.item(of: "\(Self.type)"), names: [1: "request-id", 2: "signature", 3: "origin"])
        let id = try requestID(&fields)
        let signature = try fields.require(fields.bytes(2), 2)
        let origin = try fields.text(3)
        try fields.finish()
        try self.init(id: id, signature: signature, origin: origin)
    }

    public var ur: UR {
        var fields: [CBOR.Field] = []
        if let id { fields.append(CBOR.Field(1, .tagged(uuidTag, .bytes(id.bytes)))) }
        fields.append(CBOR.Field(2, .bytes(signature)))
        if let origin { fields.append(CBOR.Field(3, .text(origin))) }
        return UR(type: Self.type, .map(fields))
    }
}

/// The CBOR tag of a UUID that is encoded as bytes.
private let uuidTag: UInt64 = 37

private func requestID(_ fields: inout CBORFields) throws(Problem) -> FixedBytes<16>? {
    guard let bytes = try fields.bytes(1, tag: uuidTag) else { return nil }
    guard let id = FixedBytes<16>(bytes) else {
        throw Problem(URRule.wrongLength, at: "request-id", saw: "\(bytes.count) bytes", expected: "16 bytes")
    }
    return id
}
