extension UInt256 {
    /// From at most 32 big-endian bytes; nothing when there are more.
    public init?(bigEndian bytes: Span<UInt8>) {
        guard bytes.count <= 32 else { return nil }
        var limbs = InlineArray<4, UInt64>(repeating: 0)
        for index in 0..<bytes.count {
            let place = bytes.count - 1 - index
            limbs[place / 8] |= UInt64(bytes[index]) << UInt64(place % 8 * 8)
        }
        self.init(limbs[0], limbs[1], limbs[2], limbs[3])
    }

    /// From a hash or any other word of 32 bytes.
    public init(_ word: FixedBytes<32>) {
        self.init(word.lane(3), word.lane(2), word.lane(1), word.lane(0))
    }

    /// From four 64-bit words, the highest first: what a word of the EVM holds in order.
    public init(bigEndianWords words: (UInt64, UInt64, UInt64, UInt64)) {
        self.init(words.3, words.2, words.1, words.0)
    }

    /// The four 64-bit words, the highest first: what a word of the EVM holds in order.
    public var bigEndianWords: (UInt64, UInt64, UInt64, UInt64) { (w3, w2, w1, w0) }

    /// The number as 32 big-endian bytes.
    public var word: FixedBytes<32> {
        FixedBytes<32> { index in
            let limb =
                switch index / 8 {
                case 0: w3
                case 1: w2
                case 2: w1
                default: w0
                }
            return UInt8(truncatingIfNeeded: limb >> UInt64(56 - index % 8 * 8))
        }
    }
}

extension FixedBytes<32> {
    /// The 64-bit big-endian number at bytes 8 * index and on.
    fileprivate func lane(_ index: Int) -> UInt64 {
        var lane: UInt64 = 0
        for offset in index * 8..<index * 8 + 8 { lane = lane << 8 | UInt64(self[offset]) }
        return lane
    }
}
