extension UInt256 {
    /// From at most 32 big-endian bytes; `nil` when there are more.
    @inlinable public init?(bigEndian bytes: Span<UInt8>) {
        guard bytes.count <= 32 else { return nil }
        // Eight bytes at a time from the end, and what is left at the front one by one.
        let memory = unsafe bytes.bytes
        if bytes.count == 32 {
            self.init(word: memory)
            return
        }
        var limbs: InlineArray<4, UInt64> = [0, 0, 0, 0]
        var end = bytes.count
        var place = 0
        while end >= 8 {
            end -= 8
            let lane = unsafe memory.unsafeLoadUnaligned(fromByteOffset: end, as: UInt64.self)
            limbs[place] = UInt64(bigEndian: lane)
            place += 1
        }
        for index in 0..<end { limbs[place] = limbs[place] << 8 | UInt64(bytes[index]) }
        self.init(limbs[0], limbs[1], limbs[2], limbs[3])
    }

    /// From a hash or any other word of 32 bytes.
    @inlinable public init(_ word: FixedBytes<32>) { unsafe self.init(word: word.inline.span.bytes) }

    /// From 32 bytes. As values and not in memory they would be taken apart and put together one by one.
    @inlinable @inline(__always)
    init(word memory: RawSpan) {
        func limb(_ offset: Int) -> UInt64 {
            UInt64(bigEndian: unsafe memory.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
        }
        self.init(limb(24), limb(16), limb(8), limb(0))
    }

    /// From four 64-bit words, the highest first: what a word of the EVM holds in order.
    @inlinable public init(bigEndianWords words: (UInt64, UInt64, UInt64, UInt64)) {
        self.init(words.3, words.2, words.1, words.0)
    }

    /// From 16 bytes.
    public init(_ half: FixedBytes<16>) {
        self.init(FixedBytes<32> { $0 < 16 ? 0 : half[$0 - 16] })
    }

    /// The four 64-bit words, the highest first: what a word of the EVM holds in order.
    @inlinable public var bigEndianWords: (UInt64, UInt64, UInt64, UInt64) { (w3, w2, w1, w0) }

    /// The number as 32 big-endian bytes.
    @inlinable public var word: FixedBytes<32> {
        let lanes = (w3.bigEndian, w2.bigEndian, w1.bigEndian, w0.bigEndian)
        return unsafe FixedBytes(unsafeBitCast(lanes, to: InlineArray<32, UInt8>.self))
    }
}
