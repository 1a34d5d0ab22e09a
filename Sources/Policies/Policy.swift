public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockRequestKinds
public import AirlockRequests
import AirlockTokens

/// The payments that are allowed: on which chains, to whom, in which currencies and how much; and further rules for
/// each kind of request. Anything that a policy does not list is refused.
public struct Policy: Sendable {
    public struct Currency: Sendable {
        public let symbol: String
        public let decimals: Int
        /// In the currency's smallest unit.
        public let perPayment: UInt256?
        /// In the currency's smallest unit, over the last 24 hours of the ledger.
        public let perDay: UInt256?
        /// The token's `DOMAIN_SEPARATOR`: the domain of its permits (EIP-712).
        public let domainSeparator: Hash?

        init(
            symbol: String, decimals: Int, perPayment: UInt256? = nil, perDay: UInt256? = nil,
            domainSeparator: Hash? = nil
        ) {
            self.symbol = symbol
            self.decimals = decimals
            self.perPayment = perPayment
            self.perDay = perDay
            self.domainSeparator = domainSeparator
        }
    }

    /// Typed data (EIP-712) that may be signed: types of one domain.
    public struct MessagePin: Sendable {
        public let domainSeparator: Hash
        /// The names of the primary types, or the whole types as they are hashed.
        public let types: Set<String>
        /// The owner's name for them.
        public let name: String

        /// Whether the text is the name of a type, or a whole type:
        /// `Order(address maker,Item[] items)Item(uint256 id)`.
        static func isType(_ text: String) -> Bool {
            guard text.utf8.allSatisfy({ 0x20...0x7e ~= $0 }) else { return false }
            guard text.contains("(") else { return isName(text[...]) }
            return text.last == ")"
                && text.dropLast().split(separator: ")", omittingEmptySubsequences: false).allSatisfy { part in
                    let halves = part.split(separator: "(", omittingEmptySubsequences: false)
                    return halves.count == 2 && isName(halves[0]) && (halves[1].isEmpty || areMembers(halves[1]))
                }
        }

        private static func areMembers(_ text: Substring) -> Bool {
            text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { member in
                let words = member.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
                return words.count == 2 && words.allSatisfy { !$0.isEmpty }
            }
        }

        /// EIP-712 requires identifiers, but wallets hash other names too, such as `HyperliquidTransaction:Withdraw`. A
        /// wildcard is not a name: it would match nothing.
        private static func isName(_ text: Substring) -> Bool {
            guard let first = text.first, first.isLetter || first == "_" || first == "$" else { return false }
            return !text.contains { " ,[]*?".contains($0) }
        }
    }

    /// The rules for one chain. A class, because every check reads them.
    public final class ChainRules: Sendable {
        /// The lists of the kinds of request by name, with the label of each address, which may be empty. The
        /// `PolicyList` determines whether a missing list is ignored or refuses requests.
        public let lists: [String: [Address: String]]
        /// The rules that the kinds of request read themselves, by the names of their sections.
        public let sections: [String: any KindRules]
        /// The label of each recipient; `nil` when the policy does not pin recipients.
        public let recipients: [Address: String]?
        /// The zero address is the chain's native currency.
        public let currencies: [Address: Currency]
        public let maxNativeValue: UInt256?
        public let maxNetworkFee: UInt256?
        /// The maximum price of a swap: native currency, in wei, for one whole token.
        public let maxNativePerToken: UInt256?
        public let wrappedNative: Address?
        /// The typed data that may be signed; `nil` if the policy lists none.
        public let messages: [MessagePin]?

        init(
            lists: [String: [Address: String]], sections: [String: any KindRules], recipients: [Address: String]?,
            currencies: [Address: Currency], maxNativeValue: UInt256?, maxNetworkFee: UInt256?,
            maxNativePerToken: UInt256?, wrappedNative: Address?, messages: [MessagePin]?
        ) {
            self.lists = lists
            self.sections = sections
            self.recipients = recipients
            self.currencies = currencies
            self.maxNativeValue = maxNativeValue
            self.maxNetworkFee = maxNetworkFee
            self.maxNativePerToken = maxNativePerToken
            self.wrappedNative = wrappedNative
            self.messages = messages
        }

        /// Whether the policy lists requesters, one of whom must have signed a request for money.
        public var demandsRequesters: Bool { lists["requesters"] != nil }

        /// The policy's rules for a kind of request; `nil` if it lacks the kind's member, or if the kind has none.
        public func section(of kind: any Request.Type) -> (any KindRules)? {
            kind.policySection.flatMap { sections[$0.name] }
        }

