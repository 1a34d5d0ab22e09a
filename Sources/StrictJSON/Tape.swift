/// One value or one member name of a JSON document.
///
/// The contents of an array or object are the nodes after its own node. In an object, each value follows its name.
struct Node {
    enum Kind: UInt8 {
        case null, `true`, `false`, number, string, escapedString, array, object
    }

    var start: UInt32
    /// The end of the value in the JSON text. For a string, this is the end of the text between the quotes.
    var end: UInt32
    /// A number whose meaning depends on the node. For a value, it is the index of the node after the value and its
    /// contents. For an array or object that is still open, it is the index of the node of the enclosing array or
    /// object. For a member name, it is the fingerprint of the name.
    var next: UInt32
    var kind: Kind
}

/// A JSON document: the bytes of its text, and one flat array of nodes that refer to them.
struct Tape {
    let bytes: [UInt8]
    var nodes: [Node] = []

    /// The UTF-8 bytes of a string with escapes resolved, or the bytes of a number's text.
    func decoded(_ index: Int) -> DecodedUTF8 {
        DecodedUTF8(bytes, Int(nodes[index].start)..<Int(nodes[index].end))
    }

    /// The content of a string, or the text of a number.
    func text(_ index: Int) -> String {
        let node = nodes[index]
        guard node.kind != .escapedString else { return String(decoding: Array(decoded(index)), as: UTF8.self) }
        return String(decoding: bytes[Int(node.start)..<Int(node.end)], as: UTF8.self)
    }

    /// The JSON pointer of a value (RFC 6901). The value is searched for from the top-level value downwards.
    func pointer(to target: Int) -> String {
        var pointer = ""
        var at = 0
        while at < target {
            var child = at + 1
            if nodes[at].kind == .object {
                while nodes[child + 1].next <= target { child = Int(nodes[child + 1].next) }
                pointer += pointerToken(text(child))
                at = child + 1
            } else {
                var position = 0
                while nodes[child].next <= target {
                    child = Int(nodes[child].next)
                    position += 1
                }
                pointer += "/\(position)"
                at = child
            }
        }
        return pointer
    }
}

/// One token of a JSON pointer. RFC 6901, section 3: `~` is written as `~0`, and `/` as `~1`.
func pointerToken(_ key: String) -> String {
    key.unicodeScalars.reduce(into: "/") { token, scalar in
        switch scalar {
        case "~": token += "~0"
        case "/": token += "~1"
        default: token.unicodeScalars.append(scalar)
        }
    }
}

/// A hash of a member name, computed from its first eight bytes, its last eight bytes and its length. It makes the
/// search for a name faster. If two hashes are equal, the names are compared byte by byte, so collisions are harmless.
func fingerprint(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt32 {
    let start = range.lowerBound
    let length = range.count
    var first: UInt64 = 0
    var last: UInt64 = 0
    if length >= 8 {
        first = load(bytes, start)
        last = load(bytes, range.upperBound - 8)
    } else if start + 8 <= bytes.count {
        first = load(bytes, start) & (1 << (8 * UInt64(length)) - 1)
    } else {
        first = lastBytes(bytes, range)
    }
    let mixed = (first &+ UInt64(length)) &* 0x9e37_79b9_7f4a_7c15 ^ last &* 0xc2b2_ae3d_27d4_eb4f
    return UInt32(truncatingIfNeeded: (mixed ^ mixed >> 29) >> 3)
}

/// Reads fewer than eight bytes as an integer, in little-endian order. Four to seven bytes are read as two words of
/// four bytes each, which overlap.
private func lastBytes(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
    let count = range.count
    guard count >= 4 else {
        var word: UInt64 = 0
        for at in range.reversed() { word = word << 8 | UInt64(bytes[at]) }
        return word
    }
    // Both calls of `unsafeLoadUnaligned` are safe. They check the bounds, and any four bytes are a valid `UInt32`.
    let start = range.lowerBound
    let low = unsafe UInt32(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt32.self))
    let end = range.upperBound - 4
    let high = unsafe UInt32(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: end, as: UInt32.self))
    return UInt64(low) | UInt64(high) << (8 * UInt64(count - 4))
}

extension Tape {
    /// The fingerprint of a name that is written with escapes. The escapes are resolved first, because the escaped and
    /// the plain form of a name must have the same fingerprint.
    func fingerprint(ofEscaped name: Range<Int>) -> UInt32 {
        let decoded = Array(DecodedUTF8(bytes, name))
        return AirlockStrictJSON.fingerprint(decoded.span, 0..<decoded.count)
    }

