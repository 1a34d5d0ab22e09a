public import AirlockEthereumTypes

/// Reads canonical RLP: each function reads the next item as one type, or throws. To read the items of a list, create
/// another reader over the same bytes, or enter the list with this one. No tree is built.
public struct RLPReader: Sendable {
    private let input: [UInt8]
    /// The offset of the next item.
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

    /// Throws if items or bytes are left. Call it after reading all items of a list or of the input.
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

    /// A byte string of exactly `count` bytes.
    public mutating func fixedBytes<let count: Int>() throws(RLPError) -> FixedBytes<count> {
        let start = position
        return try fixedBytes(bytesPayload(), at: start)
    }

    /// A byte string of 20 bytes.
    public mutating func address() throws(RLPError) -> Address { Address(try fixedBytes()) }

    /// A byte string of 20 bytes, or the empty string, which gives `nil`.
    public mutating func addressOrEmpty() throws(RLPError) -> Address? {
        let start = position
        let payload = try bytesPayload()
        return payload.isEmpty ? nil : Address(try fixedBytes(payload, at: start))
    }

    /// A byte string of any length, as a slice of the input.
    public mutating func bytes() throws(RLPError) -> ArraySlice<UInt8> { input[try bytesPayload()] }

    /// A byte string of any length.
    public mutating func array() throws(RLPError) -> [UInt8] {
        let payload = try bytesPayload()
        return unsafe input.span.extracting(payload).withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// A list, as a separate reader of its items.
    public mutating func list() throws(RLPError) -> RLPReader {
        let payload = try listPayload()
        return RLPReader(input, payload.lowerBound, end: payload.upperBound, isOutermost: false)
    }

    /// Enters a list: the reader reads its items, and ends where the list ends, until `leaveList`. This copies less
    /// than a separate reader.
    public mutating func enterList() throws(RLPError) -> Outside {
        let payload = try listPayload()
        defer { (position, end, isOutermost) = (payload.lowerBound, payload.upperBound, false) }
        return Outside(end: end, isOutermost: isOutermost)
    }

    /// Returns from the list. Throws unless all its items were read.
    public mutating func leaveList(to outside: Outside) throws(RLPError) {
        try finish()
        (end, isOutermost) = (outside.end, outside.isOutermost)
    }

    /// The state to return to after a list.
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

    /// The fast path for most integers: the next item, if it is an integer below 2^64 and eight bytes of input follow
    /// its prefix. Otherwise returns `nil` and does not move.
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
        // No leading zeros, and no prefix for a single byte below 0x80.
        guard integer.byteCount == count, integer >= 0x80 else { return nil }
        position &+= 1 &+ count
        return integer
    }

    /// The slow path: an integer near the end of the input, or one that is malformed or too large.
    @inline(never)
    private mutating func anyUInt64() throws(RLPError) -> UInt64 { lastWord(try integer(ofAtMost: 8)) }

    /// The slow path: an integer of 9 to 31 bytes, one near the end of the input, or a malformed one.
    @inline(never)
    private mutating func anyUInt256() throws(RLPError) -> UInt256 {
        let payload = try integer(ofAtMost: 32)
        if payload.count <= 8 { return UInt256(lastWord(payload)) }
        return UInt256(bigEndian: input.span.extracting(payload)) ?? .zero
    }

    /// The fast path for an integer of 32 bytes. If the next item is not one, returns `nil` and does not move.
    @inline(__always)
    private mutating func large() -> UInt256? {
        guard end &- position > 32, byte(position) == 0x80 + 32, byte(position &+ 1) != 0 else { return nil }
        position &+= 33
        let words = (word(before: position &- 24), word(before: position &- 16), word(before: position &- 8))
        return UInt256(bigEndianWords: (words.0, words.1, words.2, word(before: position)))
    }

