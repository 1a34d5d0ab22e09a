internal import AirlockCSecp256k1
import AirlockSecp256k1
import AirlockGcrypt

/// What keystores and BIP-32 need of a key.
extension SecretKey {
    /// Lends the 32 bytes, to be encrypted or hashed. What a borrower copies out of them is no longer looked after.
    public borrowing func withBytes<Value: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try bytes.withBytes(body)
    }

    /// The key that is this one plus `tweak` (32 bytes), modulo the order of the curve.
    ///
    /// Throws `key.out-of-range` when the tweak is not below the order, or the sum is zero: BIP-32 says that such a
    /// child does not exist.
    public borrowing func adding(_ tweak: Span<UInt8>) throws(SecretKeyError) -> SecretKey {
        guard tweak.count == 32 else { throw SecretKeyError(.wrongLength) }
        let context = try SigningContext.shared()
        var sum: SecureBytes
        do { sum = try bytes.withBytes { bytes throws(GcryptError) in try SecureBytes(copying: bytes) } } catch {
            throw SecretKeyError(error.problems.first)
        }
        let isKey = sum.withMutableBytes { sum in
            unsafe sum.withUnsafeMutableBufferPointer { sum in
                guard let start = sum.baseAddress else { return false }
                return unsafe tweak.withPointer {
                    unsafe secp256k1_ec_seckey_tweak_add(context.pointer, start, $0) == 1
                }
            }
        }
        guard isKey else { throw SecretKeyError(.outOfRange) }
        return try SecretKey(sum)
    }
}
