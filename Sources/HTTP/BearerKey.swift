/// A key of a service's. It goes into the header `Authorization` and is never shown.
public struct BearerKey: Sendable {
    public let header: HTTPHeader

    /// `nil` for what can only be a mistake, such as a text with a line's end or with the word `Bearer` before the key.
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
