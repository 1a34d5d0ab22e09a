public import AirlockEthereumTypes
import AirlockSecp256k1

/// A charge in the form in which it is saved. Each field is JSON text, so that a test can change, add or remove it.
public struct SampleCharge: Sendable {
    public var id = "\"9f1f6ab8-0000-4000-8000-000000000001\""
    public var metadata: SampleFile
    public var callData: SampleFile

    /// Creates an unsigned charge for one dollar of credits, on Base. The payer pays 1.05 USDC: 1.0395 USDC for the
    /// recipient, and a fee of 0.0105 USDC.
    public init() {
        metadata = SampleFile(members: [
            ("chain_id", "8453"),
            ("contract_address", quoted("0x03059433BCdB6144624cC2443159D9445C32b7a8")),
            ("sender", quoted(SampleKey.payer.address)),
        ])
        callData = SampleFile(members: [
            ("recipient_amount", quoted("1039500")),
            ("deadline", quoted("2026-03-11T08:30:49Z")),
            ("recipient", quoted(Self.recipient)),
            ("recipient_currency", quoted("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")),
            ("refund_destination", quoted(SampleKey.payer.address)),
            ("fee_amount", quoted("10500")),
            ("id", quoted("0x00112233445566778899aabbccddeeff")),
            ("operator", quoted(SampleKey.operator.address)),
            ("signature", quoted("0x")),
            ("prefix", quoted(Hex.encode(Self.knownPrefix))),
        ])
    }

    public static let recipient = Address(known: "0x5eA054aEea285Ebc3A92eCB1f722f44304F72581")
    /// The deadline 2026-03-11T08:30:49Z, in seconds since 1970.
    public static let deadline: UInt64 = 1_773_217_849
    static let knownPrefix = Array("K2 Informational Message: 32 ".utf8)

    /// A field of the call data, as JSON text; `nil` if the field is missing.
    public subscript(name: String) -> String? {
        get { callData[name] }
        set { callData[name] = newValue }
    }

    /// A field of the metadata, as JSON text; `nil` if the field is missing.
    public subscript(metadata name: String) -> String? {
        get { metadata[name] }
        set { metadata[name] = newValue }
    }

    /// The intent alone, as JSON text.
    public var intent: String { "{\"metadata\":\(metadata.json),\"call_data\":\(callData.json)}" }

    /// The whole file as JSON text. As in a real file, there are also members outside of the intent.
    public var json: String {
        """
        {"data":{"id":\(id),"created_at":"2026-03-09T08:30:49Z","expires_at":"2026-03-11T08:30:49Z",\
        "web3_data":{"transfer_intent":\(intent)}}}
        """
    }

    public var bytes: [UInt8] { Array(json.utf8) }
}

extension SampleCharge {
    /// The error that is thrown if the packed fields are not 264 bytes long. Such fields cannot be signed.
    struct Unpackable: Error {}

    /// Signs the fields. They are packed as in the contract's source code. The packing is written out here, so that the
    /// test does not rely on the code under test.
    public func signed(by key: SampleKey = .operator) throws -> SampleCharge {
        var packed = try word("recipient_amount") + deadlineWord()
        for name in ["recipient", "recipient_currency", "refund_destination"] { packed += try data(name) }
        packed += try word("fee_amount") + data("id") + data("operator")
        packed += try UInt256(decimal: text(self[metadata: "chain_id"])).word.bytes
        packed += try Hex.decode(text(self[metadata: "sender"]))
        packed += try Hex.decode(text(self[metadata: "contract_address"]))
        guard packed.count == 264 else { throw Unpackable() }
        let prefix = try data("prefix")
        let first = prefix.isEmpty ? Array("\u{19}Ethereum Signed Message:\n32".utf8) : prefix
        let digest = Hash.keccak(first + Hash.keccak(packed).bytes)
        var signed = self
        signed["signature"] = quoted(Hex.encode(try key.sign(digest).bytes))
        return signed
    }

    private func text(_ json: String?) throws -> Substring {
        let json = json ?? ""
        return json.hasPrefix("\"") ? json.dropFirst().dropLast() : json[...]
    }

    private func data(_ name: String) throws -> [UInt8] { try Hex.decode(text(self[name])) }

    private func word(_ name: String) throws -> [UInt8] { try UInt256(decimal: text(self[name])).word.bytes }

    private func deadlineWord() throws -> [UInt8] {
        let said = try text(self["deadline"])
        let seconds = try (try? UInt256(decimal: said)) ?? UInt256(Timestamp(said).seconds)
        return seconds.word.bytes
    }
}

extension SampleCharge {
    /// Returns a charge that is signed by the operator. Every field is computed from `seed`.
    public static func random(seed: UInt64) throws -> SampleCharge {
        func draw(_ name: String) -> Hash { .keccak(Array("\(seed) \(name)".utf8)) }
        func address(_ name: String) -> String { quoted(Address(lowBytesOf: draw(name))) }
        // The first byte of the hash of `name` determines the length of the number in bytes. The two amounts have at
        // most 31 bytes each, so their sum always fits into 256 bits.
        func number(_ name: String, bytes: Int) -> UInt256 {
            let hash = draw(name)
            let bytes = Array(hash.bytes.suffix(1 + Int(hash[0]) % bytes))
            return UInt256(bigEndian: bytes.span) ?? 1
        }
        var charge = SampleCharge()
        charge.id = quoted(draw("name"))
        charge[metadata: "chain_id"] = "\(1 + UInt64(draw("chain")[0]) << UInt64(draw("chain")[1] % 50))"
        charge[metadata: "contract_address"] = address("contract")
        charge[metadata: "sender"] = address("sender")
        charge["recipient_amount"] = quoted(number("amount", bytes: 31))
        charge["deadline"] = quoted(number("deadline", bytes: 8))
        for name in ["recipient", "recipient_currency", "refund_destination"] { charge[name] = address(name) }
        charge["fee_amount"] = quoted(number("fee", bytes: 31))
        charge["id"] = quoted(Hex.encode(Array(draw("id").bytes.prefix(16))))
        charge["prefix"] = quoted(draw("prefix")[0] % 2 == 0 ? "0x" : Hex.encode(knownPrefix))
        return try charge.signed()
    }
}

/// Returns a value as a JSON string.
public func quoted(_ value: some CustomStringConvertible) -> String { "\"\(value)\"" }