    /// Finds the member with this name. Returns the index of the member's value, and the position of the member in the
    /// object. Names are compared by their UTF-8 bytes.
    func member(_ key: String, of object: Int) -> (value: Int, place: Int)? {
        let key = key.utf8Span.span
        let fingerprint = AirlockStrictJSON.fingerprint(key, 0..<key.count)
        let nodes = nodes.span
        let end = Int(nodes[object].next)
        var name = object + 1
        var place = 0
        while name < end {
            if nodes[name].next == fingerprint, isNamed(nodes[name], name, key) { return (name + 1, place) }
            name = Int(nodes[name + 1].next)
            place += 1
        }
        return nil
    }

    private func isNamed(_ node: Node, _ name: Int, _ key: Span<UInt8>) -> Bool {
        node.kind == .string
            ? equal(bytes.span.extracting(Int(node.start)..<Int(node.end)), key)
            : equal(Array(decoded(name)).span, key)
    }

    /// Finds the first member name of an open object that is equal to an earlier member name. Escapes in the names are
    /// resolved first, and then the names are compared by their UTF-8 bytes.
    func duplicateName(in object: Int) -> Int? {
        // Up to 24 names are compared with one another. More names are put into a `Set`. Swift seeds the hashes of a
        // set at random, so nobody can slow this search down by choosing names with equal hashes.
        let nodes = nodes.span
        var names = InlineArray<24, Int>(repeating: 0)
        var fingerprints = InlineArray<24, UInt32>(repeating: 0)
        var count = 0
        var name = object + 1
        while name < nodes.count {
            guard count < names.count else { return duplicateNameOfMany(in: object) }
            let fingerprint = nodes[name].next
            for earlier in 0..<count where fingerprints[earlier] == fingerprint {
                if decoded(names[earlier]).elementsEqual(decoded(name)) { return name }
            }
            names[count] = name
            fingerprints[count] = fingerprint
            count += 1
            name = Int(nodes[name + 1].next)
        }
        return nil
    }

    private func duplicateNameOfMany(in object: Int) -> Int? {
        var seen: Set<[UInt8]> = []
        var name = object + 1
        while name < nodes.count {
            guard seen.insert(Array(decoded(name))).inserted else { return name }
            name = Int(nodes[name + 1].next)
        }
        return nil
    }
}

private func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    var at = 0
    while at + 8 <= left.count {
        guard load(left, at) == load(right, at) else { return false }
        at += 8
    }
    while at < left.count {
        guard left[at] == right[at] else { return false }
        at += 1
    }
    return true
}

/// Iterates over the UTF-8 bytes of a string that the scanner has accepted, with escapes resolved.
struct DecodedUTF8: Sequence, IteratorProtocol {
    private let bytes: [UInt8]
    private var at: Int
    private let end: Int
    private var pending: IndexingIterator<Unicode.Scalar.UTF8View>?

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        self.at = range.lowerBound
        self.end = range.upperBound
    }

    mutating func next() -> UInt8? {
        if let byte = pending?.next() { return byte }
        guard at < end else { return nil }
        let byte = bytes[at]
        at += 1
        guard byte == UInt8(ascii: "\\") else { return byte }
        let letter = bytes[at]
        at += 1
        switch letter {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0c
        case UInt8(ascii: "n"): return 0x0a
        case UInt8(ascii: "r"): return 0x0d
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"):
            pending = escapedScalar().utf8.makeIterator()
            return pending?.next()
        default: return letter
        }
    }

    /// Reads the rest of an escape `\u`: four hexadecimal digits, and the second half of a surrogate pair if there is
    /// one (RFC 8259, section 7).
    private mutating func escapedScalar() -> Unicode.Scalar {
        var value = codeUnit()
        if value & 0xfc00 == 0xd800 {
            at += 2
            value = 0x10000 + (value & 0x3ff) << 10 + (codeUnit() & 0x3ff)
        }
        // Lone surrogates are not Unicode scalars. The scanner has refused them, so U+FFFD is never returned here.
        return Unicode.Scalar(value) ?? "\u{fffd}"
    }

    private mutating func codeUnit() -> UInt32 {
        defer { at += 4 }
        return bytes[at..<at + 4].reduce(0) { $0 << 4 | UInt32(hexadecimalDigit($1) ?? 0) }
    }
}

/// The value of a hexadecimal digit in upper or lower case. `nil` for any other character.
func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
