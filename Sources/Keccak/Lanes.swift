/// The 25 lanes of Keccak-f[1600] as named values, because the compiler can then keep them in registers. Lane (x, y) of
/// the specification has the index x + 5y.
///
/// In this type, but not in memory, six lanes are stored inverted (as their complements). Absorbing, θ, ρ and π work on
/// an inverted lane as on any other lane. χ then needs only five complements per round instead of 25 (Keccak
/// implementation overview, section 2.2).
struct Lanes {
    var a00, a01, a02, a03, a04: UInt64
    var a05, a06, a07, a08, a09: UInt64
    var a10, a11, a12, a13, a14: UInt64
    var a15, a16, a17, a18, a19: UInt64
    var a20, a21, a22, a23, a24: UInt64

    init(_ state: UnsafeMutableBufferPointer<UInt64>) {
        unsafe a00 = state[0]
        unsafe a01 = ~state[1]
        unsafe a02 = ~state[2]
        unsafe a03 = state[3]
        unsafe a04 = state[4]
        unsafe a05 = state[5]
        unsafe a06 = state[6]
        unsafe a07 = state[7]
        unsafe a08 = ~state[8]
        unsafe a09 = state[9]
        unsafe a10 = state[10]
        unsafe a11 = state[11]
        unsafe a12 = ~state[12]
        unsafe a13 = state[13]
        unsafe a14 = state[14]
        unsafe a15 = state[15]
        unsafe a16 = state[16]
        unsafe a17 = ~state[17]
        unsafe a18 = state[18]
        unsafe a19 = state[19]
        unsafe a20 = ~state[20]
        unsafe a21 = state[21]
        unsafe a22 = state[22]
        unsafe a23 = state[23]
        unsafe a24 = state[24]
    }

    func store(_ state: UnsafeMutableBufferPointer<UInt64>) {
        unsafe state[0] = a00
        unsafe state[1] = ~a01
        unsafe state[2] = ~a02
        unsafe state[3] = a03
        unsafe state[4] = a04
        unsafe state[5] = a05
        unsafe state[6] = a06
        unsafe state[7] = a07
        unsafe state[8] = ~a08
        unsafe state[9] = a09
        unsafe state[10] = a10
        unsafe state[11] = a11
        unsafe state[12] = ~a12
        unsafe state[13] = a13
        unsafe state[14] = a14
        unsafe state[15] = a15
        unsafe state[16] = a16
        unsafe state[17] = ~a17
        unsafe state[18] = a18
        unsafe state[19] = a19
        unsafe state[20] = ~a20
        unsafe state[21] = a21
        unsafe state[22] = a22
        unsafe state[23] = a23
        unsafe state[24] = a24
    }

    /// Computes one round (FIPS 202, section 3.2). θ is computed first. Then ρ, π and χ are computed plane by plane. A
    /// plane is five lanes with the same y. ι adds the round constant to lane (0, 0).
    @inline(__always)
    mutating func round(_ constant: UInt64) {
        let c0 = a00 ^ a05 ^ a10 ^ a15 ^ a20
        let c1 = a01 ^ a06 ^ a11 ^ a16 ^ a21
        let c2 = a02 ^ a07 ^ a12 ^ a17 ^ a22
        let c3 = a03 ^ a08 ^ a13 ^ a18 ^ a23
        let c4 = a04 ^ a09 ^ a14 ^ a19 ^ a24
        let d0 = c4 ^ rotated(c1, 1)
        let d1 = c0 ^ rotated(c2, 1)
        let d2 = c1 ^ rotated(c3, 1)
        let d3 = c2 ^ rotated(c4, 1)
        let d4 = c3 ^ rotated(c0, 1)

        let old = self
        do {
            let b0 = old.a00 ^ d0
            let b1 = rotated(old.a06 ^ d1, 44)
            let b2 = rotated(old.a12 ^ d2, 43)
            let b3 = rotated(old.a18 ^ d3, 21)
            let b4 = rotated(old.a24 ^ d4, 14)
            a00 = b0 ^ (b1 | b2) ^ constant
            a01 = b1 ^ (~b2 | b3)
            a02 = b2 ^ (b3 & b4)
            a03 = b3 ^ (b4 | b0)
            a04 = b4 ^ (b0 & b1)
        }
        do {
            let b0 = rotated(old.a03 ^ d3, 28)
            let b1 = rotated(old.a09 ^ d4, 20)
            let b2 = rotated(old.a10 ^ d0, 3)
            let b3 = rotated(old.a16 ^ d1, 45)
            let b4 = rotated(old.a22 ^ d2, 61)
            a05 = b0 ^ (b1 | b2)
            a06 = b1 ^ (b2 & b3)
            a07 = b2 ^ (b3 | ~b4)
            a08 = b3 ^ (b4 | b0)
            a09 = b4 ^ (b0 & b1)
        }
        do {
            let b0 = rotated(old.a01 ^ d1, 1)
            let b1 = rotated(old.a07 ^ d2, 6)
            let b2 = rotated(old.a13 ^ d3, 25)
            let b3 = rotated(old.a19 ^ d4, 8)
            let b4 = rotated(old.a20 ^ d0, 18)
            a10 = b0 ^ (b1 | b2)
            a11 = b1 ^ (b2 & b3)
            a12 = b2 ^ (~b3 & b4)
            a13 = ~b3 ^ (b4 | b0)
            a14 = b4 ^ (b0 & b1)
        }
        do {
            let b0 = rotated(old.a04 ^ d4, 27)
            let b1 = rotated(old.a05 ^ d0, 36)
            let b2 = rotated(old.a11 ^ d1, 10)
            let b3 = rotated(old.a17 ^ d2, 15)
            let b4 = rotated(old.a23 ^ d3, 56)
            a15 = b0 ^ (b1 & b2)
            a16 = b1 ^ (b2 | b3)
            a17 = b2 ^ (~b3 | b4)
            a18 = ~b3 ^ (b4 & b0)
            a19 = b4 ^ (b0 | b1)
        }
        do {
            let b0 = rotated(old.a02 ^ d2, 62)
            let b1 = rotated(old.a08 ^ d3, 55)
            let b2 = rotated(old.a14 ^ d4, 39)
            let b3 = rotated(old.a15 ^ d0, 41)
            let b4 = rotated(old.a21 ^ d1, 2)
            a20 = b0 ^ (~b1 & b2)
            a21 = ~b1 ^ (b2 | b3)
            a22 = b2 ^ (b3 & b4)
            a23 = b3 ^ (b4 | b0)
            a24 = b4 ^ (b0 & b1)
        }
    }
}

@inline(__always)
private func rotated(_ lane: UInt64, _ count: UInt64) -> UInt64 {
    lane &<< count | lane &>> (64 &- count)
}

/// The round constants of ι, one for each round (FIPS 202, section 3.2.5).
private let roundConstants: InlineArray<24, UInt64> = [
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
]

/// Keccak-f[1600] in portable Swift. It runs on every CPU. The faster kernels must give the same digests.
extension Lanes {
    /// Absorbs `blocks` blocks of one message. If `end` is not `nil`, then also absorbs the last block, which is at the
    /// address `end`.
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
        // Each iteration computes two rounds. With only one round per iteration, the lanes would be copied back and
        // forth. With all 24 rounds in one iteration, the code would not fit into the instruction cache.
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
