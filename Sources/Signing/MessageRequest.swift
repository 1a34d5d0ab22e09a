import AirlockClearSigning
public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockMessages
public import AirlockPolicies
import AirlockRequests
public import AirlockSafes
import AirlockTokens
import AirlockTypedData

/// All input for the review of a message. No part of this input is trusted yet.
public struct MessageRequest: Sendable {
    public let message: SignableMessage
    public var policy: Policy
    /// The chain that the user gave. It must be the chain of the message.
    public var chain: Chain?
    /// The digest of an earlier signed message that this message replaces.
    public var replace: Hash?
    /// The ledger with the earlier signatures. `nil` if there is no ledger yet.
    public var ledger: Ledger?
    /// The descriptors (ERC-7730) for the message. `nil` if there are none.
    public var descriptors: DescriptorFolder?
    /// The time with which deadlines are compared.
    public let now: Timestamp
    /// The time by this machine's clock. The ledger records this time.
    public let clock: Timestamp
    /// A function that reads the machine's clock again just before signing. With `nil`, `clock` is used instead.
    public var machineTime: (@Sendable () -> Timestamp)?
    /// The address of the signing key. `nil` in a review without a key.
    public var key: Address?
    /// If this message is a Safe transaction and its approving owner is itself a Safe: the address of that owner. With
    /// `nil`, the approving owner is the account of the signing key.
    public var ownerSafe: Address?
    /// The review of the Safe transaction that this message approves for another Safe. `nil` if this message is not
    /// such an approval.
    private(set) var approved: Shared<MessageReview>?
    /// The checked calls of a Safe transaction. `nil` until the review has checked them, and for any other message.
    var inside: SafeInside?

    public init(_ message: SignableMessage, now: Timestamp, clock: Timestamp? = nil, policy: Policy = .builtIn) {
        self.message = message
        self.policy = policy
        self.now = now
        self.clock = clock ?? now
    }

    /// Makes a request for a Safe that is an owner of another Safe. The request is to sign the transaction with which
    /// the first Safe approves a transaction of the other Safe. Whoever signs this request also agrees to the effects
    /// of the approved transaction.
    ///
    /// - Parameters:
    ///   - proposal: the approving transaction.
    ///   - review: the review of the approved transaction. The ``ownerSafe`` of its request is the approving Safe.
    ///   - replace: the hash of an earlier signed transaction that the approving transaction replaces. Both
    ///     transactions have the same nonce.
    public init(_ proposal: SafeProposal, approving review: MessageReview, replace: Hash?) throws(ProblemList) {
        let parent = review.request
        self.init(try SignableMessage(proposal), now: parent.now, clock: parent.clock, policy: parent.policy)
        (key, ledger, machineTime) = (parent.key, parent.ledger, parent.machineTime)
        self.replace = replace
        approved = Shared(review)
        // The approved transaction can replace an earlier transaction, and this Safe may have approved that one too. If
        // the ledger contains this earlier approval, the new approval replaces it.
        guard let before = parent.replace else { return }
        var transaction = proposal.transaction
        transaction.data = SafeCall.approval(of: before, by: transaction.to).data
        let hash = transaction.hash(in: proposal.domain)
        if replaces(hash) { self.replace = hash }
    }

    /// Whether this message replaces the earlier message whose hash is given. It does if the ledger contains the
    /// earlier message, and if the two messages share a nonce.
    public func replaces(_ hash: Hash) -> Bool {
        guard let ledger, let account else { return false }
        return message.uses.contains { use in
            let entries = try? ledger.entries(
                of: use.reference.key, chain: message.chain ?? Chain(id: 0), from: account)
            return entries?.contains { $0.transactions.contains { $0.hash == hash } } ?? false
        }
    }

    /// All messages that one signature covers. The list contains this message. If this message is a Safe's approval of
    /// another Safe's transaction, the list also contains that transaction. The ledger records each of these messages.
    var agreed: [MessageRequest] { (approved.map { [$0.value.request] } ?? []) + [self] }

    var currentClock: Timestamp { machineTime?() ?? clock }

