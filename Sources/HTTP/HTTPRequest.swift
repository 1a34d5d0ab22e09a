/// What is asked of a server.
public struct HTTPRequest: Sendable {
    public enum Method: Sendable {
        case get
        case post([UInt8])
    }

    public var url: HTTPURL
    public var method: Method
    public var headers: [HTTPHeader]
    /// The time for this request, when it is not the client's.
    public var timeout: Duration?
    /// What to do when it fails, when it is not what the client does. The time is for each attempt.
    public var retry: RetryPolicy?
    /// Goes out on a new connection. One that was kept may have been closed meanwhile, and then libcurl sends the
    /// request anew without asking: one that must not be done twice should not be put there.
    public var isSentOnce = false

    public init(_ method: Method = .get, _ url: HTTPURL, headers: [HTTPHeader] = [], timeout: Duration? = nil) {
        self.url = url
        self.method = method
        self.headers = headers
        self.timeout = timeout
    }
}

extension HTTPRequest {
    /// A text that came back, without what went out in confidence: servers repeat keys in what they say of them.
    public func withoutSecrets(_ text: String) -> String {
        // Of `Bearer key` the key alone too. What is very short is no secret, and would be found everywhere.
        let values = headers.filter { $0 != .contentIsJSON }.flatMap {
            [$0.value] + $0.value.split(separator: " ").map(String.init)
        }
        let secrets = Set((url.secrets + values).filter { $0.utf8.count >= 4 })
        return secrets.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
            .reduce(text) { $0.replacing($1, with: "...") }
    }
}
