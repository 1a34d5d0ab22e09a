public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// A charge that was read and is well-formed. The operator's signature is not verified yet.
///
/// Such a charge can be shown and checked. Only a ``Charge``, whose signature is verified, can become a call.
public struct UnverifiedCharge: Hashable, Sendable {
    /// The id that the payment service gave to the charge.
    public let id: String
    public let chain: Chain
    /// The address of the Transfers contract that is to be called.
    public let contract: Address
    /// The payer for whom the operator signed.
    public let sender: Address
    public let intent: TransferIntent
    /// The total amount to pay. It is never zero.
    public let needed: UInt256
    public let deadline: Timestamp

    /// Rebuilds a charge from a transaction. Returns `nil` if Airlock would refuse a charge file with these values, for
    /// example because the total amount is zero.
    public init?(id: String, chain: Chain, contract: Address, sender: Address, intent: TransferIntent) {
        guard let needed = intent.needed, !needed.isZero, !intent.recipient.isZero, !intent.operator.isZero else {
            return nil
        }
        self.init(
            id: id, chain: chain, contract: contract, sender: sender, intent: intent, needed: needed)
    }

    /// Makes a charge. `needed` must be the total amount of the intent.
    init(id: String, chain: Chain, contract: Address, sender: Address, intent: TransferIntent, needed: UInt256) {
        self.id = id
        self.chain = chain
        self.contract = contract
        self.sender = sender
        self.intent = intent
        self.needed = needed
        // Files contain times in RFC 3339, which can express no time after the year 9999. A later deadline is replaced
        // by the last time that RFC 3339 can express.
        self.deadline = min(Timestamp(seconds: UInt64(exactly: intent.deadline) ?? .max), .last)
    }

    /// The JSON pointers of two objects in the file of a charge. `callData` points to the object with the fields of the
    /// intent, and `metadata` points to the object with the metadata of the intent.
    public static let callData = "/data/web3_data/transfer_intent/call_data"
    public static let metadata = "/data/web3_data/transfer_intent/metadata"

    /// Returns a problem if the charge's deadline has passed at the time `now`. Returns `nil` if it has not passed.
    public func expiry(at now: Timestamp) -> Problem? {
        guard deadline < now else { return nil }
        return Problem(
            ChargeRule.expired, at: "\(Self.callData)/deadline", saw: deadline.description,
            expected: "\(now) or later")
    }
}

