import AirlockStrictJSON

func feedJSON(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    let document: JSONDocument
    do { document = try JSONDocument(bytes) } catch {
        try require(0...bytes.count ~= error.offset, "what is refused lies inside of the text")
        try require(error.line >= 1 && error.column >= 1, "lines and columns count from one")
        return false
    }
    let tree = document.root.json
    let text = tree.bytes
    for written in [text, Array(tree.indented.utf8)] where written.count <= JSONDocument.maximumSize {
        guard let again = try? JSONDocument(written) else {
            throw BrokenInvariant(description: "what is written can be read")
        }
        try require(isSame(document.root, again.root), "what is written is the same tree")
        try require(again.root.json.bytes == text, "the canonical text is a fixed point")
    }
    var left = 64
    try requirePlaces(document.root, in: document.root, &left)
    return true
}

/// Returns whether two values are the same, byte for byte. The operator `==` is not sufficient, because it treats some
/// strings with different bytes as equal.
private func isSame(_ left: JSONValue, _ right: JSONValue) -> Bool {
    guard left.kind == right.kind, left.boolean == right.boolean, utf8(left.string) == utf8(right.string),
        utf8(left.number) == utf8(right.number)
    else { return false }
    return zip(left.members ?? [], right.members ?? []).allSatisfy { utf8($0.key) == utf8($1.key) }
        && Array(left.children).count == Array(right.children).count
        && zip(left.children, right.children).allSatisfy { isSame($0, $1) }
}

private func utf8(_ text: String?) -> [UInt8]? { text.map { Array($0.utf8) } }

/// Checks that each value is found by its name and by its JSON pointer. Only the first values are checked, because each
/// search begins at the start of the text and would make a check of all values slow.
private func requirePlaces(_ value: JSONValue, in root: JSONValue, _ left: inout Int) throws(BrokenInvariant) {
    left -= 1
    guard left > 0 else { return }
    try require(find(value.pointer, root)?.offset == value.offset, "a pointer leads to the value that said it")
    for (key, member) in value.members?.prefix(left) ?? [] {
        try require(value[key]?.offset == member.offset, "a member is found by its name")
    }
    for child in value.children { try requirePlaces(child, in: root, &left) }
}

/// Returns the value at a JSON pointer (RFC 6901, section 4).
private func find(_ pointer: String, _ root: JSONValue) -> JSONValue? {
    var value: JSONValue? = root
    for token in pointer.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst() {
        let bytes = Array(token)
        if value?.kind == .array {
            value = Int(String(decoding: bytes, as: UTF8.self)).flatMap { value?[$0] }
        } else {
            value = value?[unescaped(bytes)]
        }
    }
    return value
}

private func unescaped(_ token: [UInt8]) -> String {
    var bytes: [UInt8] = []
    for byte in token {
        switch (bytes.last, byte) {
        case (UInt8(ascii: "~"), UInt8(ascii: "1")): bytes[bytes.count - 1] = UInt8(ascii: "/")
        case (UInt8(ascii: "~"), UInt8(ascii: "0")): bytes[bytes.count - 1] = 0xff
        default: bytes.append(byte)
        }
    }
    // In `bytes`, the byte 0xff stands for a tilde that was already unescaped. Such a tilde does not begin another
    // escape sequence. The byte 0xff can be used for this purpose, because it does not occur in UTF-8.
    return String(decoding: bytes.map { $0 == 0xff ? UInt8(ascii: "~") : $0 }, as: UTF8.self)
}
