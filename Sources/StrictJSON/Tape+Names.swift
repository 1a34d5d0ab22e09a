extension Scanner {
    /// A number that equal names share, and that different ones seldom do: made of the first and last eight bytes and
    /// the length. It only saves comparing names; nothing rests on its being hard to collide.
    func fingerprint(of name: Int, _ bytes: Span<UInt8>) -> UInt32 {
        let node = tape.nodes[name]
        guard node.kind == .escapedString else { return StrictJSON.fingerprint(bytes, Int(node.start), Int(node.end)) }
        let decoded = Array(tape.decoded(name))
        return StrictJSON.fingerprint(decoded.span, 0, decoded.count)
    }
}

private func fingerprint(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> UInt32 {
    let length = end - start
    var first: UInt64 = 0
    var last: UInt64 = 0
    if length >= 8 {
        first = load(bytes, start)
        last = load(bytes, end - 8)
    } else if start + 8 <= bytes.count {
        first = load(bytes, start) & (1 << (8 * UInt64(length)) - 1)
    } else {
        for at in start..<end { first |= UInt64(bytes[at]) << (8 * UInt64(at - start)) }
    }
    let mixed = (first &+ UInt64(length)) &* 0x9e37_79b9_7f4a_7c15 ^ last &* 0xc2b2_ae3d_27d4_eb4f
    return UInt32(truncatingIfNeeded: (mixed ^ mixed >> 29) >> 3)
}

extension Tape {
    /// The first name in an object, open or closed, that another one before it equals, compared by the UTF-8 of their values.
    func duplicateName(in object: Int) -> Int? {
        // Few names are compared with one another; many are put into a set, whose hashes are seeded, so that no text
        // can be made for which this is slow.
        var names = InlineArray<24, UInt32>(repeating: 0)
        var count = 0
        var name = object + 1
        while name < nodes.count {
            guard count < names.count else { return duplicateNameOfMany(in: object) }
            let print = nodes[name].next
            for earlier in 0..<count where nodes[Int(names[earlier])].next == print {
                if decoded(Int(names[earlier])).elementsEqual(decoded(name)) { return name }
            }
            names[count] = UInt32(truncatingIfNeeded: name)
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
