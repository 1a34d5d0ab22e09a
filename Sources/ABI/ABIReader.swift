public import AirlockEthereumTypes

/// Reads a call that is known when the program is written: each call reads the next argument as one type, or refuses it,
/// so that no tree of values is made first. It is as strict as decoding by the types, and refuses by the same rules.
///
/// The static size of each tuple is given in words of 32 bytes, where a dynamic value counts as one, its offset, as with
/// ``ABIWriter``:
///
/// ```swift
/// var reader = try ABIReader(data, after: selector, words: 2)
/// let outside = try reader.enterTuple(words: 2)
/// let amount = try reader.uint256()
/// let signature = try reader.bytes()
/// reader.leave(to: outside)
/// let fee = try reader.uint64(bits: 24)
/// try reader.finish()
/// ```
public struct ABIReader: Sendable {
    private let data: [UInt8]
    private var cursor: ABICursor

    /// What is around a tuple or an array that a reader went into.
    public struct Outside {
        fileprivate let cursor: ABICursor.Outside
        /// Where its head begins.
        fileprivate let end: Int
    }

    /// Reads arguments, after the selector if there is one.
    ///
    /// - Parameters:
    ///   - data: call data, or what a call returned.
    ///   - selector: what the data must begin with; `nil` where they begin with the arguments.
    ///   - words: the size of the arguments' head, in words of 32 bytes.
    public init(_ data: [UInt8], after selector: Selector? = nil, words: Int) throws(ABIError) {
        self.data = data
        if let selector { try selector.require(in: data.span) }
        cursor = ABICursor(start: selector == nil ? 0 : 4)
        _ = try cursor.enter(headSize: words * 32, data.span)
    }

    /// Refuses what nobody asked for; to be called when all arguments were read.
    public func finish() throws(ABIError) {
        guard cursor.tail == data.count else { throw ABIError(.trailingData, at: .offset(cursor.tail)) }
    }

    public mutating func uint256() throws(ABIError) -> UInt256 { word().number }

    /// An unsigned integer of at most 64 bits: `uint8` to `uint64`.
    public mutating func uint64(bits: Int = 64) throws(ABIError) -> UInt64 {
        precondition(bits <= 64, "it would not fit")
        return try word().uint(bits: bits).bigEndianWords.3
    }

    public mutating func bool() throws(ABIError) -> Bool { try word().bool() }

    public mutating func address() throws(ABIError) -> Address { try word().address() }

    /// `bytes1` to `bytes32`.
    @inlinable
    public mutating func fixedBytes<let count: Int>() throws(ABIError) -> FixedBytes<count> {
        precondition(count <= 32, "bytes32 is the longest")
        return FixedBytes(try leftAligned(count).inline.span.extracting(first: count)) ?? .zero
    }

    /// The whole of a word in which zeros follow so many bytes.
    @usableFromInline
    mutating func leftAligned(_ count: Int) throws(ABIError) -> FixedBytes<32> {
        let word = word()
        try word.requireZeros(behind: count)
        return word.number.word
    }

    public mutating func bytes() throws(ABIError) -> [UInt8] {
        try read { cursor, data throws(ABIError) in try cursor.bytes(data) }
    }

    public mutating func string() throws(ABIError) -> String {
        try read { cursor, data throws(ABIError) in try cursor.string(data) }
    }

    /// Goes into a tuple that holds something dynamic, whose values come next, until `leave`. What a static tuple holds is
    /// read as if it stood alone.
    ///
    /// `words` is the size of the tuple's head, in words of 32 bytes.
    public mutating func enterTuple(words: Int) throws(ABIError) -> Outside {
        try read { cursor, data throws(ABIError) in
            try cursor.followOffset(data)
            return try Self.enter(words: words, &cursor, data)
        }
    }

    /// Goes into an array of any length, whose elements come next, until `leave`; how many there are, and what is around
    /// them.
    ///
    /// `words` is the size of one element's head, in words of 32 bytes.
    public mutating func enterArray(words: Int) throws(ABIError) -> (count: Int, outside: Outside) {
        try read { cursor, data throws(ABIError) in
            try cursor.followOffset(data)
            let count = try cursor.length(of: words * 32, data)
            return (count, try Self.enter(words: count * words, &cursor, data))
        }
    }

    private static func enter(
        words: Int, _ cursor: inout ABICursor, _ data: Span<UInt8>
    ) throws(ABIError) -> Outside {
        let end = cursor.tail + words * 32
        return Outside(cursor: try cursor.enter(headSize: words * 32, data), end: end)
    }

    /// Goes on behind a tuple or an array, of which all values must have been read.
    public mutating func leave(to outside: Outside) {
        precondition(cursor.head == outside.end, "the words given are not the words read")
        cursor.leave(to: outside.cursor)
    }

    @inline(__always)
    private mutating func word() -> ABIWord {
        var cursor = cursor
        defer { self.cursor = cursor }
        return cursor.word(data.span)
    }

    /// With a copy of the cursor: the data are read while it moves.
    @inline(__always)
    private mutating func read<Value>(
        _ body: (inout ABICursor, Span<UInt8>) throws(ABIError) -> Value
    ) throws(ABIError) -> Value {
        var cursor = cursor
        defer { self.cursor = cursor }
        return try body(&cursor, data.span)
    }
}
