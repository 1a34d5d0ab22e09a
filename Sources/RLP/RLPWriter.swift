public import AirlockEthereumTypes

/// The first pass of encoding: counts exactly how many bytes the items need. The additions are not checked for
/// overflow. The count cannot overflow, because all byte strings are in memory. Even if the count did overflow, the
/// writer would stop the program at the end of the buffer.
@usableFromInline
struct RLPMeasure: RLPSink {
    @usableFromInline var count = 0

    @usableFromInline init() {}

    @inlinable @inline(__always)
    mutating func append(bytes: Span<UInt8>) {
        count &+= bytes.count == 1 && bytes[0] < 0x80 ? 1 : prefixLength(bytes.count) &+ bytes.count
    }

    @inlinable @inline(__always)
    mutating func append(address: Address) { count &+= 21 }

    @inlinable @inline(__always)
    mutating func append(integer: UInt64) { count &+= integer < 0x80 ? 1 : 1 &+ integer.byteCount }

    @inlinable @inline(__always)
    mutating func append(integer: UInt256) {
        if let small = UInt64(exactly: integer) { append(integer: small) } else { count &+= 1 &+ integer.byteCount }
    }

    @inlinable @inline(__always)
    mutating func appendEmptyList() { count &+= 1 }

    @inlinable
    mutating func append(list: some RLPList) {
        let payload = payloadLength(of: list)
        count &+= prefixLength(payload) &+ payload
    }
}

/// The first pass for a few fields: computes an upper bound of their size. The bound does not depend on the values of
/// integers. So the compiler can reduce this pass to adding constants and the lengths of byte strings.
@usableFromInline
struct RLPBound: RLPSink {
    @usableFromInline var count = 0

    @usableFromInline init() {}

    @inlinable @inline(__always)
    mutating func append(bytes: Span<UInt8>) { count &+= 9 &+ bytes.count }

    @inlinable @inline(__always)
    mutating func append(address: Address) { count &+= 21 }

    @inlinable @inline(__always)
    mutating func append(integer: UInt64) { count &+= 9 }

    @inlinable @inline(__always)
    mutating func append(integer: UInt256) { count &+= 33 }

    @inlinable @inline(__always)
    mutating func appendEmptyList() { count &+= 1 }

    @inlinable
    mutating func append(list: some RLPList) { count &+= 9 &+ payloadLength(of: list) }
}

/// Returns the number of bytes that the items of a list need, without the prefix of the list.
@inlinable
func payloadLength(of list: some RLPList) -> Int {
    var measure = RLPMeasure()
    list.encodeItems(into: &measure)
    return measure.count
}

/// Returns the size of an item's prefix in bytes. A payload of up to 55 bytes has a prefix of one byte. For a longer
/// payload, the prefix also contains the payload's length.
@inlinable
func prefixLength(_ length: Int) -> Int { length < 56 ? 1 : 1 &+ UInt64(truncatingIfNeeded: length).byteCount }

extension UInt64 {
    /// The number of bytes of the integer without leading zeros. 0 if the integer is zero.
    @inlinable var byteCount: Int { (71 &- leadingZeroBitCount) &>> 3 }
}

/// The last pass of encoding: writes the items into memory of the computed size. Before every write, the writer checks
/// that the bytes fit. If a value writes more than its computed size, this check stops the program before the buffer
/// overflows.
@usableFromInline
@safe
struct RLPWriter: ~Copyable, RLPSink {
    /// The number of spare bytes that must follow the encoding in memory. The writer always stores eight bytes at once,
    /// even if a value has fewer bytes. The next item overwrites the excess bytes. After the last item, they stay in
    /// the spare bytes.
    @usableFromInline static let slack = 8

    @usableFromInline var next: UnsafeMutableRawPointer
    @usableFromInline let end: UnsafeMutableRawPointer

    @inlinable @inline(__always)
    init(_ memory: UnsafeMutableRawPointer, count: Int) {
        unsafe next = memory
        unsafe end = memory + count
    }

    /// Stops the program if the number of written bytes is not the computed number.
    @inlinable @inline(__always)
    func finish() { precondition(unsafe next == end) }

