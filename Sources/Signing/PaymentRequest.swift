import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockPaymentFiles
public import AirlockPolicies
public import AirlockRequests
import AirlockStrictJSON
public import AirlockTransactions

/// All input for the review of a payment. No part of this input is trusted yet.
public struct PaymentRequest: Sendable {
    /// The request that this payment fulfils.
    public private(set) var subject: any Request
    let terms: Terms
    /// The conditions file that the command `prepare` wrote on the online machine. `nil` if there is no conditions
    /// file.
    public var conditions: Conditions?
    /// Values that the user gave, such as the nonce. They take precedence over the values in the conditions file.
    public var nonce: UInt64?
    public var gas: UInt64?
    public var maxFeePerGas: UInt256?
    public var maxPriorityFeePerGas: UInt256?
    /// The chain that the user gave. It must be the chain of the request.
    public var chain: Chain?
    /// The name of the payment method. With `nil` or `auto`, the request determines the method.
    public var method: String?
    public var value: UInt256?
    public var poolFee: UInt64?
    public var policy: Policy { didSet { rules = policy.chains[terms.chain] } }
    /// The policy's rules for the chain of the request.
    private(set) var rules: Policy.ChainRules?
    /// The descriptors (ERC-7730) that describe calls. `nil` if there are none.
    public var descriptors: DescriptorFolder?
    /// Whether to sign an `approve` before the payment. The `approve` is left out if the allowance is already high
    /// enough.
    public var approve = false
    /// How many times each transaction is signed. Each time, the fee is higher than before.
    public var rungs: UInt64 = 1
    /// Whether to sign, for each nonce of the payment, also a transaction that cancels the payment. A cancelling
    /// transaction is a transfer from the payer to the payer. Its fee is higher than the fees of all other transactions
    /// with the same nonce.
    public var cancel = false
    /// The hash of an earlier signed transaction that this payment replaces.
    public var replace: Hash?
    /// If another program requests a signature of one particular transaction: this transaction, which can be of any
    /// type. No other transaction is then allowed to be signed. With `nil`, Airlock makes the transaction itself.
    public var exact: UnsignedTransaction?
    /// The ledger with the earlier signatures. `nil` if there is no ledger yet.
    public var ledger: Ledger?
    /// The time with which deadlines are compared.
    public let now: Timestamp
    /// The time by this machine's clock. The ledger records this time.
    public let clock: Timestamp
    /// A function that reads the machine's clock again just before signing. With `nil`, `clock` is used instead.
    public var machineTime: (@Sendable () -> Timestamp)?
    /// The address of the signing key. `nil` in a review without a key.
    public var key: Address?

    /// The maximum number of times that the same transaction is signed with rising fees. The 16th fee is about six
    /// times the first.
    public static let mostRungs: UInt64 = 16

    /// Makes the input of a review. `now` is the time with which deadlines are compared. `clock` is the time by this
    /// machine's clock. If `clock` is `nil`, `now` is used instead.
    public init(_ subject: any Request, now: Timestamp, clock: Timestamp? = nil, policy: Policy = .builtIn) {
        self.subject = subject
        self.policy = policy
        let terms = subject.terms
        self.terms = terms
        rules = policy.chains[terms.chain]
        self.now = now
        self.clock = clock ?? now
    }

    /// Adds the review of the Safe transaction whose hash this request approves. A request of another kind stays
    /// unchanged.
    public mutating func approve(_ review: MessageReview) {
        guard let approval = HashApproval(of: review), subject is HashApproval else { return }
        subject = approval
    }

    /// Whether the payment method signs only a message and no transaction. The user must select such a method
    /// explicitly.
    public var signsMessageAlone: Bool { subject.signsMessageAlone(method: method) }

    /// The payer that the request names. If the request names no payer, the payer is read from the conditions file. If
    /// there is no conditions file, the payer is the account of the key.
    public var payer: Address? { terms.payer ?? conditions?.sender ?? key }

