public import AirlockEthereumTypes

/// Reads arguments whose types are known at compile time. Each function reads the next argument as one type, or throws;
/// no ``ABIValue`` is built. It is as strict as `ABIParameters.decode` and throws the same errors.
///
/// The caller gives the head size of each tuple in words of 32 bytes. A dynamic value counts as one word, its offset,
/// as in ``ABIWriter``:
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

    /// The position that `leave` restores after a tuple or an array.
    public struct Outside {
        fileprivate let cursor: ABICursor.Outside
        /// The end of the head of the tuple or array.
        fileprivate let end: Int
    }

    /// Begins to read arguments, after the selector if there is one.
    ///
    /// - Parameters:
    ///   - data: call data, or the data that a call returned.
    ///   - selector: the selector with which the data must begin; `nil` if they begin with the arguments.
    ///   - words: the head size of the arguments, in words of 32 bytes.
    public init(_ data: [UInt8], after selector: Selector? = nil, words: Int) throws(ABIError) {
        self.data = data
        if let selector { try selector.require(in: data.span) }
        cursor = ABICursor(start: selector == nil ? 0 : 4)
        _ = try cursor.enter(headSize: words * 32, data.span)
    }

    /// Throws if bytes are left. Call it after reading all arguments.
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

    /// The whole next word. All bytes after the first `count` must be zero.
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

    /// Enters a dynamic tuple: the next values read are its components, until `leave`. Read the components of a static
    /// tuple directly, without entering it.
    ///
    /// `words` is the head size of the tuple, in words of 32 bytes.
    public mutating func enterTuple(words: Int) throws(ABIError) -> Outside {
        try read { cursor, data throws(ABIError) in
            try cursor.followOffset(data)
            return try Self.enter(words: words, &cursor, data)
        }
    }

    /// Enters an array `T[]`: the next values read are its elements, until `leave`. Returns their number, and the
    /// position to return to.
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

    /// Returns from a tuple or an array. The caller must have read all its values.
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

    /// Runs `body` on a copy of the cursor, because `body` also reads `data` of the same value.
    @inline(__always)
    private mutating func read<Value>(
        _ body: (inout ABICursor, Span<UInt8>) throws(ABIError) -> Value
    ) throws(ABIError) -> Value {
        var cursor = cursor
        defer { self.cursor = cursor }
        return try body(&cursor, data.span)
    }
}
