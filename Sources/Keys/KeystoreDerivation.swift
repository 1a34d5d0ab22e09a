import AirlockGcrypt
import AirlockDiagnostics
import AirlockStrictJSON

/// The function, the parameters and the salt with which a keystore derives a key from a password. The parameters have
/// limits, because an untrusted file could demand too much memory or time.
struct KeystoreDerivation: Hashable, Sendable {
    enum Function: Hashable, Sendable {
        case scrypt(logarithmOfN: Int, r: Int, p: Int)
        case pbkdf2(iterations: Int)
    }

    let function: Function
    let salt: [UInt8]

    /// The length of the derived key in bytes. The first 16 bytes are the encryption key. The last 16 bytes are used
    /// for the message authentication code.
    static let keyLength = 32

    /// The amount of work that is needed to try one password, as a multiple of the work for a standard keystore. It is
    /// at least 1.
    var effort: Int {
        switch function {
        case .scrypt(let logarithmOfN, let r, let p): max(1, ((r * p) << logarithmOfN) >> 21)
        // A million rounds of HMAC-SHA-256 take about as long as scrypt with N = 2^18 and r = 8.
        case .pbkdf2(let iterations): max(1, iterations / 1_000_000)
        }
    }

    func key(_ password: borrowing SecureBytes) throws(GcryptError) -> SecureBytes {
        switch function {
        case .scrypt(let logarithmOfN, let r, let p):
            try KeyDerivation.scrypt(
                password: password, salt: salt.span, logarithmOfN: logarithmOfN, r: r, p: p, count: Self.keyLength)
        case .pbkdf2(let iterations):
            try KeyDerivation.pbkdf2(
                .sha256, password: password, salt: salt.span, iterations: iterations, count: Self.keyLength)
        }
    }
}

extension KeystoreDerivation {
    /// Reads scrypt's parameter N, which is a power of two above 1 (RFC 7914, section 2). Returns its logarithm to the
    /// base 2.
    static func logarithmOfN(_ text: String) throws(Problem) -> Int {
        guard let n = Int(digits: text), 2...(1 << 20) ~= n, n.nonzeroBitCount == 1 else {
            throw Problem(KeystoreRule.scryptN, saw: text)
        }
        return n.trailingZeroBitCount
    }

    static func blockSize(_ text: String) throws(Problem) -> Int {
        guard let r = Int(digits: text), 1...128 ~= r else { throw Problem(KeystoreRule.scryptR, saw: text) }
        return r
    }

    static func parallelization(_ text: String) throws(Problem) -> Int {
        guard let p = Int(digits: text), 1...16 ~= p else { throw Problem(KeystoreRule.scryptP, saw: text) }
        return p
    }

    /// Checks three limits on the parameters of scrypt. The work must be at most eight times the work for a standard
    /// keystore. On a slow machine, this maximum takes half a minute. N·r is limited so that scrypt uses at most 1 GiB
    /// of ordinary memory. r·p is limited so that scrypt uses at most 16 KiB of secure memory.
    static func scrypt(logarithmOfN: Int, r: Int, p: Int) throws(Problem) -> Function {
        func refusal(_ expected: String) -> Problem {
            Problem(
                KeystoreRule.tooMuchWork, saw: "n = \(1 << logarithmOfN), r = \(r), p = \(p)", expected: expected)
        }
        guard (r * p) << logarithmOfN <= 1 << 24 else { throw refusal("a product of at most 2^24") }
        guard r << logarithmOfN <= 1 << 23 else { throw refusal("a product of n and r of at most 2^23") }
        guard r * p <= 128 else { throw refusal("a product of r and p of at most 128") }
        return .scrypt(logarithmOfN: logarithmOfN, r: r, p: p)
    }

    static func pbkdf2(iterations text: String) throws(Problem) -> Function {
        guard let iterations = Int(digits: text), 1...10_000_000 ~= iterations else {
            throw Problem(KeystoreRule.iterations, saw: text)
        }
        return .pbkdf2(iterations: iterations)
    }
}

extension Int {
    /// Reads a number that consists of digits alone. A sign, a fraction or an exponent is refused.
    init?(digits: String) {
        guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        self.init(digits)
    }
}
