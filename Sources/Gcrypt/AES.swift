internal import AirlockCGcrypt

/// AES-128 in counter mode (NIST SP 800-38A, 6.5).
public enum AES {
    /// Encrypts or decrypts a message. In counter mode, both are the same operation.
    ///
    /// - Parameters:
    ///   - key: 16 bytes.
    ///   - counter: the first counter block, 16 bytes. Never encrypt two messages with the same key and counter.
    ///   - message: any number of bytes.
    public static func counterMode(
        key: Span<UInt8>, counter: Span<UInt8>, _ message: Span<UInt8>
    ) throws(GcryptError) -> SecureBytes {
        try GcryptLibrary.start()
        try GcryptError.check("key", of: key.count, in: [16])
        try GcryptError.check("counter", of: counter.count, in: [16])
        var handle: gcry_cipher_hd_t?
        try GcryptError.check(
            unsafe gcry_cipher_open(
                &handle, Int32(GCRY_CIPHER_AES.rawValue), Int32(GCRY_CIPHER_MODE_CTR.rawValue),
                GCRY_CIPHER_SECURE.rawValue))
        defer { unsafe gcry_cipher_close(handle) }
        var code = unsafe key.withUnsafeBufferPointer { unsafe gcry_cipher_setkey(handle, $0.baseAddress, $0.count) }
        try GcryptError.check(code)
        code = unsafe counter.withUnsafeBufferPointer { unsafe gcry_cipher_setctr(handle, $0.baseAddress, $0.count) }
        try GcryptError.check(code)
        var result = try SecureBytes(copying: message)
        code = result.withMutableBytes { result in
            // If the input pointer is null, libgcrypt encrypts the output buffer in place.
            unsafe result.withUnsafeMutableBufferPointer { result in
                unsafe gcry_cipher_encrypt(handle, result.baseAddress, result.count, nil, 0)
            }
        }
        try GcryptError.check(code)
        return result
    }
}
