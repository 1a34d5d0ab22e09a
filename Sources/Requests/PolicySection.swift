public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// A part of a policy that contains the rules for one kind of request on one chain. The module that defines this kind
/// of request also reads the section, checks requests against it, and describes its rules to the user. A policy without
/// this section refuses all requests of this kind.
public struct PolicySection: Sendable {
    /// The name of the JSON member that contains the section, such as `calls`.
    public let name: String
    /// The initial value of the section in a new policy.
    public let start: JSONOutput
    /// Text that tells the policy's owner which values to fill in for this section.
    public let toFillIn: String
    /// A function that reads the rules from the section's JSON value. If the value is wrong, the function appends the
    /// problems to the given array.
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

/// A policy's rules for one kind of request on one chain.
public protocol KindRules: Sendable {
    /// Returns sentences that describe what the rules allow. The sentences must be clear enough for a treasurer to
    /// approve the rules.
    func sentences(_ words: PolicyFormatter) -> [String]

    /// Returns the name that the policy's owner gave to an address. Returns `nil` if the rules do not list the address.
    func label(of address: Address) -> String?
}

/// The result of checking a request against the policy's rules for its kind.
public struct PolicyResult: Sendable {
    /// Lines of text for the review. Each states a requirement that the request meets.
    public var findings: [String] = []
    /// Warnings for the user.
    public var warnings: [String] = []
    /// The requirements that the request does not meet.
    public var problems: [Problem] = []
    /// The maximum amount of native currency that the request is allowed to send; `nil` if the rules set no maximum.
    public var mostNative: UInt256?
    /// The addresses that receive tokens or an allowance through this request, as far as the policy's rules list them.
    public var takers: Set<Address> = []

    public init() {}

    /// Records whether the request meets a requirement. If `holds` is true, appends the finding to `findings`. If
    /// `holds` is false, appends the problem to `problems`.
    public mutating func require(_ holds: Bool, _ finding: @autoclosure () -> String, else problem: () -> Problem) {
        if holds { findings.append(finding()) } else { problems.append(problem()) }
    }
}

/// The nonce, gas and fees of a request that is already an unsigned transaction. Airlock signs exactly these values.
public struct Proposal: Hashable, Sendable {
    public let nonce: UInt64?
    public let gas: UInt64?
    /// The maximum fee per gas. For a transaction with a gas price, this is the gas price.
    public let maxFeePerGas: UInt256?
    /// The maximum priority fee per gas; `nil` if the request does not state it, or if the transaction has a gas price.
    public let maxPriorityFeePerGas: UInt256?
    /// Whether the transaction has a gas price and no separate priority fee. In that case the block's producer receives
    /// the whole difference between the gas price and the base fee.
    public let isGasPrice: Bool
    /// The transaction's access list. Airlock signs exactly this list.
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

/// A list of addresses in a policy. Only one kind of request uses this list.
public struct PolicyList: Sendable {
    /// The name of the list's JSON member in the policy's rules for a chain, such as `requesters`.
    public let name: String
    /// Whether the policy's owner gives a label to each address in the list.
    public let isLabelled: Bool
    /// Whether a policy without this list refuses all requests of the kind that uses the list.
    public let isRequired: Bool
    /// A function that returns the address that the list must contain on a given chain. It returns `nil` if Airlock
    /// does not know this address. The policy's owner must then fill in the address.
    public let known: @Sendable (Chain) -> Address?
    /// A function that returns text for the policy's owner about a chain for which ``known`` returns `nil`. The text
    /// tells which values to fill in.
    public let toFillIn: @Sendable (Chain) -> String
    /// A function that describes in one sentence what the list allows on a chain. `names` contains the listed addresses
    /// with their labels, sorted by address.
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
