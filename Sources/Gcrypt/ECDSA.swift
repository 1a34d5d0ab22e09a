internal import AirlockCGcrypt

/// Verifies ECDSA signatures over secp256k1 with libgcrypt. The signatures are made by libsecp256k1. The two libraries
/// share no code, so the verification is independent.
public enum ECDSA {
    /// Whether a signature is valid for a digest of 32 bytes. `r` and `s` are big-endian numbers of 32 bytes each.
    /// `publicKey` is either x and y (64 bytes), or the prefix 04 of SEC 1, x and y (65 bytes).
    ///
    /// A high s is valid, as in SEC 1. If EIP-2 applies, the caller must refuse a high s. Throws if libgcrypt fails,
    /// because a failure must not look like an invalid signature.
    public static func verifies(
        digest: Span<UInt8>, r: Span<UInt8>, s: Span<UInt8>, publicKey: Span<UInt8>
    ) throws(GcryptError) -> Bool {
        try GcryptLibrary.start()
        try GcryptError.check("digest", of: digest.count, in: [32])
        try GcryptError.check("r", of: r.count, in: [32])
        try GcryptError.check("s", of: s.count, in: [32])
        try GcryptError.check("public key", of: publicKey.count, in: [64, 65])
        // An uncompressed point is the byte 04, then x, then y (SEC 1, 2.3.3).
        let point = unsafe (publicKey.count == 64 ? [4] : []) + publicKey.withUnsafeBufferPointer { unsafe [UInt8]($0) }
        let key = try Expression("(public-key (ecc (curve secp256k1) (q %b)))", point.span)
        let data = try Expression("(data (flags raw) (value %b))", digest)
        let signature = try Expression("(sig-val (ecdsa (r %b) (s %b)))", r, s)
        let error = unsafe gcry_pk_verify(signature.pointer, data.pointer, key.pointer)
        switch gcry_err_code(error) {
        // GPG_ERR_BROKEN_PUBKEY means that the point is not on the curve. No signature is valid for such a key.
        case GPG_ERR_BAD_SIGNATURE, GPG_ERR_BROKEN_PUBKEY: return false
        default: try GcryptError.check(error)
        }
        return true
    }
}

/// An S-expression, the data format that libgcrypt uses for keys and signatures.
@safe private struct Expression: ~Copyable {
    let pointer: gcry_sexp_t?

    /// Builds an S-expression. `format` must contain one %b, which stands for `bytes`.
    init(_ format: String, _ bytes: Span<UInt8>) throws(GcryptError) {
        var pointer: gcry_sexp_t?
        let error = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe airlock_gcry_sexp_build(&pointer, format, Int32(bytes.count), bytes.baseAddress)
        }
        try GcryptError.check(error)
        unsafe self.pointer = pointer
    }

    /// Builds an S-expression. `format` must contain two %b, which stand for `first` and `second`.
    init(_ format: String, _ first: Span<UInt8>, _ second: Span<UInt8>) throws(GcryptError) {
        var pointer: gcry_sexp_t?
        let error = unsafe first.withUnsafeBufferPointer { first in
            unsafe second.withUnsafeBufferPointer { second in
                unsafe airlock_gcry_sexp_build_two(
                    &pointer, format, Int32(first.count), first.baseAddress, Int32(second.count), second.baseAddress)
            }
        }
        try GcryptError.check(error)
        unsafe self.pointer = pointer
    }

    deinit { unsafe gcry_sexp_release(pointer) }
}
