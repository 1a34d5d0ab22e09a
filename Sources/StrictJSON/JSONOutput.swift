/// A JSON value for output. Most values can be written as literals:
///
///     let answer: JSONOutput = ["ok": true, "hash": .string(hash), "gas": 21000]
public enum JSONOutput: Sendable {
    case null
    case boolean(Bool)
    /// A number as JSON text, such as `21000` or `1.5`. If the text is not a JSON number, `JSONWriter.number` writes it
    /// as a JSON string.
    case number(String)
    case string(String)
    case array([JSONOutput])
    /// The members of an object, in the order in which they are written.
    case object([(String, JSONOutput)])

    /// The canonical JSON text: no white space, and only the escapes that RFC 8259 requires.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    /// The canonical JSON text as a string.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The JSON text for a terminal, or for a pipe that may lead to a terminal. Everything except printable ASCII is
    /// escaped.
    public var printable: String {
        var writer = JSONWriter(printable: true)
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension JSONWriter {
    public mutating func value(_ value: JSONOutput) {
        switch value {
        case .null: null()
        case .boolean(let boolean): self.boolean(boolean)
        case .number(let text): number(text)
        case .string(let string): self.string(string)
        case .array(let elements):
            array { writer in
                for element in elements { writer.value(element) }
            }
        case .object(let members):
            object { writer in
                for (key, value) in members {
                    writer.key(key)
                    writer.value(value)
                }
            }
        }
    }
}

extension JSONOutput: ExpressibleByBooleanLiteral {
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
}

extension JSONOutput: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) { self = .number(String(value)) }
}

extension JSONOutput: ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) { self = .string(value) }
}

extension JSONOutput: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: JSONOutput...) { self = .array(elements) }
}

extension JSONOutput: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONOutput)...) { self = .object(elements) }
}

extension JSONOutput {
    /// The JSON text in a form that people can edit: indented, with each member or element on its own line.
    public var indented: String { indented(by: "") }

    private func indented(by indent: String) -> String {
        let inner = indent + "  "
        switch self {
        case .object(let members) where !members.isEmpty:
            let lines = members.map { "\(inner)\(JSONOutput.string($0.0).text): \($0.1.indented(by: inner))" }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        case .array(let elements) where !elements.isEmpty:
            let lines = elements.map { inner + $0.indented(by: inner) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
        default: return text
        }
    }
}
