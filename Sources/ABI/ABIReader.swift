public import AirlockEthereumTypes

/// Reads arguments whose types are known at compile time. Each function reads the next argument as a value of one type,
/// and throws if the bytes are not a valid encoding of such a value. No ``ABIValue`` is built. The reader is as strict
/// as `ABIParameters.decode` and throws the same errors.
///
/// The caller gives the head size of each tuple in words of 32 bytes. A dynamic value counts as one word, because the
/// head has only its offset, as in ``ABIWriter``:
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

    /// The reader's position before the reader entered a tuple or an array. `leave` restores this position.
    public struct Outside {
        fileprivate let cursor: ABICursor.Outside
        /// The offset at the end of the head of the entered tuple or array.
        fileprivate let end: Int
    }

    /// Makes a reader of the arguments in `data`.
    ///
    /// - Parameters:
    ///   - data: call data, or the data that a call returned.
    ///   - selector: the selector with which the data must begin; `nil` if the data begins with the arguments.
    ///   - words: the head size of the arguments, in words of 32 bytes.
    public init(_ data: [UInt8], after selector: Selector? = nil, words: Int) throws(ABIError) {
        self.data = data
        if let selector { try selector.require(in: data.span) }
        cursor = ABICursor(start: selector == nil ? 0 : 4)
        _ = try cursor.enter(headSize: words * 32, data.span)
    }

    /// Throws if there are unread bytes. Call this after all arguments are read.
    public func finish() throws(ABIError) {
        guard cursor.tail == data.count else { throw ABIError(.trailingData, at: .offset(cursor.tail)) }
    }

    public mutating func uint256() throws(ABIError) -> UInt256 { word().number }

    /// Reads an unsigned integer of at most 64 bits: `uint8` to `uint64`.
    public mutating func uint64(bits: Int = 64) throws(ABIError) -> UInt64 {
        precondition(bits <= 64, "it would not fit")
        return try word().uint(bits: bits).bigEndianWords.3
    }

    public mutating func bool() throws(ABIError) -> Bool { try word().bool() }

    public mutating func address() throws(ABIError) -> Address { try word().address() }

    /// Reads a value of one of the types `bytes1` to `bytes32`.
    @inlinable
    public mutating func fixedBytes<let count: Int>() throws(ABIError) -> FixedBytes<count> {
        precondition(count <= 32, "bytes32 is the longest")
        return FixedBytes(try leftAligned(count).inline.span.extracting(first: count)) ?? .zero
    }

    /// Reads a word and returns all of its 32 bytes. Throws if a byte after the first `count` bytes is not zero.
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

    /// Enters a dynamic tuple. The values that are read next, until `leave` is called, are the components of the tuple.
    /// The components of a static tuple are read directly, without entering the tuple.
    ///
    /// `words` is the head size of the tuple, in words of 32 bytes.
    public mutating func enterTuple(words: Int) throws(ABIError) -> Outside {
        try read { cursor, data throws(ABIError) in
            try cursor.followOffset(data)
            return try Self.enter(words: words, &cursor, data)
        }
    }

    /// Enters an array of the type `T[]`. The values that are read next, until `leave` is called, are the array's
    /// elements. Returns the number of elements, and the position that the caller must pass to `leave`.
    ///
    /// `words` is the head size of one element, in words of 32 bytes.
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

    /// Leaves a tuple or an array. The caller must have read all values of the tuple or array.
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

    /// Runs `body` on a copy of the cursor, and then stores the copy as the new cursor. The reader makes a copy because
    /// `body` reads the reader's `data`, and Swift does not let `body` change another part of the reader at the same
    /// time.
    @inline(__always)
    private mutating func read<Value>(
        _ body: (inout ABICursor, Span<UInt8>) throws(ABIError) -> Value
    ) throws(ABIError) -> Value {
        var cursor = cursor
        defer { self.cursor = cursor }
        return try body(&cursor, data.span)
    }
}
