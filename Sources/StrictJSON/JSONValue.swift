/// One value of a JSON document. A `JSONValue` is cheap to copy. It keeps the whole document in memory.
public struct JSONValue: Sendable {
    public enum Kind: Sendable {
        case null, boolean, number, string, array, object
    }

    private let storage: JSONDocument.Storage
    let index: Int

    init(_ storage: JSONDocument.Storage, _ index: Int) {
        self.storage = storage
        self.index = index
    }

    private var tape: Tape { storage.tape }
    private var node: Node { storage.tape.nodes[index] }

    public var kind: Kind {
        switch node.kind {
        case .null: .null
        case .true, .false: .boolean
        case .number: .number
        case .string, .escapedString: .string
        case .array: .array
        case .object: .object
        }
    }

    /// The JSON pointer (RFC 6901) of the value. Each access computes the pointer again.
    public var pointer: String { tape.pointer(to: index) }

    /// The position of the value's first byte in the JSON text, counted from 0.
    public var offset: Int { byteRange.lowerBound }

    /// The range of the value in the JSON text. The range includes the quotes of a string, and the brackets of an array
    /// or object.
    public var byteRange: Range<Int> {
        let quote = kind == .string ? 1 : 0
        return Int(node.start) - quote..<Int(node.end) + quote
    }

    /// The content of a string, with escapes resolved. `nil` if the value is not a string.
    public var string: String? { kind == .string ? tape.text(index) : nil }

    /// The digits of a number, exactly as in the JSON text. `nil` if the value is not a number.
    public var number: String? { kind == .number ? tape.text(index) : nil }

    public var boolean: Bool? { kind == .boolean ? node.kind == .true : nil }

    public var isNull: Bool { node.kind == .null }

    /// The elements of an array. `nil` if the value is not an array.
    public var elements: [JSONValue]? { kind == .array ? Array(children) : nil }

    /// The members of an object, in the order of the JSON text. `nil` if the value is not an object.
    public var members: [(key: String, value: JSONValue)]? {
        guard kind == .object else { return nil }
        return children.map { (tape.text($0.index - 1), $0) }
    }

    /// The elements of an array, or the member values of an object, in order. Empty if the value is neither an array
    /// nor an object. Iterating over them allocates no memory.
    public var children: Children { Children(storage, index) }

    /// The value of the member with this name, or `nil` if there is no such member. Names are compared by their UTF-8
    /// bytes.
    public subscript(key: String) -> JSONValue? {
        member(key)?.value
    }

    /// Finds the member with this name. Returns the value of the member, and the position of the member in the object.
    func member(_ key: String) -> (value: JSONValue, place: Int)? {
        guard node.kind == .object, let found = storage.tape.member(key, of: index) else { return nil }
        return (JSONValue(storage, found.value), found.place)
    }

    /// The whole JSON text as bytes, and the range of this string in it. `nil` if the value is not a string, or if the
    /// string has escapes.
    @usableFromInline
    var plainString: (text: [UInt8], range: Range<Int>)? {
        let node = node
        return node.kind == .string ? (storage.tape.bytes, Int(node.start)..<Int(node.end)) : nil
    }

    /// The element at a position in an array, or `nil` if there is no such element. The lookup takes time proportional
    /// to the position.
    public subscript(position: Int) -> JSONValue? {
        guard kind == .array, position >= 0 else { return nil }
        return children.dropFirst(position).first { _ in true }
    }

    /// Calls `body` with the UTF-8 bytes of a string, without making a Swift `String`. Returns `nil` if the value is
    /// not a string.
    public func withStringBytes<Result, Failure>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        switch node.kind {
        case .string: return try body(tape.bytes.span.extracting(Int(node.start)..<Int(node.end)))
        case .escapedString: return try body(Array(tape.decoded(index)).span)
        default: return nil
        }
    }

    /// A short description or excerpt of the value, for the field `saw` of a problem. The excerpt is untrusted text, so
    /// it must be escaped.
    public var text: String {
        switch kind {
        case .array: return "an array"
        case .object: return "an object"
        // A text that is a single string or number can be a secret that was passed by mistake. So it is not quoted.
        case .number: return index == 0 ? "a number" : "number \(written)"
        case .string: return index == 0 ? "a string" : "string \(written)"
        case .null, .boolean: return written
        }
    }

    private var written: String {
        let range = byteRange
        let shown = range.prefix(60)
        let cut = String(decoding: tape.bytes[shown.startIndex..<shown.endIndex], as: UTF8.self)
        return range.count > 60 ? cut + "..." : cut
    }

    /// The elements of an array, or the member values of an object, in order.
    public struct Children: Sequence, IteratorProtocol {
        private let storage: JSONDocument.Storage
        private var at: Int
        private let end: Int
        /// The number of nodes to skip before each value. In an object it is 1, because each value follows the node of
        /// its member's name. In an array it is 0.
        private let step: Int

        init(_ storage: JSONDocument.Storage, _ container: Int) {
            let node = storage.tape.nodes[container]
            self.storage = storage
            self.step = node.kind == .object ? 1 : 0
            self.at = container + 1 + step
            self.end = Int(node.next)
        }

        public mutating func next() -> JSONValue? {
            guard at < end else { return nil }
            defer { at = Int(storage.tape.nodes[at].next) + step }
            return JSONValue(storage, at)
        }
    }
}

extension JSONValue {
    /// This value as a `JSONOutput`, so that it can be written again.
    public var json: JSONOutput {
        switch kind {
        case .null: .null
        case .boolean: .boolean(boolean ?? false)
        case .number: .number(number ?? "")
        case .string: .string(string ?? "")
        case .array: .array(children.map(\.json))
        case .object: .object(members?.map { ($0.key, $0.value.json) } ?? [])
        }
    }
}
