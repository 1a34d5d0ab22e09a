public import AirlockEthereumTypes
import AirlockDiagnostics
public import AirlockStrictJSON
import AirlockRequestKinds
import AirlockRequests
import AirlockTokens

/// Makes a first policy, and describes to the user what a policy allows.
extension Policy {
    /// The kinds of request for which a policy can have rules, and `message`. A message is not a payment, so the table
    /// of kinds does not contain `message`.
    public static var kinds: [String] { RequestKinds.policyKinds + ["message"] }

    /// Makes a first policy with the known addresses of a chain and low caps. Also returns a list of the members that
    /// only the user can fill in.
    ///
    /// - Parameters:
    ///   - chain: the chain on which to pay.
    ///   - kinds: the kinds of request that the policy covers.
    public static func start(
        for chain: Chain, kinds: [String] = kinds
    ) -> (policy: JSONOutput, toFillIn: [String]) {
        let tokens = KnownTokens.on(chain)
        let lists = RequestKinds.policyLists(for: kinds).filter(\.isRequired)
        var toFillIn = ["recipients: the addresses that you pay, each with a label of your own"]
        toFillIn += lists.filter { $0.known(chain) == nil }.map { $0.toFillIn(chain) }
        let sections = RequestKinds.policySections(for: kinds)
        toFillIn += sections.map(\.toFillIn)
        let hasMessages = kinds.contains("message")
        if hasMessages {
            toFillIn.append(
                "messages: typed data that may be signed, each entry with domainSeparator, types and a name (permits of the "
                    + "currencies need no entry); and text")
        }
        if tokens == nil { toFillIn.append("currencies: what you pay in, and wrappedNative") }
        // Airlock does not know the symbol of the native currency on this chain, so the user must fill it in.
        if chain.name == nil { toFillIn.append("currencies: the symbol of the native currency, for NATIVE") }
        let native = chain.name == nil ? "NATIVE" : chain.nativeSymbol
        toFillIn.append("perPayment, perDay, maxNativeValue and maxNetworkFee: your own limits")
        func currency(_ symbol: String, _ decimals: String, _ perPayment: String, _ perDay: String) -> JSONOutput {
            [
                "symbol": .string(symbol), "decimals": .string(decimals), "perPayment": .string(perPayment),
                "perDay": .string(perDay),
            ]
        }
        var currencies: [(String, JSONOutput)] = [("0x0", currency(native, "18", "0.05", "0.1"))]
        if let tokens { currencies.append(("\(tokens.usdc)", currency("USDC", "6", "100", "500"))) }
        var rules = lists.map { list -> (String, JSONOutput) in
            (list.name, .array(list.known(chain).map { [.string("\($0)")] } ?? []))
        }
        rules += [
            ("recipients", .object([])),
            ("currencies", .object(currencies)),
            ("maxNativeValue", "50000000000000000"),
            ("maxNetworkFee", "10000000000000000"),
        ]
        rules += sections.map { ($0.name, $0.start) }
        if hasMessages { rules.append(("messages", .array([]))) }
        if let tokens { rules.append(("wrappedNative", .string("\(tokens.wrappedNative)"))) }
        let policy: JSONOutput = [
            "airlock": 1, "kind": "policy", "chains": .object([("\(chain.id)", .object(rules))]),
            "maxConditionsAge": "3600",
        ]
        return (policy, toFillIn)
    }

    /// Describes in sentences what the policy allows. A treasurer must be able to understand the sentences and to
    /// approve them.
    public var sentences: [String] {
        var sentences = chains.sorted { $0.key.id < $1.key.id }.flatMap { chain, rules in rules.sentences(on: chain) }
        if chains.isEmpty { sentences.append("Nothing may be paid on any chain.") }
        sentences.append(
            maxConditionsAge.map { "Conditions from a file may be \($0) seconds old, and must name their block." }
                ?? "Conditions may be of any age.")
        if allowsTexts { sentences.append("Texts (EIP-191) may be signed.") }
        if !descriptors.isEmpty {
            let hashes = descriptors.map { "\($0)" }.sorted().joined(separator: ", ")
            sentences.append("Trusted descriptors of calls and messages: those with the hash \(hashes).")
        }
        if !attesters.isEmpty {
            let names = attesters.names.joined(separator: " or ")
            sentences.append("Trusted descriptors of calls and messages: those that \(names) attested.")
        }
        return sentences
    }
}

