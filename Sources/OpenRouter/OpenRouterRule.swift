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

    public var next: String {
        switch self {
        case .badRequest: "read what the service said, and correct the amount, the sender or the chain"
        case .unauthorized: "check the key: OPENROUTER_API_KEY for charges, OPENROUTER_MANAGEMENT_KEY for credits"
        case .forbidden:
            "use a key that may: credits are shown to a management key only, which OPENROUTER_MANAGEMENT_KEY holds"
        case .gone:
            "any charge that was saved before it expires can still be prepared, signed and sent, and so can any "
                + "operator's intent on the same contracts; new credits are bought on the service's website"
        case .tooManyRequests: "wait, then run the same command again, or let --retry backoff do so"
        case .internalServer: "run the same command again later; --retry backoff repeats it by itself"
        case .status:
            "read what the service said, and check OPENROUTER_BASE_URL; at a status of 502 to 504 run the same command "
                + "again later"
        case .badKey: "put the key alone into the variable, without quotes, line end or the word Bearer"
        case .badAmount: "give dollars as a decimal number, such as 25 or 12.50"
        case .otherCharge: "do not pay it: check OPENROUTER_BASE_URL, and ask for another charge"
        case .badAnswer: "check OPENROUTER_BASE_URL; what a charge was answered with is kept as it came"
        }
    }

    public var exit: ExitCode {
        switch self {
        case .badRequest, .unauthorized, .forbidden, .gone, .tooManyRequests, .internalServer, .status: .serviceError
        case .badKey, .badAmount: .usage
        case .badAnswer: .malformedInput
        case .otherCharge: .refused
        }
    }
}
