public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockSecp256k1
import AirlockStrictJSON
import AirlockTypedData

/// The rules that an attestation of a descriptor must satisfy.
public enum AttestationRule: String, Rule {
    case form = "attestation.form"
    case schema = "attestation.schema"
    case domain = "attestation.domain"
    case otherDescriptor = "attestation.other-descriptor"
    case identifier = "attestation.identifier"
    case expired = "attestation.expired"
    case signature = "attestation.signature"
    case signer = "attestation.other-signer"
    case attester = "attestation.unknown-attester"

    public var meaning: String {
        switch self {
        case .form: "the attestation does not have the form of an EAS attestation"
        case .schema: "the attestation does not have the schema of ERC-8176"
        case .domain: "the attestation is not for the EAS contract on Ethereum"
        case .otherDescriptor: "the attestation is for another descriptor"
        case .identifier: "the attestation's identifier is not the hash of its content"
        case .expired: "the attestation has expired"
        case .signature: "the attestation's signature is malformed"
        case .signer: "the attestation was signed by another key, or altered"
        case .attester: "the policy does not name the attester"
        }
    }
}

/// A verified statement of an auditor that a descriptor is correct (ERC-8176). It is an off-chain attestation of the
/// Ethereum Attestation Service (EAS), version 2. The attestation covers only the descriptor's own file, and not the
/// files that this file includes.
public struct Attestation: Hashable, Sendable {
    /// The account of the auditor who signed the attestation. The policy decides whether this auditor is trusted.
    public let attester: Address
    /// The hash of the attested descriptor.
    public let descriptor: Hash
    public let time: Timestamp
    /// The time of expiry. `nil` if the attestation never expires. An auditor can revoke an attestation, but only on
    /// chain, so Airlock cannot see offline that an attestation was revoked.
    public let expires: Timestamp?

    static let schema = "0xe023eef113c1670774801c34b377fdf612dd8a4d2fa92fe382e15bd91fafb5c2"
    static let contract = "0xA1207F3BBa224E2c9c3c6D5aF63D0eb1582Ce587"
    static let fields = [
        ("version", "uint16"), ("schema", "bytes32"), ("recipient", "address"), ("time", "uint64"),
        ("expirationTime", "uint64"), ("revocable", "bool"), ("refUID", "bytes32"), ("data", "bytes"),
        ("salt", "bytes32"),
    ]

    /// Reads an attestation and verifies it. Every value must have exactly the expected form, and unknown members are
    /// refused. So an attestation that was altered after signing is not accepted.
    ///
    /// - Parameters:
    ///   - bytes: the content of the file.
    ///   - descriptor: the hash of the descriptor. The attestation must be for this descriptor.
    ///   - now: the current time, to check the expiry.
    public init(_ bytes: [UInt8], of descriptor: Hash, at now: Timestamp) throws(ProblemList) {
        let document: JSONDocument
        do { document = try JSONDocument(bytes) } catch { throw ProblemList(error) }
        do throws(Problem) { try self.init(document.root, of: descriptor, at: now) } catch { throw ProblemList(error) }
    }

    private init(_ json: JSONValue, of descriptor: Hash, at now: Timestamp) throws(Problem) {
        try Self.members(json, ["sig", "signer"])
        let sig = try Self.member(json, "sig")
        try Self.members(sig, ["version", "uid", "domain", "primaryType", "message", "types", "signature"])
        try Self.same(sig, "version", "2", number: true, .form)
        try Self.same(sig, "primaryType", "Attest", .form)
        try Self.checkTypes(try Self.member(sig, "types"))

        let domain = try Self.member(sig, "domain")
        try Self.members(domain, ["name", "version", "chainId", "verifyingContract"])
        try Self.same(domain, "name", "EAS Attestation", .domain)
        try Self.same(domain, "version", "0.26", .domain)
        try Self.same(domain, "chainId", "1", .domain)
        try Self.same(domain, "verifyingContract", Self.contract, .domain)

        let message = try Self.member(sig, "message")
        try Self.members(message, Self.fields.map(\.0))
        try Self.same(message, "version", "2", number: true, .form)
        try Self.same(message, "schema", Self.schema, .schema)
        let recipient = try Self.bytes(message, "recipient", 20)
        let time = try Self.seconds(message, "time")
        let expiration = try Self.seconds(message, "expirationTime")
        guard let revocable = message["revocable"]?.boolean else {
            throw Problem(AttestationRule.form, at: "/sig/message/revocable")
        }
        let reference = try Self.bytes(message, "refUID", 32)
        let data = try Self.bytes(message, "data", 32)
        let salt = try Self.bytes(message, "salt", 32)
        guard Hash(data) == descriptor else {
            throw Problem(
                AttestationRule.otherDescriptor, at: "/sig/message/data", saw: Hex.encode(data),
                expected: descriptor.description)
        }
        guard expiration == 0 || now.seconds < expiration else {
            throw Problem(
                AttestationRule.expired, at: "/sig/message/expirationTime", saw: "\(Timestamp(seconds: expiration))")
        }

        // `packed` contains the bytes that EAS, version 2, hashes to compute the identifier of an attestation. They are
        // the attested values without padding, and the schema as UTF-8 text. The zero address replaces the attester's
        // address. The last four bytes are a counter that EAS calls `bump`. The counter is zero here.
        var packed: [UInt8] = [0, 2] + Array(Self.schema.utf8) + recipient + Array(repeating: 0, count: 20)
        packed += UInt256(time).word.bytes.suffix(8) + UInt256(expiration).word.bytes.suffix(8)
        packed += [revocable ? 1 : 0] + reference + data + salt + [0, 0, 0, 0]
        guard try Self.bytes(sig, "uid", 32) == Hash.keccak(packed).bytes else {
            throw Problem(AttestationRule.identifier, at: "/sig/uid")
        }

        let digest = Self.digest(recipient, time, expiration, revocable, reference, data, salt)
        let signature = try Self.signature(try Self.member(sig, "signature"))
        let attester: Address
        do throws(SignatureError) { attester = try signature.recoverAddress(digest: digest) } catch {
            throw Problem(AttestationRule.signature, because: error.problems[0], at: "/sig/signature")
        }
        guard json["signer"]?.string == attester.description else {
            throw Problem(
                AttestationRule.signer, at: "/signer", saw: json["signer"]?.text, expected: attester.description)
        }
        self.attester = attester
        self.descriptor = descriptor
        self.time = Timestamp(seconds: time)
        expires = expiration == 0 ? nil : Timestamp(seconds: expiration)
    }

