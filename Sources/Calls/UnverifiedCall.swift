import AirlockABI
public import AirlockEthereumTypes
public import AirlockDiagnostics
public import AirlockRequests
import AirlockTokens

/// A request to call a function of a contract: read and well-formed, and not yet believed.
public struct UnverifiedCall: Sendable {
    public let chain: Chain
    /// Who calls; `nil` leaves it to whoever signs.
    public let from: Address?
    public let to: Address
    /// In wei.
    public let value: UInt256
    /// The selector and the arguments.
    public let data: [UInt8]
    /// The function as the request names it; `nil` where it gives the call data alone.
    public let function: FunctionCall?
    /// What the owner knows it by; `nil` where there is none.
    public var reference: String?
    public let expires: Timestamp?
    public let proposal: Proposal?
    public let source: Source

    /// What it was read from, which tells where its members stand.
    public enum Source: Hashable, Sendable {
        case file
        /// The bytes of an unsigned transaction.
        case transaction
        /// The JSON of an unsigned transaction; the member that has the call data.
        case arguments(data: String)
        /// A transaction that was signed before.
        case bytes
    }

    /// Checks what no single member tells; all that is wrong is said at once.
    public init(
        chain: Chain, from: Address?, to: Address, value: UInt256, data: [UInt8], function: FunctionCall? = nil,
        reference: String? = nil, expires: Timestamp? = nil, proposal: Proposal? = nil, source: Source = .file
    ) throws(ProblemList) {
        self.chain = chain
        self.from = from
        self.to = to
        self.value = value
        self.data = data
        self.function = function
        self.reference = reference
        self.expires = expires
        self.proposal = proposal
        self.source = source
        if let all = ProblemList(problems) { throw all }
    }

    /// What an unsigned transaction asks for.
    public init(_ transaction: ProposedTransaction) throws(ProblemList) {
        try self.init(
            chain: transaction.chain, from: transaction.from, to: transaction.to, value: transaction.value,
            data: transaction.data, proposal: transaction.proposal,
            source: transaction.isBytes ? .transaction : .arguments(data: transaction.dataMember))
    }

    private var problems: [Problem] {
        var problems: [Problem] = []
        if to.isZero { problems.append(Problem(CallRule.nullContract, at: places.payee)) }
        if data.isEmpty, value.isZero {
            problems.append(Problem(CallRule.nothing, at: dataPlace))
        } else if Self.isPlainTransfer(to: to, value: value, data: data) {
            problems.append(Problem(CallRule.plainTransfer, at: dataPlace))
        } else if data.count < 4 {
            problems.append(
                Problem(CallRule.shortData, at: dataPlace, saw: "\(data.count) bytes", expected: "4 bytes or more"))
        }
        if let reference { problems += Reference.problems(of: reference, at: places.reference) }
        return problems
    }

    /// Is it what a request for a transfer does? It must be one then: the ledger knows a transfer by its payee and reference,
    /// whatever form it came in, and would let the same payment be signed once as each.
    static func isPlainTransfer(to: Address, value: UInt256, data: [UInt8]) -> Bool {
        if data.isEmpty { return !value.isZero }
        guard value.isZero, data.count == 68, data.starts(with: ERC20.transfer(.zero, .zero).prefix(16)) else {
            return false
        }
        return true
    }

    // MARK: Places

    /// Where the call data stand.
    var dataPlace: String {
        switch source {
        case .file: function == nil ? "/data" : "/function"
        case .transaction: "data"
        case .arguments(let data): "/\(data)"
        case .bytes: "/data"
        }
    }

    /// Where an argument stands, by its position.
    func place(of position: String) -> String {
        function == nil ? dataPlace : "/arguments/\(position.split(separator: ".").joined(separator: "/"))"
    }

    var places: Terms.Places {
        func place(_ name: String) -> String { source == .transaction ? name : "/\(name)" }
        return Terms.Places(
            chain: place("chainId"), payer: ArgumentPlace.payer.place(or: "/from", isGiven: source == .transaction),
            payee: place("to"),
            currency: place("value"), amount: place("value"), expires: place("expires"),
            reference: ArgumentPlace.reference.place(or: "/reference", isGiven: source != .file))
    }

    // MARK: What it calls

    /// The function with its arguments: as the request names it, else by the policy's list for the contract, else a function of
    /// tokens that is known. `nil` where nobody knows it, or where the call data are not exactly its arguments.
    func decoded(by rules: CallRules?) -> FunctionCall? {
        if let function { return function }
        if let listed = rules?.function(of: data, at: to)?.function {
            return (try? listed.decodeCall(data)).map { FunctionCall(listed, $0) }
        }
        return (try? tokenFunction(of: nil)).flatMap { $0.map { FunctionCall($0.function, $0.arguments) } }
    }

    /// What is known of it as a function of a token. Throws where the selector is one and the arguments are not.
    func tokenFunction(of payer: Address?) throws(ABIError) -> TokenFunction? {
        try TokenFunction(data, of: to, payer: payer) { place(of: $0) }
    }
}
