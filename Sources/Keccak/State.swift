/// The 25 lanes of Keccak-f[1600] in memory, where every kernel takes them. Lane (x, y) is number x + 5y.
struct State: Sendable {
    /// How many bytes one permutation takes in.
    static let rate = 136

    private var lanes = InlineArray<25, UInt64>(repeating: 0)

    var digest: Keccak256.Digest { Keccak256.Digest(lanes[0], lanes[1], lanes[2], lanes[3]) }

    /// Takes in the whole blocks with which the bytes begin.
    mutating func absorb(_ bytes: RawSpan, by kernel: Kernel) {
        let blocks = bytes.byteCount / Self.rate
        guard blocks > 0 else { return }
        var lanes = lanes.mutableSpan
        unsafe lanes.withUnsafeMutableBufferPointer { lanes in
            unsafe bytes.withUnsafeBytes { bytes in
                let message = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
                unsafe withUnsafePointer(to: message) { message in
                    unsafe kernel.absorb(lanes, UnsafeBufferPointer(start: message, count: 1), blocks: blocks)
                }
            }
        }
    }

    /// Takes in what is left when the whole blocks are taken, and the padding.
    mutating func absorb(endOf bytes: RawSpan, by kernel: Kernel) {
        var block = InlineArray<17, UInt64>(repeating: 0)
        var words = block.mutableSpan
        LastBlock.write(of: bytes, to: &words)
        unsafe absorb(block.span.bytes, by: kernel)
    }
}
