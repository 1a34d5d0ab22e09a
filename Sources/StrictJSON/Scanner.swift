/// The place in the unfinished document at which a rule was broken. It determines the pointer of the error.
enum Place {
    /// Between the members or elements of the innermost open container, or in a member's name.
    case container
    /// In the next value.
    case value
    /// In the value after this member name.
    case member(Int)
}

/// The rule, offset and place of an error. Line, column and pointer are computed only when an error is thrown.
struct Failure: Error {
    let rule: JSONRule
    let offset: Int
    let place: Place

    init(_ rule: JSONRule, at offset: Int, in place: Place) {
        self.rule = rule
        self.offset = offset
        self.place = place
    }
}

/// Reads a text into a tape, by the grammar of RFC 8259, without recursion.
struct Scanner {
    private(set) var tape: Tape
    /// The innermost open container.
    private var open = 0
    private var depth = 0
    private let maximumDepth: Int

    init(_ bytes: [UInt8], maximumDepth: Int) {
        self.maximumDepth = maximumDepth
        tape = Tape(bytes: bytes)
        // An estimate: an address or an amount takes two nodes, one of them for its name.
        tape.nodes.reserveCapacity(bytes.count / 12 + 4)
    }

    /// - Parameter bytes: the bytes that were passed to the scanner's initializer.
    mutating func run(_ bytes: Span<UInt8>) throws(Failure) {
        guard bytes.count <= JSONDocument.maximumSize else {
            throw Failure(.tooLarge, at: JSONDocument.maximumSize, in: .container)
        }
        // RFC 8259, section 8.1: a parser may ignore a byte order mark. This one refuses it, so that all signers read
        // the same text.
        if bytes.count >= 3, bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf {
            throw Failure(.byteOrderMark, at: 0, in: .container)
        }
        var at = 0
        skipSpace(bytes, &at)
        guard at < bytes.count else { throw Failure(.empty, at: at, in: .container) }
        repeat {
            let opened = try value(bytes, &at)
            if !opened { try afterValue(bytes, &at) }
        } while depth > 0
        skipSpace(bytes, &at)
        guard at == bytes.count else { throw Failure(.trailingBytes, at: at, in: .container) }
    }

    /// Reads one scalar, one empty container, or the start of a container up to its first value.
    /// - Returns: whether a value comes next.
    private mutating func value(_ bytes: Span<UInt8>, _ at: inout Int) throws(Failure) -> Bool {
        let start = at
        switch byte(bytes, at) {
        case UInt8(ascii: "\""):
            let escaped = try Token.string(bytes, &at, in: .value)
            append(escaped ? .escapedString : .string, start + 1, at - 1)
        case UInt8(ascii: "{"):
            try begin(.object, at)
            at += 1
            skipSpace(bytes, &at)
            guard byte(bytes, at) == UInt8(ascii: "}") else {
                try name(bytes, &at)
                return true
            }
            at += 1
            end(at)
        case UInt8(ascii: "["):
            try begin(.array, at)
            at += 1
            skipSpace(bytes, &at)
            guard byte(bytes, at) == UInt8(ascii: "]") else { return true }
            at += 1
            end(at)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            try Token.number(bytes, &at)
            append(.number, start, at)
        default:
            let kind = try Token.literal(bytes, &at)
            append(kind, start, at)
        }
        return false
    }

    /// Reads the bytes after a value: closing brackets, then a comma, up to the next value or the end of the root.
    private mutating func afterValue(_ bytes: Span<UInt8>, _ at: inout Int) throws(Failure) {
        while depth > 0 {
            skipSpace(bytes, &at)
            let isObject = tape.nodes[open].kind == .object
            let closing = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
            switch byte(bytes, at) {
            case closing:
                at += 1
                if isObject { try refuseDuplicates() }
                end(at)
            case UInt8(ascii: ","):
                let comma = at
                at += 1
                skipSpace(bytes, &at)
                if byte(bytes, at) == closing { throw Failure(.trailingComma, at: comma, in: .container) }
                if isObject { try name(bytes, &at) }
                return
            default: throw unexpected(.missingComma, bytes, at, in: .container)
            }
        }
    }

    /// Reads a member's name and its colon.
    private mutating func name(_ bytes: Span<UInt8>, _ at: inout Int) throws(Failure) {
        guard byte(bytes, at) == UInt8(ascii: "\"") else { throw unexpected(.missingKey, bytes, at, in: .container) }
        let start = at + 1
        let escaped = try Token.string(bytes, &at, in: .container)
        let print = escaped ? tape.fingerprint(ofEscaped: start..<at - 1) : fingerprint(bytes, start..<at - 1)
        append(escaped ? .escapedString : .string, start, at - 1, next: print)
        skipSpace(bytes, &at)
        guard byte(bytes, at) == UInt8(ascii: ":") else { throw unexpected(.missingColon, bytes, at, in: .container) }
        at += 1
        skipSpace(bytes, &at)
    }

    /// - Parameter next: the `next` of the node; `nil` for a scalar, which takes the index of the node after it.
    private mutating func append(_ kind: Node.Kind, _ start: Int, _ end: Int, next: UInt32? = nil) {
        let next = next ?? UInt32(truncatingIfNeeded: tape.nodes.count + 1)
        tape.nodes.append(
            Node(
                start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end), next: next, kind: kind))
    }

    private mutating func begin(_ kind: Node.Kind, _ at: Int) throws(Failure) {
        guard depth < maximumDepth else { throw Failure(.tooDeep, at: at, in: .value) }
        depth += 1
        append(kind, at, at, next: UInt32(truncatingIfNeeded: open))
        open = tape.nodes.count - 1
    }

    private mutating func end(_ at: Int) {
        let outer = Int(tape.nodes[open].next)
        tape.nodes[open].end = UInt32(truncatingIfNeeded: at)
        tape.nodes[open].next = UInt32(truncatingIfNeeded: tape.nodes.count)
        open = outer
        depth -= 1
    }

    private func refuseDuplicates() throws(Failure) {
        guard let second = tape.duplicateName(in: open) else { return }
        throw Failure(.duplicateKey, at: Int(tape.nodes[second].start) - 1, in: .member(second))
    }

    /// The complete error. It closes all open containers on the tape first, since the pointer needs a complete tape.
    consuming func error(_ failure: Failure) -> JSONError {
        var target = open
        switch failure.place {
        case .container: break
        case .member(let name): target = name + 1
        case .value:
            target = tape.nodes.count
            append(.null, failure.offset, failure.offset)
        }
        while depth > 0 { end(failure.offset) }
        return JSONError(failure.rule, at: failure.offset, of: tape.bytes, pointer: tape.pointer(to: target))
    }
}