    @inlinable @inline(__always)
    mutating func append(bytes: Span<UInt8>) {
        if bytes.count == 1, bytes[0] < 0x80 { return append(bytes[0]) }
        appendPrefix(0x80, bytes.count)
        reserve(bytes.count)
        unsafe bytes.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            unsafe next.copyMemory(from: source, byteCount: bytes.count)
            unsafe next += bytes.count
        }
    }

    /// Appends an address. This function is not inlined. If it were inlined, the compiler would write the bytes of the
    /// address one by one. Without inlining, the address is in memory and is copied at once.
    @usableFromInline @inline(never)
    mutating func append(address: Address) {
        reserve(21)
        store(0x80 + 20)
        unsafe address.bytes.inline.span.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            unsafe next.copyMemory(from: source, byteCount: 20)
            unsafe next += 20
        }
    }

    @inlinable @inline(__always)
    mutating func append(integer: UInt64) {
        if integer < 0x80 { return append(integer == 0 ? 0x80 : UInt8(truncatingIfNeeded: integer)) }
        let count = integer.byteCount
        reserve(1 &+ count)
        store(0x80 | UInt8(truncatingIfNeeded: count))
        store(first: integer, count)
    }

    @inlinable @inline(__always)
    mutating func append(integer: UInt256) {
        let limbs = integer.bigEndianWords
        if limbs.0 | limbs.1 | limbs.2 == 0 { append(integer: limbs.3) } else { append(limbs) }
    }

    /// Appends an integer of more than 64 bits.
    @inlinable
    mutating func append(_ limbs: (UInt64, UInt64, UInt64, UInt64)) {
        let (first, second, third, fourth) = limbs
        let (limb, behind) = first != 0 ? (first, 24) : second != 0 ? (second, 16) : (third, 8)
        let count = limb.byteCount
        reserve(1 &+ count &+ behind)
        store(0x80 | UInt8(truncatingIfNeeded: count &+ behind))
        store(first: limb, count)
        if behind > 16 { store(first: second, 8) }
        if behind > 8 { store(first: third, 8) }
        store(first: fourth, 8)
    }

    @inlinable @inline(__always)
    mutating func appendEmptyList() { append(0xc0) }

    @inlinable
    mutating func append(list: some RLPList) {
        appendPrefix(0xc0, payloadLength(of: list))
        list.encodeItems(into: &self)
    }

    /// Begins a list whose size is not known yet, and leaves room for its prefix.
    ///
    /// - Returns: the start of the list in memory.
    @inlinable @inline(__always)
    mutating func beginList(atMost most: Int) -> UnsafeMutableRawPointer {
        let header = prefixLength(most)
        reserve(header)
        defer { unsafe next += header }
        return unsafe next
    }

    /// Writes the prefix of a list after the items were written. If the prefix is shorter than the room left for it,
    /// the items are moved.
    @inlinable @inline(__always)
    mutating func endList(_ start: UnsafeMutableRawPointer, atMost most: Int) {
        let header = prefixLength(most)
        let payload = unsafe next - start - header
        let needed = prefixLength(payload)
        if needed != header {
            unsafe (start + needed).copyMemory(from: start + header, byteCount: payload)
            unsafe next -= header - needed
        }
        guard needed > 1 else { return unsafe start.storeBytes(of: 0xc0 | UInt8(payload), as: UInt8.self) }
        // Store the prefix byte by byte, because storing eight bytes at once would overwrite the items after the
        // prefix.
        unsafe start.storeBytes(of: UInt8(0xf7 - 1 + needed), as: UInt8.self)
        for place in 1..<needed {
            let byte = UInt8(truncatingIfNeeded: payload >> (8 * (needed - 1 - place)))
            unsafe start.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
        }
    }

    @inlinable @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        store(byte)
    }

    /// Writes the prefix of an item. For a length up to 55, the prefix is one byte. For a larger length, the first byte
    /// states how many bytes the length takes, and the length follows.
    @inlinable @inline(__always)
    mutating func appendPrefix(_ kind: UInt8, _ length: Int) {
        if length < 56 { return append(kind | UInt8(truncatingIfNeeded: length)) }
        let count = UInt64(length).byteCount
        reserve(1 &+ count)
        store(kind + 55 + UInt8(truncatingIfNeeded: count))
        store(first: UInt64(length), count)
    }

    @inlinable @inline(__always)
    func reserve(_ count: Int) { precondition(unsafe count <= end - next) }

    @inlinable @inline(__always)
    mutating func store(_ byte: UInt8) {
        unsafe next.storeBytes(of: byte, as: UInt8.self)
        unsafe next += 1
    }

    /// Writes the lowest `count` bytes of `limb`, big-endian.
    @inlinable @inline(__always)
    mutating func store(first limb: UInt64, _ count: Int) {
        let shifted = limb &<< UInt64(truncatingIfNeeded: 64 &- count &* 8)
        unsafe next.storeBytes(of: shifted.bigEndian, as: UInt64.self)
        unsafe next += count
    }
}