        /// The owner's name for an address, from a list, the rules of a kind or the currencies; `nil` if none has a
        /// name for it.
        public func label(of address: Address) -> String? {
            let ofLists = lists.sorted { $0.key < $1.key }.map { $0.value[address] }
            let ofKinds = sections.sorted { $0.key < $1.key }.map { $0.value.label(of: address) }
            let symbol = address.isZero ? nil : currencies[address]?.symbol
            return (ofLists + [recipients?[address]] + ofKinds + [symbol]).compactMap(\.self).first { !$0.isEmpty }
        }
    }

    public let chains: [Chain: ChainRules]
    /// The maximum age of a conditions file, in seconds.
    public let maxConditionsAge: UInt64?
    /// Whether texts (EIP-191) may be signed.
    public let allowsTexts: Bool
    /// The hashes (ERC-8176) of the descriptor files that are trusted.
    public let descriptors: Set<Hash>
    /// The attesters of descriptors that are trusted, with the owner's names for them.
    public let attesters: [Address: String]
    /// The hash of the file's bytes; for the built-in pins, that of their canonical text.
    public let hash: Hash
    /// Where it comes from: a path, or the built-in pins.
    public let origin: String

    /// The policy of users who have none: the known addresses that the kinds of request must list, and the currencies
    /// of their chains. It pins no recipient and sets no caps, so the user must always be asked.
    public static let builtIn: Policy = {
        let required = RequestKinds.policyLists().filter(\.isRequired)
        let known = KnownTokens.all.filter { tokens in required.allSatisfy { $0.known(tokens.chain) != nil } }
        // An address that is the same on every chain is hashed once, after the chains.
        let (common, ofChain) = required.partitioned { list in Set(known.map { list.known($0.chain) }).count == 1 }
        var chains: [Chain: ChainRules] = [:]
        var text = "airlock built-in pins\n"
        for tokens in known {
            let chain = tokens.chain
            func address(_ list: PolicyList) -> Address { list.known(chain) ?? .zero }
            chains[chain] = ChainRules(
                lists: Dictionary(uniqueKeysWithValues: required.map { ($0.name, [address($0): ""]) }), sections: [:],
                recipients: nil,
                currencies: [
                    .zero: Currency(symbol: chain.nativeSymbol, decimals: 18),
                    tokens.usdc: Currency(symbol: "USDC", decimals: 6),
                    tokens.wrappedNative: Currency(symbol: "W\(chain.nativeSymbol)", decimals: 18),
                ],
                maxNativeValue: nil, maxNetworkFee: nil, maxNativePerToken: nil, wrappedNative: tokens.wrappedNative,
                messages: nil)
            let words = ofChain.map(address) + [tokens.usdc, tokens.wrappedNative]
            text += "\(chain.id) \(words.map(\.description).joined(separator: " "))\n"
        }
        for list in common { text += "\(known.first.flatMap { list.known($0.chain) } ?? .zero)\n" }
        return Policy(
            chains: chains, maxConditionsAge: nil, allowsTexts: false, descriptors: [], attesters: [:],
            hash: .keccak(Array(text.utf8)), origin: "built-in pins")
    }()
}

extension [PolicyList] {
    /// The lists for which a condition holds, and the others.
    fileprivate func partitioned(_ holds: (PolicyList) -> Bool) -> ([PolicyList], [PolicyList]) {
        (filter(holds), filter { !holds($0) })
    }
}

/// The rules for a policy file, and for the payments that a policy refuses.
public enum PolicyRule: String, Rule {
    case malformed = "policy.malformed"
    case repeatedAddress = "policy.repeated-address"
    case messageType = "policy.no-message-type"
    case writableByOthers = "policy.writable-by-others"
    case chain = "policy.chain-not-listed"
    case kind = "policy.kind"
    case recipient = "policy.recipient-not-listed"
    case requester = "policy.no-requester"
    case currency = "policy.currency-not-listed"
    case perPayment = "policy.over-payment-cap"
    case nativeValue = "policy.over-native-cap"
    case networkFee = "policy.over-network-fee-cap"

    public var meaning: String {
        switch self {
        case .malformed: "the policy is malformed"
        case .repeatedAddress: "the policy lists an address twice"
        case .messageType: "the policy lists something that is no type of a message (EIP-712)"
        case .writableByOthers: "others can write to the policy"
        case .chain: "the policy does not list the chain"
        case .kind: "the policy says nothing of requests of this kind"
        case .recipient: "the policy does not list the recipient"
        case .requester: "the policy lists requesters, and no requester signed the request that gives tokens away"
        case .currency: "the policy does not list the currency"
        case .perPayment: "the payment is above the policy's cap per payment"
        case .nativeValue: "the native value is above the policy's cap"
        case .networkFee: "the worst network fee, with any L1 fee, is above the policy's cap"
        }
    }
}
