import AirlockEthereumTypes

/// The position of the ABI decoder in the encoded data. The cursor stores three offsets: the start of the current
/// tuple, the next word to read, and the end of the decoded values. The cursor does not store the data, so the caller
/// passes the data to each method.
struct ABICursor {
    /// The start of the current tuple. An offset in the data is relative to the start of the tuple that contains the
    /// offset.
    private var start: Int
    /// The offset of the next word to read in the head of the current tuple.
    private(set) var head: Int
    /// The end of the values decoded so far. The next dynamic value must begin at this offset.
    private(set) var tail: Int

    init(start: Int) {
        self.start = start
        head = start
        tail = start
    }

    /// A position of the cursor in the outer tuple. `enter` returns the position, and `leave` restores it.
    struct Outside {
        fileprivate let start, head: Int
    }

    /// Enters a tuple. The head of the tuple begins at `tail`, the end of the values decoded so far. Returns the
    /// position in the outer tuple. To leave the tuple, the caller passes this position to `leave`.
    @inline(__always)
    mutating func enter(headSize: Int, _ data: Span<UInt8>) throws(ABIError) -> Outside {
        guard headSize <= data.count - tail else { throw ABIError(.tooShort, at: .offset(data.count)) }
        let outside = Outside(start: start, head: head)
        start = tail
        head = tail
        tail += headSize
        return outside
    }

    /// Leaves the current tuple, and restores the position in the outer tuple.
    mutating func leave(to outside: Outside) {
        start = outside.start
        head = outside.head
    }

    /// Reads the next word in the head of the current tuple.
    @inline(__always)
    mutating func word(_ data: Span<UInt8>) -> ABIWord {
        defer { head += 32 }
        return ABIWord(at: head, in: data)
    }

    /// Checks that the next word of the head is an offset that points to `tail`. Strict mode requires that each dynamic
    /// value begins directly after the previous dynamic value, without overlap and without a gap.
    mutating func followOffset(_ data: Span<UInt8>) throws(ABIError) {
        let offset = ABIWord(at: head, in: data).number
        guard offset == UInt256(UInt64(truncatingIfNeeded: tail &- start)) else { throw wrong(offset, data) }
        head += 32
    }

    /// The error for an offset that does not point to `tail`.
    @inline(never)
    private func wrong(_ offset: UInt256, _ data: Span<UInt8>) -> ABIError {
        guard let place = Int(exactly: offset), place <= data.count - start else {
            return ABIError(.offsetOutside, at: .offset(head), saw: offset.description)
        }
        return ABIError(.wrongOffset, at: .offset(head), saw: offset.description, expected: "\(tail - start)")
    }

    /// Reads the number of elements of an array. Throws if this number of elements, with `size` bytes each, does not
    /// fit in the rest of the data.
    mutating func length(of size: Int, _ data: Span<UInt8>) throws(ABIError) -> Int {
        guard data.count - tail >= 32 else { throw ABIError(.tooShort, at: .offset(data.count)) }
        let length = ABIWord(at: tail, in: data).number
        guard let count = Int(exactly: length), count <= (data.count - tail - 32) / size else {
            throw ABIError(.lengthTooLarge, at: .offset(tail), saw: length.description)
        }
        tail += 32
        return count
    }

    /// Reads the `bytes` value whose offset is the next word of the head.
    mutating func bytes(_ data: Span<UInt8>) throws(ABIError) -> [UInt8] {
        let span = data.extracting(try payload(data))
        return unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// Reads the `string` value whose offset is the next word of the head.
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

/// A word of 32 bytes and its offset in the data. Each function of this type converts the word to a value of one static
/// ABI type. The function throws if the word is not a valid encoding of such a value.
struct ABIWord {
    let number: UInt256
    let place: Int

    init(_ number: UInt256, at place: Int) {
        self.number = number
        self.place = place
    }

    /// Reads the word at the offset `place`. The caller must ensure that all 32 bytes are inside the data.
    @inline(__always)
    init(at place: Int, in data: Span<UInt8>) {
        let word = unsafe data.bytes.extracting(place..<place + 32)
        func lane(_ offset: Int) -> UInt64 {
            unsafe UInt64(bigEndian: word.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
        }
        number = UInt256(bigEndianWords: (lane(0), lane(8), lane(16), lane(24)))
        self.place = place
    }

    @inline(__always)
    func uint(bits: Int) throws(ABIError) -> UInt256 {
        guard bits == 256 || 256 - number.leadingZeroBitCount <= bits else {
            throw ABIError(.outOfRange, at: .offset(place), saw: number.description, expected: "uint\(bits)")
        }
        return number
    }

    func int(bits: Int) throws(ABIError) -> Int256 {
        let signed = Int256(bitPattern: number)
        guard signed.bitCount <= bits else {
            throw ABIError(.outOfRange, at: .offset(place), saw: signed.description, expected: "int\(bits)")
        }
        return signed
    }

    @inline(__always)
    func address() throws(ABIError) -> Address {
        let words = number.bigEndianWords
        guard words.0 == 0, words.1 >> 32 == 0 else { throw ABIError(.dirtyPadding, at: .offset(place)) }
        return Address(FixedBytes<20>(number.word.inline.span.extracting(12..<32)) ?? .zero)
    }

    @inline(__always)
    func bool() throws(ABIError) -> Bool {
        guard let bit = UInt64(exactly: number), bit <= 1 else {
            throw ABIError(.notBoolean, at: .offset(place), saw: number.description)
        }
        return bit == 1
    }

    /// Returns the first `count` bytes. Throws if any other byte of the word is not zero.
    func leftAligned(_ count: Int) throws(ABIError) -> [UInt8] {
        try requireZeros(behind: count)
        let bytes = number.word
        return unsafe bytes.inline.span.extracting(first: count).withUnsafeBufferPointer { unsafe Array($0) }
    }

    @inline(__always)
    func requireZeros(behind count: Int) throws(ABIError) {
        let (first, second, third, fourth) = number.bigEndianWords
        // Count the zero bytes at the end of the word: first skip groups of eight zero bytes, then count inside the
        // next group.
        let rest = fourth != 0 ? (fourth, 0) : third != 0 ? (third, 8) : second != 0 ? (second, 16) : (first, 24)
        guard rest.0.trailingZeroBitCount / 8 + rest.1 < 32 - count else { return }
        let bytes = number.word
        for index in count..<32 where bytes[index] != 0 {
            throw ABIError(.dirtyPadding, at: .offset(place + index))
        }
    }
}
