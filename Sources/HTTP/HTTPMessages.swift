/// An HTTP request to a server.
public struct HTTPRequest: Sendable {
    public enum Method: Sendable {
        case get
        case post([UInt8])
    }

    public var url: HTTPURL
    public var method: Method
    public var headers: [HTTPHeader]
    /// The timeout of each attempt to send this request. If it is `nil`, the client's timeout applies.
    public var timeout: Duration?
    /// The retry policy of this request. If it is `nil`, the client's retry policy applies.
    public var retry: RetryPolicy?
    /// Whether the request needs a new connection. If libcurl reuses a connection that the server has closed, it
    /// automatically sends the request again. A request that must not be sent twice therefore needs a new connection.
    public var isSentOnce = false

    public init(_ method: Method = .get, _ url: HTTPURL, headers: [HTTPHeader] = [], timeout: Duration? = nil) {
        self.url = url
        self.method = method
        self.headers = headers
        self.timeout = timeout
    }
}

extension HTTPRequest {
    /// Removes the secrets of this request from a string that the server sent. Some servers repeat an API key in an
    /// error message.
    public func withoutSecrets(_ text: String) -> String {
        // In the header value `Bearer key`, the key alone is a secret too. Secrets of fewer than 4 bytes are not
        // removed, because such short texts also occur in ordinary words.
        let values = headers.filter { $0 != .contentIsJSON }.flatMap {
            [$0.value] + $0.value.split(separator: " ").map(String.init)
        }
        let secrets = Set((url.secrets + values).filter { $0.utf8.count >= 4 })
        return secrets.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
            .reduce(text) { $0.replacing($1, with: "...") }
    }
}

/// A complete HTTP response. A redirect is never returned as a response, because the client treats it as an error.
public struct HTTPResponse: Sendable {
    public let status: Int
    public let headers: [HTTPHeader]
    public let body: [UInt8]

    /// Returns the value of the first header field with this name. Upper and lower case are treated as equal.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// One HTTP header field. The value may be a secret, so descriptions show only the name.
public struct HTTPHeader: Hashable, Sendable {
    public let name: String
    public let value: String

    public static let contentIsJSON = HTTPHeader(received: "Content-Type", "application/json")

    /// Creates a header to send. The name must be a token (RFC 9110 §5.1), and the value must be printable ASCII. RFC
    /// 9110 §5.5 also allows bytes above ASCII, but they are obsolete and are refused here.
    public init(_ name: String, _ value: String) throws(HTTPError) {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isToken), value.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw HTTPError(.badHeader) }
        self.init(received: name, value)
    }

    /// Reads a header as a user types it: `Name: value`.
    public init(line: String) throws(HTTPError) {
        guard let header = Self.split(line) else { throw HTTPError(.badHeader) }
        try self.init(header.name, header.value)
    }

    init(received name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Splits a header line at the first colon, and removes white space around the value. Returns `nil` if the line has
    /// no colon.
    static func split(_ line: String) -> HTTPHeader? {
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
        let value = line.utf8[line.utf8.index(after: colon)...].drop(while: isSpace)
        let end = value.lastIndex { !isSpace($0) }.map(value.index(after:)) ?? value.startIndex
        return HTTPHeader(received: String(line[..<colon]), String(line[value.startIndex..<end]))
    }

    /// Whether this byte is allowed in a token (RFC 9110 §5.6.2).
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

extension HTTPHeader: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(name): ..." }
    public var customMirror: Mirror { Mirror(reflecting: description) }
}

/// The API key of a service. The key is sent in the header `Authorization` and is never shown.
public struct BearerKey: Sendable {
    public let header: HTTPHeader

    /// Makes an API key from a string. Returns `nil` if the string cannot be a key, for example if it is empty or
    /// contains a space or a line break.
    public init?(text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let header = try? HTTPHeader("Authorization", "Bearer \(text)")
        else { return nil }
        self.header = header
    }
}

extension BearerKey: CustomStringConvertible, CustomReflectable {
    public var description: String { "a key" }
    public var customMirror: Mirror { Mirror(reflecting: description) }
}
