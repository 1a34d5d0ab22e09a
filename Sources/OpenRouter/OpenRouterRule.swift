public import AirlockDiagnostics

/// What the service says no to, by its status; and what is wrong with what goes to it and comes from it.
public enum OpenRouterRule: String, Rule {
    case badRequest = "openrouter.bad-request"
    case unauthorized = "openrouter.unauthorized"
    case forbidden = "openrouter.forbidden"
    case gone = "openrouter.gone"
    case tooManyRequests = "openrouter.too-many-requests"
    case internalServer = "openrouter.internal-server"
    /// Any other status that is no success.
    case status = "openrouter.status"

    case badKey = "openrouter.bad-key"
    case badAmount = "openrouter.bad-amount"
    case badAnswer = "openrouter.bad-answer"
    case otherCharge = "openrouter.other-charge"

    init(status: Int) {
        switch status {
        case 400: self = .badRequest
        case 401: self = .unauthorized
        case 403: self = .forbidden
        case 410: self = .gone
        case 429: self = .tooManyRequests
        case 500: self = .internalServer
        default: self = .status
        }
    }

    public var meaning: String {
        switch self {
        case .badRequest: "the service does not accept what was asked"
        case .unauthorized: "the service does not accept the key"
        case .forbidden: "the service does not let this key do this"
        case .gone: "the service no longer offers this, and asking again will not change that"
        case .tooManyRequests: "the service is asked too often"
        case .internalServer: "the service failed"
        case .status: "the service answered with an HTTP error"
        case .badKey: "the key cannot be one: it is empty, or holds a space or another character that no key has"
        case .badAmount: "a charge is for 1 to 100000 dollars"
        case .badAnswer: "the service's answer is not what it documents"
        case .otherCharge: "the charge is not the one that was asked for"
        }
    }
}
