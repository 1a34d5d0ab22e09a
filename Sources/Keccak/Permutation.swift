/// Keccak-f[1600] in portable Swift: the path for every CPU, and the reference for any faster one.
typealias Sponge = InlineArray<25, UInt64>

/// The constants of ι, one a round (FIPS 202, section 3.2.5).
private let roundConstants: InlineArray<24, UInt64> = [
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
]

extension InlineArray where count == 25, Element == UInt64 {
    /// Two rounds an iteration: one alone copies its lanes back and forth, and all 24 leave the instruction cache.
    mutating func permute() {
        var lanes = Lanes(
            a00: self[0], a01: self[1], a02: self[2], a03: self[3], a04: self[4],
            a05: self[5], a06: self[6], a07: self[7], a08: self[8], a09: self[9],
            a10: self[10], a11: self[11], a12: self[12], a13: self[13], a14: self[14],
            a15: self[15], a16: self[16], a17: self[17], a18: self[18], a19: self[19],
            a20: self[20], a21: self[21], a22: self[22], a23: self[23], a24: self[24])
        var index = 0
        while index < 24 {
            unsafe lanes.round(roundConstants[unchecked: index])
            unsafe lanes.round(roundConstants[unchecked: index &+ 1])
            index &+= 2
        }
        self = [
            lanes.a00, lanes.a01, lanes.a02, lanes.a03, lanes.a04,
            lanes.a05, lanes.a06, lanes.a07, lanes.a08, lanes.a09,
            lanes.a10, lanes.a11, lanes.a12, lanes.a13, lanes.a14,
            lanes.a15, lanes.a16, lanes.a17, lanes.a18, lanes.a19,
            lanes.a20, lanes.a21, lanes.a22, lanes.a23, lanes.a24,
        ]
    }
}