    /// Integers are big-endian without leading zeros, so zero is the empty string (yellow paper, equation 199).
    @inline(__always)
    private mutating func integer(ofAtMost count: Int) throws(RLPError) -> Range<Int> {
        let start = position
        let payload = try bytesPayload()
        guard payload.isEmpty || byte(payload.lowerBound) != 0 else { throw RLPError(.integerLeadingZero, at: start) }
        guard payload.count <= count else { throw RLPError(.integerTooLarge, at: start) }
        return payload
    }

    /// The payload as an integer: its last eight bytes, or fewer if it is shorter.
    @inline(__always)
    private func lastWord(_ payload: Range<Int>) -> UInt64 {
        guard payload.upperBound < 8 else {
            // Shift out the bytes before the payload. In two halves, because `&<<` cannot shift by 64.
            let excess = UInt64(truncatingIfNeeded: 32 &- payload.count &* 4)
            return (((word(before: payload.upperBound) &<< excess) &<< excess) &>> excess) &>> excess
        }
        return payload.reduce(0) { value, index in value &<< 8 | UInt64(byte(index)) }
    }

    /// The `count` bytes at `place`, from one to eight, as an integer. `nil` if fewer than eight bytes of input are
    /// left.
    @inline(__always)
    private func bigEndian(_ place: Int, _ count: Int) -> UInt64? {
        guard place &+ 8 <= input.count else { return nil }
        return word(before: place &+ 8) &>> UInt64(truncatingIfNeeded: 64 &- count &* 8)
    }

    /// The eight bytes of the input before `place`, which must be at least 8.
    @inline(__always)
    private func word(before place: Int) -> UInt64 {
        UInt64(
            bigEndian: unsafe input.span.bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: place &- 8, as: UInt64.self))
    }

    /// A byte of the input. Unchecked: the position and all payloads are inside the input.
    @inline(__always)
    private func byte(_ index: Int) -> UInt8 { unsafe input.span[unchecked: index] }

    /// The payload of the next item, which must be a byte string. Moves to the item after it.
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

    /// The payload of the next item, which must be a list. Moves to the item after it.
    @inline(__always)
    private mutating func listPayload() throws(RLPError) -> Range<Int> {
        let start = position
        guard start < end else { throw RLPError(.missingItem, at: start) }
        guard byte(start) >= 0xc0 else { throw RLPError(.expectedList, at: start) }
        let payload = try payload(start, Int(byte(start) &- 0xc0))
        position = payload.upperBound
        return payload
    }

    /// The payload after a prefix. `short` is the prefix without the kind: up to 55 it is the length, above 55 it gives
    /// the length of the length.
    @inline(__always)
    private func payload(_ start: Int, _ short: Int) throws(RLPError) -> Range<Int> {
        short < 56 ? try range(start, 1, short) : try longRange(start, lengthOfLength: short &- 55)
    }

    /// The long form: the length follows the prefix, has no leading zeros, and is at least 56.
    @inline(never)
    private func longRange(_ start: Int, lengthOfLength count: Int) throws(RLPError) -> Range<Int> {
        guard count < end - start else { throw RLPError(.beyondEnd, at: start) }
        guard byte(start + 1) != 0 else { throw RLPError(.lengthLeadingZero, at: start) }
        let length = bigEndian(start &+ 1, count) ?? lastWord(start + 1..<start + 1 + count)
        guard length >= 56 else { throw RLPError(.lengthNotMinimal, at: start) }
        guard length < 1 << 63 else { throw RLPError(.lengthTooLarge, at: start) }
        return try range(start, 1 + count, Int(length))
    }

    /// The payload, which must end within the input and the enclosing list.
    @inline(__always)
    private func range(_ start: Int, _ header: Int, _ length: Int) throws(RLPError) -> Range<Int> {
        guard length <= end &- start &- header else { throw RLPError(.beyondEnd, at: start) }
        let lower = start &+ header
        return unsafe Range(uncheckedBounds: (lower, lower &+ length))
    }
}
