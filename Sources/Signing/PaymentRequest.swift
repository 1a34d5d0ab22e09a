import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockPaymentFiles
public import AirlockPolicies
public import AirlockRequests
public import AirlockTransactions

/// All that a review looks at. Nothing in it has been believed yet.
public struct PaymentRequest: Sendable {
    /// What somebody asks for.
    public private(set) var subject: any Request
    let terms: Terms
    /// What `prepare` measured, if there is a file.
    public var conditions: Conditions?
    /// What was typed overrides the conditions.
    public var nonce: UInt64?
    public var gas: UInt64?
    public var maxFeePerGas: UInt256?
    public var maxPriorityFeePerGas: UInt256?
    /// A chain that was typed must be the request's.
    public var chain: Chain?
    /// How it is paid, by name; `nil` or `auto` takes the way that fits and needs no decision.
    public var method: String?
    public var value: UInt256?
    public var poolFee: UInt64?
    public var policy: Policy { didSet { rules = policy.chains[terms.chain] } }
    /// The rules of the policy for the request's chain.
    private(set) var rules: Policy.ChainRules?
    /// What says a call in words; `nil` where there are no descriptors.
    public var descriptors: DescriptorFolder?
    /// Put `approve` first, unless the allowance suffices.
    public var approve = false
    /// How many variants of each transaction, each dearer than the last.
    public var rungs: UInt64 = 1
    /// For each nonce a transfer to oneself that outbids all variants.
    public var cancel = false
    /// The hash of a transaction that was signed before, and whose place this one takes.
    public var replace: Hash?
    /// The only transaction that may be signed, whatever its type; `nil` where the form is ours to choose. Whoever waits for a
    /// signature of it can use no other.
    public var exact: UnsignedTransaction?
    /// What was signed before; `nil` where there is no ledger yet.
    public var ledger: Ledger?
    /// The time to check deadlines against.
    public let now: Timestamp
    /// The machine's own time, by which the ledger is kept.
    public let clock: Timestamp
    /// Tells the machine's time when it is looked at again, after the consent; `nil` where it stands still.
    public var machineTime: (@Sendable () -> Timestamp)?
    /// The address of the key that is to sign; `nil` in a review without a key.
    public var key: Address?

    /// The most variants that anybody has a use for: 16 rungs are six times the first fee.
    public static let mostRungs: UInt64 = 16

    /// `clock` is the machine's own time, where it is not `now`, the time to check against.
    public init(_ subject: any Request, now: Timestamp, clock: Timestamp? = nil, policy: Policy = .builtIn) {
        self.subject = subject
        self.policy = policy
        let terms = subject.terms
        self.terms = terms
        rules = policy.chains[terms.chain]
        self.now = now
        self.clock = clock ?? now
    }

    /// Takes in another review of the Safe transaction that is to be approved.
    public mutating func approve(_ review: MessageReview) {
        guard let approval = HashApproval(of: review), subject is HashApproval else { return }
        subject = approval
    }

    /// The machine's time at this moment.
    var currentClock: Timestamp { machineTime?() ?? clock }

    /// The time to check against when the machine's clock shows this: a time that was typed goes on like the clock.
    func time(at clock: Timestamp) -> Timestamp {
        let elapsed = clock.seconds - min(clock.seconds, self.clock.seconds)
        return Timestamp(seconds: min(now.seconds + min(elapsed, Timestamp.last.seconds), Timestamp.last.seconds))
    }

    /// What the ledger records as the claimed time: what was typed, else the machine's.
    func claimedTime(at clock: Timestamp) -> Timestamp { now == self.clock ? clock : now }

    /// Is a message signed and no transaction? Only where that is asked for by name.
    public var signsMessageAlone: Bool { subject.signsMessageAlone(method: method) }

    /// Who pays: whom the request names, else whom the conditions were measured for, else the key.
    public var payer: Address? { terms.payer ?? conditions?.sender ?? key }

