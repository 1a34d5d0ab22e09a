import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockPaymentFiles
public import AirlockPolicies
public import AirlockRequests
public import AirlockTransactions

/// All input of a payment's review. Nothing in it is trusted yet.
public struct PaymentRequest: Sendable {
    /// The request to pay.
    public private(set) var subject: any Request
    let terms: Terms
    /// The conditions from `prepare`, if there is a file.
    public var conditions: Conditions?
    /// Values that the user gave. They override the conditions.
    public var nonce: UInt64?
    public var gas: UInt64?
    public var maxFeePerGas: UInt256?
    public var maxPriorityFeePerGas: UInt256?
    /// The chain that the user gave. It must be the chain of the request.
    public var chain: Chain?
    /// The name of the payment method; `nil` or `auto` selects the method that needs no further decisions.
    public var method: String?
    public var value: UInt256?
    public var poolFee: UInt64?
    public var policy: Policy { didSet { rules = policy.chains[terms.chain] } }
    /// The rules of the policy for the request's chain.
    private(set) var rules: Policy.ChainRules?
    /// The descriptors for calls; `nil` if there are none.
    public var descriptors: DescriptorFolder?
    /// Whether to put an `approve` first, unless the allowance suffices.
    public var approve = false
    /// How many variants of each transaction to sign, each with a higher fee than the last.
    public var rungs: UInt64 = 1
    /// Whether to sign, for each nonce, a transfer to oneself that outbids all variants.
    public var cancel = false
    /// The hash of an earlier signed transaction that this one replaces.
    public var replace: Hash?
    /// The only transaction that may be signed, of any type; `nil` if Airlock may choose the form. The program that
    /// requested the signature cannot use any other transaction.
    public var exact: UnsignedTransaction?
    /// The record of earlier signatures; `nil` if there is no ledger yet.
    public var ledger: Ledger?
    /// The time to check deadlines against.
    public let now: Timestamp
    /// The machine's own time, which the ledger records.
    public let clock: Timestamp
    /// Reads the machine's time again after the consent; `nil` if the time is fixed.
    public var machineTime: (@Sendable () -> Timestamp)?
    /// The address of the signing key; `nil` in a review without a key.
    public var key: Address?

    /// The maximum number of variants of a transaction: the 16th rung has six times the first fee.
    public static let mostRungs: UInt64 = 16

    /// `clock` is the machine's own time, if it differs from `now`, the time to check against.
    public init(_ subject: any Request, now: Timestamp, clock: Timestamp? = nil, policy: Policy = .builtIn) {
        self.subject = subject
        self.policy = policy
        let terms = subject.terms
        self.terms = terms
        rules = policy.chains[terms.chain]
        self.now = now
        self.clock = clock ?? now
    }

    /// Sets another review of the Safe transaction to approve.
    public mutating func approve(_ review: MessageReview) {
        guard let approval = HashApproval(of: review), subject is HashApproval else { return }
        subject = approval
    }

    /// The machine's current time.
    var currentClock: Timestamp { machineTime?() ?? clock }

    /// The time to check against at this reading of the machine's clock. A time that the user gave advances with the
    /// clock.
    func time(at clock: Timestamp) -> Timestamp {
        let elapsed = clock.seconds - min(clock.seconds, self.clock.seconds)
        return Timestamp(seconds: min(now.seconds + min(elapsed, Timestamp.last.seconds), Timestamp.last.seconds))
    }

    /// The claimed time that the ledger records: the time that the user gave, else the machine's.
    func claimedTime(at clock: Timestamp) -> Timestamp { now == self.clock ? clock : now }

    /// Whether only a message is signed, without a transaction. The user must name such a method.
    public var signsMessageAlone: Bool { subject.signsMessageAlone(method: method) }

    /// The payer: the one in the request, else the one in the conditions, else the key.
    public var payer: Address? { terms.payer ?? conditions?.sender ?? key }

    /// The account's nonce for transactions, the token's nonce for a permit.
    var effectiveNonce: UInt64? { nonce ?? conditions?.nonce ?? subject.proposal?.nonce }
    var effectiveGas: UInt64? { gas ?? conditions?.gas ?? subject.proposal?.gas }
    var effectiveMaxFee: UInt256? { maxFeePerGas ?? conditions?.maxFeePerGas ?? subject.proposal?.maxFeePerGas }
    /// A gas price sets both fees: all of it goes to the block's producer.
    var effectivePriorityFee: UInt256? {
        maxPriorityFeePerGas ?? conditions?.maxPriorityFeePerGas ?? subject.proposal?.maxPriorityFeePerGas
            ?? subject.proposal.flatMap { $0.isGasPrice ? $0.maxFeePerGas : nil }
    }

