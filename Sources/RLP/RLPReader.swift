public import AirlockEthereumTypes

/// A cursor over canonical RLP: each call reads the next item as one type, or refuses it. A list is read with a reader
/// of its own over the same bytes, or within this one, so nothing is built that was not asked for.
public struct RLPReader: Sendable {
    private let input: [UInt8]
    /// Where the next item begins.
    public private(set) var position: Int
    private var end: Int
    private var isOutermost: Bool

    /// Reads the input from an offset to its end.
    public init(_ input: [UInt8], from offset: Int = 0) {
        precondition(0...input.count ~= offset)
        self.init(input, offset, end: input.count, isOutermost: true)
    }

    private init(_ input: [UInt8], _ start: Int, end: Int, isOutermost: Bool) {
        self.input = input
        self.position = start
        self.end = end
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
        guard let integer = small() else { return try anyUInt64() }
        return integer
    }

    /// An integer below 2^256.
    public mutating func uint256() throws(RLPError) -> UInt256 {
        if let integer = small() { return UInt256(integer) }
        guard let integer = large() else { return try anyUInt256() }
        return integer
    }

    /// A byte string of as many bytes as its type has.
    public mutating func fixedBytes<let count: Int>() throws(RLPError) -> FixedBytes<count> {
        let start = position
        return try fixedBytes(bytesPayload(), at: start)
    }

    /// A byte string of 20 bytes.
    public mutating func address() throws(RLPError) -> Address { Address(try fixedBytes()) }

    /// A byte string of 20 bytes or of none.
    public mutating func addressOrEmpty() throws(RLPError) -> Address? {
        let start = position
        let payload = try bytesPayload()
        return payload.isEmpty ? nil : Address(try fixedBytes(payload, at: start))
    }

    /// A byte string of any length, as a part of the input.
    public mutating func bytes() throws(RLPError) -> ArraySlice<UInt8> { input[try bytesPayload()] }

    /// A byte string of any length.
    public mutating func array() throws(RLPError) -> [UInt8] {
        let payload = try bytesPayload()
        return unsafe input.span.extracting(payload).withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// A list, as a reader of its items.
    public mutating func list() throws(RLPError) -> RLPReader {
        let payload = try listPayload()
        return RLPReader(input, payload.lowerBound, end: payload.upperBound, isOutermost: false)
    }

    /// Goes into a list, whose items come next and whose end is the reader's until `leaveList`: with less copying than
    /// a reader of its own.
    public mutating func enterList() throws(RLPError) -> Outside {
        let payload = try listPayload()
        defer { (position, end, isOutermost) = (payload.lowerBound, payload.upperBound, false) }
        return Outside(end: end, isOutermost: isOutermost)
    }

    /// Goes on behind the list, of which all items must have been read.
    public mutating func leaveList(to outside: Outside) throws(RLPError) {
        try finish()
        (end, isOutermost) = (outside.end, outside.isOutermost)
    }

    /// What is around a list that a reader went into.
    public struct Outside {
        fileprivate let end: Int
        fileprivate let isOutermost: Bool
    }

    private func fixedBytes<let count: Int>(
        _ payload: Range<Int>, at start: Int
    ) throws(RLPError) -> FixedBytes<count> {
        guard let value = FixedBytes<count>(input.span.extracting(payload)) else {
            throw RLPError(.wrongLength, at: start)
        }
        return value
    }

    /// The next item, where it is an integer below 2^64 and eight bytes of input follow its prefix; else `nil`, and nothing
    /// is moved. Most integers are read here, and what refuses is not in their way.
    @inline(__always)
    private mutating func small() -> UInt64? {
        guard position < end else { return nil }
        let prefix = byte(position)
        if prefix < 0x80 {
            guard prefix != 0 else { return nil }
            position &+= 1
            return UInt64(prefix)
        }
        let count = Int(prefix) &- 0x80
        guard count <= 8, count < end &- position else { return nil }
        guard count > 0 else {
            position &+= 1
            return 0
        }
        guard let integer = bigEndian(position &+ 1, count) else { return nil }
        // Without leading zeros, and in the shorter form where there is one.
        guard integer.byteCount == count, integer >= 0x80 else { return nil }
        position &+= 1 &+ count
        return integer
    }

    /// An integer that is wrong, or that stands at the end of the input.
    @inline(never)
    private mutating func anyUInt64() throws(RLPError) -> UInt64 { lastWord(try integer(ofAtMost: 8)) }

    /// An integer that is wrong, or none of 32 bytes.
    @inline(never)
    private mutating func anyUInt256() throws(RLPError) -> UInt256 {
        let payload = try integer(ofAtMost: 32)
        if payload.count <= 8 { return UInt256(lastWord(payload)) }
        return UInt256(bigEndian: input.span.extracting(payload)) ?? .zero
    }

    /// The next item, where it is an integer of 32 bytes; else `nil`, and nothing is moved.
    @inline(__always)
    private mutating func large() -> UInt256? {
        guard end &- position > 32, byte(position) == 0x80 + 32, byte(position &+ 1) != 0 else { return nil }
        position &+= 33
        let words = (word(before: position &- 24), word(before: position &- 16), word(before: position &- 8))
        return UInt256(bigEndianWords: (words.0, words.1, words.2, word(before: position)))
    }

    /// Scalars are big-endian without leading zeros, so that zero is the empty string (yellow paper, equation 199).
    @inline(__always)
    private mutating func integer(ofAtMost count: Int) throws(RLPError) -> Range<Int> {
        let start = position
        let payload = try bytesPayload()
        guard payload.isEmpty || byte(payload.lowerBound) != 0 else { throw RLPError(.integerLeadingZero, at: start) }
        guard payload.count <= count else { throw RLPError(.integerTooLarge, at: start) }
        return payload
    }

    /// At most the last eight bytes of a payload.
    @inline(__always)
    private func lastWord(_ payload: Range<Int>) -> UInt64 {
        guard payload.upperBound < 8 else {
            // What stands before the payload falls out; in two steps, since all of it may.
            let excess = UInt64(truncatingIfNeeded: 32 &- payload.count &* 4)
            return (((word(before: payload.upperBound) &<< excess) &<< excess) &>> excess) &>> excess
        }
        return payload.reduce(0) { value, index in value &<< 8 | UInt64(byte(index)) }
    }

    /// One to eight bytes from a place on; `nil` where fewer than eight are left of the input.
    @inline(__always)
    private func bigEndian(_ place: Int, _ count: Int) -> UInt64? {
        guard place &+ 8 <= input.count else { return nil }
        return word(before: place &+ 8) &>> UInt64(truncatingIfNeeded: 64 &- count &* 8)
    }

    /// The eight bytes of the input before a place, which is at least the eighth.
    @inline(__always)
    private func word(before place: Int) -> UInt64 {
        UInt64(
            bigEndian: unsafe input.span.bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: place &- 8, as: UInt64.self))
    }

