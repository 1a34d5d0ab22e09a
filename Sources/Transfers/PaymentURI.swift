import AirlockEthereumTypes
public import AirlockDiagnostics

/// Reads a payment URI (EIP-681). It has the form `ethereum:[pay-]target@chainId?value=N` for native currency, or
/// `ethereum:[pay-]token@chainId/transfer?address=A&uint256=N` for a token. All other forms are refused.
public enum PaymentURI {
    /// Whether a string begins with the scheme of a payment URI.
    public static func begins(_ text: some StringProtocol) -> Bool {
        text.utf8.count >= scheme.utf8.count && text.prefix(scheme.utf8.count).lowercased() == scheme
    }

    private static let scheme = "ethereum:"

    /// The parts of a URI. `chain` is `nil` if the URI names no chain.
    struct Contents {
        var chain: Chain?
        /// The account or contract that the URI names. `nil` if the text in the URI is not an address. In this case,
        /// the reader has recorded a problem.
        var target: Address?
        var function: String?
        var parameters: [(name: String, value: String)]
    }

    /// Reads a URI as a transfer. If there are problems, throws one error that lists them all.
    public static func transfer(_ text: String) throws(ProblemList) -> Transfer {
        var problems: [Problem] = []
        let contents = read(text, &problems)
        guard let contents else { throw ProblemList(problems) ?? ProblemList(Problem(URIRule.notPayment)) }
        if contents.chain == nil, !problems.contains(where: { $0.field == "chain id" }) {
            problems.append(Problem(URIRule.noChain, at: "chain id"))
        }
        var seen: Set<String> = []
        for (name, _) in contents.parameters where !seen.insert(name).inserted {
            problems.append(Problem(URIRule.repeated, at: place(of: name)))
        }
        var token: Address?
        var to = contents.target
        var amount: UInt256?
        if let function = contents.function {
            guard function == "transfer" else {
                problems.append(Problem(URIRule.otherFunction, at: "function", saw: function, expected: "transfer"))
                throw ProblemList(problems) ?? ProblemList(Problem(URIRule.otherFunction))
            }
            token = contents.target
            (to, amount) = arguments(contents.parameters, &problems)
        } else {
            amount = value(contents.parameters, &problems)
        }
        if let all = ProblemList(problems) { throw all }
        guard let chain = contents.chain, let to, let amount else { throw ProblemList(Problem(URIRule.notPayment)) }
        return try Transfer(chain: chain, from: nil, to: to, token: token, amount: amount, source: .uri)
    }

    private static func read(_ text: String, _ problems: inout [Problem]) -> Contents? {
        guard begins(text), text.utf8.count <= 4096, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            problems.append(
                Problem(URIRule.notPayment, expected: "ethereum:, and no more than 4096 characters"))
            return nil
        }
        let parts = text.dropFirst(scheme.utf8.count).split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let place = path[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        var name = place[0]
        if name.hasPrefix("pay-") { name = name.dropFirst(4) }
        var target: Address?
        if name.hasPrefix("0x") {
            target = address(name, at: "target", &problems)
        } else {
            problems.append(
                Problem(URIRule.notAddress, at: "target", saw: String(name), expected: "0x and 40 hexadecimal digits"))
        }
        var chain: Chain?
        if place.count == 2 {
            do throws(ValueError) { chain = try Chain(decimal: place[1]) } catch {
                problems += error.problems.map { $0.at("chain id") }
            }
        }
        var parameters: [(name: String, value: String)] = []
        if parts.count == 2 {
            for pair in parts[1].split(separator: "&", omittingEmptySubsequences: false) {
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides.count == 2, !sides[0].isEmpty else {
                    problems.append(Problem(URIRule.notParameter, saw: String(pair), expected: "name=value"))
                    continue
                }
                parameters.append((String(sides[0]), String(sides[1])))
            }
        }
        return Contents(
            chain: chain, target: target, function: path.count == 2 ? String(path[1]) : nil, parameters: parameters)
    }

    private static func address(_ text: Substring, at place: String, _ problems: inout [Problem]) -> Address? {
        do throws(ValueError) { return try Address(text) } catch {
            problems += error.problems.map { $0.at(place) }
            return nil
        }
    }

    /// Reads the amount of native currency that is to be transferred.
    private static func value(
        _ parameters: [(name: String, value: String)], _ problems: inout [Problem]
    ) -> UInt256? {
        for (name, _) in parameters where name != "value" { problems.append(foreign(name)) }
        guard let text = parameters.first(where: { $0.name == "value" })?.value else {
            problems.append(Problem(URIRule.noAmount, at: "value"))
            return nil
        }
        return number(text, at: "value", &problems)
    }

