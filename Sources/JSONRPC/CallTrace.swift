public import AirlockEthereumTypes
internal import AirlockDiagnostics
internal import AirlockStrictJSON

/// What a simulated call did, as a node tells it. Nothing proves a trace, and it never decides what is signed.
public struct CallTrace: Hashable, Sendable {
    /// Native currency that went from one account to another.
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

    /// What the call failed with, in the node's words; `nil` where it succeeded.
    public let failure: String?
    public private(set) var transfers: [Transfer] = []
    /// In the order in which they were logged.
    public private(set) var logs: [Log] = []

    /// A call that makes more calls and logs more events than this is not read.
    static let mostSteps = 10_000
    private var steps = 0

    /// Reads the answer of geth's `callTracer` with `withLog`: a tree of calls, each with its events.
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

    /// What failed was undone with all that it called, whatever the node says of its events.
    private mutating func read(_ reader: inout ObjectReader) {
        steps += 1
        guard steps <= Self.mostSteps, reader.optionalString("error") == nil else { return }
        readTransfer(&reader)
        var calls = (reader.optionalArray("calls") ?? [])[...]
        let logs = reader.optionalArray("logs") ?? []
        for element in logs {
            var inner = ObjectReader(element)
            // How many of the calls came before it; older nodes do not say.
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

    /// Reads the calls at positions below `end` that are left.
    private mutating func readCalls(_ calls: inout ArraySlice<JSONValue>, below end: Int, _ reader: inout ObjectReader)
    {
        while calls.startIndex < end, let call = calls.popFirst(), steps <= Self.mostSteps {
            var inner = ObjectReader(call)
            read(&inner)
            reader.record(inner.problems)
        }
    }

    /// The value of a `DELEGATECALL` is that of the call around it, and moves nothing; `CALLCODE` moves it to the caller itself.
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
