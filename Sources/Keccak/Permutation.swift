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
    /// Takes in some blocks, and one more from the end, if there is one.
    static func absorb(
        _ state: UnsafeMutableBufferPointer<UInt64>, _ bytes: UnsafeRawPointer?, blocks: Int, end: UnsafeRawPointer?
    ) {
        var lanes = unsafe Lanes(state)
        var (bytes, blocks, end) = unsafe (bytes, blocks, end)
        while true {
            if let bytes = unsafe bytes {
                for block in 0..<blocks { unsafe lanes.take(bytes + block &* State.rate) }
            }
            if unsafe end == nil { break }
            unsafe (bytes, blocks, end) = (end, 1, nil)
        }
        unsafe lanes.store(state)
    }

    @inline(__always)
    private mutating func take(_ block: UnsafeRawPointer) {
        unsafe add(block)
        // Two rounds an iteration: one alone copies its lanes back and forth, and all 24 leave the instruction cache.
        var index = 0
        while index < 24 {
            unsafe round(roundConstants[unchecked: index])
            unsafe round(roundConstants[unchecked: index &+ 1])
            index &+= 2
        }
    }

    @inline(__always)
    private mutating func add(_ block: UnsafeRawPointer) {
        func word(_ lane: Int) -> UInt64 {
            UInt64(littleEndian: unsafe block.loadUnaligned(fromByteOffset: lane &* 8, as: UInt64.self))
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
