public import EthereumTypes

/// A cursor over canonical RLP: each call reads the next item as one type, or refuses it. A list is read with a reader
/// of its own over the same bytes, so nothing is built that was not asked for.
public struct RLPReader: Sendable {
    private let input: [UInt8]
    /// Where the next item begins.
    public private(set) var position: Int
    private let end: Int
    private let isOutermost: Bool

    /// Reads the input from an offset to its end.
    public init(_ input: [UInt8], from offset: Int = 0) {
        self.init(input, offset..<input.count, isOutermost: true)
    }

    private init(_ input: [UInt8], _ range: Range<Int>, isOutermost: Bool) {
        self.input = input
        self.position = range.lowerBound
        self.end = range.upperBound
        self.isOutermost = isOutermost
    }

    /// Whether all items have been read.
    public var isAtEnd: Bool { position == end }

    /// Whether there is a next item, and it is a list.
    public var isAtList: Bool { !isAtEnd && input[position] >= 0xc0 }

    /// Refuses what nobody asked for; to be called when all items of a list, or of the whole input, were read.
    public func finish() throws(RLPError) {
        guard isAtEnd else { throw RLPError(isOutermost ? .trailingBytes : .superfluousItem, at: position) }
    }

    /// An integer below 2^64.
    public mutating func uint64() throws(RLPError) -> UInt64 {
        var value: UInt64 = 0
        for index in try integer(ofAtMost: 8) { value = value << 8 | UInt64(input[index]) }
        return value
    }

    /// An integer below 2^256.
    public mutating func uint256() throws(RLPError) -> UInt256 {
        let payload = try integer(ofAtMost: 32)
        return UInt256(bigEndian: input.span.extracting(payload)) ?? .zero
    }

    /// A byte string of as many bytes as its type has.
    public mutating func fixedBytes<let count: Int>() throws(RLPError) -> FixedBytes<count> {
        let start = position
        return try fixedBytes(payload(.bytes), at: start)
    }

    /// A byte string of 20 bytes.
    public mutating func address() throws(RLPError) -> Address { Address(try fixedBytes()) }

    /// A byte string of 20 bytes or of none.
    public mutating func addressOrEmpty() throws(RLPError) -> Address? {
        let start = position
        let payload = try payload(.bytes)
        return payload.isEmpty ? nil : Address(try fixedBytes(payload, at: start))
    }

    /// A byte string of any length, as a part of the input.
    public mutating func bytes() throws(RLPError) -> ArraySlice<UInt8> { input[try payload(.bytes)] }

    /// A list, as a reader of its items.
    public mutating func list() throws(RLPError) -> RLPReader {
        RLPReader(input, try payload(.list), isOutermost: false)
    }

    private func fixedBytes<let count: Int>(
        _ payload: Range<Int>, at start: Int
    ) throws(RLPError) -> FixedBytes<count> {
        guard let value = FixedBytes<count>(input.span.extracting(payload)) else {
            throw RLPError(.wrongLength, at: start)
        }
        return value
    }

    /// Scalars are big-endian without leading zeros, so that zero is the empty string (yellow paper, equation 199).
    private mutating func integer(ofAtMost count: Int) throws(RLPError) -> Range<Int> {
        let start = position
        let payload = try payload(.bytes)
        guard payload.isEmpty || input[payload.lowerBound] != 0 else { throw RLPError(.integerLeadingZero, at: start) }
        guard payload.count <= count else { throw RLPError(.integerTooLarge, at: start) }
        return payload
    }

    private enum Kind: UInt8 {
        case bytes = 0x80
        case list = 0xc0
    }

    /// The range of the next item's payload; moves behind it.
    private mutating func payload(_ kind: Kind) throws(RLPError) -> Range<Int> {
        let start = position
        guard start < end else { throw RLPError(.missingItem, at: start) }
        let prefix = input[start]
        switch kind {
        case .bytes:
            if prefix < 0x80 {
                position = start + 1
                return start..<start + 1
            }
            guard prefix < 0xc0 else { throw RLPError(.expectedBytes, at: start) }
        case .list:
            guard prefix >= 0xc0 else { throw RLPError(.expectedList, at: start) }
        }
        let short = Int(prefix - kind.rawValue)
        let payload = short < 56 ? try range(start, 1, short) : try longRange(start, lengthOfLength: short - 55)
        if prefix == 0x81, input[payload.lowerBound] < 0x80 { throw RLPError(.byteNotMinimal, at: start) }
        position = payload.upperBound
        return payload
    }

    /// The long form: the length itself follows the prefix, without leading zeros and only from 56 on.
    private func longRange(_ start: Int, lengthOfLength count: Int) throws(RLPError) -> Range<Int> {
        guard count < end - start else { throw RLPError(.beyondEnd, at: start) }
        guard input[start + 1] != 0 else { throw RLPError(.lengthLeadingZero, at: start) }
        var length: UInt64 = 0
        for index in start + 1...start + count { length = length << 8 | UInt64(input[index]) }
        guard length >= 56 else { throw RLPError(.lengthNotMinimal, at: start) }
        guard length < 1 << 63 else { throw RLPError(.lengthTooLarge, at: start) }
        return try range(start, 1 + count, Int(length))
    }

    /// The payload, which must end within the input or the list around it.
    private func range(_ start: Int, _ header: Int, _ length: Int) throws(RLPError) -> Range<Int> {
        guard length <= end - start - header else { throw RLPError(.beyondEnd, at: start) }
        return start + header..<start + header + length
    }
}
