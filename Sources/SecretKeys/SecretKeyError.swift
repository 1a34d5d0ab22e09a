public import AirlockDiagnostics
public import AirlockSecp256k1

/// Why a key cannot be used.
public struct SecretKeyError: RuleBroken, Hashable, Sendable {
    public let rule: SecretKeyRule
    private let cause: Problem?

    init(_ rule: SecretKeyRule) {
        self.rule = rule
        self.cause = nil
    }

    /// The secure memory or the randomness failed.
    init(_ cause: Problem?) {
        self.rule = .engineFailed
        self.cause = cause
    }

    public var problems: [Problem] { [cause ?? Problem(rule)] }
}
