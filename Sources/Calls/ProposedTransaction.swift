import AirlockABI
public import AirlockEthereumTypes
public import AirlockDiagnostics
public import AirlockRequests
public import AirlockStrictJSON
import AirlockTransactions

/// An unsigned transaction that somebody asks the user to sign. It is read from bytes in hexadecimal, or from the JSON
/// form that geth calls TransactionArgs.
public struct ProposedTransaction: Sendable {
    public let chain: Chain
    public let from: Address?
    public let to: Address
    public let value: UInt256
    public let data: [UInt8]
    public let proposal: Proposal
    /// A function that returns the location of a member, for error messages. If the transaction was read from JSON, the
    /// location is a JSON pointer. If it was read from bytes, the location is the name of the member, such as `to`.
    public let place: @Sendable (_ member: String) -> String
    /// The name of the member that contains the call data.
    let dataMember: String
    /// Whether the transaction was read from bytes, and not from JSON.
    let isBytes: Bool

    public var dataPlace: String { place(dataMember) }

    /// Whether the JSON is a transaction that is to be signed (geth's TransactionArgs). A JSON object with a member
    /// that belongs to another format, such as `safe`, is not such a transaction.
    public static func isOne(_ root: JSONValue) -> Bool {
        guard root.kind == .object,
            root["to"]?.string != nil || root["input"]?.string != nil || root["data"]?.string != nil,
            root["airlock"] == nil, root["kind"] == nil,
            ["types", "domain", "safe", "safeTxGas", "signatures", "web3_data"].allSatisfy({ root[$0] == nil })
        else { return false }
        return ["chainId", "gas", "gasPrice", "maxFeePerGas", "input", "nonce", "value"].contains { root[$0] != nil }
    }

    /// Reads the JSON of an unsigned transaction. Refuses unknown members, because they could change what is signed.
    public init(_ root: JSONValue) throws(ProblemList) {
        var reader = ObjectReader(root)
        let read = Self.read(&reader, root.pointer)
        reader.refuseUnknown()
        if let all = ProblemList(reader.problems) { throw all }
        guard let read else { throw ProblemList(Problem(CallRule.noCall)) }
        self = read
    }

    private static func read(_ reader: inout ObjectReader, _ pointer: String) -> ProposedTransaction? {
        func uint64(_ text: String) throws -> UInt64 {
            guard let number = UInt64(exactly: try UInt256(quantity: text)) else {
                throw ValueError(.tooLarge, saw: text, expected: "at most 64 bits")
            }
            return number
        }
        let type = reader.optionalString("type", uint64)
        let hasChain = reader.optionalValue("chainId") != nil
        if !hasChain { reader.record([Problem(CallRule.noChain, at: reader.pointer(to: "chainId"))]) }
        let chain = reader.optionalString("chainId") { text throws in try Chain(decimal: "\(uint64(text))") }
        let from = reader.optionalString("from") { try Address($0) }
        let to = reader.optionalString("to") { try Address($0) }
        if reader.optionalValue("to") == nil {
            reader.record([Problem(CallRule.creation, at: reader.pointer(to: "to"))])
        }
        let value = reader.optionalString("value") { try UInt256(quantity: $0) }
        let nonce = reader.optionalString("nonce", uint64)
        let gas = reader.optionalString("gas", uint64)
        let gasPrice = reader.optionalString("gasPrice") { try UInt256(quantity: $0) }
        let maxFee = reader.optionalString("maxFeePerGas") { try UInt256(quantity: $0) }
        let priorityFee = reader.optionalString("maxPriorityFeePerGas") { try UInt256(quantity: $0) }
        let data = reader.optionalString("data") { try Hex.decode($0) }
        let input = reader.optionalString("input") { try Hex.decode($0) }
        if let data, let input, data != input {
            reader.record([
                Problem(
                    CallRule.otherInput, at: reader.pointer(to: "input"), saw: Hex.encode(input),
                    expected: escaped(Hex.encode(data)))
            ])
        }
        let accessList =
            reader.optionalObjects("accessList") { entry -> AccessListEntry? in
                let address = entry.string("address") { try Address($0) }
                let keys = entry.strings("storageKeys") { try FixedBytes<32>(hex: $0) }
                entry.refuseUnknown()
                guard let address, let keys else { return nil }
                return AccessListEntry(address: address, storageKeys: keys)
            } ?? []
        if gasPrice != nil, maxFee != nil || priorityFee != nil {
            reader.record([Problem(CallRule.twoFees, at: reader.pointer(to: "gasPrice"))])
        }
        if let type {
            let place = reader.pointer(to: "type")
            reader.record(problems(of: type, gasPrice, maxFee, priorityFee, at: place))
            if type == 0, !accessList.isEmpty {
                reader.record([
                    Problem(CallRule.otherType, at: place, saw: "0", expected: "0x1 or 0x2, for an access list")
                ])
            }
        }
        guard let chain, let to else { return nil }
        let isInput = data == nil && input != nil
        return ProposedTransaction(
            chain: chain, from: from, to: to, value: value ?? .zero, data: data ?? input ?? [],
            proposal: Proposal(
                nonce: nonce, gas: gas, maxFeePerGas: gasPrice ?? maxFee, maxPriorityFeePerGas: priorityFee,
                isGasPrice: gasPrice != nil, accessList: accessList),
            place: { "\(pointer)/\($0)" }, dataMember: isInput ? "input" : "data", isBytes: false)
    }

