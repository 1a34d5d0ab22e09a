public import AirlockEthereumTypes
internal import AirlockStrictJSON

/// A call to simulate: nothing is signed and nothing is sent.
public struct CallRequest: Hashable, Sendable {
    public var from: Address?
    public var to: Address
    public var value: UInt256
    public var data: [UInt8]
    public var gas: UInt64?
    public var accessList: [AccessListEntry]

    public init(
        from: Address? = nil, to: Address, value: UInt256 = .zero, data: [UInt8] = [], gas: UInt64? = nil,
        accessList: [AccessListEntry] = []
    ) {
        self.from = from
        self.to = to
        self.value = value
        self.data = data
        self.gas = gas
        self.accessList = accessList
    }

    var json: JSONOutput {
        var members: [(String, JSONOutput)] = [("to", .string(to.description))]
        if let from { members.append(("from", .string(from.description))) }
        if !value.isZero { members.append(("value", .string(value.quantity))) }
        // `input` is the specification's name for it; older nodes know only `data`, and all know it.
        if !data.isEmpty { members.append(("data", .string(Hex.encode(data)))) }
        if let gas { members.append(("gas", .string(UInt256(gas).quantity))) }
        if !accessList.isEmpty {
            let entries = accessList.map { entry -> JSONOutput in
                let keys = entry.storageKeys.map { JSONOutput.string("\($0)") }
                return ["address": .string("\(entry.address)"), "storageKeys": .array(keys)]
            }
            members.append(("accessList", .array(entries)))
        }
        return .object(members)
    }
}

/// What a simulation pretends of one account.
public struct StateOverride: Hashable, Sendable {
    public var balance: UInt256?
    public var code: [UInt8]?
    /// Storage words by their slot; all others stay as they are.
    public var storage: [Hash: Hash]

    public init(balance: UInt256? = nil, code: [UInt8]? = nil, storage: [Hash: Hash] = [:]) {
        self.balance = balance
        self.code = code
        self.storage = storage
    }

    var json: JSONOutput {
        var members: [(String, JSONOutput)] = []
        if let balance { members.append(("balance", .string(balance.quantity))) }
        if let code { members.append(("code", .string(Hex.encode(code)))) }
        if !storage.isEmpty {
            let words = storage.sorted { $0.key < $1.key }
            members.append(
                ("stateDiff", .object(words.map { ($0.key.description, .string($0.value.description)) })))
        }
        return .object(members)
    }
}

/// The block that a question is about.
public enum BlockTag: Hashable, Sendable {
    case latest
    case pending
    case number(UInt64)

    var json: JSONOutput {
        switch self {
        case .latest: "latest"
        case .pending: "pending"
        case .number(let number): .string(UInt256(number).quantity)
        }
    }
}
