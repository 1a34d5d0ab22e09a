public import AirlockKeccak

/// A fixed number of bytes, stored without a separate allocation. For example, `FixedBytes<32>` stores a hash or a word
/// of the EVM.
public struct FixedBytes<let count: Int>: Sendable {
    /// The bytes themselves. `inline.span` reads them without a copy.
    public let inline: InlineArray<count, UInt8>

    @inlinable public init(_ inline: InlineArray<count, UInt8>) { self.inline = inline }

    @inlinable public init(_ byteAt: (Int) -> UInt8) { inline = InlineArray(byteAt) }

    /// Copies the bytes. Returns `nil` if the number of bytes is not `count`.
    @inlinable public init?(_ bytes: Span<UInt8>) {
        guard bytes.count == count else { return nil }
        var inline = InlineArray<count, UInt8>(repeating: 0)
        var memory = inline.mutableSpan
        unsafe memory.withUnsafeMutableBytes { memory in
            unsafe bytes.withUnsafeBytes { unsafe memory.copyMemory(from: $0) }
        }
        self.inline = inline
    }

    /// Copies the bytes. Returns `nil` if the number of bytes is not `count`.
    public init?(_ bytes: [UInt8]) { self.init(bytes.span) }

    /// Reads `0x` followed by exactly two hexadecimal digits for each byte.
    public init(hex text: String) throws(ValueError) {
        let utf8 = text.utf8Span.span
        guard Hex.hasPrefix(utf8), let value = FixedBytes(digits: utf8.extracting(droppingFirst: 2)) else {
            _ = try Hex.decode(text)
            throw ValueError(.wrongLength, saw: text, expected: "0x and \(count * 2) hexadecimal digits")
        }
        self = value
    }

    /// Reads `0x` followed by exactly two hexadecimal digits for each byte.
    @inlinable
    public init(hex text: some StringProtocol) throws(ValueError) { try self.init(hex: String(text)) }

    /// Reads exactly two hexadecimal digits for each byte. Returns `nil` for any other text.
    init?(digits: Span<UInt8>) {
        guard digits.count == count * 2 else { return nil }
        var inline = InlineArray<count, UInt8>(repeating: 0)
        var memory = inline.mutableSpan
        let isHex = unsafe memory.withUnsafeMutableBytes { unsafe HexDigits.read(digits, to: $0) }
        guard isHex else { return nil }
        self.inline = inline
    }

    public static var zero: FixedBytes { FixedBytes(InlineArray(repeating: 0)) }

    public subscript(index: Int) -> UInt8 { inline[index] }

    public var bytes: [UInt8] { unsafe inline.span.withUnsafeBufferPointer { unsafe Array($0) } }

    public var isZero: Bool { self == .zero }
}

extension FixedBytes: Hashable, Comparable {
    public static func == (left: FixedBytes, right: FixedBytes) -> Bool {
        // Compare all bytes without stopping at the first difference, so that the compiler can compare many bytes at a
        // time.
        var difference: UInt8 = 0
        for index in 0..<count { difference |= left.inline[index] ^ right.inline[index] }
        return difference == 0
    }

    public static func < (left: FixedBytes, right: FixedBytes) -> Bool {
        for index in 0..<count where left[index] != right[index] { return left[index] < right[index] }
        return false
    }

    public func hash(into hasher: inout Hasher) {
        unsafe inline.span.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}

extension FixedBytes: CustomStringConvertible {
    /// The bytes as text: `0x` and lower-case hexadecimal digits.
    public var description: String { Hex.encode(inline.span) }
}

/// A Keccak-256 hash.
public typealias Hash = FixedBytes<32>

extension FixedBytes<32> {
    public init(_ digest: Keccak256.Digest) { self.init(digest.inline) }

    /// The Keccak-256 hash of a message.
    public static func keccak(_ message: Span<UInt8>) -> Hash { Hash(Keccak256.hash(message)) }

    /// The Keccak-256 hash of a message.
    public static func keccak(_ message: [UInt8]) -> Hash { Hash(Keccak256.hash(message)) }
}

extension Span<UInt8> {
    /// Whether this span and `other` have the same bytes. The loop compares eight bytes at a time, which is faster than
    /// comparing arrays with `==`.
    public func isSame(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var difference: UInt64 = 0
        var at = 0
        while at + 8 <= count {
            // Both unsafe loads stay within the spans, because the loop checks the index. Any eight bytes are a valid
            // UInt64.
            let one = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
            let two = unsafe other.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
            difference |= one ^ two
            at += 8
        }
        while at < count {
            difference |= UInt64(self[at] ^ other[at])
            at += 1
        }
        return difference == 0
    }
}
