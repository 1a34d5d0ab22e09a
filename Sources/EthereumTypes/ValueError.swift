public import AirlockDiagnostics

/// The rules for numbers, addresses, amounts and times that are given as text.
public enum ValueRule: String, Rule {
    case notDecimal = "value.not-a-decimal-integer"
    case notHexQuantity = "value.not-a-hex-quantity"
    case notHex = "value.not-hex"
    case wrongLength = "value.wrong-length"
    case tooLarge = "value.too-large"
    case notAddress = "value.not-an-address"
    case wrongChecksum = "value.wrong-checksum"
    case notAmount = "value.not-an-amount"
    case wrongUnit = "value.wrong-unit"
    case tooPrecise = "value.too-precise"
    case notChain = "value.not-a-chain"
    case notTime = "value.not-a-time"
    case notDuration = "value.not-a-duration"

    public var meaning: String {
        switch self {
        case .notDecimal: "not a decimal integer"
        case .notHexQuantity: "not a hexadecimal quantity"
        case .notHex: "not hexadecimal"
        case .wrongLength: "the wrong number of bytes"
        case .tooLarge: "the number is too large"
        case .notAddress: "not an address"
        case .wrongChecksum: "the address does not match its own mixed-case checksum"
        case .notAmount: "not an amount"
        case .wrongUnit: "the amount has a unit that does not belong here"
        case .tooPrecise: "the amount has more decimals than its unit"
        case .notChain: "not a chain"
        case .notTime: "not a time"
        case .notDuration: "not a length of time"
        }
    }
}

/// The error for a string that is not a valid value. It contains the broken rule, the string, and the expected form.
public struct ValueError: RuleBroken, Hashable, Sendable {
    public let rule: ValueRule
    /// The string that was refused. `nil` if the string might be a secret that the user entered by mistake.
    public let saw: String?
    public let expected: String?

    public init(_ rule: ValueRule, saw: some StringProtocol, expected: String? = nil) {
        self.rule = rule
        self.saw = String(saw)
        self.expected = expected
    }

    /// Returns a copy of this error without the refused string, because the string might be a secret.
    public var withoutText: ValueError { ValueError(rule, expected: expected) }

    private init(_ rule: ValueRule, expected: String?) {
        self.rule = rule
        self.saw = nil
        self.expected = expected
    }

    public var problems: [Problem] { [Problem(rule, saw: saw.map { $0.isEmpty ? "nothing" : $0 }, expected: expected)] }
}
