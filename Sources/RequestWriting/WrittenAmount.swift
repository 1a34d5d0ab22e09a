import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPolicies

/// An amount that a user typed, and its currency. The currency is determined by the unit after the number, or by the
/// option `--token`.
struct WrittenAmount {
    /// The token of the amount; `nil` for native currency.
    let token: Address?
    let amount: UInt256
    /// The amount as text for the user. For a token that the policy lists, the text contains the symbol from the
    /// policy.
    let words: String

    /// Reads an amount of native currency, such as `0.5eth`.
    init(native text: String, on chain: Chain) throws(ValueError) {
        token = nil
        amount = try Amount.parseNative(text, on: chain)
        words = "\(Amount.format(amount, decimals: 18)) \(chain.nativeSymbol)"
    }

    /// Reads an amount. Examples are `12.5USDC`, `0.5eth`, or an integer in the smallest unit.
    ///
    /// - Parameters:
    ///   - text: the amount, as the user typed it.
    ///   - token: the token, as the user typed it; `nil` if the user named no token.
    ///   - chain: the chain of the payment.
    ///   - rules: the policy's rules for the chain; `nil` if no policy is named.
    ///   - options: the names of the two options for the amount and the token.
    init(
        _ text: String, token: String?, on chain: Chain, _ rules: Policy.ChainRules?,
        options: (amount: String, token: String)
    ) throws(ProblemList) {
        func invalid(_ error: ValueError, _ place: String) -> ProblemList {
            ProblemList(error.problems.map { Problem(UsageRule.invalidValue, because: $0, at: place) })
                ?? ProblemList(error)
        }
        let unit = Self.unit(of: text)
        if let token {
            if let rules {
                let listed = try ListedCurrency(named: token, in: rules, at: options.token)
                do throws(ValueError) { try self.init(text, listed) } catch { throw invalid(error, options.amount) }
                return
            }
            let address: Address
            do throws(ValueError) { address = try Address(token) } catch { throw invalid(error, options.token) }
            guard unit.isEmpty else {
                throw ProblemList(Problem(RequestWritingRule.unknownDecimals, at: options.amount, saw: text))
            }
            do throws(ValueError) { try self.init(text, unitsOf: address) } catch {
                throw invalid(error, options.amount)
            }
            return
        }
        // A token may have the same symbol as the native currency. In that case the unit is ambiguous, and the amount
        // is refused.
        let listed = rules.map { ListedCurrency.all($0).filter { isSameSymbol($0.symbol, unit) } } ?? []
        let isNative = unit.isEmpty || Amount.nativeUnits(on: chain).contains { isSameSymbol($0.name, unit) }
        let tokens = listed.filter { !$0.address.isZero }
        if tokens.count + (isNative || tokens.count < listed.count ? 1 : 0) > 1 {
            throw ProblemList(
                Problem(
                    RequestWritingRule.ambiguousCurrency, at: options.amount, saw: text, hint: "name it with --token")
            )
        }
        if !isNative, listed.isEmpty {
            guard Self.isSymbol(unit) else {
                let error = ValueError(.notAmount, saw: text, expected: "a number and a unit, such as 1.05USDC")
                throw invalid(error, options.amount)
            }
            throw ProblemList(
                rules == nil
                    ? Problem(RequestWritingRule.unknownDecimals, at: options.amount, saw: text)
                    : Problem(PolicyRule.currency, at: options.amount, saw: String(unit)))
        }
        do throws(ValueError) {
            if isNative {
                try self.init(native: text, on: chain)
            } else {
                try self.init(text, listed[0])
            }
        } catch { throw invalid(error, options.amount) }
    }

    /// Reads an amount of a currency that the policy lists. The text is a number followed by the currency's symbol, or
    /// an integer in the smallest unit.
    private init(_ text: String, _ currency: ListedCurrency) throws(ValueError) {
        token = currency.token
        amount = try Amount.parseToken(text, symbol: currency.symbol, decimals: currency.decimals)
        words = currency.words(amount)
    }

    /// Reads an amount of a token whose symbol and decimals are unknown. The amount is an integer in the smallest unit.
    private init(_ text: String, unitsOf token: Address) throws(ValueError) {
        self.token = token
        amount = try UInt256(decimal: text)
        words = "\(amount) of the smallest unit of \(token)"
    }

    /// Whether a unit can be the symbol of a token. If it cannot, the whole text is not an amount. For example, the
    /// unit of `1,05USDC` is `,05USDC`, the unit of `1e3USDC` is `e3USDC`, and the unit of `0x10` is
    /// `x10`.
    private static func isSymbol(_ unit: Substring) -> Bool {
        let isNumber = ["e", "x"].contains(unit.first?.lowercased()) && unit.dropFirst().first?.isNumber == true
        return unit.first?.isLetter == true && !isNumber
            && unit.allSatisfy { $0.isLetter || $0.isNumber || [".", "-", "_", "$", "\u{20AE}"].contains($0) }
    }

    /// Returns the unit that follows the number, such as `USDC`. Returns an empty string if there is no unit.
    private static func unit(of text: String) -> Substring {
        let rest = text.drop { $0.isASCII && $0.isNumber || $0 == "." }
        return rest.first == " " ? rest.dropFirst() : rest
    }
}

/// A currency that the policy lists for a chain.
struct ListedCurrency {
    /// The address of the currency. The zero address stands for the chain's native currency.
    let address: Address
    let symbol: String
    let decimals: Int
    let caps: Policy.Currency

    /// The token's address as a transfer file states it; `nil` for native currency.
    var token: Address? { address.isZero ? nil : address }

    /// Formats an amount with the currency's symbol.
    func words(_ amount: UInt256) -> String {
        "\(Amount.format(amount, decimals: decimals)) \(escaped(symbol, limit: 16))"
    }

    private init(_ address: Address, _ currency: Policy.Currency) {
        self.address = address
        symbol = currency.symbol
        decimals = currency.decimals
        caps = currency
    }

    /// Finds a currency by its address. Returns `nil` if the rules do not list the address.
    init?(_ address: Address, in rules: Policy.ChainRules) {
        guard let currency = rules.currencies[address] else { return nil }
        self.init(address, currency)
    }

    /// Finds a currency by its address or its symbol. The case of the symbol does not matter. Throws if the currency is
    /// not listed, or if several currencies have the symbol.
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

    /// Returns all currencies that the rules list, sorted by address.
    static func all(_ rules: Policy.ChainRules) -> [ListedCurrency] {
        rules.currencies.map { ListedCurrency($0.key, $0.value) }
            .sorted { $0.address.description < $1.address.description }
    }

    private static func list(_ rules: Policy.ChainRules) -> String {
        let symbols = all(rules).map { escaped($0.symbol, limit: 16) }
        return symbols.isEmpty ? "none, since the policy lists none" : symbols.joined(separator: ", ")
    }
}

/// Whether two symbols are equal, ignoring the case of ASCII letters.
func isSameSymbol(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
    left.utf8.elementsEqual(right.utf8) { left, right in
        left == right || left ^ right == 0x20 && UInt8(ascii: "a")...UInt8(ascii: "z") ~= left | 0x20
    }
}
