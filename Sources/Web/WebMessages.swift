import AirlockDiagnostics

/// An HTTP request from a browser or another client.
package struct WebRequest: Sendable {
    package let path: String
    /// The segments of the request's path that match a `*` in the route's path, in the order of the path.
    package internal(set) var parameters: [String] = []
    package let query: [String: String]
    /// The headers of the request, keyed by name in lower case.
    package let headers: [String: String]
    package internal(set) var body: [UInt8] = []
}

/// The HTTP response to a request.
package struct WebResponse: Sendable {
    enum Content: Sendable {
        case bytes([UInt8])
        case stream(WebStream)
    }

    package let status: UInt32
    let type: String
    let content: Content
    var headers: [(name: String, value: String)] = []

    package init(status: UInt32 = 200, type: String, _ bytes: [UInt8]) {
        (self.status, self.type, content) = (status, type, .bytes(bytes))
    }

    /// A response that sends events until the server or the client ends it.
    package init(_ stream: WebStream) {
        (status, type, content) = (200, "text/event-stream", .stream(stream))
    }
}

/// A route. It consists of a method, a path, and the handler that answers matching requests.
package struct WebRoute: Sendable {
    package enum Method: String, Sendable {
        /// The route answers GET and HEAD requests.
        case get = "GET"
        /// The route answers POST requests. It refuses requests without the CSRF token and requests from other sites.
        case post = "POST"
    }

    let method: Method
    let segments: [Substring]
    let longestBody: Int
    /// The query parameters that the route allows. The server refuses a request that contains any other parameter, or
    /// the same parameter twice.
    let query: Set<String>
    let handler: @Sendable (WebRequest) async -> WebResponse

    /// - Parameters:
    ///   - path: the path. A `*` matches any single segment.
    ///   - longestBody: the maximum length of the request's body in bytes.
    package init(
        _ method: Method, _ path: String, query: Set<String> = [], longestBody: Int = 0,
        _ handler: @escaping @Sendable (WebRequest) async -> WebResponse
    ) {
        (self.method, self.longestBody, self.query, self.handler) = (method, longestBody, query, handler)
        segments = Self.segments(path[...])
    }

    /// Compares a path with the route's path. Returns the segments of `path` that match a `*` in the route's path, or
    /// `nil` if the paths do not match.
    func parameters(in path: String) -> [String]? {
        let given = Self.segments(path[...])
        guard given.count == segments.count else { return nil }
        var found: [String] = []
        for (own, other) in zip(segments, given) {
            if own == "*" { found.append(String(other)) } else if own != other { return nil }
        }
        return found
    }

    private static func segments(_ path: Substring) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }
}

/// The reasons why the server refuses a request.
package enum WebRule: String, Rule {
    case malformed = "web.malformed"
    case wrongHost = "web.wrong-host"
    case password = "web.password"
    case notFound = "web.not-found"
    case method = "web.method"
    case otherSite = "web.other-site"
    case token = "web.token"
    case tooLarge = "web.too-large"
    case busy = "web.busy"
    case cannotListen = "web.cannot-listen"

    package var meaning: String {
        switch self {
        case .malformed: "the request is malformed"
        case .wrongHost: "the request is for another host"
        case .password: "the password is missing or wrong"
        case .notFound: "there is nothing at this address"
        case .method: "this method is not allowed here"
        case .otherSite: "the request comes from another site"
        case .token: "the token of the page is missing or wrong"
        case .tooLarge: "the request is too large"
        case .busy: "the service is busy"
        case .cannotListen: "the service cannot listen on this address"
        }
    }

    var status: UInt32 {
        switch self {
        case .malformed: 400
        case .wrongHost: 421
        case .password: 401
        case .notFound: 404
        case .method: 405
        case .otherSite, .token: 403
        case .tooLarge: 413
        case .busy, .cannotListen: 503
        }
    }
}
