import AirlockKeccak
import Synchronization

/// The 20-byte address of an account or contract. As text, its letters are in upper or lower case according to the
/// checksum of EIP-55.
public struct Address: Hashable, Sendable {
    public let bytes: FixedBytes<20>

    public init(_ bytes: FixedBytes<20>) { self.bytes = bytes }

    public static let zero = Address(.zero)

    public var isZero: Bool { self == .zero }

    /// Makes an address from the last 20 bytes of a hash. Ethereum derives the address of an account from the hash of
    /// its public key in this way, and the address of a contract from the hash of its creator's address and other data.
    public init(lowBytesOf hash: Hash) { bytes = FixedBytes { hash[12 + $0] } }

    /// Reads `0x` and 40 hexadecimal digits without verifying the EIP-55 checksum. Use this initializer only if a
    /// stronger check of the address follows.
    public init(anyCase text: String) throws(ValueError) {
        let utf8 = text.utf8Span.span
        guard Hex.hasPrefix(utf8), let bytes = FixedBytes<20>(digits: utf8.extracting(droppingFirst: 2)) else {
            throw ValueError(.notAddress, saw: text, expected: "0x and 40 hexadecimal digits")
        }
        self.init(bytes)
    }

    /// Reads `0x` and 40 hexadecimal digits: all lower case, all upper case, or mixed case with the checksum of EIP-55.
    public init(_ text: String) throws(ValueError) {
        try self.init(anyCase: text)
        let digits = text.utf8Span.span.extracting(droppingFirst: 2)
        var hasLower = false
        var hasUpper = false
        for index in digits.indices {
            hasLower = hasLower || digits[index] >= UInt8(ascii: "a")
            hasUpper = hasUpper || UInt8(ascii: "A")...UInt8(ascii: "F") ~= digits[index]
        }
        guard hasLower, hasUpper else { return }
        let right = description
        if text != right { throw ValueError(.wrongChecksum, saw: text, expected: right) }
    }

    /// Reads `0x` and 40 hexadecimal digits: all lower case, all upper case, or mixed case with the checksum of EIP-55.
    @inlinable
    public init(_ text: some StringProtocol) throws(ValueError) { try self.init(String(text)) }
}

extension Address: CustomStringConvertible {
    /// The mixed-case text of EIP-55. EIP-55 hashes the lower-case digits. A letter is written in upper case if the
    /// hash's nibble at the same index is 8 or more.
    public var description: String {
        unsafe String(unsafeUninitializedCapacity: 42) { text in
            unsafe write(to: UnsafeMutableRawBufferPointer(text))
            return 42
        }
    }

    /// Writes the 42 characters of the address. `text` must have room for 42 bytes.
    func write(to text: UnsafeMutableRawBufferPointer) {
        precondition(text.count >= 42)
        unsafe text[0] = UInt8(ascii: "0")
        unsafe text[1] = UInt8(ascii: "x")
        let digits = unsafe UnsafeMutableRawBufferPointer(rebasing: text[2..<42])
        unsafe HexDigits.write(bytes.inline.span, to: digits)
        let high = Self.checksums.withLock { known in
            let slot = Int(bytes[19] & 63)
            if known[slot].bytes != bytes {
                known[slot] = Checksum(bytes: bytes, high: Self.high(unsafe digits.bindMemory(to: UInt8.self).span))
            }
            return known[slot].high
        }
        for index in 0..<40 {
            let digit = unsafe digits[index]
            if high >> UInt64(index) & 1 == 1, digit >= UInt8(ascii: "a") { unsafe digits[index] = digit - 32 }
        }
    }

    /// Returns one bit for each of the 40 digits of an address. The bit is 1 if the hash's nibble at the same index is
    /// 8 or more (EIP-55).
    private static func high(_ digits: Span<UInt8>) -> UInt64 {
        let hash = Keccak256.hash(digits).inline
        var high: UInt64 = 0
        for index in 0..<40 { high |= UInt64(hash[index / 2] >> (index % 2 == 0 ? 7 : 3) & 1) << UInt64(index) }
        return high
    }

    private struct Checksum {
        var bytes: FixedBytes<20>
        var high: UInt64
    }

    /// A cache of recent EIP-55 checksums. It saves time, because the lines of a batch show the same few addresses
    /// again and again.
    private static let checksums = Mutex(
        InlineArray<64, Checksum>(
            repeating: Checksum(bytes: .zero, high: high(InlineArray<40, UInt8>(repeating: UInt8(ascii: "0")).span))))
}

extension Address {
    /// Makes an address from a constant in the source code. If the constant is not a valid address, the program stops,
    /// so tests find the error.
    public init(known text: StaticString) {
        do { try self.init("\(text)") } catch { preconditionFailure("\(text) is not an address") }
    }
}

/// An entry of a transaction's access list (EIP-2930). It names a contract, and the storage keys of this contract that
/// the transaction will probably read or write. The access list changes only the gas cost of the transaction.
public struct AccessListEntry: Hashable, Sendable {
    public var address: Address
    public var storageKeys: [FixedBytes<32>]

    @inlinable
    public init(address: Address, storageKeys: [FixedBytes<32>]) {
        self.address = address
        self.storageKeys = storageKeys
    }
}
