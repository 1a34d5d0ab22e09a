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
    private let kernel: Kernel
    private var state = State()
    /// What does not fill a block yet.
    private var block = InlineArray<136, UInt8>(repeating: 0)
    /// How many bytes of the block are filled; always below the rate.
    private var filled = 0

    public init() { self.init(by: .single) }

    @_spi(Kernels)
    public init(by kernel: Kernel) { self.kernel = kernel }

    /// The digest of one message.
    public static func hash(_ message: Span<UInt8>) -> Digest { hash(message, by: .single) }

    @_spi(Kernels)
    public static func hash(_ message: Span<UInt8>, by kernel: Kernel) -> Digest {
        var state = State()
        unsafe state.absorb(toEndOf: message.bytes, by: kernel)
        return state.digest
    }

    /// The digest of one message.
    public static func hash(_ message: [UInt8]) -> Digest { hash(message.span) }

    /// Takes in more of the message.
    public mutating func update(_ message: Span<UInt8>) {
        var bytes = unsafe message.bytes
        if filled > 0 {
            let head = bytes.extracting(first: State.rate &- filled)
            bytes = bytes.extracting(droppingFirst: head.byteCount)
            fill(head)
            guard filled == State.rate else { return }
            unsafe state.absorb(block.span.bytes, by: kernel)
            filled = 0
        }
        state.absorb(bytes, by: kernel)
        fill(bytes.extracting(last: bytes.byteCount % State.rate))
    }

    /// Takes in more of the message.
    public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    /// The digest of all that was taken in.
    public consuming func finish() -> Digest {
        var state = state
        unsafe state.absorb(toEndOf: block.span.bytes.extracting(first: filled), by: kernel)
        return state.digest
    }

    private mutating func fill(_ piece: RawSpan) {
        var block = block.mutableSpan
        unsafe block.withUnsafeMutableBytes { block in
            unsafe piece.withUnsafeBytes { piece in
                unsafe UnsafeMutableRawBufferPointer(rebasing: block[filled...]).copyMemory(from: piece)
            }
        }
        filled &+= piece.byteCount
    }
}
