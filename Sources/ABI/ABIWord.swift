import AirlockEthereumTypes

/// A word of 32 bytes, and where it stands in the data: read as one of the elementary static types, or refused.
struct ABIWord {
    let number: UInt256
    let place: Int

    init(_ number: UInt256, at place: Int) {
        self.number = number
        self.place = place
    }

    /// The word at that place, which must be inside the data.
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

    /// The first bytes, behind which there must be zeros.
    func leftAligned(_ count: Int) throws(ABIError) -> [UInt8] {
        try requireZeros(behind: count)
        let bytes = number.word
        return unsafe bytes.inline.span.extracting(first: count).withUnsafeBufferPointer { unsafe Array($0) }
    }

    @inline(__always)
    func requireZeros(behind count: Int) throws(ABIError) {
        let (first, second, third, fourth) = number.bigEndianWords
        // How many bytes at the end are zeros, as far as whole words of eight go and then within one.
        let rest = fourth != 0 ? (fourth, 0) : third != 0 ? (third, 8) : second != 0 ? (second, 16) : (first, 24)
        guard rest.0.trailingZeroBitCount / 8 + rest.1 < 32 - count else { return }
        let bytes = number.word
        for index in count..<32 where bytes[index] != 0 {
            throw ABIError(.dirtyPadding, at: .offset(place + index))
        }
    }
}
