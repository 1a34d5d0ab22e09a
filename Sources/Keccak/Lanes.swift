/// The 25 lanes of Keccak-f[1600] as named values, so that the compiler keeps them in registers.
/// Lane (x, y) of the specification is number x + 5y.
struct Lanes {
    var a00: UInt64, a01: UInt64, a02: UInt64, a03: UInt64, a04: UInt64
    var a05: UInt64, a06: UInt64, a07: UInt64, a08: UInt64, a09: UInt64
    var a10: UInt64, a11: UInt64, a12: UInt64, a13: UInt64, a14: UInt64
    var a15: UInt64, a16: UInt64, a17: UInt64, a18: UInt64, a19: UInt64
    var a20: UInt64, a21: UInt64, a22: UInt64, a23: UInt64, a24: UInt64

    /// One round: θ, ρ and π, χ, ι (FIPS 202, section 3.2).
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

        let b00 = a00 ^ d0
        let b01 = rotated(a06 ^ d1, 44)
        let b02 = rotated(a12 ^ d2, 43)
        let b03 = rotated(a18 ^ d3, 21)
        let b04 = rotated(a24 ^ d4, 14)
        let b05 = rotated(a03 ^ d3, 28)
        let b06 = rotated(a09 ^ d4, 20)
        let b07 = rotated(a10 ^ d0, 3)
        let b08 = rotated(a16 ^ d1, 45)
        let b09 = rotated(a22 ^ d2, 61)
        let b10 = rotated(a01 ^ d1, 1)
        let b11 = rotated(a07 ^ d2, 6)
        let b12 = rotated(a13 ^ d3, 25)
        let b13 = rotated(a19 ^ d4, 8)
        let b14 = rotated(a20 ^ d0, 18)
        let b15 = rotated(a04 ^ d4, 27)
        let b16 = rotated(a05 ^ d0, 36)
        let b17 = rotated(a11 ^ d1, 10)
        let b18 = rotated(a17 ^ d2, 15)
        let b19 = rotated(a23 ^ d3, 56)
        let b20 = rotated(a02 ^ d2, 62)
        let b21 = rotated(a08 ^ d3, 55)
        let b22 = rotated(a14 ^ d4, 39)
        let b23 = rotated(a15 ^ d0, 41)
        let b24 = rotated(a21 ^ d1, 2)

        a00 = b00 ^ (~b01 & b02) ^ constant
        a01 = b01 ^ (~b02 & b03)
        a02 = b02 ^ (~b03 & b04)
        a03 = b03 ^ (~b04 & b00)
        a04 = b04 ^ (~b00 & b01)
        a05 = b05 ^ (~b06 & b07)
        a06 = b06 ^ (~b07 & b08)
        a07 = b07 ^ (~b08 & b09)
        a08 = b08 ^ (~b09 & b05)
        a09 = b09 ^ (~b05 & b06)
        a10 = b10 ^ (~b11 & b12)
        a11 = b11 ^ (~b12 & b13)
        a12 = b12 ^ (~b13 & b14)
        a13 = b13 ^ (~b14 & b10)
        a14 = b14 ^ (~b10 & b11)
        a15 = b15 ^ (~b16 & b17)
        a16 = b16 ^ (~b17 & b18)
        a17 = b17 ^ (~b18 & b19)
        a18 = b18 ^ (~b19 & b15)
        a19 = b19 ^ (~b15 & b16)
        a20 = b20 ^ (~b21 & b22)
        a21 = b21 ^ (~b22 & b23)
        a22 = b22 ^ (~b23 & b24)
        a23 = b23 ^ (~b24 & b20)
        a24 = b24 ^ (~b20 & b21)
    }
}

@inline(__always)
private func rotated(_ lane: UInt64, _ count: UInt64) -> UInt64 {
    lane &<< count | lane &>> (64 &- count)
}
