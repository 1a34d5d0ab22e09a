public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// A member of a policy's rules for a chain that belongs to one kind of request. The kind reads the member, judges
/// requests by it and describes it in sentences. A policy without the member refuses every request of the kind.
public struct PolicySection: Sendable {
    /// The member's name, such as `calls`.
    public let name: String
    /// Its value in a new policy.
    public let start: JSONOutput
    /// The values that the owner has to fill in.
    public let toFillIn: String
    /// Reads the member, or adds its problems.
    public let read: @Sendable (JSONValue, inout [Problem]) -> (any KindRules)?

    public init(
        _ name: String, start: JSONOutput, toFillIn: String,
        read: @escaping @Sendable (JSONValue, inout [Problem]) -> (any KindRules)?
    ) {
        self.name = name
        self.start = start
        self.toFillIn = toFillIn
        self.read = read
    }
}

/// The rules of a policy for one kind of request on one chain.
public protocol KindRules: Sendable {
    /// The permissions that the rules grant, in sentences that a treasurer can sign.
    func sentences(_ words: Words) -> [String]

    /// The owner's name for an address; `nil` if the rules do not list the address.
    func label(of address: Address) -> String?
}

/// The judgement on a request by the policy's rules for its kind.
public struct Judgement: Sendable {
    /// The requirements that are met, in sentences.
    public var findings: [String] = []
    /// Warnings for the user.
    public var warnings: [String] = []
    /// The requirements that are not met.
    public var problems: [Problem] = []
    /// The maximum amount of native currency for this request; `nil` if the rules set no maximum.
    public var mostNative: UInt256?
    /// The request's recipients and spenders that the rules list.
    public var takers: Set<Address> = []

    public init() {}

    /// Records a requirement as met, or as a problem.
    public mutating func require(_ holds: Bool, _ finding: @autoclosure () -> String, else problem: () -> Problem) {
        if holds { findings.append(finding()) } else { problems.append(problem()) }
    }
}

/// The nonce, gas and fees of a request that is an unsigned transaction. They are signed as they are.
public struct Proposal: Hashable, Sendable {
    public let nonce: UInt64?
    public let gas: UInt64?
    /// The maximum fee, or the gas price of a transaction that has one.
    public let maxFeePerGas: UInt256?
    /// Also `nil` if the transaction has a gas price.
    public let maxPriorityFeePerGas: UInt256?
    /// Whether the fee is a gas price, all of which goes to the block's producer.
    public let isGasPrice: Bool
    /// The access list, which is signed as it is.
    public let accessList: [AccessListEntry]

    public init(
        nonce: UInt64?, gas: UInt64?, maxFeePerGas: UInt256?, maxPriorityFeePerGas: UInt256?, isGasPrice: Bool = false,
        accessList: [AccessListEntry] = []
    ) {
        self.nonce = nonce
        self.gas = gas
        self.maxFeePerGas = maxFeePerGas
        self.maxPriorityFeePerGas = maxPriorityFeePerGas
        self.isGasPrice = isGasPrice
        self.accessList = accessList
    }
}

/// A list of addresses in a policy that belongs to one kind of request.
public struct PolicyList: Sendable {
    /// The member of the policy's rules for a chain, such as `requesters`.
    public let name: String
    /// Whether each address has a label.
    public let isLabelled: Bool
    /// Whether a policy without the list refuses every request of the kind.
    public let isRequired: Bool
    /// The address that the list must hold on a chain, if it is known without a policy.
    public let known: @Sendable (Chain) -> Address?
    /// The values that the owner has to fill in if no address is known.
    public let toFillIn: @Sendable (Chain) -> String
    /// A sentence about what the list allows on a chain. The names are its addresses with their labels, in a fixed
    /// order.
    public let sentence: @Sendable (_ names: [String], _ chain: Chain) -> String

    public init(
        _ name: String, isLabelled: Bool = false, isRequired: Bool,
        known: @escaping @Sendable (Chain) -> Address? = { _ in nil },
        toFillIn: @escaping @Sendable (Chain) -> String,
        sentence: @escaping @Sendable (_ names: [String], _ chain: Chain) -> String
    ) {
        self.name = name
        self.isLabelled = isLabelled
        self.isRequired = isRequired
        self.known = known
        self.toFillIn = toFillIn
        self.sentence = sentence
    }
}