    /// A byte of the input, within which the position and all payloads are.
    @inline(__always)
    private func byte(_ index: Int) -> UInt8 { unsafe input.span[unchecked: index] }

    /// The payload of the next item, which must be a byte string; moves behind it.
    @inline(__always)
    private mutating func bytesPayload() throws(RLPError) -> Range<Int> {
        let start = position
        guard start < end else { throw RLPError(.missingItem, at: start) }
        let prefix = byte(start)
        if prefix < 0x80 {
            position = start &+ 1
            return unsafe Range(uncheckedBounds: (start, start &+ 1))
        }
        guard prefix < 0xc0 else { throw RLPError(.expectedBytes, at: start) }
        let payload = try payload(start, Int(prefix &- 0x80))
        if prefix == 0x81, byte(payload.lowerBound) < 0x80 { throw RLPError(.byteNotMinimal, at: start) }
        position = payload.upperBound
        return payload
    }

    /// The payload of the next item, which must be a list; moves behind it.
    @inline(__always)
    private mutating func listPayload() throws(RLPError) -> Range<Int> {
        let start = position
        guard start < end else { throw RLPError(.missingItem, at: start) }
        guard byte(start) >= 0xc0 else { throw RLPError(.expectedList, at: start) }
        let payload = try payload(start, Int(byte(start) &- 0xc0))
        position = payload.upperBound
        return payload
    }

    /// What the prefix says beside the kind: up to 55 the length, above it the length of the length.
    @inline(__always)
    private func payload(_ start: Int, _ short: Int) throws(RLPError) -> Range<Int> {
        short < 56 ? try range(start, 1, short) : try longRange(start, lengthOfLength: short &- 55)
    }

    /// The long form: the length itself follows the prefix, without leading zeros and only from 56 on.
    @inline(never)
    private func longRange(_ start: Int, lengthOfLength count: Int) throws(RLPError) -> Range<Int> {
        guard count < end - start else { throw RLPError(.beyondEnd, at: start) }
        guard byte(start + 1) != 0 else { throw RLPError(.lengthLeadingZero, at: start) }
        let length = bigEndian(start &+ 1, count) ?? lastWord(start + 1..<start + 1 + count)
        guard length >= 56 else { throw RLPError(.lengthNotMinimal, at: start) }
        guard length < 1 << 63 else { throw RLPError(.lengthTooLarge, at: start) }
        return try range(start, 1 + count, Int(length))
    }

    /// The payload, which must end within the input or the list around it.
    @inline(__always)
    private func range(_ start: Int, _ header: Int, _ length: Int) throws(RLPError) -> Range<Int> {
        guard length <= end &- start &- header else { throw RLPError(.beyondEnd, at: start) }
        let lower = start &+ header
        return unsafe Range(uncheckedBounds: (lower, lower &+ length))
    }
}
