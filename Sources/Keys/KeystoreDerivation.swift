import Gcrypt
import Problems
import StrictJSON

/// How a keystore makes a key from a password: within bounds that keep a stranger's file from taking all memory or all
/// day.
struct KeystoreDerivation: Hashable, Sendable {
    enum Function: Hashable, Sendable {
        case scrypt(logarithmOfN: Int, r: KeyDerivation.BlockSize, p: Int)
        case pbkdf2(iterations: Int)
    }

    let function: Function
    let salt: [UInt8]

    /// The only length of a key in use: 16 bytes to encrypt with, and 16 for the message authentication code.
    static let keyLength = 32

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
    /// RFC 7914, section 2: N is a power of two above 1.
    static func logarithmOfN(_ text: String) throws(Problem) -> Int {
        guard let n = Int(digits: text), 2...(1 << 20) ~= n, n.nonzeroBitCount == 1 else {
            throw Problem(KeystoreRule.scryptN, saw: text)
        }
        return n.trailingZeroBitCount
    }

    static func blockSize(_ text: String) throws(Problem) -> KeyDerivation.BlockSize {
        guard let r = Int(digits: text).flatMap(KeyDerivation.BlockSize.init) else {
            throw Problem(KeystoreRule.scryptR, saw: text)
        }
        return r
    }

    static func parallelization(_ text: String) throws(Problem) -> Int {
        guard let p = Int(digits: text), 1...16 ~= p else { throw Problem(KeystoreRule.scryptP, saw: text) }
        return p
    }

    /// At most eight times the work of a usual keystore, some four seconds. N·r then bounds common memory by 1 GiB, and
    /// r·p secure memory by 16 KiB.
    static func scrypt(logarithmOfN: Int, r: KeyDerivation.BlockSize, p: Int) throws(Problem) -> Function {
        guard (r.rawValue * p) << logarithmOfN <= 1 << 24 else {
            throw Problem(
                KeystoreRule.tooMuchWork, saw: "n = \(1 << logarithmOfN), r = \(r.rawValue), p = \(p)",
                expected: "a product of at most 2^24")
        }
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
    /// Reads digits alone: no sign, no fraction, no exponent.
    init?(digits: String) {
        guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
        self.init(digits)
    }
}
