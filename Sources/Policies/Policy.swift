public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockRequestKinds
public import AirlockRequests
import AirlockTokens

/// The rules for payments: the allowed chains, recipients, currencies and amounts. A policy can also have rules for
/// each kind of request. A chain or a currency that a policy does not list is refused. If a policy has a list of
/// recipients, all other recipients are refused.
public struct Policy: Sendable {
    public struct Currency: Sendable {
        public let symbol: String
        public let decimals: Int
        /// The maximum amount of one payment, in the smallest unit; `nil` if there is no maximum.
        public let perPayment: UInt256?
        /// The maximum amount within 24 hours, in the smallest unit; `nil` if there is no maximum. It limits the sum of
        /// the new payment and the payments that the ledger contains for the last 24 hours.
        public let perDay: UInt256?
        /// The token's domain separator, for the token's permits (EIP-712). The function `DOMAIN_SEPARATOR` of the
        /// token contract returns this value.
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

    /// Typed data (EIP-712) that may be signed. All types in `types` belong to the same domain.
    public struct MessagePin: Sendable {
        public let domainSeparator: Hash
        /// The allowed primary types. Each is the name of a type, or the complete text of a type, as EIP-712 defines it
        /// (`encodeType`).
        public let types: Set<String>
        /// The name that the author of the policy gave to the types in `types`.
        public let name: String

        /// Whether the text can stand for a type in a policy. It can be the name of a type. It can also be the complete
        /// text of a type, such as `Order(address maker,Item[] items)Item(uint256 id)`.
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

        /// Whether a string can be the name of a type in typed data. EIP-712 requires an identifier, but wallets also
        /// hash other names, such as `HyperliquidTransaction:Withdraw`. Names with wildcards are refused, because a
        /// policy compares names character by character, so a wildcard would never match another name.
        private static func isName(_ text: Substring) -> Bool {
            guard let first = text.first, first.isLetter || first == "_" || first == "$" else { return false }
            return !text.contains { " ,[]*?".contains($0) }
        }
    }

    /// The rules for one chain. This is a class because many checks share the same rules.
    public final class ChainRules: Sendable {
        /// The address lists that the kinds of request use. The key is the name of the list. Each address has a label,
        /// which may be empty. If a list is missing in the policy, the property `isRequired` of the corresponding
        /// `PolicyList` determines whether the requests that use this list are refused.
        public let lists: [String: [Address: String]]
        /// The sections of the policy. A section contains the rules for one kind of request. The key is the name of the
        /// section. Each kind of request supplies the code that reads its section.
        public let sections: [String: any KindRules]
        /// The allowed recipients and their labels; `nil` if any recipient is allowed.
        public let recipients: [Address: String]?
        /// The currencies by address. The zero address stands for the chain's native currency.
        public let currencies: [Address: Currency]
        public let maxNativeValue: UInt256?
        public let maxNetworkFee: UInt256?
        /// The maximum price of a swap, in wei of native currency for one whole token.
        public let maxNativePerToken: UInt256?
        public let wrappedNative: Address?
        /// The typed data that may be signed; `nil` if the policy lists no typed data.
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

        /// Whether the policy has a list of requesters. If so, every request to pay must be signed by a requester in
        /// this list.
        public var demandsRequesters: Bool { lists["requesters"] != nil }

        /// Returns the policy's section for a kind of request. Returns `nil` if the policy does not contain this
        /// section, or if this kind of request has no section.
        public func section(of kind: any Request.Type) -> (any KindRules)? {
            kind.policySection.flatMap { sections[$0.name] }
        }

        /// Returns the name that the policy gives to an address. The name can be a label in an address list, a label of
        /// a recipient, a label in the rules of a kind, or the symbol of a currency. Returns `nil` if the address has
        /// no name.
        public func label(of address: Address) -> String? {
            let ofLists = lists.sorted { $0.key < $1.key }.map { $0.value[address] }
            let ofKinds = sections.sorted { $0.key < $1.key }.map { $0.value.label(of: address) }
            let symbol = address.isZero ? nil : currencies[address]?.symbol
            return (ofLists + [recipients?[address]] + ofKinds + [symbol]).compactMap(\.self).first { !$0.isEmpty }
        }
    }

    public let chains: [Chain: ChainRules]
    /// The maximum age of a conditions file, in seconds; `nil` if there is no maximum.
    public let maxConditionsAge: UInt64?
    /// Whether the user may sign texts (EIP-191).
    public let allowsTexts: Bool
    /// The hashes of the trusted descriptor files (ERC-7730). The hash is defined by ERC-8176.
    public let descriptors: Set<Hash>
    /// The trusted attesters of descriptors. The key is the address of the attester. The value is a name that the
    /// author of the policy chose.
    public let attesters: [Address: String]
    /// The hash of the policy file's bytes. For the built-in policy, the hash of its canonical text.
    public let hash: Hash
    /// The source of the policy: the path of its file, or the text "built-in pins" for the built-in policy.
    public let origin: String

    /// Whether this is the built-in policy.
    public var isBuiltIn: Bool { hash == Self.builtIn.hash }

    /// The policy that is used if the user has no policy file. It covers the chains for which Airlock knows all
    /// necessary addresses. For each of these chains, it lists the known currencies, and the addresses that a policy
    /// must list to allow some kinds of request. It lists no recipients and sets no caps, so the user must confirm
    /// every payment.
    public static let builtIn: Policy = {
        let required = RequestKinds.policyLists().filter(\.isRequired)
        let known = KnownTokens.all.filter { tokens in required.allSatisfy { $0.known(tokens.chain) != nil } }
        // The hash of the built-in policy is computed from this text. The text has one line for each chain, and this
        // line contains the addresses on the chain. If an address list has the same address on every chain, the lines
        // for the chains do not contain this address. Instead, it is written once, at the end of the text.
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
    /// Splits the lists into two groups: the lists that fulfil the given condition, and the lists that do not.
    fileprivate func partitioned(_ holds: (PolicyList) -> Bool) -> ([PolicyList], [PolicyList]) {
        (filter(holds), filter { !holds($0) })
    }
}

/// The error codes for policy files, and for payments that a policy refuses.
public enum PolicyRule: String, Rule {
    case malformed = "policy.malformed"
    case repeatedAddress = "policy.repeated-address"
    case otherDecimals = "policy.other-decimals"
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
        case .otherDecimals: "the policy states wrong decimals for a currency that Airlock knows"
        case .messageType: "the policy lists something that is not a type of a message (EIP-712)"
        case .writableByOthers: "others can write to the policy"
        case .chain: "the policy does not list the chain"
        case .kind: "the policy does not allow requests of this kind"
        case .recipient: "the policy does not list the recipient"
        case .requester: "the policy lists requesters, and no requester signed the request that gives tokens away"
        case .currency: "the policy does not list the currency"
        case .perPayment: "the payment is above the policy's cap per payment"
        case .nativeValue: "the native value is above the policy's cap"
        case .networkFee: "the worst network fee, with any L1 fee, is above the policy's cap"
        }
    }
}
