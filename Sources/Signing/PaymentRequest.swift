public import EthereumTypes
public import PaymentFiles
import Problems
public import TransferProtocol

/// All that a review looks at. Nothing in it has been believed yet.
public struct PaymentRequest: Sendable {
    /// How the method is chosen.
    public enum MethodChoice: Hashable, Sendable {
        /// The one that fits the charge and needs no decision.
        case automatic
        case named(TransferMethod)
    }

    public let charge: UnverifiedCharge
    /// What `prepare` measured, if there is a file.
    public var conditions: Conditions?
    /// What was typed overrides the conditions.
    public var nonce: UInt64?
    public var gas: UInt64?
    public var maxFeePerGas: UInt256?
    public var maxPriorityFeePerGas: UInt256?
    /// A chain that was typed must be the charge's.
    public var chain: Chain?
    public var method: MethodChoice = .automatic
    public var value: UInt256?
    public var poolFee: UInt64?
    public var policy: Policy = .builtIn
    /// Put `approve` first, unless the allowance suffices.
    public var approve = false
    /// How many variants of each transaction, each dearer than the last.
    public var rungs: UInt64 = 1
    /// For each nonce a transfer to oneself that outbids all variants.
    public var cancel = false
    /// The hash of a transaction that was signed before, and whose place this one takes.
    public var replace: Hash?
    /// What was signed before; nothing where there is no ledger yet.
    public var ledger: Ledger?
    /// The time to check deadlines against.
    public let now: Timestamp
    /// The machine's own time, by which the ledger is kept.
    public let clock: Timestamp
    /// Tells the machine's time when it is looked at again, after the consent; `nil` where it stands still.
    public var machineTime: (@Sendable () -> Timestamp)?
    /// The address of the key that is to sign; nothing in a review without a key.
    public var key: Address?

    /// The most variants that anybody has a use for: 16 rungs are six times the first fee.
    public static let mostRungs: UInt64 = 16

    /// `clock` is the machine's own time, where it is not `now`, the time to check against.
    public init(charge: UnverifiedCharge, now: Timestamp, clock: Timestamp? = nil) {
        self.charge = charge
        self.now = now
        self.clock = clock ?? now
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

    /// Is a permit signed, and no transaction? Only where it is asked for by name.
    public var isSubsidized: Bool { method == .named(.subsidizedTransferToken) }

    /// Of transactions the account's; of a permit the token's.
    var effectiveNonce: UInt64? { nonce ?? conditions?.nonce }
    var effectiveGas: UInt64? { gas ?? conditions?.gas }
    var effectiveMaxFee: UInt256? { maxFeePerGas ?? conditions?.maxFeePerGas }
    var effectivePriorityFee: UInt256? { maxPriorityFeePerGas ?? conditions?.maxPriorityFeePerGas }

    /// Does what is to be taken from the payer need an `approve` before it?
    func needsApproval(_ spend: TokenSpend) -> Bool {
        approve && (allowance(of: spend.spender).map { $0 < spend.amount } ?? true)
    }

    /// The rules of the policy for the charge's chain.
    var rules: Policy.ChainRules? { policy.chains[charge.chain] }

    /// The chain's wrapped native currency: the policy's word, or the known deployment's.
    var wrappedNative: Address? { rules?.wrappedNative ?? Deployment.on(charge.chain)?.wrappedNative }

    /// The currency of the charge, where the policy lists it.
    var currency: Policy.Currency? { rules?.currencies[charge.intent.recipientCurrency] }

    /// What the charge asks for, in words: see ``Review/amount``.
    var amount: String { words(charge.needed, of: charge.intent.recipientCurrency) }

    /// An amount of a currency in the policy's words, or in atomic units.
    func words(_ amount: UInt256, of currency: Address) -> String {
        guard let listed = rules?.currencies[currency] else { return "\(amount) atomic units of \(currency)" }
        return "\(Amount.format(amount, decimals: listed.decimals)) \(escaped(listed.symbol, limit: 16))"
    }

    /// An amount of native currency in words.
    func nativeWords(_ amount: UInt256) -> String {
        "\(Amount.format(amount, decimals: 18)) \(charge.chain.nativeSymbol)"
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
