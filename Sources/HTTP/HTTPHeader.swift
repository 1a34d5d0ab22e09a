/// One header field. Its value may be a secret, so only its name is ever shown.
public struct HTTPHeader: Hashable, Sendable {
    public let name: String
    public let value: String

    public static let contentIsJSON = HTTPHeader(received: "Content-Type", "application/json")

    /// A header to send: RFC 9110 §5.1 (a token) and §5.5, without the obsolete bytes above ASCII.
    public init(_ name: String, _ value: String) throws(HTTPError) {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isToken), value.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw HTTPError(.badHeader) }
        self.init(received: name, value)
    }

    /// A header as a person types it: `Name: value`.
    public init(line: String) throws(HTTPError) {
        guard let header = Self.split(line) else { throw HTTPError(.badHeader) }
        try self.init(header.name, header.value)
    }

    init(received name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// A line at its first colon, without the white space around the value; none when there is no colon.
    static func split(_ line: String) -> HTTPHeader? {
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
        let value = line.utf8[line.utf8.index(after: colon)...].drop(while: isSpace)
        let end = value.lastIndex { !isSpace($0) }.map(value.index(after:)) ?? value.startIndex
        return HTTPHeader(received: String(line[..<colon]), String(line[value.startIndex..<end]))
    }

    /// RFC 9110 §5.6.2.
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
