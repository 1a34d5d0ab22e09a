public import AirlockDiagnostics

/// The rule of the ABI that was broken, and where.
public struct ABIError: RuleBroken, Hashable, Sendable {
    public enum Place: Hashable, Sendable {
        /// The first byte, of the signature or of the data, that breaks the rule.
        case offset(Int)
        /// The value, as a JSON pointer: `/0/2` is the third part of the first argument.
        case value(String)
    }

    public let rule: ABIRule
    public let place: Place
    public let saw: String?
    public let expected: String?

    init(_ rule: ABIRule, at place: Place, saw: String? = nil, expected: String? = nil) {
        self.rule = rule
        self.place = place
        self.saw = saw
        self.expected = expected
    }

    public var problems: [Problem] {
        switch place {
        case .offset(let offset):
            [Problem(rule, saw: saw, expected: expected, detail: "at byte \(offset)")]
        case .value(let pointer):
            [Problem(rule, at: pointer, saw: saw, expected: expected)]
        }
    }

    /// The same error, said by what holds the value.
    func inside(_ index: Int) -> ABIError {
        guard case .value(let pointer) = place else { return self }
        return ABIError(rule, at: .value("/\(index)\(pointer)"), saw: saw, expected: expected)
    }
}
