/// The words of the grammar: each is read from its first byte to after its last, or refused.
enum Token {}

/// The byte at a position; 0, which no token starts with, at the end.
@inline(__always)
func byte(_ bytes: Span<UInt8>, _ at: Int) -> UInt8 {
    at < bytes.count ? bytes[at] : 0
}

/// What stands here is not what should, or the text has ended.
func unexpected(_ rule: JSONRule, _ bytes: Span<UInt8>, _ at: Int, in place: Place) -> Failure {
    Failure(at < bytes.count ? rule : .unfinished, at: at, in: place)
}

/// RFC 8259, section 2: space, tab, line feed and carriage return, and no other.
@inline(__always)
func skipSpace(_ bytes: Span<UInt8>, _ at: inout Int) {
    while at < bytes.count {
        switch bytes[at] {
        case 0x20, 0x09, 0x0a, 0x0d: at += 1
        default: return
        }
    }
}

/// Eight bytes, the first of them lowest.
@inline(__always)
func load(_ bytes: Span<UInt8>, _ at: Int) -> UInt64 {
    // Bounds are checked; every eight bytes are a UInt64.
    unsafe UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
}

/// Skips ASCII that stands for itself in a string, eight bytes at a time; up to seven at the end may be left.
@inline(__always)
func skipPlain(_ bytes: Span<UInt8>, _ at: inout Int) {
    let ones: UInt64 = 0x0101_0101_0101_0101
    while at + 8 <= bytes.count {
        let word = load(bytes, at)
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5c)
        // The top bit of a byte of `x &- n & ~x` is set where that byte is below n; borrows only disturb what is
        // above the lowest such byte, and only the lowest counts.
        let special =
            (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word | word
        let found = special & (ones &* 0x80)
        guard found == 0 else {
            at += found.trailingZeroBitCount >> 3
            return
        }
        at += 8
    }
}
