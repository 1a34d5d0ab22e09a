import AirlockClearSigning
public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockMessages
public import AirlockPolicies
import AirlockRequests
public import AirlockSafes
import AirlockTokens
import AirlockTypedData

/// All that a review of a message looks at. Nothing in it has been believed yet.
public struct MessageRequest: Sendable {
    public let message: SignableMessage
    public var policy: Policy
    /// A chain that was typed must be the message's.
    public var chain: Chain?
    /// The digest of a message that was signed before, and whose place this one takes.
    public var replace: Hash?
    /// What was signed before; `nil` where there is no ledger yet.
    public var ledger: Ledger?
    /// What says the message in words; `nil` where there are no descriptors.
    public var descriptors: DescriptorFolder?
    /// The time to check deadlines against.
    public let now: Timestamp
    /// The machine's own time, by which the ledger is kept.
    public let clock: Timestamp
    /// Tells the machine's time when it is looked at again, after the consent; `nil` where it stands still.
    public var machineTime: (@Sendable () -> Timestamp)?
    /// The address of the key that is to sign; `nil` in a review without a key.
    public var key: Address?
    /// The Safe that approves a Safe's transaction in the place of the key, as its owner; `nil` where the key signs.
    public var ownerSafe: Address?
    /// The transaction of another Safe that this one approves, reviewed; `nil` for any other message.
    private(set) var approved: Shared<MessageReview>?
    /// The calls of a Safe's transaction, once a review has looked at them.
    var inside: SafeInside?

    public init(_ message: SignableMessage, now: Timestamp, clock: Timestamp? = nil, policy: Policy = .builtIn) {
        self.message = message
        self.policy = policy
        self.now = now
        self.clock = clock ?? now
    }

    /// The transaction of a Safe that approves another's, as its owner: what is agreed to is what the other does.
    ///
    /// - Parameters:
    ///   - proposal: the transaction that approves.
    ///   - review: the review of what is approved, with the Safe that approves it as its ``ownerSafe``.
    ///   - replace: the hash of a transaction that was signed before with the nonce of the one that approves.
    public init(_ proposal: SafeProposal, approving review: MessageReview, replace: Hash?) throws(ProblemList) {
        let parent = review.request
        self.init(try SignableMessage(proposal), now: parent.now, clock: parent.clock, policy: parent.policy)
        (key, ledger, machineTime) = (parent.key, parent.ledger, parent.machineTime)
        self.replace = replace
        approved = Shared(review)
        // What approved another transaction before is replaced with that.
        guard let before = parent.replace else { return }
        var transaction = proposal.transaction
        transaction.data = SafeCall.approval(of: before, by: transaction.to).data
        let hash = transaction.hash(in: proposal.domain)
        if replaces(hash) { self.replace = hash }
    }

    /// Was a message with this hash signed for the nonce of this one?
    public func replaces(_ hash: Hash) -> Bool {
        guard let ledger, let account else { return false }
        return message.uses.contains { use in
            let entries = try? ledger.entries(
                of: use.reference.key, chain: message.chain ?? Chain(id: 0), from: account)
            return entries?.contains { $0.transactions.contains { $0.hash == hash } } ?? false
        }
    }

    /// All that is agreed to by one signature, as the ledger keeps it.
    var agreed: [MessageRequest] { (approved.map { [$0.value.request] } ?? []) + [self] }

    var currentClock: Timestamp { machineTime?() ?? clock }

    /// The time to check against when the machine's clock shows this: a time that was typed goes on like the clock.
    func time(at clock: Timestamp) -> Timestamp {
        let elapsed = clock.seconds - min(clock.seconds, self.clock.seconds)
        return Timestamp(seconds: min(now.seconds + min(elapsed, Timestamp.last.seconds), Timestamp.last.seconds))
    }

    /// Whose message it is: the Safe's, whom it names, else the key.
    var signer: Address? { message.safeMessage?.domain.safe ?? message.terms?.owner ?? key }

    /// Whose money it is, as the ledger keeps it: a Safe's is not that of the owner who signs.
    package var account: Address? { message.ofSafe?.safe ?? signer }

    /// The policy's rules for the message's chain.
    var rules: Policy.ChainRules? { message.chain.flatMap { policy.chains[$0] } }

    /// The entry of the policy that lists domain and type; of a domain without a chain, under whatever chain it is.
    var pin: Policy.MessagePin? {
        guard let data = message.typedData, message.safe == nil else { return nil }
        let lists = message.chain.map { [policy.chains[$0]?.messages] } ?? policy.chains.values.map(\.messages)
        return lists.flatMap { $0 ?? [] }.first {
            $0.domainSeparator == data.domainSeparator
                && !$0.types.isDisjoint(with: [data.primaryType, data.encodeType])
        }
    }

    /// Does the policy list any messages where this one could be listed?
    var hasMessages: Bool {
        guard message.chain != nil else { return policy.chains.values.contains { $0.messages != nil } }
        return rules?.messages != nil
    }

    /// Is the domain that of the token, or of Permit2, by the policy's word or Airlock's?
    var domainIsKnown: Bool {
        guard let terms = message.terms, let data = message.typedData, let chain = message.chain,
            let contract = data.domain.verifyingContract
        else { return false }
        switch terms.standard {
        case .permit, .authorization: return policy.domainSeparator(of: contract, on: chain) == data.domainSeparator
        case .allowance, .transfer:
            return contract == Permit2Transfer.contract
                && data.domainSeparator == Permit2Transfer.domainSeparator(on: chain)
        }
    }

    /// What others may take, summed for each token, as caps and ledger count it.
    package var spends: [LedgerEntry.Spend] { inside?.spends ?? Self.spends(of: message.terms?.takes ?? []) }

    static func spends(of takes: [MessageTerms.Take]) -> [LedgerEntry.Spend] {
        var sums: [Address: UInt256] = [:]
        var order: [Address] = []
        for take in takes {
            if sums[take.token] == nil { order.append(take.token) }
            sums[take.token] = (sums[take.token] ?? .zero).adding(take.amount) ?? .max
        }
        return order.map { LedgerEntry.Spend(currency: $0, amount: sums[$0] ?? .zero) }
    }

    /// An amount of a token in the policy's words, or in atomic units.
    func words(_ amount: UInt256, of token: Address) -> String {
        guard let listed = rules?.currencies[token] else { return "\(amount) atomic units of \(token)" }
        return "\(Amount.format(amount, decimals: listed.decimals)) \(escaped(listed.symbol, limit: 16))"
    }

    /// The taker with the policy's label.
    func named(_ address: Address) -> String {
        rules?.recipients?[address].map { address.labelled(escaped($0, limit: 40)) }
            ?? "\(address), which no policy names"
    }
}
