import AirlockEthereumTypes
import AirlockGcrypt
@testable import AirlockKeys
import AirlockDiagnostics
import AirlockSecretKeys
import Testing

/// A keystore whose parts a test can change. Without changes, it is the PBKDF2 test vector of the Web3 Secret Storage
/// Definition.
private struct Sample {
    var version = "3"
    var cipher = "\"aes-128-ctr\""
    var iv = "6087dab2f9fdbbfaddc31a909735c1e6"
    var ciphertext = "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46"
    var mac = "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"
    var kdf = "\"pbkdf2\""
    var parameters = [
        "c": "262144", "dklen": "32", "prf": "\"hmac-sha256\"",
        "salt": "\"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd\"",
    ]
    var address = ""
    var name = "crypto"

    static let password = "testpassword"
    static let key = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"

    /// The scrypt test vector of the Web3 Secret Storage Definition.
    static var scrypt: Sample {
        Sample(
            iv: "83dbcc02d8ccb40e466191a123791e0e",
            ciphertext: "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
            mac: "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097", kdf: "\"scrypt\"",
            parameters: [
                "dklen": "32", "n": "262144", "r": "1", "p": "8",
                "salt": "\"ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19\"",
            ])
    }

    /// A keystore with the same key as the test vector, but with the scrypt parameter r = 4. It was made with Python's
    /// hashlib.scrypt and openssl.
    static var otherBlockSize: Sample {
        scrypt.with("n", "1024").with("r", "4").with("p", "2").with {
            $0.ciphertext = "fad7bbfdb982b9ae389c05bf267b877fb54e90fc2229ee0c5f840e014151e32a"
            $0.mac = "6c662afa9e1b63d51e6faf756d82cfc95bf7944bbfa77c779bd42bd0539d072c"
        }
    }

    /// geth's test vectors for keys that are stored without their leading zeros. Each row has a keystore, and the key
    /// with its leading zeros. The password is foo.
    static let short: [(Sample, String)] = [
        (
            scrypt.with("n", "2").with("r", "8").with("p", "1")
                .with("salt", "\"711f816911c92d649fb4c84b047915679933555030b3552c1212609b38208c63\"").with {
                    $0.iv = "e0c41130a323adc1446fc82f724bca2f"
                    $0.ciphertext = "9517cd5bdbe69076f9bf5057248c6c050141e970efa36ce53692d5d59a3984"
                    $0.mac = "d5e116151c6aa71470e67a7d42c9620c75c4d23229847dcc127794f0732b0db5"
                }, "00fa7b3db73dc7dfdf8c5fbdb796d741e4488628c41fc4febd9160a866ba0f35"
        ),
        (
            scrypt.with("n", "2").with("r", "8").with("p", "1")
                .with("salt", "\"d0769e608fb86cda848065642a9c6fa046845c928175662b8e356c77f914cd3b\"").with {
                    $0.iv = "3ca92af36ad7c2cd92454c59cea5ef00"
                    $0.ciphertext = "108b7d34f3442fc26ab1ab90ca91476ba6bfa8c00975a49ef9051dc675aa"
                    $0.mac = "75d0e6759f7b3cefa319c3be41680ab6beea7d8328653474bd06706d4cc67420"
                }, "000081c29e8142bb6a81bef5a92bda7a8328a5c85bb2f9542e76f9b0f94fc018"
        ),
    ]

    func with(_ change: (inout Sample) -> Void) -> Sample {
        var copy = self
        change(&copy)
        return copy
    }

    func with(_ parameter: String, _ value: String?) -> Sample { with { $0.parameters[parameter] = value } }

    var text: String {
        let parameters = parameters.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        return """
            {"\(name)":{"cipher":\(cipher),"cipherparams":{"iv":"\(iv)"},"ciphertext":"\(ciphertext)","kdf":\(kdf),
            "kdfparams":{\(parameters.joined(separator: ","))},"mac":"\(mac)"},\(address)"version":\(version)}
            """
    }

    func read() throws -> Keystore { try Keystore(Array(text.utf8)) }
}

extension Keystore {
    fileprivate func hex(_ password: String) throws -> String { try unlock(SecureBytes(password)).hex() }
}

@Suite("A keystore")
struct KeystoreTests {
    @Test("of the definition opens, with PBKDF2 and with scrypt", arguments: [Sample(), .scrypt, .otherBlockSize])
    private func vector(sample: Sample) throws {
        #expect(try sample.read().hex(Sample.password) == Sample.key)
        #expect(try sample.read().address == nil)
    }

    @Test("opens with a key of 30 or 31 bytes, whose leading zeros the wallet left out", arguments: Sample.short)
    private func short(sample: Sample, key: String) throws {
        #expect(try sample.read().hex("foo") == key)
    }

    @Test("says how many times a usual keystore's work it asks for")
    func effort() throws {
        #expect(try Sample.scrypt.read().effort == 1)
        #expect(try Sample.scrypt.with("n", "1048576").with("r", "4").with("p", "4").read().effort == 8)
        #expect(try Sample().with("c", "10000000").read().effort == 10)
    }

