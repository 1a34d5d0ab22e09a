internal import AirlockCGcrypt

/// Keys from passwords. What comes out, and every copy of the password on the way, is in secure memory.
public enum KeyDerivation {
    /// scrypt (RFC 7914) with N = 2^`logarithmOfN`.
    ///
    /// It takes 128·N·r bytes of common memory, and 128·r·p of secure memory. Bounding them is the caller's.
    public static func scrypt(
        password: borrowing SecureBytes, salt: Span<UInt8>, logarithmOfN: Int, r: Int, p: Int, count: Int
    ) throws(GcryptError) -> SecureBytes {
        // libgcrypt has no parameter for r: its scrypt has r = 8, and beside it stands one with r = 1, by number.
        switch r {
        case 8: try derive(Int32(GCRY_KDF_SCRYPT.rawValue), 1 << Int32(logarithmOfN), password, salt, p, count)
        case 1: try derive(41, 1 << Int32(logarithmOfN), password, salt, p, count)
        default:
            try mixedScrypt(
                password: password, salt: salt, logarithmOfN: logarithmOfN, r: r, p: p, count: count)
        }
    }

    /// scrypt by libgcrypt's PBKDF2 and our own mixing, for any r (RFC 7914, section 6).
    static func mixedScrypt(
        password: borrowing SecureBytes, salt: Span<UInt8>, logarithmOfN: Int, r: Int, p: Int, count: Int
    ) throws(GcryptError) -> SecureBytes {
        let length = 128 * r
        var blocks = try pbkdf2(.sha256, password: password, salt: salt, iterations: 1, count: length * p)
        var mixing = try ScryptMixing(logarithmOfN: logarithmOfN, r: r)
        blocks.withMutableBytes { blocks in
            for index in 0..<p { mixing.mix(&blocks, at: index * length) }
        }
        return try blocks.withBytes { blocks throws(GcryptError) in
            try pbkdf2(.sha256, password: password, salt: blocks, iterations: 1, count: count)
        }
    }

    /// PBKDF2 (RFC 8018) with HMAC over a hash function.
    public static func pbkdf2(
        _ function: MessageDigest.Function, password: borrowing SecureBytes, salt: Span<UInt8>, iterations: Int,
        count: Int
    ) throws(GcryptError) -> SecureBytes {
        try derive(Int32(GCRY_KDF_PBKDF2.rawValue), function.algorithm, password, salt, iterations, count)
    }

    private static func derive(
        _ algorithm: Int32, _ variant: Int32, _ password: borrowing SecureBytes, _ salt: Span<UInt8>, _ rounds: Int,
        _ count: Int
    ) throws(GcryptError) -> SecureBytes {
        var key = try SecureBytes(count: count)
        let code = key.withMutableBytes { key in
            password.withBytes { password in
                unsafe key.withUnsafeMutableBufferPointer { key in
                    unsafe password.withUnsafeBufferPointer { password in
                        unsafe salt.withUnsafeBufferPointer { salt in
                            unsafe gcry_kdf_derive(
                                password.baseAddress, password.count, algorithm, variant, salt.baseAddress, salt.count,
                                UInt(rounds), key.count, key.baseAddress)
                        }
                    }
                }
            }
        }
        try GcryptError.check(code)
        return key
    }
}
