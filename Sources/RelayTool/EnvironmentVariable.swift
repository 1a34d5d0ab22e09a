import Glibc

/// The environment variables that the relay's own code reads. Libraries such as the HTTP client read other variables,
/// which this enum does not contain. The help lists all variables of this enum.
enum EnvironmentVariable: String, CaseIterable {
    case nodes = "AIRLOCK_RPC_URL"
    case journal = "AIRLOCK_JOURNAL"
    case webhookSecret = "AIRLOCK_WEBHOOK_SECRET"
    case serviceKey = "OPENROUTER_API_KEY"
    case chargeKey = "OPENROUTER_BEARER"
    case creditsKey = "OPENROUTER_MANAGEMENT_KEY"
    case service = "OPENROUTER_BASE_URL"
    case safeService = "AIRLOCK_SAFE_URL"
    case safeServiceKey = "SAFE_API_KEY"

    var meaning: String {
        switch self {
        case .nodes: "the nodes, if no --rpc names one"
        case .journal: "the journal, if no --journal names one"
        case .webhookSecret: "the secret that signs the posts of run --webhook"
        case .serviceKey: "the API key of OpenRouter"
        case .chargeKey: "the API key for charge create, instead of OPENROUTER_API_KEY"
        case .creditsKey: "the API key for credits, instead of OPENROUTER_API_KEY"
        case .service: "another address of OpenRouter"
        case .safeService: "the transaction service of the Safe's chain, before /api/v..."
        case .safeServiceKey: "the API key of the transaction service"
        }
    }

    /// The value of this variable; `nil` if the variable is missing or empty.
    var value: String? { Self.value(rawValue).flatMap { $0.isEmpty ? nil : $0 } }

    /// Reads an environment variable by its name. Libraries such as the HTTP client use this function for variables
    /// that they define themselves.
    static func value(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }
}
