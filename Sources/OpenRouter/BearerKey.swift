internal import AirlockHTTP

/// A key of the service's. It goes into a header and is never shown.
public struct BearerKey: Sendable {
    let header: HTTPHeader

    /// Refuses what can only be a mistake, such as a line's end or the word `Bearer` before the key.
    public init(_ text: String) throws(OpenRouterError) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let header = try? HTTPHeader("Authorization", "Bearer \(text)")
        else { throw OpenRouterError(.badKey) }
        self.header = header
    }
}

extension BearerKey: CustomStringConvertible, CustomReflectable {
    public var description: String { "a key" }
    public var customMirror: Mirror { Mirror(reflecting: description) }
}
