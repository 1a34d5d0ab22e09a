/// Keccak-256 as Ethereum uses it: a rate of 136 bytes, and the padding 0x01 … 0x80 instead of the 0x06 … 0x80 of
/// SHA3-256.
///
/// Hash a message in one call, or in pieces:
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
    /// The bytes that were given but not absorbed yet, because they do not fill a whole block.
    private var block = InlineArray<136, UInt8>(repeating: 0)
    /// The number of bytes of `block` that are filled. It is always less than the rate.
    private var filled = 0

    public init() { self.init(by: .single) }

    @_spi(Kernels)
    public init(by kernel: Kernel) { self.kernel = kernel }

    /// Computes the digest of one message.
    public static func hash(_ message: Span<UInt8>) -> Digest { hash(message, by: .single) }

    @_spi(Kernels)
    public static func hash(_ message: Span<UInt8>, by kernel: Kernel) -> Digest {
        var state = State()
        unsafe state.absorb(toEndOf: message.bytes, by: kernel)
        return state.digest
    }

    /// Computes the digest of one message.
    public static func hash(_ message: [UInt8]) -> Digest { hash(message.span) }

    /// Absorbs the next piece of the message.
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

    /// Absorbs the next piece of the message.
    public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    /// Returns the digest of the whole message, which consists of all absorbed pieces.
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

extension Keccak256 {
    /// A digest of 32 bytes, stored as four lanes of the state, so that returning it needs no allocation.
    public struct Digest: Hashable, Sendable {
        private let lanes: InlineArrayOfFour

        init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
            lanes = InlineArrayOfFour(first, second, third, fourth)
        }

        /// The 32 bytes of the digest.
        public var inline: InlineArray<32, UInt8> {
            unsafe unsafeBitCast(lanes, to: InlineArray<32, UInt8>.self)
        }

        /// The 32 bytes of the digest, as an array.
        public var bytes: [UInt8] {
            unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
                let inline = self.inline
                for index in 0..<32 { unsafe buffer.initializeElement(at: index, to: inline[index]) }
                count = 32
            }
        }
    }

    /// Four lanes of the state. This type is used because `InlineArray` is not `Hashable`.
    private struct InlineArrayOfFour: Hashable, Sendable {
        let first, second, third, fourth: UInt64

        init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
            self.first = first.littleEndian
            self.second = second.littleEndian
            self.third = third.littleEndian
            self.fourth = fourth.littleEndian
        }
    }
}

/// The 25 lanes of Keccak-f[1600] in memory, in the order that every kernel expects. Lane (x, y) has the index x + 5y.
struct State: Sendable {
    /// The size of a block in bytes. Each permutation absorbs one block.
    static let rate = 136

    private var lanes = InlineArray<25, UInt64>(repeating: 0)

    var digest: Keccak256.Digest { Keccak256.Digest(lanes[0], lanes[1], lanes[2], lanes[3]) }

    /// Absorbs all whole blocks. Ignores the bytes after the last whole block, so the caller must keep them.
    mutating func absorb(_ bytes: RawSpan, by kernel: Kernel) {
        if bytes.byteCount >= Self.rate { unsafe absorb(bytes, end: nil, by: kernel) }
    }

    /// Absorbs `bytes`, which are the rest of the message. Then absorbs the padding.
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

/// Makes the last block of a message, with its padding.
enum LastBlock {
    /// The number of 64-bit words in a block.
    static let words = State.rate / 8

    /// Writes the bytes after the last whole block, and then the padding. All `words` must be zero before the call. The
    /// padding is pad10*1 without the domain bits of SHA-3: the byte 0x01 follows the message, and the bit 0x80 is set
    /// in the last byte of the block.
    @inline(__always)
    static func write(of message: RawSpan, to words: inout MutableSpan<UInt64>) {
        let rest = message.byteCount % State.rate
        let start = message.byteCount &- rest
        let whole = rest / 8
        for index in 0..<whole {
            let offset = start &+ index &* 8
            unsafe words[unchecked: index] = message.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
        var word: UInt64 = 0x01
        for offset in (start &+ whole &* 8..<message.byteCount).reversed() {
            word = unsafe word &<< 8 | UInt64(message.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
        }
        // Only whole words are written, because reading a word right after writing one byte of it stalls the CPU.
        unsafe words[unchecked: 16] = UInt64(0x8000_0000_0000_0000).littleEndian
        if whole == 16 { word |= 0x8000_0000_0000_0000 }
        unsafe words[unchecked: whole] = word.littleEndian
    }
}