    /// Of transactions the account's; of a permit the token's.
    var effectiveNonce: UInt64? { nonce ?? conditions?.nonce ?? subject.proposal?.nonce }
    var effectiveGas: UInt64? { gas ?? conditions?.gas ?? subject.proposal?.gas }
    var effectiveMaxFee: UInt256? { maxFeePerGas ?? conditions?.maxFeePerGas ?? subject.proposal?.maxFeePerGas }
    /// A gas price is both: all of it goes to the block's producer.
    var effectivePriorityFee: UInt256? {
        maxPriorityFeePerGas ?? conditions?.maxPriorityFeePerGas ?? subject.proposal?.maxPriorityFeePerGas
            ?? subject.proposal.flatMap { $0.isGasPrice ? $0.maxFeePerGas : nil }
    }

    /// Does what is to be taken from the payer need an `approve` before it?
    func needsApproval(_ take: Take) -> Bool {
        guard approve, let spender = take.spender else { return false }
        return allowance(of: spender).map { $0 < take.amount } ?? true
    }

    /// The approval of a Safe transaction's hash, where the request is one.
    var approval: HashApproval? { HashApproval.of(subject) }

    /// What the policy says for the sake of the request's kind.
    var kindRules: (any KindRules)? { rules?.section(of: type(of: subject)) }

    /// What the policy's member of the kind says of the request; `nil` where the kind has none.
    var judgement: Judgement? {
        type(of: subject).policySection == nil ? nil : subject.judged(by: kindRules, payer: payer)
    }

    /// The owner's name for the payee, which may be empty; `nil` where the policy does not pin it. A kind with a member of its
    /// own in the policy has its payees there, and not in the list of recipients.
    var payeeLabel: String? {
        let label =
            type(of: subject).policySection == nil
            ? rules?.recipients?[terms.payee] : kindRules?.label(of: terms.payee)
        return label.map { escaped($0, limit: 40) }
    }

    /// Does the policy leave it open who is paid, so that a person has to confirm it?
    var leavesPayeeOpen: Bool { type(of: subject).policySection == nil && rules?.recipients == nil }

    /// The currency that is owed, where it is one, and the policy lists it.
    var currency: Policy.Currency? { terms.owed.first.flatMap { rules?.currencies[$0.currency] } }

    /// What is owed, in words: see ``Review/amount``.
    var amount: String {
        terms.owed.isEmpty ? "nothing" : terms.owed.map { words($0.amount, of: $0.currency) }.joined(separator: " and ")
    }

    /// How the kind of request says amounts.
    var inWords: Words {
        let request = self
        return Words(
            chain: terms.chain, amount: { request.words($0, of: $1) },
            requester: { address in
                let label = request.rules?.label(of: address).map { escaped($0, limit: 40) } ?? ""
                return label.isEmpty ? ["\(address)"] : [label, "\(address)"]
            }, rules: kindRules)
    }

    /// What the kind of request says of it.
    var facts: Facts { subject.facts(inWords) }
    var warnings: [String] { subject.warnings(inWords) }

    /// What an action may depend on; `nil` while nobody is known to pay.
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

    /// An amount of a currency in the policy's words, or in atomic units.
    func words(_ amount: UInt256, of currency: Address) -> String {
        guard let listed = rules?.currencies[currency] else { return "\(amount) atomic units of \(currency)" }
        return "\(Amount.format(amount, decimals: listed.decimals)) \(escaped(listed.symbol, limit: 16))"
    }

    /// An amount of native currency in words.
    func nativeWords(_ amount: UInt256) -> String {
        "\(Amount.format(amount, decimals: 18)) \(terms.chain.nativeSymbol)"
    }

    /// The conditions' token, where it is the one that is asked about.
    func token(_ address: Address) -> Conditions.Token? {
        conditions?.token.flatMap { $0.address == address ? $0 : nil }
    }

    /// What somebody may take of the conditions' token, where it is known.
    func allowance(of spender: Address) -> UInt256? {
        conditions?.approval.flatMap { $0.spender == spender ? $0.allowance : nil }
    }
}

/// A large value that many hold: a copy of its holder counts one reference up, and not each of those within the value.
final class Shared<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