    /// The next nonce. For a transaction it is the account's nonce. For a permit it is the token's nonce.
    var effectiveNonce: UInt64? { nonce ?? conditions?.nonce ?? subject.proposal?.nonce }
    var effectiveGas: UInt64? { gas ?? conditions?.gas ?? subject.proposal?.gas }
    var effectiveMaxFee: UInt256? {
        maxFeePerGas ?? conditions?.maxFeePerGas ?? subject.proposal?.maxFeePerGas
    }
    /// The maximum priority fee per gas. If a request states one gas price instead of the two fees of EIP-1559, the gas
    /// price is also used as the priority fee. EIP-1559 treats legacy transactions in the same way.
    var effectivePriorityFee: UInt256? {
        maxPriorityFeePerGas ?? conditions?.maxPriorityFeePerGas ?? subject.proposal?.maxPriorityFeePerGas
            ?? subject.proposal.flatMap { $0.isGasPrice ? $0.maxFeePerGas : nil }
    }

    /// Whether an `approve` is signed before the call. All of these must be true: the user requested the `approve`, a
    /// spender takes the amount from the payer, and the spender's allowance is too low or not known.
    func needsApproval(_ take: TokenOutflow) -> Bool {
        guard approve, let spender = take.spender else { return false }
        return allowance(of: spender).map { $0 < take.amount } ?? true
    }

    /// This request as an approval of the hash of a Safe transaction. `nil` if the request is not such an approval.
    var approval: HashApproval? { HashApproval.of(subject) }

    /// The policy's rules for this kind of request.
    var kindRules: (any KindRules)? { rules?.section(of: type(of: subject)) }

    /// The result of checking the request against the policy's rules for this kind of request. `nil` if policies have
    /// no section for this kind of request.
    var judgement: PolicyResult? {
        type(of: subject).policySection == nil ? nil : subject.judged(by: kindRules, payer: payer)
    }

    /// The policy's label for the payee, which can be empty. `nil` if the policy does not list the payee. If policies
    /// have a section for this kind of request, the section lists the payees. For all other kinds, the policy's list of
    /// recipients is used.
    var payeeLabel: String? {
        let label =
            type(of: subject).policySection == nil
            ? rules?.recipients?[terms.payee] : kindRules?.label(of: terms.payee)
        return label.map { escaped($0, limit: 40) }
    }

    /// Whether a person must confirm the payee, because the policy does not decide who is paid.
    var leavesPayeeOpen: Bool { type(of: subject).policySection == nil && rules?.recipients == nil }

    /// The policy's entry for the first owed currency. `nil` if nothing is owed, or if the policy does not list the
    /// currency.
    var currency: Policy.Currency? { terms.owed.first.flatMap { rules?.currencies[$0.currency] } }

    /// The owed amount as text. See ``Review/amount``.
    var amount: String {
        terms.owed.isEmpty ? "nothing" : terms.owed.map { words($0.amount, of: $0.currency) }.joined(separator: " and ")
    }

    /// The first parts of the sentence that says what the request does: the amount, the chain and the recipient.
    var opening: [String] {
        let recipient = payeeLabel.map(terms.payee.labelled) ?? "\(terms.payee), which no policy names"
        let own = facts
        return own.deed.map { [$0] } ?? own.sharing.map { ["Pay \(amount) on \(terms.chain)", $0(recipient)] }
            ?? ["Pay \(amount) on \(terms.chain) to \(recipient)"]
    }

    /// The chain, the payer, the recipient and the owed amount as JSON members.
    var termsMembers: [(String, JSONOutput)] {
        [
            ("chainId", .string("\(terms.chain.id)")),
            ("from", payer.map { .string("\($0)") } ?? .null),
            ("recipient", .string("\(terms.payee)")),
            ("recipientLabel", payeeLabel.map { .string($0) } ?? .null),
            ("recipientCurrency", terms.owed.first.map { .string("\($0.currency)") } ?? .null),
            ("needed", terms.owed.first.map { .string("\($0.amount)") } ?? .null),
            ("amount", .string(amount)),
        ]
    }

    /// The functions with which this kind of request shows amounts and requesters, for example as `1.05 USDC` or as the
    /// policy's label for an address.
    var inWords: PolicyFormatter {
        let request = self
        return PolicyFormatter(
            chain: terms.chain, amount: { request.words($0, of: $1) },
            requester: { address in
                let label = request.rules?.label(of: address).map { escaped($0, limit: 40) } ?? ""
                return label.isEmpty ? ["\(address)"] : [label, "\(address)"]
            }, rules: kindRules)
    }