    private static func problems(
        of type: UInt64, _ gasPrice: UInt256?, _ maxFee: UInt256?, _ priorityFee: UInt256?, at place: String
    ) -> [Problem] {
        switch type {
        case 0, 1:
            maxFee == nil && priorityFee == nil
                ? [] : [Problem(CallRule.otherType, at: place, saw: "\(type)", expected: "0x2, for these fees")]
        case 2:
            gasPrice == nil
                ? [] : [Problem(CallRule.otherType, at: place, saw: "2", expected: "0x0 or 0x1, for a gas price")]
        case 3: [Problem(TransactionRule.blob, at: place)]
        case 4: [Problem(TransactionRule.setCode, at: place)]
        default: [Problem(TransactionRule.unknownType, at: place, saw: "\(type)")]
        }
    }

    /// Reads an unsigned transaction of type 0, 1 or 2 from bytes in hexadecimal.
    public init(hexadecimal text: String) throws(ProblemList) {
        let transaction: UnsignedTransaction
        do {
            transaction = try UnsignedTransaction(encoded: Hex.decode(text))
        } catch let broken as any RuleBroken {
            throw ProblemList(broken.problems) ?? ProblemList(Problem(CallRule.noCall))
        } catch { throw ProblemList(Problem(CallRule.noCall)) }
        var problems: [Problem] = []
        if transaction.chainID == nil { problems.append(Problem(CallRule.noChain, at: "chainId")) }
        if transaction.to == nil { problems.append(Problem(CallRule.creation, at: "to")) }
        if let all = ProblemList(problems) { throw all }
        guard let to = transaction.to, let chain = transaction.chainID else {
            throw ProblemList(Problem(CallRule.noCall))
        }
        self.init(
            chain: Chain(id: chain), from: nil, to: to, value: transaction.value, data: transaction.data,
            proposal: Proposal(
                nonce: transaction.nonce, gas: transaction.gas, maxFeePerGas: transaction.maxFeePerGas,
                maxPriorityFeePerGas: transaction.type == 2 ? transaction.maxPriorityFeePerGas : nil,
                isGasPrice: transaction.type != 2, accessList: transaction.accessList),
            place: { $0 }, dataMember: "data", isBytes: true)
    }

    private init(
        chain: Chain, from: Address?, to: Address, value: UInt256, data: [UInt8], proposal: Proposal,
        place: @escaping @Sendable (String) -> String, dataMember: String, isBytes: Bool
    ) {
        self.chain = chain
        self.from = from
        self.to = to
        self.value = value
        self.data = data
        self.proposal = proposal
        self.place = place
        self.dataMember = dataMember
        self.isBytes = isBytes
    }
}
