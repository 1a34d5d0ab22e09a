internal import AirlockCGcrypt
import Glibc

/// Derives keys from passwords. The derived keys and all copies of the password are in secure memory.
public enum KeyDerivation {
    /// Derives a key with scrypt (RFC 7914). N is 2^`logarithmOfN`.
    ///
    /// scrypt uses 128·N·r bytes of ordinary memory and 128·r·p bytes of secure memory. The caller must limit N, r and
    /// p.
    public static func scrypt(
        password: borrowing SecureBytes, salt: Span<UInt8>, logarithmOfN: Int, r: Int, p: Int, count: Int
    ) throws(GcryptError) -> SecureBytes {
        // libgcrypt has no parameter for r. The algorithm GCRY_KDF_SCRYPT uses r = 8. The algorithm with the number 41,
        // which has no public name, uses r = 1.
        switch r {
        case 8: try derive(Int32(GCRY_KDF_SCRYPT.rawValue), 1 << Int32(logarithmOfN), password, salt, p, count)
        case 1: try derive(41, 1 << Int32(logarithmOfN), password, salt, p, count)
        default:
            try mixedScrypt(
                password: password, salt: salt, logarithmOfN: logarithmOfN, r: r, p: p, count: count)
        }
    }

    /// Derives a key with scrypt for any r (RFC 7914, section 6). PBKDF2 comes from libgcrypt, and the mixing function
    /// from this module.
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

    /// Derives a key with PBKDF2 (RFC 8018). The pseudorandom function is HMAC with the given hash function.
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

/// scrypt's memory-hard function, scryptROMix (RFC 7914, section 5), for any block size r. libgcrypt supports only r =
/// 8 and r = 1.
///
/// The table of N blocks is too large for secure memory. So it is in ordinary memory, as in libgcrypt, and is wiped
/// before it is freed.
@safe struct ScryptMixing: ~Copyable {
    private let r: Int
    private let blockCount: Int
    /// The working memory has three parts: the table of N blocks, two blocks that alternate as the input and the output
    /// of BlockMix, and the 16 words of Salsa20.
    private let memory: UnsafeMutablePointer<UInt32>

    private static let salsaWords = 16

    private var blockWords: Int { 2 * r * Self.salsaWords }
    private var wordCount: Int { (blockCount + 2) * blockWords + Self.salsaWords }

    /// Allocates memory for N = 2^`logarithmOfN`. The table takes 128·N·r bytes, so the caller must limit N and r.
    init(logarithmOfN: Int, r: Int) throws(GcryptError) {
        self.r = r
        self.blockCount = 1 << logarithmOfN
        let count = (blockCount + 2) * 2 * r * Self.salsaWords + Self.salsaWords
        guard let start = unsafe malloc(count * MemoryLayout<UInt32>.stride) else {
            throw GcryptError(.failed, "out of memory")
        }
        unsafe memory = start.bindMemory(to: UInt32.self, capacity: count)
    }

    deinit {
        unsafe explicit_bzero(memory, wordCount * MemoryLayout<UInt32>.stride)
        unsafe free(memory)
    }

    /// Mixes the 128·r bytes that begin at the index `start`. The result replaces these bytes.
    mutating func mix(_ bytes: inout MutableSpan<UInt8>, at start: Int) {
        let words = blockWords
        var current = unsafe memory + blockCount * words
        var next = unsafe current + words
        for index in 0..<words {
            let place = start + index * 4
            let low = UInt32(bytes[place]) | UInt32(bytes[place + 1]) &<< 8
            let high = UInt32(bytes[place + 2]) | UInt32(bytes[place + 3]) &<< 8
            unsafe current[index] = low | high &<< 16
        }
        for index in 0..<blockCount {
            unsafe (memory + index * words).update(from: current, count: words)
            unsafe mixBlock(current, into: next)
            unsafe swap(&current, &next)
        }
        for _ in 0..<blockCount {
            // This is Integerify of RFC 7914. N is at most 2^32, so the first word of the last 64 bytes is enough to
            // select a block.
            let chosen = unsafe memory + Int(current[words - Self.salsaWords]) % blockCount * words
            for index in 0..<words { unsafe current[index] ^= chosen[index] }
            unsafe mixBlock(current, into: next)
            unsafe swap(&current, &next)
        }
        for index in 0..<words * 4 {
            bytes[start + index] = unsafe UInt8(truncatingIfNeeded: current[index / 4] &>> UInt32(index % 4 * 8))
        }
    }

    /// Applies scryptBlockMix (RFC 7914, section 4). In the result, the even blocks come first, then the odd blocks.
    private func mixBlock(_ source: UnsafeMutablePointer<UInt32>, into target: UnsafeMutablePointer<UInt32>) {
        let count = Self.salsaWords
        let salsa = unsafe memory + (blockCount + 2) * blockWords
        unsafe salsa.update(from: source + (2 * r - 1) * count, count: count)
        for index in 0..<2 * r {
            let part = unsafe source + index * count
            for word in 0..<count { unsafe salsa[word] ^= part[word] }
            unsafe salsa20(salsa)
            unsafe (target + (index / 2 + index % 2 * r) * count).update(from: salsa, count: count)
        }
    }
}

/// Applies the Salsa20/8 core (RFC 7914, section 3) to a block in place.
private func salsa20(_ block: UnsafeMutablePointer<UInt32>) {
    var (x0, x1, x2, x3) = unsafe (block[0], block[1], block[2], block[3])
    var (x4, x5, x6, x7) = unsafe (block[4], block[5], block[6], block[7])
    var (x8, x9, x10, x11) = unsafe (block[8], block[9], block[10], block[11])
    var (x12, x13, x14, x15) = unsafe (block[12], block[13], block[14], block[15])
    for _ in 0..<4 {
        quarter(&x0, &x4, &x8, &x12)
        quarter(&x5, &x9, &x13, &x1)
        quarter(&x10, &x14, &x2, &x6)
        quarter(&x15, &x3, &x7, &x11)
        quarter(&x0, &x1, &x2, &x3)
        quarter(&x5, &x6, &x7, &x4)
        quarter(&x10, &x11, &x8, &x9)
        quarter(&x15, &x12, &x13, &x14)
    }
    unsafe (block[0], block[1], block[2], block[3]) = (block[0] &+ x0, block[1] &+ x1, block[2] &+ x2, block[3] &+ x3)
    unsafe (block[4], block[5], block[6], block[7]) = (block[4] &+ x4, block[5] &+ x5, block[6] &+ x6, block[7] &+ x7)
    unsafe (block[8], block[9], block[10], block[11]) =
        (block[8] &+ x8, block[9] &+ x9, block[10] &+ x10, block[11] &+ x11)
    unsafe (block[12], block[13], block[14], block[15]) =
        (block[12] &+ x12, block[13] &+ x13, block[14] &+ x14, block[15] &+ x15)
}

@inline(__always)
private func quarter(_ a: inout UInt32, _ b: inout UInt32, _ c: inout UInt32, _ d: inout UInt32) {
    b ^= rotated(a &+ d, by: 7)
    c ^= rotated(b &+ a, by: 9)
    d ^= rotated(c &+ b, by: 13)
    a ^= rotated(d &+ c, by: 18)
}

@inline(__always)
private func rotated(_ word: UInt32, by count: UInt32) -> UInt32 { word &<< count | word &>> (32 &- count) }