    /// Reads the arguments of a token's function `transfer`. The parameters of the URI must be in the order of the
    /// arguments.
    private static func arguments(
        _ parameters: [(name: String, value: String)], _ problems: inout [Problem]
    ) -> (to: Address?, amount: UInt256?) {
        for (name, _) in parameters where name != "address" && name != "uint256" { problems.append(foreign(name)) }
        let names = parameters.map(\.name).filter { $0 == "address" || $0 == "uint256" }
        if names.first == "uint256", names.contains("address") {
            problems.append(
                Problem(
                    URIRule.otherOrder, at: "address", saw: "transfer(uint256,address)",
                    expected: "transfer(address,uint256)"))
        }
        var to: Address?
        if let text = parameters.first(where: { $0.name == "address" })?.value {
            to = address(text[...], at: "address", &problems)
        } else {
            problems.append(Problem(URIRule.noRecipient, at: "address"))
        }
        guard let text = parameters.first(where: { $0.name == "uint256" })?.value else {
            problems.append(Problem(URIRule.noAmount, at: "uint256"))
            return (to, nil)
        }
        return (to, number(text, at: "uint256", &problems))
    }

    /// Returns the location of a problem with a URI parameter. The location is usually the name of the parameter. If
    /// this name equals the raw value of an `ArgumentPlace`, such as `value:`, the location is `parameter`. Without
    /// this exception, the tools would replace the name with a command-line option.
    private static func place(of name: String) -> String { ArgumentPlace(rawValue: name) == nil ? name : "parameter" }

    private static func foreign(_ name: String) -> Problem {
        switch name {
        case "gas", "gasLimit", "gasPrice": Problem(URIRule.gas, at: name)
        default: Problem(URIRule.unknownParameter, at: place(of: name))
        }
    }

    /// Reads a number as EIP-681 writes it: `[+|-] digits [. digits] [e|E digits]`. Its value must be an integer of at
    /// most 256 bits.
    private static func number(_ text: String, at place: String, _ problems: inout [Problem]) -> UInt256? {
        func refuse(_ rule: URIRule, _ expected: String) -> UInt256? {
            problems.append(Problem(rule, at: place, saw: text, expected: expected))
            return nil
        }
        var rest = text[...]
        if rest.hasPrefix("-") { return refuse(.negative, "an amount above zero") }
        if rest.hasPrefix("+") { rest = rest.dropFirst() }
        let scaled = rest.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        let digits = scaled[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = digits.count == 2 ? digits[1] : ""
        let exponent = scaled.count == 2 ? scaled[1] : "0"
        func isNumber(_ text: Substring) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        }
        guard isNumber(digits[0]), digits.count == 1 || isNumber(fraction), isNumber(exponent) else {
            return refuse(.notNumber, "digits, perhaps a fraction, perhaps e and an exponent")
        }
        guard exponent.utf8.count <= 4, let power = Int(exponent) else { return refuse(.tooLarge, "at most 2^256 - 1") }
        let significant = fraction.utf8.reversed().drop { $0 == UInt8(ascii: "0") }.count
        guard significant <= power else { return refuse(.notInteger, "an integer of the smallest unit") }
        let all = digits[0] + fraction.prefix(significant)
        let trimmed = all.drop { $0 == "0" }
        guard trimmed.utf8.count + power - significant <= 78 else {
            return trimmed.isEmpty ? .zero : refuse(.tooLarge, "at most 2^256 - 1")
        }
        let whole = trimmed.isEmpty ? "0" : trimmed + String(repeating: "0", count: power - significant)
        guard let value = try? UInt256(decimal: whole) else { return refuse(.tooLarge, "at most 2^256 - 1") }
        return value
    }
}

/// The rules for payment URIs (EIP-681).
public enum URIRule: String, Rule {
    case notPayment = "uri.not-a-payment"
    case notAddress = "uri.not-an-address"
    case noChain = "uri.no-chain"
    case notParameter = "uri.not-a-parameter"
    case repeated = "uri.repeated-parameter"
    case unknownParameter = "uri.unknown-parameter"
    case gas = "uri.gas"
    case otherFunction = "uri.other-function"
    case otherOrder = "uri.other-argument-order"
    case noRecipient = "uri.no-recipient"
    case noAmount = "uri.no-amount"
    case negative = "uri.negative"
    case notNumber = "uri.not-a-number"
    case notInteger = "uri.not-an-integer"
    case tooLarge = "uri.too-large"

    public var meaning: String {
        switch self {
        case .notPayment: "this is not a payment URI (EIP-681)"
        case .notAddress: "the target is not an address"
        case .noChain: "the URI names no chain"
        case .notParameter: "a parameter has no name or no value"
        case .repeated: "the URI has a parameter twice"
        case .unknownParameter: "the URI has a parameter that no transfer has"
        case .gas: "the URI proposes gas or a gas price, which only the payer gives"
        case .otherFunction: "the URI calls another function than transfer"
        case .otherOrder: "the arguments are in another order, which makes it another function"
        case .noRecipient: "the URI names no recipient"
        case .noAmount: "the URI names no amount"
        case .negative: "the amount is negative"
        case .notNumber: "the amount is not a number"
        case .notInteger: "the amount is not an integer in the smallest unit"
        case .tooLarge: "the amount does not fit into 256 bits"
        }
    }
}
