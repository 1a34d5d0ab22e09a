/// The 25 lanes of Keccak-f[1600] in memory, where every kernel takes them. Lane (x, y) is number x + 5y.
struct State: Sendable {
    /// How many bytes one permutation takes in.
    static let rate = 136

    private var lanes = InlineArray<25, UInt64>(repeating: 0)

    var digest: Keccak256.Digest { Keccak256.Digest(lanes[0], lanes[1], lanes[2], lanes[3]) }

    /// Takes in the whole blocks with which the bytes begin.
    mutating func absorb(_ bytes: RawSpan, by kernel: Kernel) {
        if bytes.byteCount >= Self.rate { unsafe absorb(bytes, end: nil, by: kernel) }
    }

    /// Takes in all of the bytes, and the padding.
    mutating func absorb(toEndOf bytes: RawSpan, by kernel: Kernel) {
        var block = InlineArray<17, UInt64>(repeating: 0)
        var words = block.mutableSpan
        LastBlock.write(of: bytes, to: &words)
        unsafe block.span.bytes.withUnsafeBytes { end in
            unsafe absorb(bytes, end: end.baseAddress, by: kernel)
        }
    }

    @inline(__always)
    private mutating func absorb(_ bytes: RawSpan, end: UnsafeRawPointer?, by kernel: Kernel) {
        var lanes = lanes.mutableSpan
        unsafe lanes.withUnsafeMutableBufferPointer { lanes in
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe kernel.absorb(lanes, bytes.baseAddress, blocks: bytes.count / Self.rate, end: end)
            }
        }
    }
}
