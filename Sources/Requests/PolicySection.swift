public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// A member of a policy's rules for a chain that one kind of request reads, judges by and says in sentences itself. A policy
/// without it refuses every request of the kind.
public struct PolicySection: Sendable {
    /// The member's name, such as `calls`.
    public let name: String
    /// What it holds in a policy to begin with.
    public let start: JSONOutput
    /// What the owner has to fill in.
    public let toFillIn: String
    /// Reads it, or adds what is wrong with it.
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

/// What a policy says for the sake of one kind of request, on one chain.
public protocol KindRules: Sendable {
    /// What it allows, in sentences that a treasurer can sign.
    func sentences(_ words: Words) -> [String]

    /// The owner's name for an address that it allows; `nil` where it does not list the address.
    func label(of address: Address) -> String?
}

/// What the policy's member of a kind says of a request.
public struct Judgement: Sendable {
    /// What it allows.
    public var findings: [String] = []
    /// What a person should think about.
    public var warnings: [String] = []
    /// What it does not.
    public var problems: [Problem] = []
    /// The most native currency that it allows this request; `nil` where it says none.
    public var mostNative: UInt256?
    /// Whom it lists itself among those who get or may take what the request's own words give away.
    public var takers: Set<Address> = []

    public init() {}

    /// Says one thing: found, or refused.
    public mutating func require(_ holds: Bool, _ finding: @autoclosure () -> String, else problem: () -> Problem) {
        if holds { findings.append(finding()) } else { problems.append(problem()) }
    }
}

/// What a request says itself of the transaction that would be signed, where it was one already: nothing else is signed.
public struct Proposal: Hashable, Sendable {
    public let nonce: UInt64?
    public let gas: UInt64?
    /// The gas price of a transaction that has one.
    public let maxFeePerGas: UInt256?
    /// `nil` too where the transaction has a gas price.
    public let maxPriorityFeePerGas: UInt256?
    /// Is the fee a gas price, all of which goes to the block's producer?
    public let isGasPrice: Bool
    /// What it says it will touch: signed as it is.
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

/// A list of addresses that a policy has for the sake of one kind of request.
public struct PolicyList: Sendable {
    /// The member of the policy's rules for a chain, such as `requesters`.
    public let name: String
    /// Has each address a name of the owner's beside it?
    public let isLabelled: Bool
    /// Does a policy without the list refuse every request of the kind?
    public let isRequired: Bool
    /// The address that the list must hold on a chain as far as it is known without a policy.
    public let known: @Sendable (Chain) -> Address?
    /// What the owner has to fill in, where no address is known.
    public let toFillIn: @Sendable (Chain) -> String
    /// What the list allows on a chain, in a sentence; the names are its addresses with their labels, in a fixed order.
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
