import AirlockEthereumTypes

/// The places of the current tuple: what a recursive descent carries along. The data are given with each call.
struct ABICursor {
    /// Where the tuple begins: its offsets count from here.
    private var start: Int
    /// The next word of the head.
    private(set) var head: Int
    /// The end of what has been decoded: the one place that an offset may point at.
    private(set) var tail: Int

    init(start: Int) {
        self.start = start
        head = start
        tail = start
    }

    /// What is around a tuple.
    struct Outside {
        fileprivate let start, head: Int
    }

    /// Goes to a head that begins at the tail's end, until `leave`.
    @inline(__always)
    mutating func enter(headSize: Int, _ data: Span<UInt8>) throws(ABIError) -> Outside {
        guard headSize <= data.count - tail else { throw ABIError(.tooShort, at: .offset(data.count)) }
        let outside = Outside(start: start, head: head)
        start = tail
        head = tail
        tail += headSize
        return outside
    }

    /// Goes on behind the tuple.
    mutating func leave(to outside: Outside) {
        start = outside.start
        head = outside.head
    }

    /// The next word of the head.
    @inline(__always)
    mutating func word(_ data: Span<UInt8>) -> ABIWord {
        defer { head += 32 }
        return ABIWord(at: head, in: data)
    }

    /// Strict mode: offsets are as small as they can be without overlap, and there are no gaps.
    mutating func followOffset(_ data: Span<UInt8>) throws(ABIError) {
        let offset = ABIWord(at: head, in: data).number
        guard offset == UInt256(UInt64(truncatingIfNeeded: tail &- start)) else { throw wrong(offset, data) }
        head += 32
    }

    /// Why the next word of the head is not the offset that it must be.
    @inline(never)
    private func wrong(_ offset: UInt256, _ data: Span<UInt8>) -> ABIError {
        guard let place = Int(exactly: offset), place <= data.count - start else {
            return ABIError(.offsetOutside, at: .offset(head), saw: offset.description)
        }
        return ABIError(.wrongOffset, at: .offset(head), saw: offset.description, expected: "\(tail - start)")
    }

    /// Reads a length: of that many elements of that size, all of which must be there.
    mutating func length(of size: Int, _ data: Span<UInt8>) throws(ABIError) -> Int {
        guard data.count - tail >= 32 else { throw ABIError(.tooShort, at: .offset(data.count)) }
        let length = ABIWord(at: tail, in: data).number
        guard let count = Int(exactly: length), count <= (data.count - tail - 32) / size else {
            throw ABIError(.lengthTooLarge, at: .offset(tail), saw: length.description)
        }
        tail += 32
        return count
    }

    /// The bytes that the next word of the head points at.
    mutating func bytes(_ data: Span<UInt8>) throws(ABIError) -> [UInt8] {
        let span = data.extracting(try payload(data))
        return unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// The text that the next word of the head points at.
    mutating func string(_ data: Span<UInt8>) throws(ABIError) -> String {
        let payload = try payload(data)
        let span = data.extracting(payload)
        let text = unsafe span.withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) }
        guard let text else { throw ABIError(.badUTF8, at: .offset(payload.lowerBound)) }
        return text
    }

    private mutating func payload(_ data: Span<UInt8>) throws(ABIError) -> Range<Int> {
        try followOffset(data)
        let count = try length(of: 1, data)
        let padded = (count + 31) & ~31
        guard padded <= data.count - tail else { throw ABIError(.tooShort, at: .offset(data.count)) }
        let payload = tail..<tail + count
        tail += padded
        if padded > count { try ABIWord(at: tail - 32, in: data).requireZeros(behind: 32 - (padded - count)) }
        return payload
    }
}
