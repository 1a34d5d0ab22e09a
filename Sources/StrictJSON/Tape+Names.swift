/// A number that equal names share and that different ones seldom do, made of the first and last eight bytes and the
/// length. It only saves comparing names: nothing rests on its being hard to collide.
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
        for at in range { first |= UInt64(bytes[at]) << (8 * UInt64(at - start)) }
    }
    let mixed = (first &+ UInt64(length)) &* 0x9e37_79b9_7f4a_7c15 ^ last &* 0xc2b2_ae3d_27d4_eb4f
    return UInt32(truncatingIfNeeded: (mixed ^ mixed >> 29) >> 3)
}

extension Tape {
    /// The fingerprint of a name's value, which is what counts, and not how it is escaped.
    func fingerprint(ofEscaped name: Range<Int>) -> UInt32 {
        let decoded = Array(DecodedUTF8(bytes, name))
        return AirlockStrictJSON.fingerprint(decoded.span, 0..<decoded.count)
    }

    /// The value of the member with this name, compared by its UTF-8, and its place among the object's members.
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

    /// The first name in an object still open that another one before it equals, compared by the UTF-8 of their values.
    func duplicateName(in object: Int) -> Int? {
        // Few names are compared with one another; many are put into a set, whose hashes are seeded, so that no text
        // can be made for which this is slow.
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
