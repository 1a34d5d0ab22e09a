import Glibc
public import AirlockDiagnostics

/// The rules of the sandbox.
public enum SandboxRule: String, Rule {
    case cannotPrepare = "sandbox.cannot-prepare"
    case cannotSeal = "sandbox.cannot-seal"

    public var meaning: String {
        switch self {
        case .cannotPrepare: "the kernel does not let this process protect its memory"
        case .cannotSeal: "the kernel does not take this process's network away"
        }
    }
}

/// A right that the process could not give up; it must end before it touches a key.
public struct SandboxError: RuleBroken, Hashable, Sendable {
    public let rule: SandboxRule
    /// Which call was refused, and why.
    public let detail: String

    init(_ rule: SandboxRule, _ call: String, errno code: Int32) {
        self.rule = rule
        self.detail = unsafe "\(call): \(String(cString: strerror(code)))"
    }

    public var problems: [Problem] { [Problem(rule, detail: detail)] }
}
