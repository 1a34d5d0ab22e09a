public import AirlockEthereumTypes

/// Reads canonical RLP. Each function reads the next item as one type, and throws if the item is not of this type.
/// There are two functions to read the items of a list: `list` returns a second reader, and `enterList` continues with
/// the same reader. The reader builds no tree.
public struct RLPReader: Sendable {
    private let input: [UInt8]
    /// The offset of the next item.
    public private(set) var position: Int
    private var end: Int
    private var isOutermost: Bool

    /// Makes a reader that starts at an offset of the input.
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

    /// Whether the next item is a list. Returns `false` if there is no next item.
    public var isAtList: Bool { !isAtEnd && input[position] >= 0xc0 }

    /// Throws if there are unread items or bytes. Call this after you have read all items of a list, or all items of
    /// the input.
    public func finish() throws(RLPError) {
        guard isAtEnd else { throw RLPError(isOutermost ? .trailingBytes : .superfluousItem, at: position) }
    }

    /// Reads an integer below 2^64.
    public mutating func uint64() throws(RLPError) -> UInt64 {
        guard let integer = small() else { return try anyUInt64() }
        return integer
    }

    /// Reads an integer below 2^256.
    public mutating func uint256() throws(RLPError) -> UInt256 {
        if let integer = small() { return UInt256(integer) }
        guard let integer = large() else { return try anyUInt256() }
        return integer
    }

    /// Reads a byte string of exactly `count` bytes.
    public mutating func fixedBytes<let count: Int>() throws(RLPError) -> FixedBytes<count> {
        let start = position
        return try fixedBytes(bytesPayload(), at: start)
    }

    /// Reads an address, which is a byte string of 20 bytes.
    public mutating func address() throws(RLPError) -> Address { Address(try fixedBytes()) }

    /// Reads an address, which is a byte string of 20 bytes. Returns `nil` for the empty byte string.
    public mutating func addressOrEmpty() throws(RLPError) -> Address? {
        let start = position
        let payload = try bytesPayload()
        return payload.isEmpty ? nil : Address(try fixedBytes(payload, at: start))
    }

    /// Reads a byte string of any length, and returns it as a slice of the input.
    public mutating func bytes() throws(RLPError) -> ArraySlice<UInt8> { input[try bytesPayload()] }

    /// Reads a byte string of any length, and returns a copy of it.
    public mutating func array() throws(RLPError) -> [UInt8] {
        let payload = try bytesPayload()
        return unsafe input.span.extracting(payload).withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Reads a list, and returns a separate reader for the items of this list.
    public mutating func list() throws(RLPError) -> RLPReader {
        let payload = try listPayload()
        return RLPReader(input, payload.lowerBound, end: payload.upperBound, isOutermost: false)
    }

    /// Enters a list. Until `leaveList` is called, this reader reads the items of the list. This is cheaper than a
    /// separate reader, because less of the reader's state is copied.
    public mutating func enterList() throws(RLPError) -> Outside {
        let payload = try listPayload()
        defer { (position, end, isOutermost) = (payload.lowerBound, payload.upperBound, false) }
        return Outside(end: end, isOutermost: isOutermost)
    }

    /// Leaves the list that `enterList` entered. Throws if an item of this list was not read.
    public mutating func leaveList(to outside: Outside) throws(RLPError) {
        try finish()
        (end, isOutermost) = (outside.end, outside.isOutermost)
    }

    /// The state of the reader before a list was entered. `leaveList` restores this state.
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

    /// Reads an integer below 2^64 on the fast path, which suits most integers. If the integer has a prefix and is not
    /// zero, eight bytes of input must follow the prefix. If the fast path cannot read the item, returns `nil` and
    /// reads nothing.
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
        // The fast path accepts only a canonical integer. A canonical integer has no leading zero byte. With a prefix
        // it is at least 0x80, because a smaller integer is encoded without a prefix. For any other integer, the slow
        // path reports the error.
        guard integer.byteCount == count, integer >= 0x80 else { return nil }
        position &+= 1 &+ count
        return integer
    }

    /// Reads an integer below 2^64 on the slow path. An example is an integer near the end of the input. Throws if the
    /// integer is malformed or too large.
    @inline(never)
    private mutating func anyUInt64() throws(RLPError) -> UInt64 { lastWord(try integer(ofAtMost: 8)) }

    /// The slow path for reading an integer below 2^256. It is used, for example, for an integer of 9 to 31 bytes, or
    /// for one near the end of the input. Throws if the integer is malformed.
    @inline(never)
    private mutating func anyUInt256() throws(RLPError) -> UInt256 {
        let payload = try integer(ofAtMost: 32)
        if payload.count <= 8 { return UInt256(lastWord(payload)) }
        return UInt256(bigEndian: input.span.extracting(payload)) ?? .zero
    }

