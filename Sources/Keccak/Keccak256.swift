/// Keccak-256 as Ethereum uses it: rate 136 bytes, padding 0x01 … 0x80 (not the 0x06 of SHA3-256).
///
/// In one call, or piece by piece:
///
/// ```swift
/// let digest = Keccak256.hash(message.span)
///
/// var hasher = Keccak256()
/// hasher.update(first.span)
/// hasher.update(second.span)
/// let same = hasher.finish()
/// ```
public struct Keccak256: Sendable {
    /// How many bytes one permutation takes in.
    static let rate = 136

    private var lanes = Lanes()
    /// What does not fill a block yet.
    private var block = InlineArray<136, UInt8>(repeating: 0)
    /// How many bytes of the block are filled; always below the rate.
    private var filled = 0

    public init() {}

    /// The digest of one message.
    public static func hash(_ message: Span<UInt8>) -> Digest {
        var lanes = Lanes()
        let whole = message.count &- message.count % rate
        let bytes = unsafe message.bytes
        lanes.absorb(bytes, 0..<whole)
        lanes.absorb(last: bytes, whole..<message.count)
        return lanes.digest
    }

    /// The digest of one message.
    public static func hash(_ message: [UInt8]) -> Digest { hash(message.span) }

    /// The digests of many messages, in their order.
    public static func hash(many messages: [[UInt8]]) -> [Digest] { messages.map { hash($0) } }

    /// Takes in more of the message.
    public mutating func update(_ message: Span<UInt8>) {
        let bytes = unsafe message.bytes
        var start = 0
        if filled > 0 {
            start = min(Self.rate &- filled, message.count)
            fill(bytes, 0..<start)
            guard filled == Self.rate else { return }
            unsafe lanes.absorb(block.span.bytes, 0..<Self.rate)
            filled = 0
        }
        let whole = message.count &- (message.count &- start) % Self.rate
        lanes.absorb(bytes, start..<whole)
        fill(bytes, whole..<message.count)
    }

    /// Takes in more of the message.
    public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    /// The digest of all that was taken in.
    public consuming func finish() -> Digest {
        var lanes = lanes
        unsafe lanes.absorb(last: block.span.bytes, 0..<filled)
        return lanes.digest
    }

    private mutating func fill(_ bytes: RawSpan, _ range: Range<Int>) {
        var block = block.mutableSpan
        unsafe block.withUnsafeMutableBytes { block in
            unsafe bytes.extracting(range).withUnsafeBytes { piece in
                unsafe UnsafeMutableRawBufferPointer(rebasing: block[filled...]).copyMemory(from: piece)
            }
        }
        filled &+= range.count
    }
}
