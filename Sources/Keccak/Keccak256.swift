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

    private var sponge = Sponge(repeating: 0)
    /// How many bytes of the current block have been taken in; always below the rate.
    private var filled = 0

    public init() {}

    /// The digest of one message.
    public static func hash(_ message: Span<UInt8>) -> Digest {
        var hasher = Keccak256()
        hasher.update(message)
        return hasher.finish()
    }

    /// The digest of one message.
    public static func hash(_ message: [UInt8]) -> Digest { hash(message.span) }

    /// The digests of many messages, in their order.
    public static func hash(many messages: [[UInt8]]) -> [Digest] { messages.map { hash($0) } }

    /// Takes in more of the message.
    public mutating func update(_ message: Span<UInt8>) {
        let bytes = unsafe message.bytes
        let count = bytes.byteCount
        var position = 0
        while filled != 0, position < count {
            unsafe absorb(bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self))
            position &+= 1
        }
        while count &- position >= Self.rate {
            for lane in 0..<17 {
                let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position &+ lane &* 8, as: UInt64.self)
                unsafe sponge[unchecked: lane] ^= UInt64(littleEndian: word)
            }
            sponge.permute()
            position &+= Self.rate
        }
        while filled == 0 || filled & 7 == 0, count &- position >= 8 {
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
            unsafe sponge[unchecked: filled &>> 3] ^= UInt64(littleEndian: word)
            filled &+= 8
            position &+= 8
        }
        while position < count {
            unsafe absorb(bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self))
            position &+= 1
        }
    }

    /// Takes in more of the message.
    public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    /// The digest of all that was taken in.
    public consuming func finish() -> Digest {
        // pad10*1 with Keccak's own domain bits: the byte after the message is 0x01, the last of the block 0x80.
        unsafe sponge[unchecked: filled &>> 3] ^= 1 &<< UInt64(filled & 7 &* 8)
        sponge[16] ^= 0x8000_0000_0000_0000
        sponge.permute()
        return Digest(sponge[0], sponge[1], sponge[2], sponge[3])
    }

    private mutating func absorb(_ byte: UInt8) {
        unsafe sponge[unchecked: filled &>> 3] ^= UInt64(byte) &<< UInt64(filled & 7 &* 8)
        filled &+= 1
        if filled == Self.rate {
            sponge.permute()
            filled = 0
        }
    }
}
