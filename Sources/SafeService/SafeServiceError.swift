public import AirlockDiagnostics
internal import AirlockHTTP
internal import AirlockStrictJSON

/// The error codes for calls to the Safe transaction service. Some codes stand for an HTTP error status. The code
/// `badKey` stands for an API key that is not valid. The others stand for problems of the service's answers.
public enum SafeServiceRule: String, Rule {
    case badRequest = "safe-service.bad-request"
    case unauthorized = "safe-service.unauthorized"
    case forbidden = "safe-service.forbidden"
    case notFound = "safe-service.not-found"
    case tooManyRequests = "safe-service.too-many-requests"
    case internalServer = "safe-service.internal-server"
    /// An HTTP error status for which there is no separate case.
    case status = "safe-service.status"

    case badKey = "safe-service.bad-key"
    case badAnswer = "safe-service.bad-answer"
    case noTransaction = "safe-service.no-transaction"
    case severalTransactions = "safe-service.several-transactions"
    case morePages = "safe-service.more-pages"
    case otherTransaction = "safe-service.other-transaction"

    init(status: Int) {
        switch status {
        case 400, 422: self = .badRequest
        case 401: self = .unauthorized
        case 403: self = .forbidden
        case 404: self = .notFound
        case 429: self = .tooManyRequests
        case 500: self = .internalServer
        default: self = .status
        }
    }

    public var meaning: String {
        switch self {
        case .badRequest: "the transaction service rejected the request"
        case .unauthorized: "the transaction service needs a valid key"
        case .forbidden: "the key does not have permission for this request to the transaction service"
        case .notFound: "the transaction service has no such Safe or transaction"
        case .tooManyRequests: "the transaction service limits the rate of requests"
        case .internalServer: "the transaction service had an internal error"
        case .status: "the transaction service answered with an HTTP error"
        case .badKey: "this is not a key: it is empty, or has a space or another character that no key has"
        case .badAnswer: "the transaction service's answer is malformed"
        case .noTransaction: "the transaction service has no such transaction of the Safe"
        case .severalTransactions: "several transactions of the Safe match"
        case .morePages: "the transaction service's list has more pages"
        case .otherTransaction: "the transaction service answered with a transaction that was not asked for"
        }
    }
}

/// The reason why a call to the Safe transaction service failed.
public struct SafeServiceError: RuleBroken, Hashable, Sendable {
    /// The HTTP status of the service's answer, if the service refused the call with an HTTP status. `nil` for every
    /// other error.
    public let status: Int?
    /// The problems that made the call fail. There is always at least one. No problem contains a secret.
    public let problems: [Problem]

    init(_ problems: [Problem]) {
        status = nil
        self.problems = problems
    }

    init(_ problem: Problem) { self.init([problem]) }

    init(_ error: HTTPError) { self.init(error.problems) }

    /// The error for a malformed answer. The first problem contains the URL of the answer. Each of the following
    /// problems contains the location of a malformed value.
    init(malformed problems: [Problem], at url: HTTPURL) {
        // The user cannot correct the service's answer, so the usual advice for each problem would not help. Every
        // problem gives the advice for a malformed answer instead.
        let places = problems.map { $0.because(SafeServiceRule.badAnswer) }
        self.init([Problem(SafeServiceRule.badAnswer, at: url.description)] + places)
    }

    /// The error for a call that the service refused. The service's message is untrusted text. The message can contain
    /// the API key and can be very long. So secrets are removed from the message, and it is shortened.
    init(_ response: HTTPResponse, to request: HTTPRequest, withoutSecrets: (String) -> String, now: Int) {
        status = response.status
        var detail = "status \(response.status)"
        if let wait = response.retryAfter(now: now) { detail += ", try again in \(wait)" }
        if let root = (try? JSONDocument(response.body))?.root, let words = Self.words(root, depth: 0) {
            detail += ": \(escaped(withoutSecrets(words), limit: 400))"
        }
        problems = [
            Problem(SafeServiceRule(status: response.status), at: request.url.description, detail: detail)
        ]
    }

    /// Returns the first error message in the service's answer. An answer looks like `{"detail":…}` or `{"message":…}`,
    /// or contains lists of messages for single fields.
    private static func words(_ value: JSONValue, depth: Int) -> String? {
        if let text = value.string { return text }
        guard depth < 3 else { return nil }
        if let text = value["detail"]?.string ?? value["message"]?.string { return text }
        for child in value.children {
            if let text = words(child, depth: depth + 1) { return text }
        }
        return nil
    }
}
