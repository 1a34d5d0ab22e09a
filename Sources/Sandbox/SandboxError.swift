import Glibc
package import AirlockDiagnostics

/// The rules of the sandbox.
package enum SandboxRule: String, Rule {
    case cannotPrepare = "sandbox.cannot-prepare"
    case cannotSeal = "sandbox.cannot-seal"

    package var meaning: String {
        switch self {
        case .cannotPrepare: "the kernel does not let this process protect its memory"
        case .cannotSeal: "the kernel does not take this process's network away"
        }
    }
}

/// A right that the process could not give up; it must end before it touches a key.
package struct SandboxError: RuleBroken, Hashable, Sendable {
    package let rule: SandboxRule
    /// Which call was refused, and why.
    package let detail: String

    init(_ rule: SandboxRule, _ call: String, errno code: Int32) {
        self.rule = rule
        self.detail = unsafe "\(call): \(String(cString: strerror(code)))"
    }

    package var problems: [Problem] { [Problem(rule, detail: detail)] }
}
