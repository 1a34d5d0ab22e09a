public import AirlockEthereumTypes

/// An ECDSA signature over secp256k1 that says which of the possible keys made it.
public struct Signature: Hashable, Sendable {
    /// Big-endian, from 1 to below the order of the curve.
    public let r: FixedBytes<32>
    /// Big-endian, from 1 to below the order of the curve.
    public let s: FixedBytes<32>
    /// 1 when the y coordinate of the signature's point is odd, else 0.
    public let yParity: UInt8

    @inlinable @inline(__always)
    public init(r: FixedBytes<32>, s: FixedBytes<32>, yParity: UInt8) throws(SignatureError) {
        guard yParity <= 1 else { throw SignatureError(.wrongRecoveryByte) }
        // SEC 1, section 4.1.4, step 1: both lie in 1 ... n - 1.
        guard Curve.isScalar(UInt256(r)) else { throw SignatureError(.rOutOfRange) }
        guard Curve.isScalar(UInt256(s)) else { throw SignatureError(.sOutOfRange) }
        self.r = r
        self.s = s
        self.yParity = yParity
    }

    /// Which forms of v, the last byte of 65, are taken.
    public enum RecoveryByte: Hashable, Sendable {
        /// 27 or 28 alone, as contracts (OpenZeppelin's ECDSA, the ecrecover precompile) want it.
        case only27Or28
        /// 27 or 28, or the bare parity 0 or 1 of some wallets and devices.
        case alsoParity
    }

    /// Reads r, s and v, 65 bytes together.
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

    /// Reads r, s and v, 65 bytes together.
    public init(_ bytes: [UInt8], accepting accepted: RecoveryByte) throws(SignatureError) {
        try self.init(bytes.span, accepting: accepted)
    }

    /// r, s and v (27 or 28), 65 bytes together.
    public var bytes: [UInt8] { r.bytes + s.bytes + [27 + yParity] }

    /// Whether s is in the lower half: of a signature and its mirror image (n - s, other parity), just one is.
    @inlinable public var isLowS: Bool { UInt256(s) <= Curve.halfOrder }

    /// EIP-2: a transaction's signature has a low s, so that nobody can make a second valid one of it.
    @inlinable
    public func requireLowS() throws(SignatureError) {
        guard isLowS else { throw SignatureError(.highS) }
    }
}

extension Signature: CustomStringConvertible {
    /// `0x` and the digits of r, s and v (27 or 28).
    public var description: String { Hex.encode(bytes) }
}

/// The numbers of secp256k1 (SEC 2, section 2.4.1).
@usableFromInline
enum Curve {
    /// n, the order of the group.
    @inlinable static var order: UInt256 {
        UInt256(
            bigEndianWords: (
                0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_fffe, 0xbaae_dce6_af48_a03b, 0xbfd2_5e8c_d036_4141
            ))
    }

    /// Whether a number is from 1 to below n.
    @inlinable static func isScalar(_ number: UInt256) -> Bool { !number.isZero && number < order }

    /// The largest low s: (n - 1) / 2.
    @inlinable static var halfOrder: UInt256 {
        UInt256(
            bigEndianWords: (
                0x7fff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, 0x5d57_6e73_57a4_501d, 0xdfe9_2f46_681b_20a0
            ))
    }
}
