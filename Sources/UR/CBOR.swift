public import AirlockDiagnostics

/// One item of CBOR (RFC 8949). Only the features that Uniform Resources (BCR-2020-005) need are supported. These are
/// definite lengths, the shortest form of each number, and maps whose keys are unsigned integers. If a decoded item is
/// encoded again, the result is the same bytes.
public indirect enum CBOR: Hashable, Sendable {
    case unsigned(UInt64)
    case bytes([UInt8])
    case text(String)
    case list([CBOR])
    /// A map. Its fields are in the order in which they are encoded. No key occurs twice.
    case map([Field])
    case tagged(UInt64, CBOR)
    case bool(Bool)

    public struct Field: Hashable, Sendable {
        public let key: UInt64
        public let value: CBOR

        public init(_ key: UInt64, _ value: CBOR) {
            self.key = key
            self.value = value
        }
    }

    public static let maximumDepth = 16
    public static let maximumItems = 4096

    /// Decodes one item, which must be the whole input.
    public init(decoding input: [UInt8]) throws(Problem) {
        var reader = CBORReader(input)
        self = try reader.item(depth: 0)
        guard reader.position == input.count else { throw reader.problem(.trailingBytes, at: reader.position) }
    }

    /// The item as CBOR bytes.
    public var encoded: [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    private func write(to output: inout [UInt8]) {
        switch self {
        case .unsigned(let value): Self.writeHead(0, value, to: &output)
        case .bytes(let bytes):
            Self.writeHead(2, UInt64(bytes.count), to: &output)
            output += bytes
        case .text(let text):
            Self.writeHead(3, UInt64(text.utf8.count), to: &output)
            output += text.utf8
        case .list(let items):
            Self.writeHead(4, UInt64(items.count), to: &output)
            for item in items { item.write(to: &output) }
        case .map(let fields):
            Self.writeHead(5, UInt64(fields.count), to: &output)
            for field in fields {
                Self.writeHead(0, field.key, to: &output)
                field.value.write(to: &output)
            }
        case .tagged(let tag, let item):
            Self.writeHead(6, tag, to: &output)
            item.write(to: &output)
        case .bool(let value): output.append(value ? 0xf5 : 0xf4)
        }
    }

    /// Writes the major type and the argument of an item (RFC 8949, section 3) in the shortest form (section 4.2.1).
    private static func writeHead(_ major: UInt8, _ argument: UInt64, to output: inout [UInt8]) {
        let major = major << 5
        switch argument {
        case 0..<24: output.append(major | UInt8(argument))
        case ...0xff: output += [major | 24, UInt8(argument)]
        case ...0xffff: output += [major | 25] + bigEndian(UInt16(argument))
        case ...0xffff_ffff: output += [major | 26] + bigEndian(UInt32(argument))
        default: output += [major | 27] + bigEndian(argument)
        }
    }
}

private struct CBORReader {
    let input: [UInt8]
    private(set) var position = 0
    private var count = 0

    init(_ input: [UInt8]) { self.input = input }

    func problem(_ rule: CBORRule, at offset: Int) -> Problem { Problem(rule, detail: "at byte \(offset)") }

    mutating func item(depth: Int) throws(Problem) -> CBOR {
        let start = position
        guard depth <= CBOR.maximumDepth else { throw problem(.tooDeep, at: start) }
        count += 1
        guard count <= CBOR.maximumItems else { throw problem(.tooMany, at: start) }
        let (major, argument) = try head()
        switch major {
        case 0: return .unsigned(argument)
        case 2: return .bytes(Array(try take(argument, from: start)))
        case 3:
            guard let text = String(validating: try take(argument, from: start), as: UTF8.self) else {
                throw problem(.badUTF8, at: start)
            }
            return .text(text)
        case 4:
            // Each item takes at least one byte of input. So a list cannot have more items than the input has bytes,
            // even if the length in its header is larger.
            var items: [CBOR] = []
            for _ in 0..<argument { items.append(try item(depth: depth + 1)) }
            return .list(items)
        case 5:
            var fields: [CBOR.Field] = []
            var keys: Set<UInt64> = []
            for _ in 0..<argument {
                let place = position
                guard case .unsigned(let key) = try item(depth: depth + 1) else { throw problem(.badKey, at: place) }
                guard keys.insert(key).inserted else { throw problem(.duplicateKey, at: place) }
                fields.append(CBOR.Field(key, try item(depth: depth + 1)))
            }
            return .map(fields)
        case 6: return .tagged(argument, try item(depth: depth + 1))
        case 7 where argument == 20 || argument == 21: return .bool(argument == 21)
        default: throw problem(.unsupported, at: start)
        }
    }

    private mutating func head() throws(Problem) -> (major: UInt8, argument: UInt64) {
        let start = position
        guard start < input.count else { throw problem(.unfinished, at: start) }
        let (major, short) = (input[start] >> 5, input[start] & 31)
        position += 1
        guard short >= 24 else { return (major, UInt64(short)) }
        guard short <= 27 else { throw problem(short == 31 ? .indefiniteLength : .unsupported, at: start) }
        // In major type 7, the longer forms are floats and simple values. They are not supported.
        guard major != 7 else { throw problem(.unsupported, at: start) }
        let width = UInt64(1) << UInt64(short - 24)
        let argument = try take(width, from: start).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let least: UInt64 = short == 24 ? 24 : 1 << (width * 4)
        guard argument >= least else { throw problem(.notShortest, at: start) }
        return (major, argument)
    }

    private mutating func take(_ length: UInt64, from start: Int) throws(Problem) -> ArraySlice<UInt8> {
        guard length <= UInt64(input.count - position) else { throw problem(.unfinished, at: start) }
        let end = position + Int(length)
        defer { position = end }
        return input[position..<end]
    }
}

/// The fields of a CBOR map. The caller reads each field once. A field that the caller has not read is unknown, and
/// ``finish()`` refuses it.
struct CBORFields {
    private var fields: [UInt64: CBOR]
    private let names: [UInt64: String]

    /// Reads the fields of an item, which must be a map.
    ///
    /// - Parameter names: the name of each key. If a field has a problem, this name is the location in the error
    ///   message.
    init(_ item: CBOR, names: [UInt64: String]) throws(Problem) {
        guard case .map(let fields) = item else { throw Problem(CBORRule.wrongType, expected: "a map") }
        self.fields = Dictionary(uniqueKeysWithValues: fields.map { ($0.key, $0.value) })
        self.names = names
    }

    private func place(_ key: UInt64) -> String { names[key] ?? "\(key)" }

    private mutating func take<Value>(
        _ key: UInt64, _ kind: String, _ read: (CBOR) -> Value?
    ) throws(Problem) -> Value? {
        guard let item = fields.removeValue(forKey: key) else { return nil }
        guard let value = read(item) else { throw Problem(CBORRule.wrongType, at: place(key), expected: kind) }
        return value
    }

    func require<Value>(_ value: Value?, _ key: UInt64) throws(Problem) -> Value {
        guard let value else { throw Problem(CBORRule.missingField, at: place(key)) }
        return value
    }

    mutating func unsigned(_ key: UInt64) throws(Problem) -> UInt64? {
        try take(key, "an unsigned integer") { if case .unsigned(let value) = $0 { value } else { nil } }
    }

    mutating func unsigned32(_ key: UInt64) throws(Problem) -> UInt32? {
        try take(key, "an unsigned integer below 2^32") {
            if case .unsigned(let value) = $0 { UInt32(exactly: value) } else { nil }
        }
    }

    mutating func bytes(_ key: UInt64, tag: UInt64? = nil) throws(Problem) -> [UInt8]? {
        try take(key, tag.map { "bytes with the tag \($0)" } ?? "bytes") { item in
            switch (item, tag) {
            case (.bytes(let bytes), nil): bytes
            case (.tagged(let seen, .bytes(let bytes)), let tag?) where seen == tag: bytes
            default: nil
            }
        }
    }

    mutating func text(_ key: UInt64) throws(Problem) -> String? {
        try take(key, "text") { if case .text(let text) = $0 { text } else { nil } }
    }

    mutating func tagged(_ key: UInt64, _ tag: UInt64) throws(Problem) -> CBOR? {
        try take(key, "an item with the tag \(tag)") {
            if case .tagged(tag, let item) = $0 { item } else { nil }
        }
    }

    mutating func list(_ key: UInt64) throws(Problem) -> [CBOR]? {
        try take(key, "a list") { if case .list(let items) = $0 { items } else { nil } }
    }

    /// Refuses fields that were not read. Airlock does not know such fields, so it could not show them to the user.
    func finish() throws(Problem) {
        guard let key = fields.keys.min() else { return }
        throw Problem(CBORRule.unknownField, at: place(key))
    }
}

/// The error codes for Uniform Resources that violate the rules of deterministic CBOR (RFC 8949).
public enum CBORRule: String, Rule {
    case unfinished = "cbor.unfinished"
    case trailingBytes = "cbor.trailing-bytes"
    case notShortest = "cbor.not-shortest"
    case indefiniteLength = "cbor.indefinite-length"
    case unsupported = "cbor.unsupported"
    case duplicateKey = "cbor.duplicate-key"
    case badKey = "cbor.bad-key"
    case badUTF8 = "cbor.bad-utf8"
    case tooDeep = "cbor.too-deep"
    case tooMany = "cbor.too-many"
    case missingField = "cbor.missing-field"
    case unknownField = "cbor.unknown-field"
    case wrongType = "cbor.wrong-type"

    public var meaning: String {
        switch self {
        case .unfinished: "the CBOR ends before its value does"
        case .trailingBytes: "something follows the CBOR value"
        case .notShortest: "a number of the CBOR is not written in its shortest form"
        case .indefiniteLength: "the CBOR has an item of indefinite length"
        case .unsupported:
            "the CBOR has an item that is not an unsigned integer, bytes, text, a list, a map, a tag or a truth value"
        case .duplicateKey: "a map of the CBOR has a key twice"
        case .badKey: "a key of a map of the CBOR is not an unsigned integer"
        case .badUTF8: "a text of the CBOR is not valid UTF-8"
        case .tooDeep: "the CBOR is nested deeper than \(CBOR.maximumDepth) levels"
        case .tooMany: "the CBOR has more than \(CBOR.maximumItems) items"
        case .missingField: "a field is missing"
        case .unknownField: "there is a field that is not known here"
        case .wrongType: "a value is not of the kind that is expected here"
        }
    }
}
