/// An unsigned integer of 256 bits, for amounts, fees and other numbers of the EVM. Its arithmetic functions report
/// overflow in their results.
public struct UInt256: Hashable, Sendable {
    /// The number as four 64-bit integers. `w0` has the lowest bits.
    @usableFromInline let w0, w1, w2, w3: UInt64

    @inlinable init(_ w0: UInt64, _ w1: UInt64, _ w2: UInt64, _ w3: UInt64) {
        self.w0 = w0
        self.w1 = w1
        self.w2 = w2
        self.w3 = w3
    }

    public static let zero = UInt256(0, 0, 0, 0)
    public static let max = UInt256(.max, .max, .max, .max)

    @inlinable public init(_ value: UInt64) { self.init(value, 0, 0, 0) }

    @inlinable public var isZero: Bool { w0 | w1 | w2 | w3 == 0 }

    @inlinable public var leadingZeroBitCount: Int {
        if w3 != 0 { return w3.leadingZeroBitCount }
        if w2 != 0 { return 64 + w2.leadingZeroBitCount }
        if w1 != 0 { return 128 + w1.leadingZeroBitCount }
        return 192 + w0.leadingZeroBitCount
    }

    /// The number of bytes that are needed for the value, without leading zero bytes; 0 for the value zero.
    @inlinable public var byteCount: Int { (263 &- leadingZeroBitCount) &>> 3 }
}

extension UInt256: Comparable {
    @inlinable public static func < (left: UInt256, right: UInt256) -> Bool {
        if left.w3 != right.w3 { return left.w3 < right.w3 }
        if left.w2 != right.w2 { return left.w2 < right.w2 }
        if left.w1 != right.w1 { return left.w1 < right.w1 }
        return left.w0 < right.w0
    }
}

extension UInt256: ExpressibleByIntegerLiteral {
    @inlinable public init(integerLiteral value: UInt64) { self.init(value) }
}

extension UInt64 {
    /// Converts a 256-bit number to a `UInt64`. Returns `nil` if the number does not fit in 64 bits.
    @inlinable public init?(exactly value: UInt256) {
        guard value.w1 | value.w2 | value.w3 == 0 else { return nil }
        self = value.w0
    }
}

extension Int {
    /// Converts a 256-bit number to an `Int`. Returns `nil` if the number does not fit.
    @inlinable public init?(exactly value: UInt256) {
        guard let small = UInt64(exactly: value), let int = Int(exactly: small) else { return nil }
        self = int
    }
}

extension UInt256 {
    /// Reads a big-endian number of at most 32 bytes. Returns `nil` if there are more bytes.
    @inlinable public init?(bigEndian bytes: Span<UInt8>) {
        guard bytes.count <= 32 else { return nil }
        // Read eight bytes at a time from the end. Then read the remaining bytes at the front one by one.
        let memory = unsafe bytes.bytes
        if bytes.count == 32 {
            self.init(word: memory)
            return
        }
        var limbs: InlineArray<4, UInt64> = [0, 0, 0, 0]
        var end = bytes.count
        var place = 0
        while end >= 8 {
            end -= 8
            let lane = unsafe memory.unsafeLoadUnaligned(fromByteOffset: end, as: UInt64.self)
            limbs[place] = UInt64(bigEndian: lane)
            place += 1
        }
        for index in 0..<end { limbs[place] = limbs[place] << 8 | UInt64(bytes[index]) }
        self.init(limbs[0], limbs[1], limbs[2], limbs[3])
    }

    /// Reads a hash, or another word of 32 bytes, as a big-endian number.
    @inlinable public init(_ word: FixedBytes<32>) { unsafe self.init(word: word.inline.span.bytes) }