    /// Whether an `approve` must come before the call, so that this amount can be transferred from the payer.
    func needsApproval(_ take: Take) -> Bool {
        guard approve, let spender = take.spender else { return false }
        return allowance(of: spender).map { $0 < take.amount } ?? true
    }

    /// The approval of a Safe transaction's hash, if the request is one.
    var approval: HashApproval? { HashApproval.of(subject) }

    /// The policy's rules for the request's kind.
    var kindRules: (any KindRules)? { rules?.section(of: type(of: subject)) }

    /// The result of the policy's rules for the kind; `nil` if the kind has none.
    var judgement: Judgement? {
        type(of: subject).policySection == nil ? nil : subject.judged(by: kindRules, payer: payer)
    }

    /// The policy's label for the payee, which may be empty; `nil` if the policy does not pin the payee. A kind with
    /// its own member in the policy lists its payees there, and not among the recipients.
    var payeeLabel: String? {
        let label =
            type(of: subject).policySection == nil
            ? rules?.recipients?[terms.payee] : kindRules?.label(of: terms.payee)
        return label.map { escaped($0, limit: 40) }
    }

    /// Whether the policy leaves open who is paid, so that a person must confirm it.
    var leavesPayeeOpen: Bool { type(of: subject).policySection == nil && rules?.recipients == nil }

    /// The owed currency, if there is exactly one, and the policy lists it.
    var currency: Policy.Currency? { terms.owed.first.flatMap { rules?.currencies[$0.currency] } }

    /// The owed amount as text: see ``Review/amount``.
    var amount: String {
        terms.owed.isEmpty ? "nothing" : terms.owed.map { words($0.amount, of: $0.currency) }.joined(separator: " and ")
    }

    /// How the kind of request formats amounts.
    var inWords: Words {
        let request = self
        return Words(
            chain: terms.chain, amount: { request.words($0, of: $1) },
            requester: { address in
                let label = request.rules?.label(of: address).map { escaped($0, limit: 40) } ?? ""
                return label.isEmpty ? ["\(address)"] : [label, "\(address)"]
            }, rules: kindRules)
    }

    /// The facts that the kind of request shows.
    var facts: Facts { subject.facts(inWords) }
    var warnings: [String] { subject.warnings(inWords) }

    /// The input that an action may depend on; `nil` if the payer is not known.
    var means: Means? {
        guard let payer else { return nil }
        var means = Means(payer: payer)
        means.method = method == "auto" ? nil : method
        means.value = value
        means.poolFee = poolFee
        means.approves = approve
        means.nonce = effectiveNonce
        means.wrappedNative = rules?.wrappedNative
        means.highestPrice = rules?.maxNativePerToken
        means.owed = currency.map { ($0.decimals, $0.symbol) }
        means.token = conditions?.token.map { ($0.address, $0.balance, $0.domainSeparator) }
        means.allowance = conditions?.approval.map { ($0.spender, $0.allowance) }
        means.rules = kindRules
        means.proposedValue = conditions?.value
        means.proposedPoolFee = conditions?.poolFee
        return means
    }

    /// An amount with the policy's decimals and symbol, or in atomic units.
    func words(_ amount: UInt256, of currency: Address) -> String {
        guard let listed = rules?.currencies[currency] else { return "\(amount) atomic units of \(currency)" }
        return "\(Amount.format(amount, decimals: listed.decimals)) \(escaped(listed.symbol, limit: 16))"
    }

    /// An amount of native currency with its symbol.
    func nativeWords(_ amount: UInt256) -> String {
        "\(Amount.format(amount, decimals: 18)) \(terms.chain.nativeSymbol)"
    }

    /// The conditions' token, if it has this address.
    func token(_ address: Address) -> Conditions.Token? {
        conditions?.token.flatMap { $0.address == address ? $0 : nil }
    }

    /// The spender's allowance of the conditions' token; `nil` if the conditions name no allowance of this spender.
    func allowance(of spender: Address) -> UInt256? {
        conditions?.approval.flatMap { $0.spender == spender ? $0.allowance : nil }
    }
}

/// A large value with many holders: copying a holder increments one reference count, instead of one for each member of
/// the value.
final class Shared<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
