import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockPolicies
import AirlockDiagnostics

/// A currency that a policy lists on a chain.
struct ListedCurrency {
    /// The zero address is the chain's native currency.
    let address: Address
    let symbol: String
    let decimals: Int
    let caps: Policy.Currency

    /// `nil` for native currency, as a transfer names it.
    var token: Address? { address.isZero ? nil : address }

    /// An amount in the currency's words.
    func words(_ amount: UInt256) -> String {
        "\(Amount.format(amount, decimals: decimals)) \(escaped(symbol, limit: 16))"
    }

    private init(_ address: Address, _ currency: Policy.Currency) {
        self.address = address
        symbol = currency.symbol
        decimals = currency.decimals
        caps = currency
    }

    /// Finds the currency with an address, where the rules list it.
    init?(_ address: Address, in rules: Policy.ChainRules) {
        guard let currency = rules.currencies[address] else { return nil }
        self.init(address, currency)
    }

    /// Finds the one currency that a symbol, in either case, or an address names: one that is not listed, or a symbol that
    /// several have, is refused.
    init(named name: String, in rules: Policy.ChainRules, at place: String) throws(ProblemList) {
        if name.hasPrefix("0x") || name.hasPrefix("0X") {
            let address: Address
            do throws(ValueError) { address = name == "0x0" ? .zero : try Address(name) } catch {
                throw ProblemList(error.problems.map { $0.at(place) }) ?? ProblemList(error)
            }
            guard let listed = ListedCurrency(address, in: rules) else {
                throw ProblemList(
                    Problem(PolicyRule.currency, at: place, saw: name, expected: Self.list(rules)))
            }
            self = listed
            return
        }
        let found = Self.all(rules).filter { isSameSymbol($0.symbol, name) }
        guard let first = found.first else {
            throw ProblemList(
                Problem(
                    PolicyRule.currency, at: place, saw: name.isEmpty ? "nothing" : name, expected: Self.list(rules)))
        }
        guard found.count == 1 else {
            throw ProblemList(
                Problem(
                    RequestWritingRule.ambiguousCurrency, at: place, saw: name,
                    expected: found.map(\.address.description).joined(separator: " or ")))
        }
        self = first
    }

    /// All that the rules list, in a fixed order.
    static func all(_ rules: Policy.ChainRules) -> [ListedCurrency] {
        rules.currencies.map { ListedCurrency($0.key, $0.value) }
            .sorted { $0.address.description < $1.address.description }
    }

    private static func list(_ rules: Policy.ChainRules) -> String {
        let symbols = all(rules).map { escaped($0.symbol, limit: 16) }
        return symbols.isEmpty ? "none, since the policy lists none" : symbols.joined(separator: ", ")
    }
}

/// Whether two symbols differ in nothing but the case of ASCII letters.
func isSameSymbol(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
    left.utf8.elementsEqual(right.utf8) { left, right in
        left == right || left ^ right == 0x20 && UInt8(ascii: "a")...UInt8(ascii: "z") ~= left | 0x20
    }
}
