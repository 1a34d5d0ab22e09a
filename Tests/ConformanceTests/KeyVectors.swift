import AirlockEthereumTypes
import AirlockGcrypt
@testable import AirlockKeys
import AirlockDiagnostics
import AirlockSecretKeys
import AirlockStrictJSON
import Testing

@Suite("Conformance: keystores, mnemonics and the keys in them", .needsVectors)
struct KeyVectors {
    // MARK: Keystores

    /// The errors in the test set, each with the error code that Airlock must report.
    private static let errors = [
        "InvalidPassword (mac mismatch)": "keystore.wrong-password", "InvalidIv (load must fail)": "keystore.iv",
        "unsupported cipher aes-128-cbc (load must fail)": "keystore.cipher",
    ]

    @Test("wallet-core keystores")
    func walletCore() throws {
        conform("wallet-core/keystore_v3", try Vectors.json("wallet-core/keystore_v3.json").cases()) { test in
            guard let error = test["error"]?.string else { return try open(test) }
            do { try open(test) } catch let broken as any RuleBroken {
                let codes = broken.problems.map(\.code)
                guard let code = Self.errors[error], codes.contains(code) else {
                    throw Failure("\(error) is refused as \(codes)")
                }
                return
            }
            throw Failure("\(error) is not refused")
        }
    }

    @Test("ethereum-tests KeyStoreTests")
    func ethereumTests() throws {
        let file = try Vectors.json("ethereum-tests/KeyStoreTests/basic_tests.json")
        conform("ethereum-tests/KeyStoreTests", try file.namedCases()) { try open($0) }
    }

    private func open(_ test: JSONValue) throws {
        let password = Array(try test.text("password").utf8)
        let key = try Keystore(test.member("json").json.bytes).unlock(SecureBytes(copying: password.span))
        try same("the key", key.copied(), test.bytes("priv"))
    }

    // MARK: Mnemonics

    @Test("wallet-core bip39_validate")
    func validity() throws {
        conform("wallet-core/bip39_validate", try Vectors.json("wallet-core/bip39_validate.json").cases()) { test in
            let phrase = Array(try test.text("mnemonic").utf8)
            let isValid: Bool
            do {
                isValid = try Mnemonic(phrase.span).wordCount > 0
            } catch let problem as Problem where problem.code.hasPrefix("mnemonic.") {
                isValid = false
            }
            try same("the verdict", isValid, test["valid"]?.boolean)
        }
    }

    /// Each case has the entropy, the words of the mnemonic, the seed and the master key. The passphrase of every
    /// mnemonic is TREZOR.
    @Test("trezor vectors")
    func trezor() throws {
        let cases = try Vectors.json("trezor-python-mnemonic/vectors.json").array("english")
        conform("trezor/vectors", cases.enumerated().map { ("\($0)", $1) }) { test in
            let parts = test.elements?.compactMap(\.string) ?? []
            guard parts.count == 4 else { throw Failure("a case has not four parts") }
            let seed = try check(entropy: hex(parts[0]), phrase: Array(parts[1].utf8), passphrase: Array("TREZOR".utf8))
            try same("the seed", seed, hex(parts[2]))
            try check(ExtendedKey(seed: SecureBytes(copying: seed.span)), is: parts[3])
        }
    }

    @Test("ethers mnemonics")
    func ethersMnemonics() throws {
        conform("ethers/mnemonics", try ethers("mnemonics-en")) { test in
            let seed = try check(
                entropy: test.bytes("entropy"), phrase: test.bytes("phrase"), passphrase: test.bytes("password"))
            try same("the seed", seed, test.bytes("seed"))
            for node in try test.array("nodes") {
                let key = try extendedKey(seed, node.text("path"))
                try same("a chain code", key.chainCode.copied(), node.bytes("chainCode"))
                try same("a key", key.key.copied(), node.bytes("privateKey"))
            }
        }
    }

    /// Checks that the entropy gives the words of this phrase. Returns the seed that the phrase and the passphrase
    /// give.
    private func check(entropy: [UInt8], phrase: [UInt8], passphrase: [UInt8]) throws -> [UInt8] {
        let made = try Mnemonic(entropy: SecureBytes(copying: entropy.span))
        try same("the phrase", made.copied(), phrase)
        return try Mnemonic(phrase.span).seed(passphrase: SecureBytes(copying: passphrase.span)).copied()
    }

    // MARK: Extended keys

    /// The invalid serialized keys of BIP-32 are left out, because Airlock reads neither xprv nor xpub.
    @Test("BIP-32")
    func bip32() throws {
        conform("bips/bip32", try Vectors.json("bips/bip32.json").cases()) { test in
            let seed = try test.bytes("seed")
            for chain in try test.array("chains") {
                try check(extendedKey(seed, chain.text("path")), is: chain.text("xprv"))
            }
        }
    }

    @Test("ethers accounts")
    func accounts() throws {
        conform("ethers/accounts", try ethers("accounts")) { test in
            try same("the address", test.secretKey("privateKey").address, Address(test.text("address")))
        }
    }

    private func extendedKey(_ seed: [UInt8], _ path: String) throws -> ExtendedKey {
        var key = try ExtendedKey(seed: SecureBytes(copying: seed.span))
        for index in try DerivationPath(path).indices { key = try key.child(index) }
        return key
    }

    /// Checks a key against its serialized form (BIP-32, "Serialization format"). The version, the depth, the
    /// fingerprint and the index come first. The chain code begins at byte 13, and the key at byte 46.
    private func check(_ key: borrowing ExtendedKey, is serialized: String) throws {
        let bytes = try base58(serialized)
        try same("a length", bytes.count, 82)
        try same("a chain code", key.chainCode.copied(), Array(bytes[13..<45]))
        try same("a key", key.key.copied(), Array(bytes[46..<78]))
    }
}

private func base58(_ text: String) throws -> [UInt8] {
    let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    var bytes: [UInt8] = []
    for character in text.utf8 {
        guard var carry = alphabet.firstIndex(of: character) else { throw Failure("no base58") }
        for index in bytes.indices.reversed() {
            carry += Int(bytes[index]) * 58
            bytes[index] = UInt8(truncatingIfNeeded: carry)
            carry >>= 8
        }
        if carry > 0 { bytes.insert(UInt8(carry), at: 0) }
    }
    return bytes
}

extension SecretKey {
    fileprivate borrowing func copied() -> [UInt8] { withBytes { bytes in bytes.indices.map { bytes[$0] } } }
}

extension Mnemonic {
    fileprivate borrowing func copied() -> [UInt8] { withPhrase { bytes in bytes.indices.map { bytes[$0] } } }
}