    /// The names and values that the review shows for this kind of request.
    var facts: Facts { subject.facts(inWords) }
    var warnings: [String] { subject.warnings(inWords) }

    /// The values that, together with the request, determine the call or the message. `nil` if the payer is not known.
    var inputs: ActionInputs? {
        guard let payer else { return nil }
        var inputs = ActionInputs(payer: payer)
        inputs.method = method == "auto" ? nil : method
        inputs.value = value
        inputs.poolFee = poolFee
        inputs.approves = approve
        inputs.nonce = effectiveNonce
        inputs.wrappedNative = rules?.wrappedNative
        inputs.highestPrice = rules?.maxNativePerToken
        inputs.owed = currency.map { ($0.decimals, $0.symbol) }
        inputs.token = conditions?.token.map { ($0.address, $0.balance, $0.domainSeparator) }
        inputs.allowance = conditions?.approval.map { ($0.spender, $0.allowance) }
        inputs.rules = kindRules
        inputs.proposedValue = conditions?.value
        inputs.proposedPoolFee = conditions?.poolFee
        return inputs
    }

    /// An amount as text, with the decimals and the symbol from the policy. If the policy does not list a token, the
    /// amount is in atomic units. The decimals of native currency are known without a policy.
    func words(_ amount: UInt256, of currency: Address) -> String {
        guard let listed = rules?.currencies[currency] else {
            return currency.isZero ? nativeWords(amount) : "\(amount) atomic units of \(currency)"
        }
        return "\(Amount.format(amount, decimals: listed.decimals)) \(escaped(listed.symbol, limit: 16))"
    }

    /// An amount of native currency with its symbol.
    func nativeWords(_ amount: UInt256) -> String {
        "\(Amount.format(amount, decimals: 18)) \(terms.chain.nativeSymbol)"
    }

    /// Returns the values of the token with this address from the conditions file. `nil` if the conditions file has no
    /// token, or a different one.
    func token(_ address: Address) -> Conditions.Token? {
        conditions?.token.flatMap { $0.address == address ? $0 : nil }
    }

    /// Returns the allowance of this spender from the conditions file. `nil` if the conditions file has no allowance of
    /// this spender.
    func allowance(of spender: Address) -> UInt256? {
        conditions?.approval.flatMap { $0.spender == spender ? $0.allowance : nil }
    }
}

/// A reference to a large value. Copying the reference is fast, because it increments only one reference count. Copying
/// the value itself would increment the reference count of each member.
final class Shared<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}

/// A payment request for the checks of a review. This object also stores the values that the checks read most often,
/// because computing such a value from `value` would copy the whole request each time.
final class SharedRequest: Sendable {
    let value: PaymentRequest
    let payer: Address?
    let nonce: UInt64?
    let gas: UInt64?
    let maxFee: UInt256?
    let priorityFee: UInt256?
    let signsMessageAlone: Bool

    init(_ request: consuming PaymentRequest) {
        payer = request.payer
        nonce = request.effectiveNonce
        gas = request.effectiveGas
        maxFee = request.effectiveMaxFee
        priorityFee = request.effectivePriorityFee
        signsMessageAlone = request.signsMessageAlone
        value = request
    }

    /// The machine's current time.
    var currentClock: Timestamp { value.machineTime?() ?? value.clock }

    /// Returns the time with which deadlines are compared. `clock` is the current time of the machine's clock. If the
    /// user gave a time, that time advances with the machine's clock.
    func time(at clock: Timestamp) -> Timestamp {
        let elapsed = clock.seconds - min(clock.seconds, value.clock.seconds)
        return Timestamp(seconds: min(value.now.seconds + min(elapsed, Timestamp.last.seconds), Timestamp.last.seconds))
    }

    /// The value of the ledger entry's member `claimedTime`: the time that the user gave. If the user gave no time,
    /// this is the machine's time.
    func claimedTime(at clock: Timestamp) -> Timestamp { value.now == value.clock ? clock : value.now }
}