    @Test(
        "opens with its address in any of the forms that wallets write",
        arguments: ["008aeeda4d805471df9b2a5b0f38a0c3bcba786b", "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b"])
    func address(text: String) throws {
        let keystore = try Sample().with { $0.address = "\"address\":\"\(text)\"," }.read()
        #expect(keystore.address == Address(known: "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b"))
        #expect(try keystore.hex(Sample.password) == Sample.key)
    }

    @Test("is refused with crypto in both spellings, since two programs could read two keys from it")
    func twice() throws {
        let text = Sample().text
        let both = #"{"Crypto":{},"# + text.drop { $0 != "{" }.dropFirst()
        let refused = #expect(throws: ProblemList.self) { try Keystore(Array(both.utf8)) }
        #expect(refused?.problems.map(\.message) == ["the object has this member twice"])
    }

    @Test("opens with a capital Crypto, and with 0x before its digits")
    func variants() throws {
        #expect(try Sample().with { $0.name = "Crypto" }.read().hex(Sample.password) == Sample.key)
        #expect(try Sample().with { $0.iv = "0x" + $0.iv }.read().hex(Sample.password) == Sample.key)
    }

    @Test("says nothing but that the password is wrong, whatever was altered")
    func wrongPassword() throws {
        let altered = String(Sample().mac.dropLast() + "3")
        let attempts: [(Sample, String)] = [
            (Sample(), "testpassword "), (Sample(), ""), (Sample().with { $0.mac = altered }, Sample.password),
            (Sample().with { $0.ciphertext = String(repeating: "00", count: 32) }, Sample.password),
        ]
        let problems = attempts.map { sample, password in refusal { _ = try sample.read().hex(password) } }
        let first = try #require(problems[0])
        #expect(first.code == "keystore.wrong-password")
        #expect(problems.allSatisfy { $0 == first })
    }

    @Test("of another address than it says is refused")
    func addressMismatch() throws {
        let sample = Sample().with { $0.address = "\"address\":\"\(String(repeating: "11", count: 20))\"," }
        let problem = refusal { _ = try sample.read().hex(Sample.password) }
        #expect(problem?.code == "keystore.address-mismatch")
    }

    /// Faulty keystores. Each row has the keystore, the rule that it breaks, and the JSON pointer of the faulty member.
    private static let faults: [(Sample, String, String)] = [
        (Sample().with { $0.version = "1" }, "keystore.version", "/version"),
        (Sample().with { $0.version = "\"3\"" }, "json.wrong-type", "/version"),
        (Sample().with { $0.cipher = "\"aes-128-cbc\"" }, "keystore.cipher", "/crypto/cipher"),
        (Sample().with { $0.iv.removeLast(2) }, "keystore.iv", "/crypto/cipherparams/iv"),
        (Sample().with { $0.iv.removeLast() }, "keystore.iv", "/crypto/cipherparams/iv"),
        (Sample().with { $0.ciphertext += "00" }, "keystore.ciphertext", "/crypto/ciphertext"),
        (Sample().with { $0.mac = "" }, "keystore.mac", "/crypto/mac"),
        (Sample().with { $0.kdf = "\"argon2id\"" }, "keystore.kdf", "/crypto/kdf"),
        (Sample().with { $0.address = "\"address\":\"bc1q\"," }, "keystore.address", "/address"),
        (Sample().with { $0.name = "other" }, "json.missing-field", "/crypto"),
        (Sample().with("dklen", "16"), "keystore.dklen", "/crypto/kdfparams/dklen"),
        (Sample().with("dklen", "1e2"), "keystore.dklen", "/crypto/kdfparams/dklen"),
        (Sample().with("salt", "\"\""), "keystore.salt", "/crypto/kdfparams/salt"),
        (
            Sample().with("salt", "\"\(String(repeating: "00", count: 257))\""), "keystore.salt",
            "/crypto/kdfparams/salt"
        ),
        (Sample().with("salt", nil), "json.missing-field", "/crypto/kdfparams/salt"),
        (Sample().with("prf", "\"hmac-sha1\""), "keystore.pbkdf2-prf", "/crypto/kdfparams/prf"),
        (Sample().with("c", "0"), "keystore.pbkdf2-c", "/crypto/kdfparams/c"),
        (Sample().with("c", "-1"), "keystore.pbkdf2-c", "/crypto/kdfparams/c"),
        (Sample().with("c", "10000001"), "keystore.pbkdf2-c", "/crypto/kdfparams/c"),
        (Sample().with("c", nil), "json.missing-field", "/crypto/kdfparams/c"),
        (.scrypt.with("n", "1099511627776"), "keystore.scrypt-n", "/crypto/kdfparams/n"),
        (.scrypt.with("n", "2097152"), "keystore.scrypt-n", "/crypto/kdfparams/n"),
        (.scrypt.with("n", "1000"), "keystore.scrypt-n", "/crypto/kdfparams/n"),
        (.scrypt.with("n", "-262144"), "keystore.scrypt-n", "/crypto/kdfparams/n"),
        (.scrypt.with("n", "1"), "keystore.scrypt-n", "/crypto/kdfparams/n"),
        (.scrypt.with("n", "0"), "keystore.scrypt-n", "/crypto/kdfparams/n"),
        (.scrypt.with("n", "262144.0"), "keystore.scrypt-n", "/crypto/kdfparams/n"),
        (.scrypt.with("n", "99999999999999999999"), "keystore.scrypt-n", "/crypto/kdfparams/n"),
        (.scrypt.with("n", nil), "json.missing-field", "/crypto/kdfparams/n"),
        (.scrypt.with("r", "129"), "keystore.scrypt-r", "/crypto/kdfparams/r"),
        (.scrypt.with("r", "0"), "keystore.scrypt-r", "/crypto/kdfparams/r"),
        (.scrypt.with("p", "2147483648"), "keystore.scrypt-p", "/crypto/kdfparams/p"),
        (.scrypt.with("p", "17"), "keystore.scrypt-p", "/crypto/kdfparams/p"),
        (.scrypt.with("p", "0"), "keystore.scrypt-p", "/crypto/kdfparams/p"),
        (
            .scrypt.with("n", "1048576").with("r", "8").with("p", "3"), "keystore.too-much-work",
            "/crypto/kdfparams/n"
        ),
        // This key derivation does not exceed the limit for work, but it needs too much memory.
        (
            .scrypt.with("n", "1048576").with("r", "16").with("p", "1"), "keystore.too-much-work",
            "/crypto/kdfparams/n"
        ),
        (.scrypt.with("n", "2").with("r", "16").with("p", "9"), "keystore.too-much-work", "/crypto/kdfparams/n"),
        (Sample().with { $0.ciphertext.removeLast(6) }, "keystore.ciphertext", "/crypto/ciphertext"),
    ]

