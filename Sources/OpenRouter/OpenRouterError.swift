public import AirlockDiagnostics
public import AirlockHTTP
internal import AirlockStrictJSON

/// The reason why a call failed.
public struct OpenRouterError: RuleBroken, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// The request was invalid and was not sent.
        case unsendable
        /// The request or the response was lost.
        case transport(HTTPError)
        /// The service refused the request.
        case service(ServiceRefusal)
        /// The answer is malformed.
        case malformed
    }

    public let reason: Reason
    /// Never empty. They contain no secrets.
    public let problems: [Problem]

    init(_ rule: OpenRouterRule, saw: String? = nil) {
        self.init(.unsendable, [Problem(rule, saw: saw)])
    }

    /// - Parameters:
    ///   - error: what went wrong.
    ///   - isPost: whether the service may have created something although its answer was lost.
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
        // This limit is longer than for other untrusted texts, since the service explains the error here.
        if let message = refusal.message { detail += ": \(escaped(message, limit: 400))" }
        self.init(.service(refusal), [Problem(refusal.rule, at: url.description, detail: detail, because: refusal)])
    }

    init(malformed problems: [Problem], at url: HTTPURL) {
        // The user cannot correct the service's answer: every problem gets the hint for a bad answer.
        let places = problems.map { $0.because(OpenRouterRule.badAnswer) }
        self.init(.malformed, [Problem(OpenRouterRule.badAnswer, at: url.description)] + places)
    }

    private init(_ reason: Reason, _ problems: [Problem]) {
        self.reason = reason
        self.problems = problems
    }
}

extension BearerKey {
    /// Refuses a text that cannot be a key, such as one with a line break or with the word `Bearer`.
    public init(_ text: String) throws(OpenRouterError) {
        guard let key = BearerKey(text: text) else { throw OpenRouterError(.badKey) }
        self = key
    }
}

/// The answer to a request was lost.
public enum LostAnswer: Cause {
    /// The service may have created something although its answer was lost.
    case mayHaveMade
}

/// An error answer of the service: `{"error":{"code":…,"message":…}}`, or any other body with an error status.
public struct ServiceRefusal: Cause {
    public let rule: OpenRouterRule
    public let status: Int
    /// The service's message, without secrets of the request. It is untrusted text: a `Problem` escapes it.
    public let message: String?
    /// How long the service asks the client to wait.
    public let retryAfter: Duration?

    /// Whether the status is a temporary error without a rule of its own.
    public var isPassing: Bool { rule == .status && RetryPolicy.backoff.statusCodes.contains(status) }
    /// 402 Payment Required: the account has too few credits.
    public var isShortOfCredits: Bool { status == 402 }

    init(_ response: HTTPResponse, to request: HTTPRequest, now: Int) {
        let error = (try? JSONDocument(response.body))?.root["error"]
        rule = OpenRouterRule(status: response.status)
        status = response.status
        message = (error?["message"]?.string ?? error?.string).map(request.withoutSecrets)
        retryAfter = response.retryAfter(now: now)
    }
}

/// The errors of the service by their HTTP status, and what can be wrong with a request or an answer.
public enum OpenRouterRule: String, Rule {
    case badRequest = "openrouter.bad-request"
    case unauthorized = "openrouter.unauthorized"
    case forbidden = "openrouter.forbidden"
    case gone = "openrouter.gone"
    case tooManyRequests = "openrouter.too-many-requests"
    case internalServer = "openrouter.internal-server"
    /// Any other error status.
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
        case .badRequest: "the service rejected the request"
        case .unauthorized: "the service does not accept the key"
        case .forbidden: "the key does not have permission for this request"
        case .gone: "the service no longer offers this, and trying again will not help"
        case .tooManyRequests: "the service limits the rate of requests"
        case .internalServer: "the service failed"
        case .status: "the service answered with an HTTP error"
        case .badKey: "this is not a key: it is empty, or has a space or another character that no key has"
        case .badAmount: "a charge is for 1 to 100000 dollars"
        case .badAnswer: "the service's answer is malformed"
        case .otherCharge: "the charge is not the one that was asked for"
        }
    }
}
