/// One value of a document: a handle, cheap to copy, that keeps the document.
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

    /// Where the value stands in its document (RFC 6901). Worked out when asked for.
    public var pointer: String { tape.pointer(to: index) }

    /// Where the value's first byte stands in the text, from 0.
    public var offset: Int { byteRange.lowerBound }

    /// The bytes of the text that are the value: of a string with its quotes, of an array or an object with its brackets.
    public var byteRange: Range<Int> {
        let quote = kind == .string ? 1 : 0
        return Int(node.start) - quote..<Int(node.end) + quote
    }

    /// The value of a string, escapes resolved.
    public var string: String? { kind == .string ? tape.text(index) : nil }

    /// The text of a number, as it was written.
    public var number: String? { kind == .number ? tape.text(index) : nil }

    public var boolean: Bool? { kind == .boolean ? node.kind == .true : nil }

    public var isNull: Bool { node.kind == .null }

    /// The elements of an array.
    public var elements: [JSONValue]? { kind == .array ? Array(children) : nil }

    /// The members of an object, in the order of the text.
    public var members: [(key: String, value: JSONValue)]? {
        guard kind == .object else { return nil }
        return children.map { (tape.text($0.index - 1), $0) }
    }

    /// The elements of an array, the members' values of an object, of others nothing: in order, without allocating.
    public var children: Children { Children(storage, index) }

    /// The value of an object's member; names are compared by their UTF-8.
    public subscript(key: String) -> JSONValue? {
        member(key)?.value
    }

    /// The same, with its place among the object's members.
    func member(_ key: String) -> (value: JSONValue, place: Int)? {
        guard node.kind == .object, let found = storage.tape.member(key, of: index) else { return nil }
        return (JSONValue(storage, found.value), found.place)
    }

    /// Where the UTF-8 of a string without escapes stands in the text; `nil` for any other value.
    @usableFromInline
    var plainString: (text: [UInt8], range: Range<Int>)? {
        let node = node
        return node.kind == .string ? (storage.tape.bytes, Int(node.start)..<Int(node.end)) : nil
    }

    /// An element of an array, found by counting from its start.
    public subscript(position: Int) -> JSONValue? {
        guard kind == .array, position >= 0 else { return nil }
        return children.dropFirst(position).first { _ in true }
    }

    /// The UTF-8 of a string's value, without making a String of it.
    public func withStringBytes<Result, Failure>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        switch node.kind {
        case .string: return try body(tape.bytes.span.extracting(Int(node.start)..<Int(node.end)))
        case .escapedString: return try body(Array(tape.decoded(index)).span)
        default: return nil
        }
    }

    /// What stands in the text, kept short, to be shown as what was seen. It is foreign: escape it.
    public var text: String {
        switch kind {
        case .array: return "an array"
        case .object: return "an object"
        // A whole text that is nothing else may be a secret, given by mistake.
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

    /// The values in a container, one after the other.
    public struct Children: Sequence, IteratorProtocol {
        private let storage: JSONDocument.Storage
        private var at: Int
        private let end: Int
        /// From the end of one value to the next: over a member's name, if there are names.
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
    /// The value as one that can be written again.
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