    /// Reads 32 big-endian bytes from memory. The parameter is a span, because the compiled code would process bytes
    /// that are passed by value one by one.
    @inlinable @inline(__always)
    init(word memory: RawSpan) {
        func limb(_ offset: Int) -> UInt64 {
            UInt64(bigEndian: unsafe memory.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
        }
        self.init(limb(24), limb(16), limb(8), limb(0))
    }

    /// Makes a number from four 64-bit words. The most significant word is first, as in a word of the EVM.
    @inlinable public init(bigEndianWords words: (UInt64, UInt64, UInt64, UInt64)) {
        self.init(words.3, words.2, words.1, words.0)
    }

    /// Reads a big-endian number of 16 bytes.
    public init(_ half: FixedBytes<16>) {
        self.init(FixedBytes<32> { $0 < 16 ? 0 : half[$0 - 16] })
    }

    /// The number as four 64-bit words. The most significant word is first, as in a word of the EVM.
    @inlinable public var bigEndianWords: (UInt64, UInt64, UInt64, UInt64) { (w3, w2, w1, w0) }

    /// The number as 32 big-endian bytes.
    @inlinable public var word: FixedBytes<32> {
        let lanes = (w3.bigEndian, w2.bigEndian, w1.bigEndian, w0.bigEndian)
        return unsafe FixedBytes(unsafeBitCast(lanes, to: InlineArray<32, UInt8>.self))
    }
}

extension UInt256: CustomStringConvertible {
    /// Reads a number in decimal digits. Refuses signs, spaces and leading zeros.
    public init(decimal text: String) throws(ValueError) {
        let digits = text.utf8Span.span
        if let value = UInt256(decimal: digits) {
            self = value
            return
        }
        var isDecimal = digits.count == 1 || digits.count > 1 && digits[0] != UInt8(ascii: "0")
        for index in 0..<digits.count {
            isDecimal = isDecimal && UInt8(ascii: "0")...UInt8(ascii: "9") ~= digits[index]
        }
        guard isDecimal else {
            throw ValueError(.notDecimal, saw: text, expected: "decimal digits without leading zeros")
        }
        throw ValueError(.tooLarge, saw: text, expected: "at most 2^256 - 1")
    }

    /// Reads a number in decimal digits. Refuses signs, spaces and leading zeros.
    @inlinable
    public init(decimal text: some StringProtocol) throws(ValueError) { try self.init(decimal: String(text)) }

    /// Reads a number in the format of a JSON-RPC quantity: `0x` and hexadecimal digits without leading zeros. Zero is
    /// `0x0`.
    public init(quantity text: String) throws(ValueError) {
        let utf8 = text.utf8Span.span
        var isQuantity = Hex.hasPrefix(utf8) && (utf8.count == 3 || utf8.count > 3 && utf8[2] != UInt8(ascii: "0"))
        var limbs: InlineArray<4, UInt64> = [0, 0, 0, 0]
        if isQuantity {
            for index in 2..<utf8.count {
                guard let nibble = HexDigits.nibble(utf8[index]) else {
                    isQuantity = false
                    break
                }
                let place = utf8.count - 1 - index
                if place < 64 { limbs[place / 16] |= UInt64(nibble) << UInt64(place % 16 * 4) }
            }
        }
        guard isQuantity else {
            throw ValueError(.notHexQuantity, saw: text, expected: "0x and digits without leading zeros")
        }
        guard utf8.count <= 66 else { throw ValueError(.tooLarge, saw: text, expected: "at most 64 digits") }
        self.init(limbs[0], limbs[1], limbs[2], limbs[3])
    }

    /// Reads a number in the format of a JSON-RPC quantity: `0x` and hexadecimal digits without leading zeros. Zero is
    /// `0x0`.
    @inlinable
    public init(quantity text: some StringProtocol) throws(ValueError) { try self.init(quantity: String(text)) }

    /// The number in decimal digits.
    public var description: String {
        let (digits, start) = decimalDigits
        return unsafe String(unsafeUninitializedCapacity: Self.mostDigits - start) { text in
            unsafe digits.span.extracting(droppingFirst: start).withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(text).copyMemory(from: $0)
            }
            return Self.mostDigits - start
        }
    }

    /// A buffer whose last bytes are the number's decimal digits in ASCII. `start` is the index of the first digit.
    var decimalDigits: (InlineArray<78, UInt8>, start: Int) {
        // The digits are written from the last to the first. Each division by 10^19 gives nineteen digits. The buffer
        // has 78 bytes, because 2^256 - 1 has 78 digits.
        var digits = InlineArray<78, UInt8>(repeating: UInt8(ascii: "0"))
        var start = 78
        var rest = self
        while true {
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
            var chunk = remainder
            var index = start
            repeat {
                index -= 1
                digits[index] = UInt8(ascii: "0") + UInt8(chunk % 10)
                chunk /= 10
            } while chunk != 0
            if quotient.isZero {
                start = index
                break
            }
            start -= 19
            rest = quotient
        }
        return (digits, start)
    }

    /// The number as a JSON-RPC quantity: `0x` and hexadecimal digits without leading zeros.
    public var quantity: String {
        let digits = Hex.encode(word.inline.span, prefix: false).drop { $0 == "0" }
        return digits.isEmpty ? "0x0" : "0x" + digits
    }
}