    private static func digest(
        _ recipient: [UInt8], _ time: UInt64, _ expiration: UInt64, _ revocable: Bool, _ reference: [UInt8],
        _ data: [UInt8], _ salt: [UInt8]
    ) -> Hash {
        var encoder = StructEncoder("Attest(\(fields.map { "\($0.1) \($0.0)" }.joined(separator: ",")))")
        func word(_ bytes: [UInt8]) -> Hash { UInt256(bigEndian: bytes.span).map(\.word) ?? .zero }
        encoder.append(UInt256(2))
        encoder.append(word((try? Hex.decode(schema)) ?? []))
        encoder.append(word(recipient))
        encoder.append(UInt256(time))
        encoder.append(UInt256(expiration))
        encoder.append(revocable)
        encoder.append(word(reference))
        encoder.append(bytes: data)
        encoder.append(word(salt))
        let domain = TypedDataDomain(
            name: "EAS Attestation", version: "0.26", chainId: 1, verifyingContract: try? Address(contract))
        return domain.digest(structHash: encoder.hash)
    }

    private static func signature(_ json: JSONValue) throws(Problem) -> Signature {
        try members(json, ["v", "r", "s"])
        guard let v = ["27", "28"].firstIndex(of: json["v"]?.number ?? ""),
            let r = Hash(try bytes(json, "r", 32)), let s = Hash(try bytes(json, "s", 32))
        else { throw Problem(AttestationRule.signature, at: "/sig/signature") }
        do throws(SignatureError) {
            let signature = try Signature(r: r, s: s, yParity: UInt8(v))
            try signature.requireLowS()
            return signature
        } catch { throw Problem(AttestationRule.signature, because: error.problems[0], at: "/sig/signature") }
    }

    // MARK: Members

    private static func checkTypes(_ json: JSONValue) throws(Problem) {
        try members(json, ["Attest"])
        let declared = (json["Attest"]?.elements ?? []).map { member in
            member.members?.count == 2 ? "\(member["name"]?.string ?? "") \(member["type"]?.string ?? "")" : ""
        }
        guard declared == fields.map({ "\($0.0) \($0.1)" }) else {
            throw Problem(AttestationRule.form, at: "/sig/types/Attest")
        }
    }

    private static func member(_ json: JSONValue, _ key: String) throws(Problem) -> JSONValue {
        guard let value = json[key], value.kind == .object else {
            throw Problem(AttestationRule.form, at: "\(json.pointer)/\(key)", expected: "an object")
        }
        return value
    }

    private static func members(_ json: JSONValue, _ names: [String]) throws(Problem) {
        guard let members = json.members, members.count == names.count,
            names.allSatisfy({ json[$0] != nil })
        else { throw Problem(AttestationRule.form, at: json.pointer, expected: names.joined(separator: ", ")) }
    }

    private static func same(
        _ json: JSONValue, _ key: String, _ expected: String, number: Bool = false, _ rule: AttestationRule
    ) throws(Problem) {
        let found = number ? json[key]?.number : json[key]?.string
        guard let found, found.utf8.elementsEqual(expected.utf8) else {
            throw Problem(rule, at: "\(json.pointer)/\(key)", saw: json[key]?.text, expected: expected)
        }
    }

    /// Reads bytes in lower-case hexadecimal digits. An address can also be written with the upper-case letters of its
    /// EIP-55 checksum.
    private static func bytes(_ json: JSONValue, _ key: String, _ count: Int) throws(Problem) -> [UInt8] {
        guard let text = json[key]?.string, let bytes = try? Hex.decode(text), bytes.count == count,
            text == Hex.encode(bytes) || FixedBytes<20>(bytes).map({ Address($0).description }) == text
        else { throw Problem(AttestationRule.form, at: "\(json.pointer)/\(key)", expected: "\(count) bytes") }
        return bytes
    }

    private static func seconds(_ json: JSONValue, _ key: String) throws(Problem) -> UInt64 {
        guard let text = json[key]?.string, let number = try? UInt256(decimal: text),
            let seconds = UInt64(exactly: number)
        else { throw Problem(AttestationRule.form, at: "\(json.pointer)/\(key)", expected: "seconds in decimal") }
        return seconds
    }
}
