/// One value or one member name of a document.
///
/// A container's node is followed by the nodes of what is in it; in an object each value follows its name.
struct Node {
    enum Kind: UInt8 {
        case null, `true`, `false`, number, string, escapedString, array, object
    }

    var start: UInt32
    /// Strings: of what is between the quotes.
    var end: UInt32
    /// Values: the node after this one and all that is in it; while a container is open, the container around it.
    /// Member names: their fingerprint.
    var next: UInt32
    var kind: Kind
}

/// A document as one flat array of nodes over its bytes.
struct Tape {
    let bytes: [UInt8]
    var nodes: [Node] = []

    /// The UTF-8 of a string's or number's value, escapes resolved.
    func decoded(_ index: Int) -> DecodedUTF8 {
        DecodedUTF8(bytes, Int(nodes[index].start)..<Int(nodes[index].end))
    }

    /// The value of a string, or the text of a number.
    func text(_ index: Int) -> String {
        let node = nodes[index]
        guard node.kind != .escapedString else { return String(decoding: Array(decoded(index)), as: UTF8.self) }
        return String(decoding: bytes[Int(node.start)..<Int(node.end)], as: UTF8.self)
    }

    /// The JSON pointer of a value (RFC 6901), found by descending from the root.
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

/// One step of a JSON pointer: RFC 6901, section 3, writes `~` as `~0` and `/` as `~1`.
func pointerToken(_ key: String) -> String {
    key.unicodeScalars.reduce(into: "/") { token, scalar in
        switch scalar {
        case "~": token += "~0"
        case "/": token += "~1"
        default: token.unicodeScalars.append(scalar)
        }
    }
}
