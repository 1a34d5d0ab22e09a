public import AirlockDiagnostics

/// The reasons why an HTTP request fails. A request that gets a response with an HTTP error status does not count as
/// failed.
public enum HTTPRule: String, Rule {
    case badURL = "http.bad-url"
    case insecureURL = "http.insecure-url"
    case badHeader = "http.bad-header"
    case badCertificates = "http.bad-certificates"
    case unreachable = "http.unreachable"
    case timeout = "http.timeout"
    case tls = "http.tls"
    case cutOff = "http.cut-off"
    case notHTTP = "http.not-http"
    case redirected = "http.redirected"
    case tooLarge = "http.too-large"
    case cancelled = "http.cancelled"

    public var meaning: String {
        switch self {
        case .badURL: "this is not a URL that starts with https:// (or with http://, for this machine)"
        case .insecureURL: "plain http is allowed for this machine only"
        case .badHeader: "a header is a name, a colon and a value of printable ASCII"
        case .badCertificates: "the file of trusted certificate authorities cannot be used"
        case .unreachable: "the server cannot be reached"
        case .timeout: "the server did not answer in time"
        case .tls: "the TLS connection failed, or the server's certificate is not trusted"
        case .cutOff: "the connection broke before the answer was complete"
        case .notHTTP: "the answer is not HTTP"
        case .redirected: "the server points to another address, and redirects are not followed"
        case .tooLarge: "the answer is larger than allowed"
        case .cancelled: "the request was cancelled"
        }
    }
}

/// The error of a failed HTTP request. It contains the kind of the error and the server's address. It contains no
/// secrets.
public struct HTTPError: RuleBroken, Hashable, Sendable {
    public let rule: HTTPRule
    /// The server's address without parts that may be secret; `nil` if there is no address.
    public let url: String?
    /// Details about the error. The text was written by Airlock or libcurl, and never by the server.
    public let detail: String?

    init(_ rule: HTTPRule, url: HTTPURL? = nil, detail: String? = nil) {
        self.rule = rule
        self.url = url?.description
        self.detail = detail
    }

    public var problems: [Problem] { [Problem(rule, at: url, detail: detail)] }
}
