@testable import AirlockGcrypt
import Testing

extension SecureBytes {
    /// Returns the bytes as hexadecimal digits, for comparisons.
    fileprivate borrowing func digits() -> String {
        withBytes { bytes in
            bytes.indices.map { String(bytes[$0] >> 4, radix: 16) + String(bytes[$0] & 15, radix: 16) }.joined()
        }
    }

    fileprivate init(_ text: String) throws { try self.init(copying: Array(text.utf8).span) }
}

private func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.map { UInt8($0 > 57 ? $0 - 87 : $0 - 48) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

@Suite("Keys from passwords")
struct KeyDerivationTests {
    @Test("scrypt is RFC 7914's, with r = 8 and with r = 1")
    func scrypt() throws {
        // The second test vector of RFC 7914, section 12.
        let eight = try KeyDerivation.scrypt(
            password: SecureBytes("password"), salt: Array("NaCl".utf8).span, logarithmOfN: 10, r: 8, p: 16,
            count: 64)
        #expect(eight.digits().hasPrefix("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"))
        // A test vector of golang.org/x/crypto.
        let one = try KeyDerivation.scrypt(
            password: SecureBytes("p"), salt: Array("s".utf8).span, logarithmOfN: 1, r: 1, p: 1, count: 16)
        #expect(one.digits() == "48b0d2a8a3272611984c50ebd630af52")
    }

    /// The first row is a test vector of golang.org/x/crypto. The second row is from RFC 7914, section 12. The other
    /// rows were computed with Python's hashlib.scrypt.
    private static let mixed: [(String, String, Int, Int, Int, String)] = [
        ("p", "s", 1, 1, 1, "48b0d2a8a3272611984c50ebd630af52e187db3433930c3b74d0889935944cf3"),
        ("password", "NaCl", 10, 8, 16, "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"),
        ("pleaseletmein", "salt", 4, 4, 1, "6b68ec508fe322517deea2f41b8e3bfa45876116cb446e127786607565bcdf38"),
        ("password", "NaCl", 6, 3, 2, "5af4afb80ab06145a3b8da10812c0130737fd32bd37d530dab71b092178dd440"),
        ("", "x", 1, 16, 4, "e8719406f6fb1243fdb13e24a90bb42f4e6533c3201777f63649cfcad8191cb0"),
    ]

    @Test("the mixing is RFC 7914's, section 10, with r = 1")
    func mixing() throws {
        var block = bytes(
            """
            f7ce0b653d2d72a4108cf5abe912ffdd777616dbbb27a70e8204f3ae2d0f6fad\
            89f68f4811d1e87bcc3bd7400a9ffd29094f0184639574f39ae5a1315217bcd7\
            894991447213bb226c25b54da86370fbcd984380374666bb8ffcb5bf40c254b0\
            67d27c51ce4ad5fed829c90b505a571b7f4d1cad6a523cda770e67bceaaf7e89
            """)
        var mixing = try ScryptMixing(logarithmOfN: 4, r: 1)
        var span = block.mutableSpan
        mixing.mix(&span, at: 0)
        #expect(
            block
                == bytes(
                    """
                    79ccc193629debca047f0b70604bf6b62ce3dd4a9626e355fafc6198e6ea2b46\
                    d58413673b99b029d665c357601fb426a0b2f4bba200ee9f0a43d19b571a9c71\
                    ef1142e65d5a266fddca832ce59faa7cac0b9cf1be2bffca300d01ee387619c4\
                    ae12fd4438f203a0e4e1c47ec314861f4e9087cb33396a6873e8f9d2539a4b8e
                    """))
    }

    @Test("scrypt of any r is the same by our own mixing", arguments: mixed)
    func mixedScrypt(password: String, salt: String, logarithmOfN: Int, r: Int, p: Int, key: String) throws {
        let mixed = try KeyDerivation.mixedScrypt(
            password: SecureBytes(password), salt: Array(salt.utf8).span, logarithmOfN: logarithmOfN, r: r, p: p,
            count: 32)
        #expect(mixed.digits() == key)
        let chosen = try KeyDerivation.scrypt(
            password: SecureBytes(password), salt: Array(salt.utf8).span, logarithmOfN: logarithmOfN, r: r, p: p,
            count: 32)
        #expect(chosen.digits() == key)
    }

    @Test(
        "PBKDF2 is RFC 8018's, over each hash",
        arguments: [
            // A test vector of RFC 7914, section 11.
            (
                MessageDigest.Function.sha256, "passwd", "salt", 1,
                "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            ),
            // The BIP-39 seed of the mnemonic "abandon … abandon about", which has twelve words and no passphrase.
            (
                .sha512, String(repeating: "abandon ", count: 11) + "about", "mnemonic", 2048,
                "5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc1"
            ),
        ])
    func pbkdf2(function: MessageDigest.Function, password: String, salt: String, rounds: Int, key: String) throws {
        let derived = try KeyDerivation.pbkdf2(
            function, password: SecureBytes(password), salt: Array(salt.utf8).span, iterations: rounds, count: 32)
        #expect(derived.digits() == key)
    }

    @Test("take a password without a character, and refuse a salt without a byte")
    func empty() throws {
        let key = try KeyDerivation.pbkdf2(
            .sha256, password: SecureBytes(""), salt: Array("salt".utf8).span, iterations: 1, count: 32)
        #expect(key.count == 32)
        let error = #expect(throws: GcryptError.self) {
            _ = try KeyDerivation.pbkdf2(
                .sha256, password: SecureBytes("x"), salt: [UInt8]().span, iterations: 1, count: 32
            ).count
        }
        #expect(error?.rule == .failed)
    }
}

@Suite("Digests of secrets")
struct MessageDigestTests {
    @Test("SHA-256 and SHA-512 are FIPS 180-4's")
    func hash() throws {
        let short = try MessageDigest.hash(.sha256, Array("abc".utf8).span)
        #expect(short.digits() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let long = try MessageDigest.hash(.sha512, Array("abc".utf8).span)
        #expect(long.digits().hasPrefix("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea2"))
        #expect(long.count == 64)
    }

    /// Test case 2 of RFC 4231.
    @Test("HMAC is RFC 2104's")
    func authenticate() throws {
        let message = Array("what do ya want for nothing?".utf8)
        let short = try MessageDigest.authenticate(.sha256, key: Array("Jefe".utf8).span, message.span)
        #expect(short.digits() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let long = try MessageDigest.authenticate(.sha512, key: Array("Jefe".utf8).span, message.span)
        #expect(long.digits().hasPrefix("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd6"))
    }
}

@Suite("AES in counter mode")
struct AESTests {
    private let key = bytes("2b7e151628aed2a6abf7158809cf4f3c")
    private let counter = bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")

    /// The first two blocks of NIST SP 800-38A, F.5.1.
    @Test("is NIST's, and undoes itself")
    func counterMode() throws {
        let plain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        let secret = try AES.counterMode(key: key.span, counter: counter.span, bytes(plain).span)
        #expect(secret.digits() == "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff")
        let back = try secret.withBytes { try AES.counterMode(key: key.span, counter: counter.span, $0) }
        #expect(back.digits() == plain)
    }

    @Test("refuses a key or a counter of another length", arguments: [(15, 16), (32, 16), (16, 15), (16, 17)])
    func lengths(key: Int, counter: Int) {
        let error = #expect(throws: GcryptError.self) {
            _ = try AES.counterMode(
                key: [UInt8](repeating: 0, count: key).span, counter: [UInt8](repeating: 0, count: counter).span,
                [1].span
            ).count
        }
        #expect(error?.rule == .wrongLength)
    }
}
