/// The constants of ι, one a round (FIPS 202, section 3.2.5).
private let roundConstants: InlineArray<24, UInt64> = [
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
]

/// Keccak-f[1600] in portable Swift: the path for every CPU, and the reference for any faster one.
extension Lanes {
    /// Takes in whole blocks.
    mutating func absorb(_ bytes: RawSpan, _ range: Range<Int>) {
        // A copy stays in registers from block to block, where `self` would go through memory.
        var lanes = self
        var position = range.lowerBound
        while position < range.upperBound {
            lanes.add(bytes, at: position)
            // Two rounds an iteration: one alone copies its lanes back and forth, and all 24 leave the instruction cache.
            var index = 0
            while index < 24 {
                unsafe lanes.round(roundConstants[unchecked: index])
                unsafe lanes.round(roundConstants[unchecked: index &+ 1])
                index &+= 2
            }
            position &+= Keccak256.rate
        }
        self = lanes
    }

    /// Takes in what is left, less than a block, and the padding: pad10*1 with Keccak's own domain bits, so that the
    /// byte after the message is 0x01 and the last of the block 0x80.
    mutating func absorb(last bytes: RawSpan, _ range: Range<Int>) {
        var block = InlineArray<17, UInt64>(repeating: 0)
        var lane = 0
        var position = range.lowerBound
        while range.upperBound &- position >= 8 {
            unsafe block[unchecked: lane] = bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
            lane &+= 1
            position &+= 8
        }
        var word: UInt64 = 0x01
        for index in (position..<range.upperBound).reversed() {
            word = unsafe word &<< 8 | UInt64(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
        }
        unsafe block[unchecked: lane] = word.littleEndian
        block[16] ^= UInt64(0x8000_0000_0000_0000).littleEndian
        unsafe absorb(block.span.bytes, 0..<Keccak256.rate)
    }

    @inline(__always)
    private mutating func add(_ bytes: RawSpan, at position: Int) {
        func word(_ lane: Int) -> UInt64 {
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position &+ lane &* 8, as: UInt64.self)
            return UInt64(littleEndian: word)
        }
        a00 ^= word(0)
        a01 ^= word(1)
        a02 ^= word(2)
        a03 ^= word(3)
        a04 ^= word(4)
        a05 ^= word(5)
        a06 ^= word(6)
        a07 ^= word(7)
        a08 ^= word(8)
        a09 ^= word(9)
        a10 ^= word(10)
        a11 ^= word(11)
        a12 ^= word(12)
        a13 ^= word(13)
        a14 ^= word(14)
        a15 ^= word(15)
        a16 ^= word(16)
    }
}
