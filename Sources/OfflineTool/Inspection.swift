import AirlockABI
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockRequestKinds
import AirlockRequests
import AirlockSecp256k1
import AirlockStrictJSON
import AirlockTransactions

/// The fields of a transaction in the form that `inspect` shows. Numbers are decimal strings.
enum Inspection {
    static func document(of signed: SignedTransaction) throws -> [(String, JSONOutput)] {
        let transaction = signed.transaction
        var members = fields(of: transaction)
        members.append(
            transaction.type == 0
                ? ("v", .string("\(signed.v)")) : ("yParity", .string("\(signed.signature.yParity)")))
        members += [
            ("r", .string("\(UInt256(signed.signature.r))")), ("s", .string("\(UInt256(signed.signature.s))")),
            ("hash", .string("\(signed.hash)")), ("signingHash", .string("\(transaction.signingHash)")),
            ("from", .string("\(try signed.sender)")),
        ]
        return members + call(of: transaction)
    }

    /// Returns the fields of an unsigned transaction.
    static func document(of transaction: UnsignedTransaction) -> [(String, JSONOutput)] {
        fields(of: transaction) + [("signingHash", .string("\(transaction.signingHash)"))] + call(of: transaction)
    }

    private static func call(of transaction: UnsignedTransaction) -> [(String, JSONOutput)] {
        RequestKinds.function(of: transaction.data).map { [("call", $0.json)] } ?? []
    }

    private static func fields(of transaction: UnsignedTransaction) -> [(String, JSONOutput)] {
        var members: [(String, JSONOutput)] = [
            ("type", .string("\(transaction.type)")),
            ("chainId", transaction.chainID.map { .string("\($0)") } ?? .null),
            ("nonce", .string("\(transaction.nonce)")),
            ("to", transaction.to.map { .string("\($0)") } ?? .null),
            ("value", .string("\(transaction.value)")),
            ("gas", .string("\(transaction.gas)")),
        ]
        if transaction.type == 2 {
            members += [
                ("maxFeePerGas", .string("\(transaction.maxFeePerGas)")),
                ("maxPriorityFeePerGas", .string("\(transaction.maxPriorityFeePerGas)")),
            ]
        } else {
            members.append(("gasPrice", .string("\(transaction.maxFeePerGas)")))
        }
        if transaction.type > 0 { members.append(("accessList", .array(transaction.accessList.map(document)))) }
        members.append(("data", .string(Hex.encode(transaction.data))))
        return members
    }

    private static func document(of entry: AccessListEntry) -> JSONOutput {
        [
            "address": .string("\(entry.address)"),
            "storageKeys": .array(entry.storageKeys.map { .string("\($0)") }),
        ]
    }

    /// Formats the members of a JSON object as lines. Each line has a name and a value. Nested members are indented.
    ///
    /// - Parameters:
    ///   - members: the members.
    ///   - width: the width of the lines.
    ///   - indent: the indentation of the lines.
    ///   - limit: the maximum number of characters of a value. There must be no limit for data that is to be signed,
    ///     because the user must see the whole data.
    static func text(
        _ members: [(String, JSONOutput)], width: Int, indent: String = "", limit: Int = 4096
    ) -> String {
        members.map { name, value in
            func beside(_ text: String) -> String { tabulated(indent + name, [text], column: 22, width: width) }
            switch value {
            case .object(let inner):
                return indent + name + "\n" + text(inner, width: width, indent: indent + "  ", limit: limit)
            case .string(let string): return beside(escaped(string, limit: limit))
            default: return beside(value.printable)
            }
        }.joined()
    }
}

extension FunctionCall {
    /// The decoded call: the function's signature, and the name and value of each argument.
    var json: JSONOutput {
        [
            "function": .string(function.signature),
            "arguments": Self.object(function.inputs, arguments),
        ]
    }

    private static func object(_ parameters: ABIParameters, _ values: [ABIValue]) -> JSONOutput {
        .object(
            zip(parameters.elements, values).enumerated().map { index, pair in
                let (parameter, value) = pair
                return (parameter.name.isEmpty ? "\(index)" : parameter.name, json(parameter.type, value))
            })
    }

    private static func json(_ type: ABIType, _ value: ABIValue) -> JSONOutput {
        switch value {
        case .uint(let number): .string("\(number)")
        case .int(let number): .string("\(number)")
        case .address(let address): .string("\(address)")
        case .bool(let bool): .boolean(bool)
        case .fixedBytes(let bytes), .bytes(let bytes): .string(Hex.encode(bytes))
        case .string(let string): .string(string)
        case .array(let values):
            switch type.kind {
            case .array(let element, _), .list(let element): .array(values.map { json(element, $0) })
            default: .null
            }
        case .tuple(let values):
            if case .tuple(let parameters) = type.kind { object(parameters, values) } else { .null }
        }
    }
}

/// A transaction that is built from the fields that `inspect` shows. All fields of its transaction type are required.
/// Fields that can be computed from other fields, such as the hash, are optional. If they are present, they must be
/// right. The decoded call is ignored.
struct InspectedTransaction {
    let transaction: UnsignedTransaction
    /// The signer; `nil` if the fields do not name a signer.
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

    /// Throws if the fields name a signer other than the given signer.
    func requireSigner(_ signer: Address) throws(Problem) { try Self.compare("/from", from, signer) }

    private static func compare<Value: Equatable & CustomStringConvertible>(
        _ field: String, _ saw: Value?, _ expected: Value
    ) throws(Problem) {
        guard let saw, saw != expected else { return }
        throw Problem(
            LookingRule.contradiction, at: field, saw: saw.description, expected: expected.description)
    }
}

/// The fields `v` or `yParity`, `r` and `s` of a signature, as `inspect` shows them.
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
    /// Reads the fields of a signature. Returns `nil` if no such field exists, or if a field is wrong.
    fileprivate mutating func signature(ofType type: String, isNeeded: Bool) -> InspectedSignature? {
        let parityField = type == "0" ? "v" : "yParity"
        // `optionalValue` reads a field and marks it as known. An unmarked field would later be refused by
        // `refuseUnknown`.
        let parts = [parityField, "r", "s"].filter { optionalValue($0) != nil }
        guard isNeeded || !parts.isEmpty else { return nil }
        let parity = string(parityField) { try UInt256(decimal: $0) }
        let r = string("r") { try UInt256(decimal: $0) }
        let s = string("s") { try UInt256(decimal: $0) }
        guard let parity, let r, let s else { return nil }
        return InspectedSignature(parity: (parityField, parity), r: r, s: s)
    }

    /// Reads the address `to`. Returns `.some(nil)` for JSON null, which creates a contract. Returns `nil` if the value
    /// is wrong.
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
