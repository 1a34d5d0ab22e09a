import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSecp256k1
import AirlockStrictJSON
import AirlockTransactions

/// A transaction from the fields that `inspect` shows. Every field of the type must be there: nothing is guessed. What
/// follows from the others may be there, and must be what follows from them; the call is only ever shown.
struct InspectedTransaction {
    let transaction: UnsignedTransaction
    /// Who signed it, or is to sign it.
    private let from: Address?

    init(_ value: JSONValue) throws {
        var reader = ObjectReader(value)
        let type = reader.string("type") { text throws(Problem) in
            guard ["0", "1", "2"].contains(text) else { throw Problem(LookingRule.unknownType, saw: text) }
            return text
        }
        let nonce = reader.string("nonce", Quantity.uint64)
        let gas = reader.string("gas", Quantity.uint64)
        let to = reader.recipient("to")
        let value = reader.string("value") { try UInt256(decimal: $0) }
        let data = reader.string("data") { try Hex.decode($0) }
        let form = type.flatMap { reader.form(ofType: $0) }
        from = reader.optionalString("from") { try Address($0) }
        let signingHash = reader.optionalString("signingHash") { try Hash(hex: $0) }
        let hash = reader.optionalString("hash") { try Hash(hex: $0) }
        let signature = type.flatMap { reader.signature(ofType: $0, isNeeded: hash != nil) }
        for shown in ["call", "ok", "warnings"] { _ = reader.optionalValue(shown) }
        reader.refuseUnknown()
        if let all = ProblemList(reader.problems) { throw all }
        guard let nonce, let gas, let to, let value, let data, let form else { throw Problem(JSONRule.wrongType) }
        transaction = UnsignedTransaction(nonce: nonce, gas: gas, to: to, value: value, data: data, form: form)
        try Self.compare("/signingHash", signingHash, transaction.signingHash)
        guard let signature else { return }
        let signed = try signature.signing(transaction)
        try Self.compare("/hash", hash, signed.hash)
        try Self.compare("/from", from, signed.sender)
    }

    /// Refuses a key of another account than the one that the fields name.
    func requireSigner(_ signer: Address) throws(Problem) { try Self.compare("/from", from, signer) }

    private static func compare<Value: Equatable & CustomStringConvertible>(
        _ field: String, _ saw: Value?, _ expected: Value
    ) throws(Problem) {
        guard let saw, saw != expected else { return }
        throw Problem(
            LookingRule.contradiction, at: field, saw: saw.description, expected: expected.description)
    }
}

/// The three fields of a signature as `inspect` shows them.
private struct InspectedSignature {
    let parity: (field: String, value: UInt256)
    let r: UInt256
    let s: UInt256

    func signing(_ transaction: UnsignedTransaction) throws -> SignedTransaction {
        for yParity: UInt8 in [0, 1] {
            let signed = try SignedTransaction(transaction, Signature(r: r.word, s: s.word, yParity: yParity))
            if parity.value == signed.v { return signed }
        }
        throw Problem(LookingRule.contradiction, at: "/\(parity.field)", saw: parity.value.description)
    }
}

extension ObjectReader {
    /// All of a signature, or nothing of it.
    fileprivate mutating func signature(ofType type: String, isNeeded: Bool) -> InspectedSignature? {
        let parityField = type == "0" ? "v" : "yParity"
        // Each is asked for, so that none of them is unknown.
        let parts = [parityField, "r", "s"].filter { optionalValue($0) != nil }
        guard isNeeded || !parts.isEmpty else { return nil }
        let parity = string(parityField) { try UInt256(decimal: $0) }
        let r = string("r") { try UInt256(decimal: $0) }
        let s = string("s") { try UInt256(decimal: $0) }
        guard let parity, let r, let s else { return nil }
        return InspectedSignature(parity: (parityField, parity), r: r, s: s)
    }

    /// An address, or null for the creation of a contract; `nil` when it was refused.
    fileprivate mutating func recipient(_ key: String) -> Address?? {
        guard let value = value(key) else { return nil }
        if value.isNull { return .some(nil) }
        return string(key) { try Address($0) }.map { .some($0) }
    }

    fileprivate mutating func form(ofType type: String) -> UnsignedTransaction.Form? {
        if type == "0" {
            let chainID = optionalString("chainId", Self.chainID)
            return string("gasPrice") { try UInt256(decimal: $0) }.map { .legacy(chainID: chainID, gasPrice: $0) }
        }
        let chainID = string("chainId", Self.chainID)
        let entries = objects("accessList") { entry -> AccessListEntry? in
            let address = entry.string("address") { try Address($0) }
            let keys = entry.strings("storageKeys") { try FixedBytes<32>(hex: $0) }
            entry.refuseUnknown()
            guard let address, let keys else { return nil }
            return AccessListEntry(address: address, storageKeys: keys)
        }
        if type == "1" {
            let gasPrice = string("gasPrice") { try UInt256(decimal: $0) }
            guard let chainID, let gasPrice, let entries else { return nil }
            return .accessList(chainID: chainID, gasPrice: gasPrice, accessList: entries)
        }
        let priorityFee = string("maxPriorityFeePerGas") { try UInt256(decimal: $0) }
        let maxFee = string("maxFeePerGas") { try UInt256(decimal: $0) }
        guard let chainID, let priorityFee, let maxFee, let entries else { return nil }
        return .dynamicFee(
            chainID: chainID, maxPriorityFeePerGas: priorityFee, maxFeePerGas: maxFee, accessList: entries)
    }

    private static func chainID(_ text: String) throws -> UInt64 {
        let id = try Quantity.uint64(text)
        guard id > 0 else { throw Problem(TransactionRule.noChain, saw: text) }
        return id
    }
}
