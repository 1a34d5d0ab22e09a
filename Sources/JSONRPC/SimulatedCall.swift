internal import AirlockDiagnostics
public import AirlockEthereumTypes
internal import AirlockStrictJSON

/// A call that a node simulates. Nothing is signed and nothing is sent.
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
        // The specification calls the member with the call data `input`. The name `data` is used here, because all
        // nodes know it, and older nodes do not know `input`.
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

/// A state override: the changes that a node assumes in the state of one account during a simulation.
public struct StateOverride: Hashable, Sendable {
    public var balance: UInt256?
    public var code: [UInt8]?
    /// The values that the simulation assumes for some storage slots. All other slots keep the values from the chain.
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

/// The block whose state a node uses to answer a call.
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

/// The trace of a simulated call, as a node reports it. Nothing proves that a trace is right, so a trace never decides
/// what is signed.
public struct CallTrace: Hashable, Sendable {
    /// A transfer of native currency.
    public struct Transfer: Hashable, Sendable {
        public let from: Address
        public let to: Address
        public let amount: UInt256
    }

    /// An event that a contract logged.
    public struct Log: Hashable, Sendable {
        public let address: Address
        public let topics: [Hash]
        public let data: [UInt8]

        init?(_ reader: inout ObjectReader) {
            let address = reader.address("address")
            let topics = reader.strings("topics") { try Hash(hex: $0) }
            let data = reader.optionalString("data") { try Hex.decode($0) }
            guard let address, let topics else { return nil }
            self.address = address
            self.topics = topics
            self.data = data ?? []
        }
    }

    /// The node's message for a call that failed; `nil` if it succeeded.
    public let failure: String?
    public private(set) var transfers: [Transfer] = []
    /// The events in the order in which they were logged.
    public private(set) var logs: [Log] = []

    /// The largest number of calls and events that are read from one trace.
    static let mostSteps = 10_000
    private var steps = 0

    /// Reads the result of geth's `callTracer` with the option `withLog`: a tree of calls, in which each call contains
    /// the events that it logged.
    init?(_ reader: inout ObjectReader) {
        failure = reader.optionalString("error")
        read(&reader)
        if steps > Self.mostSteps {
            reader.record([
                Problem(
                    RPCRule.badAnswer, at: reader.pointer(to: "calls"), saw: "more",
                    expected: "at most \(Self.mostSteps) calls and events")
            ])
        }
        guard reader.problems.isEmpty else { return nil }
    }

    /// Reads one call and its inner calls. If a call failed, its inner calls were reverted too. So the transfers and
    /// events of the call and of its inner calls are left out.
    private mutating func read(_ reader: inout ObjectReader) {
        steps += 1
        guard steps <= Self.mostSteps, reader.optionalString("error") == nil else { return }
        readTransfer(&reader)
        var calls = (reader.optionalArray("calls") ?? [])[...]
        let logs = reader.optionalArray("logs") ?? []
        for element in logs {
            var inner = ObjectReader(element)
            // `position` is the number of inner calls that were made before this event. Older nodes do not report this
            // number. If it is missing, all inner calls are read before the event.
            let position = inner.optionalCount("position").flatMap { Int(exactly: $0) } ?? .max
            let log = Log(&inner)
            reader.record(inner.problems)
            readCalls(&calls, below: position, &reader)
            steps += 1
            guard steps <= Self.mostSteps else { return }
            if let log { self.logs.append(log) }
        }
        readCalls(&calls, below: .max, &reader)
    }

    /// Reads the inner calls that have not been read yet and whose index is less than `end`.
    private mutating func readCalls(_ calls: inout ArraySlice<JSONValue>, below end: Int, _ reader: inout ObjectReader)
    {
        while calls.startIndex < end, let call = calls.popFirst(), steps <= Self.mostSteps {
            var inner = ObjectReader(call)
            read(&inner)
            reader.record(inner.problems)
        }
    }

    /// Records the native currency that a call transfers. In a trace, `DELEGATECALL` and `CALLCODE` may have a value
    /// too, but they transfer nothing to another account. `DELEGATECALL` shows the value of the outer call, and
    /// `CALLCODE` sends its value from an account to the same account.
    private mutating func readTransfer(_ reader: inout ObjectReader) {
        let type = reader.string("type")
        let from = reader.address("from")
        let (to, value) = (reader.optionalAddress("to"), reader.optionalQuantity("value"))
        guard let type, let from, let to, let value, !value.isZero,
            ["CALL", "CREATE", "CREATE2", "SELFDESTRUCT"].contains(type)
        else { return }
        transfers.append(Transfer(from: from, to: to, amount: value))
    }
}
