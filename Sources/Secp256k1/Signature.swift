public import AirlockEthereumTypes

/// A recoverable ECDSA signature on the curve secp256k1: r, s and a parity. The parity makes it possible to recover the
/// public key.
public struct Signature: Hashable, Sendable {
    /// The number r, big-endian. It is at least 1 and less than the order of the curve.
    public let r: FixedBytes<32>
    /// The number s, big-endian. It is at least 1 and less than the order of the curve.
    public let s: FixedBytes<32>
    /// The parity of the signature. Two points of the curve have the x coordinate r, one with an even y coordinate and
    /// one with an odd y coordinate. The parity selects one of them: 0 for even, 1 for odd.
    public let yParity: UInt8

    /// Makes a signature. A high s is accepted, because ECDSA allows it. A caller that requires a low s must also call
    /// `requireLowS`.
    @inlinable @inline(__always)
    public init(r: FixedBytes<32>, s: FixedBytes<32>, yParity: UInt8) throws(SignatureError) {
        guard yParity <= 1 else { throw SignatureError(.wrongRecoveryByte) }
        // SEC 1, section 4.1.4, step 1: r and s must be in the range from 1 to n - 1.
        guard Curve.isScalar(UInt256(r)) else { throw SignatureError(.rOutOfRange) }
        guard Curve.isScalar(UInt256(s)) else { throw SignatureError(.sOutOfRange) }
        self.r = r
        self.s = s
        self.yParity = yParity
    }

    /// The values of v that are accepted. The byte v is the last of the 65 bytes of a signature.
    public enum RecoveryByte: Hashable, Sendable {
        /// Only 27 or 28. Contracts accept only these values (OpenZeppelin's ECDSA, the ecrecover precompile).
        case only27Or28
        /// 27 or 28, and also 0 or 1. Some wallets and devices write the parity (0 or 1) instead of v.
        case alsoParity
    }

    /// Reads a signature of 65 bytes: r, s and v. A high s is accepted.
    public init(_ bytes: Span<UInt8>, accepting accepted: RecoveryByte) throws(SignatureError) {
        guard bytes.count == 65, let r = FixedBytes<32>(bytes.extracting(0..<32)),
            let s = FixedBytes<32>(bytes.extracting(32..<64))
        else { throw SignatureError(.wrongLength) }
        switch (bytes[64], accepted) {
        case (27...28, _): try self.init(r: r, s: s, yParity: bytes[64] - 27)
        case (0...1, .alsoParity): try self.init(r: r, s: s, yParity: bytes[64])
        default: throw SignatureError(.wrongRecoveryByte)
        }
    }

    /// Reads a signature of 65 bytes: r, s and v. A high s is accepted.
    public init(_ bytes: [UInt8], accepting accepted: RecoveryByte) throws(SignatureError) {
        try self.init(bytes.span, accepting: accepted)
    }

    /// The signature as 65 bytes: r, s and v. Here v is 27 or 28.
    public var bytes: [UInt8] { r.bytes + s.bytes + [27 + yParity] }

    /// Whether s is at most half the order of the curve. Every signature has a second valid form, with n - s instead of
    /// s and with the opposite parity. Exactly one of the two forms has a low s.
    @inlinable public var isLowS: Bool { UInt256(s) <= Curve.halfOrder }

    /// Throws if s is high. EIP-2 requires a low s in the signature of a transaction, so that nobody can turn the
    /// signature into a second valid one.
    @inlinable
    public func requireLowS() throws(SignatureError) {
        guard isLowS else { throw SignatureError(.highS) }
    }
}

extension Signature: CustomStringConvertible {
    /// The signature as text: `0x` and the hexadecimal digits of r, s and v. Here v is 27 or 28.
    public var description: String { Hex.encode(bytes) }
}

/// The constants of the curve secp256k1 (SEC 2, section 2.4.1).
@usableFromInline
enum Curve {
    /// The order of the group, called n.
    @inlinable static var order: UInt256 {
        UInt256(
            bigEndianWords: (
                0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_fffe, 0xbaae_dce6_af48_a03b, 0xbfd2_5e8c_d036_4141
            ))
    }

    /// Whether a number is at least 1 and less than n, the order of the group.
    @inlinable static func isScalar(_ number: UInt256) -> Bool { !number.isZero && number < order }

    /// The largest value of a low s: (n - 1) / 2.
    @inlinable static var halfOrder: UInt256 {
        UInt256(
            bigEndianWords: (
                0x7fff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, 0x5d57_6e73_57a4_501d, 0xdfe9_2f46_681b_20a0
            ))
    }
}
