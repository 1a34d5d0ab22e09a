/// A JSON text that keeps every rule of RFC 8259, and three more: no member twice, no byte order mark, no lone
/// surrogate.
public struct JSONDocument: Sendable {
    /// How deep arrays and objects may be nested.
    public static let maximumDepth = 64
    /// How many bytes a text may have.
    public static let maximumSize = 16 << 20

    let storage: Storage

    /// Reads one value and nothing else, white space aside.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - depth: how deep arrays and objects may be nested.
    public init(_ bytes: [UInt8], depth: Int = maximumDepth) throws(JSONError) {
        var scanner = Scanner(bytes, maximumDepth: depth)
        do throws(Failure) {
            try scanner.run(bytes.span)
        } catch {
            throw scanner.error(error)
        }
        storage = Storage(scanner.tape)
    }

    /// The value that the text is.
    public var root: JSONValue { JSONValue(storage, 0) }

    /// What all handles to one document share.
    final class Storage: Sendable {
        let tape: Tape

        init(_ tape: Tape) { self.tape = tape }
    }
}
