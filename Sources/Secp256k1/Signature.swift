public import AirlockEthereumTypes

/// A recoverable ECDSA signature over secp256k1: r, s and the parity that selects the public key.
public struct Signature: Hashable, Sendable {
    /// Big-endian, at least 1 and less than the order of the curve.
    public let r: FixedBytes<32>
    /// Big-endian, at least 1 and less than the order of the curve.
    public let s: FixedBytes<32>
    /// 1 if the y coordinate of the signature's point is odd, else 0.
    public let yParity: UInt8

    @inlinable @inline(__always)
    public init(r: FixedBytes<32>, s: FixedBytes<32>, yParity: UInt8) throws(SignatureError) {
        guard yParity <= 1 else { throw SignatureError(.wrongRecoveryByte) }
        // SEC 1, section 4.1.4, step 1: both are in 1 ... n - 1.
        guard Curve.isScalar(UInt256(r)) else { throw SignatureError(.rOutOfRange) }
        guard Curve.isScalar(UInt256(s)) else { throw SignatureError(.sOutOfRange) }
        self.r = r
        self.s = s
        self.yParity = yParity
    }

    /// The accepted values of v, the last of the 65 bytes.
    public enum RecoveryByte: Hashable, Sendable {
        /// Only 27 or 28, as contracts (OpenZeppelin's ECDSA, the ecrecover precompile) require it.
        case only27Or28
        /// 27 or 28, or the parity 0 or 1, which some wallets and devices write.
        case alsoParity
    }

    /// Reads r, s and v, 65 bytes in total.
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

    /// Reads r, s and v, 65 bytes in total.
    public init(_ bytes: [UInt8], accepting accepted: RecoveryByte) throws(SignatureError) {
        try self.init(bytes.span, accepting: accepted)
    }

    /// r, s and v (27 or 28), 65 bytes in total.
    public var bytes: [UInt8] { r.bytes + s.bytes + [27 + yParity] }

    /// Whether s is at most half the order. Of the two valid forms of a signature (s, and n - s with the other parity),
    /// exactly one has a low s.
    @inlinable public var isLowS: Bool { UInt256(s) <= Curve.halfOrder }

    /// EIP-2: the signature of a transaction has a low s, so that nobody can turn it into a second valid signature.
    @inlinable
    public func requireLowS() throws(SignatureError) {
        guard isLowS else { throw SignatureError(.highS) }
    }
}

extension Signature: CustomStringConvertible {
    /// `0x` and the hexadecimal digits of r, s and v (27 or 28).
    public var description: String { Hex.encode(bytes) }
}

/// The constants of secp256k1 (SEC 2, section 2.4.1).
@usableFromInline
enum Curve {
    /// n, the order of the group.
    @inlinable static var order: UInt256 {
        UInt256(
            bigEndianWords: (
                0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_fffe, 0xbaae_dce6_af48_a03b, 0xbfd2_5e8c_d036_4141
            ))
    }

    /// Whether a number is at least 1 and less than n.
    @inlinable static func isScalar(_ number: UInt256) -> Bool { !number.isZero && number < order }

    /// The largest low s: (n - 1) / 2.
    @inlinable static var halfOrder: UInt256 {
        UInt256(
            bigEndianWords: (
                0x7fff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, 0x5d57_6e73_57a4_501d, 0xdfe9_2f46_681b_20a0
            ))
    }
}
