public import AirlockDiagnostics
public import AirlockHTTP
internal import AirlockStrictJSON

/// Why a call has no result.
public struct OpenRouterError: RuleBroken, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// What was to be sent is not even sent.
        case unsendable
        /// The request or the answer did not make it.
        case transport(HTTPError)
        /// The service said no.
        case service(ServiceRefusal)
        /// The answer came, and these places in it are wrong.
        case malformed
    }

    public let reason: Reason
    /// Never empty. Nothing in them is secret.
    public let problems: [Problem]

    init(_ rule: OpenRouterRule, saw: String? = nil) {
        self.init(.unsendable, [Problem(rule, saw: saw)])
    }

    /// - Parameter isPost: whether something may have been made whose name never came back.
    init(_ error: HTTPError, isPost: Bool = false) {
        switch error.rule {
        case .timeout, .cutOff, .tooLarge:
            let problem = Problem(
                error.rule, at: error.url, detail: error.detail, because: isPost ? LostAnswer.mayHaveMade : nil)
            self.init(.transport(error), [problem])
        default: self.init(.transport(error), error.problems)
        }
    }

    init(_ refusal: ServiceRefusal, at url: HTTPURL) {
        var detail = "status \(refusal.status)"
        if let wait = refusal.retryAfter { detail += ", try again in \(wait)" }
        // Longer than other foreign text may be: the service explains itself here.
        if let message = refusal.message { detail += ": \(escaped(message, limit: 400))" }
        self.init(.service(refusal), [Problem(refusal.rule, at: url.description, detail: detail, because: refusal)])
    }

    init(malformed problems: [Problem], at url: HTTPURL) {
        // Nobody but the service can mend its answer.
        let places = problems.map { $0.because(OpenRouterRule.badAnswer) }
        self.init(.malformed, [Problem(OpenRouterRule.badAnswer, at: url.description)] + places)
    }

    private init(_ reason: Reason, _ problems: [Problem]) {
        self.reason = reason
        self.problems = problems
    }
}

extension BearerKey {
    /// Refuses what can only be a mistake, such as a line's end or the word `Bearer` before the key.
    public init(_ text: String) throws(OpenRouterError) {
        guard let key = BearerKey(text: text) else { throw OpenRouterError(.badKey) }
        self = key
    }
}

/// An answer that was lost on its way.
public enum LostAnswer: Cause {
    /// Something may have been made whose name never came back.
    case mayHaveMade
}

/// The service's no: `{"error":{"code":…,"message":…}}`, or any other answer with the status of an error.
public struct ServiceRefusal: Cause {
    public let rule: OpenRouterRule
    public let status: Int
    /// The service's words, without what is secret of the request. They are foreign: a `Problem` escapes them.
    public let message: String?
    /// How long the service asks to wait.
    public let retryAfter: Duration?

    /// Of the statuses without a name of their own, some are worth another try.
    public var isPassing: Bool { rule == .status && RetryPolicy.backoff.statusCodes.contains(status) }
    /// Payment Required: the address is right, and the account's credits are not enough.
    public var isShortOfCredits: Bool { status == 402 }

    init(_ response: HTTPResponse, to request: HTTPRequest, now: Int) {
        let error = (try? JSONDocument(response.body))?.root["error"]
        rule = OpenRouterRule(status: response.status)
        status = response.status
        message = (error?["message"]?.string ?? error?.string).map(request.withoutSecrets)
        retryAfter = response.retryAfter(now: now)
    }
}

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
