/// The last block of a message.
enum LastBlock {
    /// How many words of 64 bits it has.
    static let words = State.rate / 8

    /// Writes what whole blocks leave of the message, and the padding, where all is zero: pad10*1 with Keccak's own
    /// domain bits, so that the byte after the message is 0x01 and the last of the block 0x80.
    @inline(__always)
    static func write(of message: RawSpan, to words: inout MutableSpan<UInt64>) {
        let rest = message.byteCount % State.rate
        let start = message.byteCount &- rest
        let whole = rest / 8
        for index in 0..<whole {
            let offset = start &+ index &* 8
            unsafe words[unchecked: index] = message.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
        var word: UInt64 = 0x01
        for offset in (start &+ whole &* 8..<message.byteCount).reversed() {
            word = unsafe word &<< 8 | UInt64(message.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
        }
        // Whole words: a kernel that reads one would have to wait for a byte of it.
        unsafe words[unchecked: 16] = UInt64(0x8000_0000_0000_0000).littleEndian
        if whole == 16 { word |= 0x8000_0000_0000_0000 }
        unsafe words[unchecked: whole] = word.littleEndian
    }
}