    @Test("is refused before any work, at the place and with the exact rule", arguments: faults)
    private func hostile(sample: Sample, code: String, place: String) throws {
        let problem = try #require(refusal { _ = try sample.read() })
        #expect(problem.code == code)
        #expect(problem.field == place)
    }

    @Test("with several faults has them all said")
    func several() {
        let error = #expect(throws: ProblemList.self) {
            try Sample.scrypt.with("n", "1000").with("r", "0").with { $0.version = "4" }.read()
        }
        #expect(error?.problems.map(\.code) == ["keystore.version", "keystore.scrypt-n", "keystore.scrypt-r"])
    }

    @Test("that is no JSON is refused as such")
    func notJSON() { #expect(refusal { _ = try Keystore(Array("{".utf8)) }?.code == "json.unfinished") }

    @Test("is made, written, read back and opened, each with a salt, a counter and a name of its own")
    func made() throws {
        let key = try SecretKey(hex: Array(Sample.key.utf8).span)
        let first = try Keystore(locking: key, password: SecureBytes("x"), .light)
        let second = try Keystore(locking: key, password: SecureBytes("x"), .light)
        #expect(first.derivation.salt != second.derivation.salt)
        #expect(first.counter != second.counter)
        let read = try Keystore(first.file())
        #expect(read.address == key.address)
        #expect(read.derivation == first.derivation)
        #expect(try read.hex("x") == Sample.key)
        #expect(try first.file() != first.file())
    }

    @Test("is written as every other wallet reads it")
    func written() throws {
        let scrypt = Sample.scrypt.with { $0.address = "\"address\":\"008aeeda4d805471df9b2a5b0f38a0c3bcba786b\"," }
        let text = String(decoding: try scrypt.read().file(), as: UTF8.self)
        let parts = text.split(separator: "\"id\":\"")
        #expect(
            parts[0] == """
                {"address":"008aeeda4d805471df9b2a5b0f38a0c3bcba786b","crypto":{"cipher":"aes-128-ctr","ciphertext":"\
                d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c","cipherparams":{"iv":"\
                83dbcc02d8ccb40e466191a123791e0e"},"kdf":"scrypt","kdfparams":{"dklen":32,"n":262144,"p":8,"r":1,"salt":"\
                ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},"mac":"\
                2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},
                """)
        let end = try #require(parts.last)
        #expect(
            end.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}","version":3}\n/)
                != nil)
        let pbkdf2 = String(decoding: try Sample().read().file(), as: UTF8.self)
        #expect(pbkdf2.contains("\"kdf\":\"pbkdf2\",\"kdfparams\":{\"dklen\":32,\"c\":262144,\"prf\":\"hmac-sha256\","))
    }

    @Test("costs what it promises")
    func strength() {
        #expect(Keystore.Strength.standard.function == .scrypt(logarithmOfN: 18, r: 8, p: 1))
        #expect(Keystore.Strength.light.function == .scrypt(logarithmOfN: 12, r: 8, p: 6))
    }
}
