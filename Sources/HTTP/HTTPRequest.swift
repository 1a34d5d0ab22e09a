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

    public init(_ method: Method = .get, _ url: HTTPURL, headers: [HTTPHeader] = [], timeout: Duration? = nil) {
        self.url = url
        self.method = method
        self.headers = headers
        self.timeout = timeout
    }
}
