internal import AirlockCGcrypt

/// Computes hashes of secrets, and HMACs with secret keys. libgcrypt's own copies of the secrets are in secure memory
/// too.
public enum MessageDigest {
    /// The hash functions that BIP-39, BIP-32 and keystores use.
    public enum Function: Sendable {
        case sha256, sha512, ripemd160

        var algorithm: Int32 {
            switch self {
            case .sha256: Int32(GCRY_MD_SHA256.rawValue)
            case .sha512: Int32(GCRY_MD_SHA512.rawValue)
            case .ripemd160: Int32(GCRY_MD_RMD160.rawValue)
            }
        }

        var length: Int {
            switch self {
            case .sha256: 32
            case .sha512: 64
            case .ripemd160: 20
            }
        }
    }

    /// Computes the hash of a message. SHA-256 and SHA-512 are defined in FIPS 180-4, and RIPEMD-160 in ISO/IEC
    /// 10118-3.
    public static func hash(_ function: Function, _ message: Span<UInt8>) throws(GcryptError) -> SecureBytes {
        try digest(function, key: nil, message)
    }

    /// Computes the HMAC of a message (RFC 2104).
    public static func authenticate(
        _ function: Function, key: Span<UInt8>, _ message: Span<UInt8>
    ) throws(GcryptError) -> SecureBytes {
        try digest(function, key: key, message)
    }

    private static func digest(
        _ function: Function, key: Span<UInt8>?, _ message: Span<UInt8>
    ) throws(GcryptError) -> SecureBytes {
        try GcryptLibrary.start()
        var handle: gcry_md_hd_t?
        let flags = GCRY_MD_FLAG_SECURE.rawValue | (key == nil ? 0 : GCRY_MD_FLAG_HMAC.rawValue)
        try GcryptError.check(unsafe gcry_md_open(&handle, function.algorithm, flags))
        defer { unsafe gcry_md_close(handle) }
        if let key {
            let code = unsafe key.withUnsafeBufferPointer { unsafe gcry_md_setkey(handle, $0.baseAddress, $0.count) }
            try GcryptError.check(code)
        }
        unsafe message.withUnsafeBufferPointer { unsafe gcry_md_write(handle, $0.baseAddress, $0.count) }
        guard let start = unsafe gcry_md_read(handle, function.algorithm) else { throw GcryptError(.failed) }
        return try SecureBytes(copying: unsafe UnsafeBufferPointer(start: start, count: function.length).span)
    }
}
