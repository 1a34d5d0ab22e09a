import Foundation
import AirlockTestSupport
import AirlockToolSupport

/// A folder in which `airlock-relay` runs. The environment variables contain the address of a service and an API key.
final class RelayWorkspace {
    let scratch: Scratch
    var environment: [String: String]

    /// The service that the relay calls. It runs at least as long as this object exists.
    private let service: ScriptedService

    init(_ service: ScriptedService) throws {
        self.service = service
        scratch = try Scratch()
        environment = [
            "HOME": scratch.path, "OPENROUTER_API_KEY": ScriptedService.key, "OPENROUTER_BASE_URL": service.base,
        ]
    }

    /// Runs a command line. Throws if the output contains the API key.
    func run(_ words: [String]) throws -> Outcome {
        let outcome = try BuiltTool("airlock-relay").run(words, in: scratch.path, environment: environment)
        if (outcome.out + outcome.err).contains("secretsecret") { throw ToolFailure("the key is shown: \(outcome)") }
        return outcome
    }

    func run(_ words: String...) throws -> Outcome { try run(words) }

    func atTerminal(_ words: String...) throws -> Terminal {
        try Terminal(BuiltTool("airlock-relay"), words, in: scratch.path, environment: environment, keeping: self)
    }
}