extension Policy.ChainRules {
    fileprivate func sentences(on chain: Chain) -> [String] {
        var sentences: [String] = []
        let refused = refusedKinds
        func say(_ lists: [PolicyList]) {
            for list in lists {
                if let listed = self.lists[list.name] { sentences.append(list.sentence(listed.names, chain)) }
            }
        }
        let names = RequestKinds.names.filter { name in !refused.contains { $0.kind == name } }
        let kinds = RequestKinds.policyLists(for: names)
        say(kinds.filter(\.isRequired))
        if let recipients {
            let names = recipients.names
            sentences.append(
                names.isEmpty
                    ? "On \(chain) no recipient is allowed, so nothing can be paid there."
                    : "On \(chain) only \(names.joined(separator: ", ")) may be paid.")
        } else {
            sentences.append("On \(chain) anybody may be paid, after a person has typed the recipient's last digits.")
        }
        for (address, currency) in currencies.sorted(by: { $0.key.description < $1.key.description }) {
            sentences.append(sentence(address, currency, on: chain))
        }
        if currencies.isEmpty { sentences.append("On \(chain) no currency is allowed, so nothing can be paid there.") }
        let symbol = currencies[.zero].map { escaped($0.symbol, limit: 16) } ?? chain.nativeSymbol
        func native(_ amount: UInt256) -> String { "\(Amount.format(amount, decimals: 18)) \(symbol)" }
        sentences.append(
            maxNativeValue.map { "A transaction on \(chain) may send at most \(native($0))." }
                ?? "No cap is set on the native value of a transaction on \(chain).")
        sentences.append(
            maxNetworkFee.map {
                "The worst network fee of a payment on \(chain), with its L1 fee, may be at most \(native($0))."
            }
                ?? "No cap is set on network fees on \(chain): a person must be asked of each transaction there.")
        say(kinds.filter { !$0.isRequired })
        for section in RequestKinds.policySections() {
            if let own = self.sections[section.name] { sentences += own.sentences(words(on: chain)) }
        }
        sentences += messageSentences(on: chain)
        if let maxNativePerToken {
            sentences.append(
                "A proposed swap on \(chain) may cost at most \(native(maxNativePerToken)) for each token.")
        }
        var reasons = refused.map { kind, missing in
            "every \(kind), since it has no \(missing.joined(separator: " and no "))"
        }
        if messages == nil { reasons.append("all typed data, since it has no messages") }
        if !reasons.isEmpty {
            sentences.append("On \(chain) the policy refuses \(reasons.joined(separator: "; ")).")
        }
        return sentences
    }

    /// Describes which typed data the user may sign according to the policy. Also describes which types are refused
    /// even if the policy lists them.
    private func messageSentences(on chain: Chain) -> [String] {
        guard let messages else { return [] }
        var sentences: [String] = []
        if !demandsRequesters {
            sentences.append(
                "On \(chain) permits and transfer authorizations of the currencies may be signed where their domain is known."
            )
        }
        for pin in messages {
            let name = escaped(pin.name, limit: 40)
            let isSafe = { (type: String) in type == "SafeTx" || type.hasPrefix("SafeTx(") }
            let types = pin.types.filter { !isSafe($0) }.sorted().map { escaped($0, limit: 200) }
            if !types.isEmpty {
                let types = types.joined(separator: ", ")
                sentences.append(
                    "On \(chain) messages of \(name) may be signed: \(types) in the domain \(pin.domainSeparator).")
            }
            if types.count < pin.types.count {
                sentences.append(
                    "On \(chain) SafeTx of \(name) is refused all the same: Safe transactions have rules of their own.")
            }
        }
        return sentences
    }

    /// Makes the functions that format an amount, or an address with its label. Each kind of request uses these
    /// functions when it describes its rules.
    private func words(on chain: Chain) -> PolicyFormatter {
        let rules = self
        return PolicyFormatter(chain: chain) { amount, currency in
            guard let listed = rules.currencies[currency] else {
                return currency.isZero
                    ? "\(Amount.format(amount, decimals: 18)) \(chain.nativeSymbol)"
                    : "\(amount) atomic units of \(currency)"
            }
            return "\(Amount.format(amount, decimals: listed.decimals)) \(escaped(listed.symbol, limit: 16))"
        } requester: { address in
            [rules.recipients?[address] ?? rules.label(of: address) ?? "", "\(address)"].filter { !$0.isEmpty }
        }
    }

    /// The kinds of request that the policy refuses because it has no rules for them. `missing` contains the names of
    /// the JSON members in which a policy can have such rules.
    private var refusedKinds: [(kind: String, missing: [String])] {
        RequestKinds.names.compactMap { kind in
            let required = RequestKinds.policyLists(for: [kind]).filter(\.isRequired).map(\.name)
            let own = RequestKinds.policySections(for: [kind]).map(\.name)
            let isListed = required.contains { lists[$0]?.isEmpty == false } || own.contains { sections[$0] != nil }
            return isListed || required.isEmpty && own.isEmpty ? nil : (kind, required + own)
        }
    }

    private func sentence(_ address: Address, _ currency: Policy.Currency, on chain: Chain) -> String {
        let symbol = escaped(currency.symbol, limit: 16)
        func words(_ amount: UInt256) -> String { "\(Amount.format(amount, decimals: currency.decimals)) \(symbol)" }
        let name = address.isZero ? "native \(symbol)" : "\(symbol) (\(address))"
        let payment = currency.perPayment.map { "at most \(words($0)) each" } ?? "of any size"
        let day = currency.perDay.map { ", and \(words($0)) in 24 hours" } ?? ""
        let permits = currency.domainSeparator.map { " Its permits must have the domain separator \($0)." } ?? ""
        return "On \(chain) payments in \(name) may be \(payment)\(day).\(permits)"
    }
}

extension [Address: String] {
    /// The addresses and the label of each address, sorted by address.
    fileprivate var names: [String] {
        sorted { $0.key.description < $1.key.description }.map { $0.key.labelled(escaped($0.value, limit: 40)) }
    }
}

extension Address {
    /// Returns the label followed by the address. If the label is empty, returns the address alone.
    package func labelled(_ label: String) -> String { label.isEmpty ? description : "\(label) (\(self))" }
}