    /// Returns the time with which deadlines are compared. `clock` is the current time of the machine's clock. If the
    /// user gave a time, that time advances with the machine's clock.
    func time(at clock: Timestamp) -> Timestamp {
        let elapsed = clock.seconds - min(clock.seconds, self.clock.seconds)
        return Timestamp(seconds: min(now.seconds + min(elapsed, Timestamp.last.seconds), Timestamp.last.seconds))
    }

    /// The account that the message comes from:
    /// - the Safe, for a message that owners sign for a Safe;
    /// - the account that the message names, for any other message;
    /// - the account of the key, if the message names no account (an example is a Safe transaction).
    var signer: Address? { message.safeMessage?.domain.safe ?? message.terms?.owner ?? key }

    /// The account whose money moves. The ledger records this account. For a message of a Safe, this is the Safe and
    /// not the owner who signs, because the money belongs to the Safe.
    package var account: Address? { message.ofSafe?.safe ?? signer }

    /// The policy's rules for the message's chain.
    var rules: Policy.ChainRules? { message.chain.flatMap { policy.chains[$0] } }

    /// The policy's entry for the domain and the type of this message. The policy has a list of such entries for each
    /// chain. If the message contains no chain, the lists of all chains are searched.
    var pin: Policy.MessagePin? {
        guard let data = message.typedData, message.safe == nil else { return nil }
        let lists = message.chain.map { [policy.chains[$0]?.messages] } ?? policy.chains.values.map(\.messages)
        return lists.flatMap { $0 ?? [] }.first {
            $0.domainSeparator == data.domainSeparator
                && !$0.types.isDisjoint(with: [data.primaryType, data.encodeType])
        }
    }

    /// Whether the policy has a list of messages for the chain of this message. For a message without a chain, the
    /// policy must have such a list for at least one chain.
    var hasMessages: Bool {
        guard message.chain != nil else { return policy.chains.values.contains { $0.messages != nil } }
        return rules?.messages != nil
    }

    /// Whether the domain of the message is known: it is the domain of Permit2, or the domain of a token that the
    /// policy or Airlock's own data contains.
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

    /// The amounts that the message spends or lets others spend, added up for each currency. For a Safe transaction,
    /// these are the amounts of its calls. The caps and the ledger count these amounts.
    package var spends: [LedgerEntry.Spend] { inside?.spends ?? Self.spends(of: message.terms?.takes ?? []) }

    static func spends(of takes: [MessageTerms.TokenOutflow]) -> [LedgerEntry.Spend] {
        var sums: [Address: UInt256] = [:]
        var order: [Address] = []
        for take in takes {
            if sums[take.token] == nil { order.append(take.token) }
            sums[take.token] = (sums[take.token] ?? .zero).adding(take.amount) ?? .max
        }
        return order.map { LedgerEntry.Spend(currency: $0, amount: sums[$0] ?? .zero) }
    }

    /// An amount of a token as text, with the decimals and the symbol from the policy. If the policy does not list the
    /// token, the amount is in atomic units. The decimals of native currency are known without a policy.
    func words(_ amount: UInt256, of token: Address) -> String {
        guard let listed = rules?.currencies[token] else {
            guard token.isZero, let chain = message.chain else { return "\(amount) atomic units of \(token)" }
            return "\(Amount.format(amount, decimals: 18)) \(chain.nativeSymbol)"
        }
        return "\(Amount.format(amount, decimals: listed.decimals)) \(escaped(listed.symbol, limit: 16))"
    }

    /// The address of a recipient or spender as text, with the policy's label if there is one.
    func named(_ address: Address) -> String {
        rules?.recipients?[address].map { address.labelled(escaped($0, limit: 40)) }
            ?? "\(address), which no policy names"
    }
}

extension SignableMessage {
    /// Returns a problem if the chain that the user gave is not the chain of the message. Returns `nil` if the user
    /// gave no chain, or if the message names no chain.
    public func problem(with given: Chain?) -> Problem? {
        guard let given, let chain, given != chain else { return nil }
        return Problem(
            SigningRule.otherChain, at: .chain, saw: given.description, expected: chain.description,
            because: SigningCause.chainAskedFor)
    }
}