extension UnverifiedCharge {
    /// Reads a saved charge. Every field that Airlock uses must exist and be well-formed. All other fields are ignored.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        let document: JSONDocument
        do { document = try JSONDocument(bytes) } catch { throw ProblemList(error.problems) ?? .unexplained }
        try self.init(document.root)
    }

    /// Reads a charge that is part of a larger document.
    public init(_ root: JSONValue) throws(ProblemList) {
        if let other = Self.otherDocument(root) { throw ProblemList(other) }
        var reader = ObjectReader(root)
        let charge = reader.object("data") { data -> UnverifiedCharge? in
            let id = data.string("id")
            if id?.isEmpty == true { data.record([Problem(ChargeRule.noIdentifier, at: data.pointer(to: "id"))]) }
            let read = data.object("web3_data") { web3 in web3.object("transfer_intent") { Self.read(&$0) } }
            guard let id, let read else { return nil }
            return UnverifiedCharge(
                id: id, chain: read.metadata.chain, contract: read.metadata.contract, sender: read.metadata.sender,
                intent: read.intent, needed: read.needed)
        }
        if let problems = ProblemList(reader.problems) { throw problems }
        guard let charge else { throw .unexplained }
        self = charge
    }

    private struct Metadata {
        let chain: Chain
        let contract: Address
        let sender: Address
    }

    /// Recognises files that people often save by mistake instead of a charge. Returns a problem that explains the
    /// mistake, or `nil` for any other file.
    private static func otherDocument(_ root: JSONValue) -> Problem? {
        if let error = root["error"], root["data"] == nil {
            return Problem(
                ChargeRule.errorAnswer, at: "\(root.pointer)/error", saw: error["message"]?.string ?? error.text)
        }
        if root["result"] != nil, root["data"] == nil {
            return Problem(ChargeRule.jsonRPCForm, at: "\(root.pointer)/result")
        }
        if let web3 = root["data"]?["web3_data"], web3.kind == .object, web3["transfer_intent"]?.isNull == true {
            return Problem(ChargeRule.notHydrated, at: "\(root.pointer)/data/web3_data/transfer_intent")
        }
        return nil
    }

    private static func read(
        _ intent: inout ObjectReader
    ) -> (metadata: Metadata, intent: TransferIntent, needed: UInt256)? {
        let metadata = intent.object("metadata") { reader -> Metadata? in
            let chain = reader.number("chain_id") { try Chain(decimal: $0) }
            let contract = address(&reader, "contract_address")
            let sender = address(&reader, "sender")
            guard let chain, let contract, let sender else { return nil }
            return Metadata(chain: chain, contract: contract, sender: sender)
        }
        let callData = intent.object("call_data") { Self.readCallData(&$0) }
        guard let metadata, let callData else { return nil }
        return (metadata, callData.intent, callData.needed)
    }

    // Addresses need no EIP-55 checksum here. The operator's signature covers every address, so an altered digit makes
    // the signature invalid.
    private static func readCallData(_ reader: inout ObjectReader) -> (intent: TransferIntent, needed: UInt256)? {
        let recipientAmount = amount(&reader, "recipient_amount")
        let deadline = reader.string("deadline", utf8: { Timestamp($0).map { UInt256($0.seconds) } }, deadline)
        let recipient = address(&reader, "recipient")
        let currency = address(&reader, "recipient_currency")
        let refund = address(&reader, "refund_destination")
        let feeAmount = amount(&reader, "fee_amount")
        let id = reader.string("id", utf8: { FixedBytes<16>(hex: $0) }) { try FixedBytes<16>(hex: $0) }
        let `operator` = address(&reader, "operator")
        let signature = reader.string(
            "signature", utf8: { $0.count == 132 ? Hex.bytes(of: $0) : nil }, signature)
        let prefix = reader.string("prefix", utf8: { $0.count <= 130 ? Hex.bytes(of: $0) : nil }, prefix)
        guard let recipientAmount, let deadline, let recipient, let currency, let refund, let feeAmount, let id,
            let `operator`, let signature, let prefix
        else { return nil }
        let intent = TransferIntent(
            recipientAmount: recipientAmount, deadline: deadline, recipient: recipient, recipientCurrency: currency,
            refundDestination: refund, feeAmount: feeAmount, id: id, operator: `operator`, signature: signature,
            prefix: prefix)
        let needed = intent.needed
        var problems: [Problem] = []
        if recipient.isZero { problems.append(Problem(ChargeRule.nullRecipient, at: reader.pointer(to: "recipient"))) }
        if `operator`.isZero { problems.append(Problem(ChargeRule.nullOperator, at: reader.pointer(to: "operator"))) }
        if needed == nil || needed?.isZero == true {
            let rule = needed == nil ? ChargeRule.amountOverflow : .nothingNeeded
            problems.append(Problem(rule, at: reader.pointer(to: "recipient_amount")))
        }
        reader.record(problems)
        guard problems.isEmpty, let needed else { return nil }
        return (intent, needed)
    }

    private static func address(_ reader: inout ObjectReader, _ key: String) -> Address? {
        reader.string(key, utf8: { Address(anyCase: $0) }) { try Address(anyCase: $0) }
    }

    private static func amount(_ reader: inout ObjectReader, _ key: String) -> UInt256? {
        reader.string(key, utf8: { UInt256(decimal: $0) }) { try UInt256(decimal: $0) }
    }

    /// Reads the deadline. The payment service writes it in RFC 3339. A number of seconds since 1970, as in the
    /// contract, is also accepted.
    private static func deadline(_ text: String) throws(ValueError) -> UInt256 {
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        return isNumber ? try UInt256(decimal: text) : UInt256(try Timestamp(text).seconds)
    }

    private static func signature(_ text: String) throws -> [UInt8] {
        let bytes = try Hex.decode(text)
        guard bytes.count == 65 else {
            throw Problem(ChargeRule.signatureLength, saw: "\(bytes.count) bytes", expected: "65 bytes")
        }
        return bytes
    }

    /// Reads the prefix and checks only its length. `Charge` checks whether the prefix is known.
    private static func prefix(_ text: String) throws -> [UInt8] {
        let bytes = try Hex.decode(text)
        guard bytes.count <= 64 else {
            throw Problem(ChargeRule.unknownPrefix, saw: text, expected: "at most 64 bytes")
        }
        return bytes
    }
}

extension ProblemList {
    /// The error for a file whose reader returned `nil` without recording a problem. This error occurs only if Airlock
    /// has a bug.
    static let unexplained = ProblemList(Problem(JSONRule.wrongType))
}