    /// Reads an integer of 32 bytes on the fast path. For any other item, returns `nil` and reads nothing.
    @inline(__always)
    private mutating func large() -> UInt256? {
        guard end &- position > 32, byte(position) == 0x80 + 32, byte(position &+ 1) != 0 else { return nil }
        position &+= 33
        let words = (word(before: position &- 24), word(before: position &- 16), word(before: position &- 8))
        return UInt256(bigEndianWords: (words.0, words.1, words.2, word(before: position)))
    }

    /// Reads an integer and returns the range of its bytes. Integers are big-endian without leading zeros, so zero is
    /// the empty byte string (yellow paper, equation 199).
    @inline(__always)
    private mutating func integer(ofAtMost count: Int) throws(RLPError) -> Range<Int> {
        let start = position
        let payload = try bytesPayload()
        guard payload.isEmpty || byte(payload.lowerBound) != 0 else { throw RLPError(.integerLeadingZero, at: start) }
        guard payload.count <= count else { throw RLPError(.integerTooLarge, at: start) }
        return payload
    }

    /// Reads the payload as an integer. The payload must have at most eight bytes.
    @inline(__always)
    private func lastWord(_ payload: Range<Int>) -> UInt64 {
        guard payload.upperBound < 8 else {
            // The eight bytes that were read can begin before the payload. The bytes before the payload are removed by
            // shifting. An empty payload needs a shift by 64 bits. `&<<` cannot shift by 64 bits at once, so every
            // shift is done in two halves.
            let excess = UInt64(truncatingIfNeeded: 32 &- payload.count &* 4)
            return (((word(before: payload.upperBound) &<< excess) &<< excess) &>> excess) &>> excess
        }
        return payload.reduce(0) { value, index in value &<< 8 | UInt64(byte(index)) }
    }

    /// Reads an integer of one to eight bytes that begins at the offset `place`. Returns `nil` if fewer than eight
    /// bytes of input begin at this offset.
    @inline(__always)
    private func bigEndian(_ place: Int, _ count: Int) -> UInt64? {
        guard place &+ 8 <= input.count else { return nil }
        return word(before: place &+ 8) &>> UInt64(truncatingIfNeeded: 64 &- count &* 8)
    }

    /// Reads the eight bytes of the input before the offset `place`, which must be at least 8.
    @inline(__always)
    private func word(before place: Int) -> UInt64 {
        UInt64(
            bigEndian: unsafe input.span.bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: place &- 8, as: UInt64.self))
    }

    /// Returns the byte of the input at an index. The index is not checked, because the callers pass only indices that
    /// are inside the input.
    @inline(__always)
    private func byte(_ index: Int) -> UInt8 { unsafe input.span[unchecked: index] }

    /// Reads the next item, which must be a byte string, and returns the range of its payload.
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

    /// Reads the next item, which must be a list, and returns the range of its payload.
    @inline(__always)
    private mutating func listPayload() throws(RLPError) -> Range<Int> {
        let start = position
        guard start < end else { throw RLPError(.missingItem, at: start) }
        guard byte(start) >= 0xc0 else { throw RLPError(.expectedList, at: start) }
        let payload = try payload(start, Int(byte(start) &- 0xc0))
        position = payload.upperBound
        return payload
    }

    /// Returns the range of an item's payload. `short` is the first byte of the item, minus 0x80 for a byte string or
    /// 0xc0 for a list. If `short` is at most 55, it is the length of the payload. If it is larger, the length of the
    /// payload follows the first byte, and takes `short` minus 55 bytes.
    @inline(__always)
    private func payload(_ start: Int, _ short: Int) throws(RLPError) -> Range<Int> {
        short < 56 ? try range(start, 1, short) : try longRange(start, lengthOfLength: short &- 55)
    }

    /// Returns the range of a payload whose length is encoded in the long form. In this form, the length follows the
    /// first byte of the item, has no leading zeros, and is at least 56.
    @inline(never)
    private func longRange(_ start: Int, lengthOfLength count: Int) throws(RLPError) -> Range<Int> {
        guard count < end - start else { throw RLPError(.beyondEnd, at: start) }
        guard byte(start + 1) != 0 else { throw RLPError(.lengthLeadingZero, at: start) }
        let length = bigEndian(start &+ 1, count) ?? lastWord(start + 1..<start + 1 + count)
        guard length >= 56 else { throw RLPError(.lengthNotMinimal, at: start) }
        guard length < 1 << 63 else { throw RLPError(.lengthTooLarge, at: start) }
        return try range(start, 1 + count, Int(length))
    }

    /// Returns the range of an item's payload. Throws if the payload does not end inside the input and inside the
    /// enclosing list.
    @inline(__always)
    private func range(_ start: Int, _ header: Int, _ length: Int) throws(RLPError) -> Range<Int> {
        guard length <= end &- start &- header else { throw RLPError(.beyondEnd, at: start) }
        let lower = start &+ header
        return unsafe Range(uncheckedBounds: (lower, lower &+ length))
    }
}
