public import AirlockDiagnostics
public import AirlockHTTP
internal import AirlockStrictJSON

/// The error of a failed call to the service.
public struct OpenRouterError: RuleBroken, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// The request was invalid and was not sent.
        case unsendable
        /// The request or the response was lost on the network.
        case transport(HTTPError)
        /// The service received the request and refused it.
        case service(ServiceRefusal)
        /// The answer of the service is malformed.
        case malformed
    }

    public let reason: Reason
    /// The problems to show. There is at least one, and none of them contains a secret.
    public let problems: [Problem]

    init(_ rule: OpenRouterRule, saw: String? = nil) {
        self.init(.unsendable, [Problem(rule, saw: saw)])
    }

    /// Makes an error from an error of the HTTP client.
    ///
    /// - Parameters:
    ///   - error: the error of the HTTP client.
    ///   - isPost: whether the request was a POST. If the answer to a POST was lost, the error says that the service
    ///     may have carried out the request.
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
        // Untrusted text is shortened when it is shown. This message is allowed to be longer than usual, because it
        // explains why the service refused the request.
        if let message = refusal.message { detail += ": \(escaped(message, limit: 400))" }
        self.init(.service(refusal), [Problem(refusal.rule, at: url.description, detail: detail, because: refusal)])
    }

    init(malformed problems: [Problem], at url: HTTPURL) {
        // The user cannot correct the service's answer. Therefore each problem with the answer gets the advice for a
        // malformed answer.
        let places = problems.map { $0.because(OpenRouterRule.badAnswer) }
        self.init(.malformed, [Problem(OpenRouterRule.badAnswer, at: url.description)] + places)
    }

    private init(_ reason: Reason, _ problems: [Problem]) {
        self.reason = reason
        self.problems = problems
    }
}

extension BearerKey {
    /// Makes an API key from a string. Refuses a string that cannot be a key, such as one with a line break or with the
    /// word `Bearer`.
    public init(_ text: String) throws(OpenRouterError) {
        guard let key = BearerKey(text: text) else { throw OpenRouterError(.badKey) }
        self = key
    }
}

/// An explanation that is added to the problem if the answer to a POST was lost.
public enum LostAnswer: Cause {
    /// The service may have carried out the request. The client cannot know this without the answer.
    case mayHaveMade
}

/// An error answer of the service: `{"error":{"code":…,"message":…}}`, or any other body with an error status.
public struct ServiceRefusal: Cause {
    public let rule: OpenRouterRule
    public let status: Int
    /// The error message of the service, without the secrets of the request. This is untrusted text. It must be escaped
    /// before it is shown.
    public let message: String?
    /// How long the client should wait before the next attempt, according to the service.
    public let retryAfter: Duration?

    /// Whether the error is temporary, so that a later attempt may succeed. Always `false` for a status that has its
    /// own error code in ``OpenRouterRule``.
    public var isPassing: Bool { rule == .status && RetryPolicy.backoff.statusCodes.contains(status) }
    /// Whether the service refused the call with the status 402 (Payment Required), because the account has too few
    /// credits.
    public var isShortOfCredits: Bool { status == 402 }

    init(_ response: HTTPResponse, to request: HTTPRequest, now: Int) {
        let error = (try? JSONDocument(response.body))?.root["error"]
        rule = OpenRouterRule(status: response.status)
        status = response.status
        message = (error?["message"]?.string ?? error?.string).map(request.withoutSecrets)
        retryAfter = response.retryAfter(now: now)
    }
}

/// The error codes for the HTTP error statuses of the service, and for invalid requests and answers.
public enum OpenRouterRule: String, Rule {
    case badRequest = "openrouter.bad-request"
    case unauthorized = "openrouter.unauthorized"
    case forbidden = "openrouter.forbidden"
    case gone = "openrouter.gone"
    case tooManyRequests = "openrouter.too-many-requests"
    case internalServer = "openrouter.internal-server"
    /// Any HTTP error status that has no case of its own.
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
