/// The part of the JSON text in which the scanner found an error. The JSON pointer of the error is computed from it.
enum Place {
    /// The error is not in a value. It is between the members or elements of the innermost open array or object, or in
    /// the name of a member.
    case container
    /// The error is in the next value, which has no node in the `Tape` yet.
    case value
    /// The error is in the value of a member. The number is the index of the node of the member's name.
    case member(Int)
}

/// The rule that the JSON text breaks, and the position of the error. The line, the column and the JSON pointer are
/// computed only when the error is returned to the caller of the scanner.
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

/// Reads a JSON text by the grammar of RFC 8259, and adds a node for each value and name to the `Tape`. The scanner
/// does not use recursion, so deep nesting cannot exhaust the stack.
struct Scanner {
    private(set) var tape: Tape
    /// The index of the node of the innermost open array or object.
    private var open = 0
    private var depth = 0
    private let maximumDepth: Int

    init(_ bytes: [UInt8], maximumDepth: Int) {
        self.maximumDepth = maximumDepth
        tape = Tape(bytes: bytes)
        // Reserve memory for one node for every 12 bytes of the text. This is an estimate. For example, a member with
        // an address or amount takes two nodes, one for its name and one for its value.
        tape.nodes.reserveCapacity(bytes.count / 12 + 4)
    }

    /// Reads the whole text.
    ///
    /// - Parameter bytes: the bytes that were passed to the scanner's initializer.
    mutating func run(_ bytes: Span<UInt8>) throws(Failure) {
        guard bytes.count <= JSONDocument.maximumSize else {
            throw Failure(.tooLarge, at: JSONDocument.maximumSize, in: .container)
        }
        // RFC 8259, section 8.1: a parser may ignore a byte order mark. This parser refuses it, so that all signers
        // read the same text.
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

    /// Reads one value. A non-empty array or object is read only up to the start of its first element or member value.
    /// - Returns: whether the caller must read a value next.
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

    /// Reads the text from the end of a value to the start of the next value. This text consists of any closing
    /// brackets, a comma and, in an object, the name of the next member. If there is no next value, reads up to the end
    /// of the top-level value.
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

    /// Reads the name of a member and the colon after it.
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

    /// Appends a node for a value or a name to the tape.
    ///
    /// - Parameter next: the field `next` of the node. The default is the index of the following node. This default is
    ///   right for a value that contains no other values.
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

    /// Converts a failure to the complete error. It first closes all open arrays and objects on the tape, because the
    /// JSON pointer is computed from a complete tape.
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
