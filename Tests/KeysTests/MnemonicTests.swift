import AirlockEthereumTypes
import AirlockGcrypt
@testable import AirlockKeys
import AirlockDiagnostics
import AirlockSamples
import AirlockSecretKeys
import Testing

/// Returns the first problem that `body` throws; `nil` if it throws none.
func refusal(_ body: () throws -> Void) -> Problem? { problems(body).first }

extension SecureBytes {
    init(_ text: String) throws { try self.init(copying: Array(text.utf8).span) }

    borrowing func hex() -> String { withBytes { Hex.encode($0, prefix: false) } }
}

extension SecretKey {
    borrowing func hex() -> String { withBytes { Hex.encode($0, prefix: false) } }
}

extension Mnemonic {
    fileprivate borrowing func text() -> String {
        withPhrase { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
    }
}

private func words(_ text: String) throws -> Mnemonic { try Mnemonic(Array(text.utf8).span) }

private let eleven = String(repeating: "abandon ", count: 11)

@Suite("A mnemonic")
struct MnemonicTests {
    @Test("knows the 2048 words of the standard's list, byte for byte")
    func wordList() throws {
        let file: [UInt8] = Array(WordList.words.joined(separator: [0x0A])) + [0x0A]
        let hash = try MessageDigest.hash(.sha256, file.span)
        #expect(hash.hex() == "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda")
        for (number, word) in WordList.words.enumerated() { #expect(WordList.index(of: word.span) == number) }
    }

    @Test(
        "is no other than its entropy",
        arguments: [
            (String(repeating: "00", count: 16), eleven + "about"),
            (
                String(repeating: "ff", count: 32),
                String(repeating: "zoo ", count: 23) + "vote"
            ),
            (
                "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
                "legal winner thank year wave sausage worth useful legal winner thank yellow"
            ),
        ])
    func entropy(entropy: String, phrase: String) throws {
        let bytes = try Hex.decode(digits: entropy)
        let mnemonic = try Mnemonic(entropy: SecureBytes(copying: bytes.span))
        #expect(mnemonic.text() == phrase)
        let read = try words(phrase)
        #expect(read.wordCount == phrase.split(separator: " ").count)
    }

    @Test("makes fresh words that can be read", arguments: Mnemonic.wordCounts)
    func random(count: Int) throws {
        let mnemonic = try Mnemonic.random(words: count)
        let read = try mnemonic.withPhrase { try Mnemonic($0) }
        #expect(mnemonic.wordCount == count)
        #expect(read.wordCount == count)
    }

    /// A test vector of BIP-39, with its passphrase.
    @Test("makes the seed of BIP-39")
    func seed() throws {
        let seed = try words(eleven + "about").seed(passphrase: SecureBytes("TREZOR"))
        #expect(
            seed.hex()
                == "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141"
                + "630c7a3c4ab7c81b2f001698e7463b04")
    }

    @Test("makes the accounts that every wallet makes of the same words")
    func account() throws {
        let mnemonic = try words(String(repeating: "test ", count: 11) + "junk")
        let first = try mnemonic.key(passphrase: SecureBytes(""), at: .firstAccount)
        #expect("\(first.address)" == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
        let second = try mnemonic.key(passphrase: SecureBytes(""), at: DerivationPath("m/44h/60h/0h/0/1"))
        #expect("\(second.address)" == "0x70997970C51812dc3A010C7d01b50e0d17dc79C8")
    }

    /// Faulty mnemonics. Each row has the words, the rule that they break, and the end of the expected error message.
    private static let faults: [(String, String, String)] = [
        (eleven + "abandon", "mnemonic.wrong-checksum", ""),
        (eleven + "abou", "mnemonic.unknown-word", "word 12"),
        ("abandon  " + eleven, "mnemonic.unknown-word", "word 2"),
        ("Abandon", "mnemonic.unknown-word", "word 1"),
        ("", "mnemonic.unknown-word", "word 1"),
        ("abandon", "mnemonic.word-count", ": 1"),
        (eleven + "abandon about", "mnemonic.word-count", ": 13"),
        (eleven + eleven + eleven, "mnemonic.word-count", "more than 24"),
    ]

    @Test("is refused for what is wrong with it, by place and never by word", arguments: faults)
    func refused(phrase: String, code: String, detail: String) throws {
        let problem = try #require(refusal { _ = try words(phrase).wordCount })
        #expect(problem.code == code)
        #expect(problem.message.hasSuffix(detail))
        #expect(!problem.message.contains("abou"))
    }

    @Test("refuses a passphrase that would have to be normalized")
    func passphrase() throws {
        let problem = refusal { _ = try words(eleven + "about").seed(passphrase: SecureBytes("sch\u{f6}n")).count }
        #expect(problem?.code == "mnemonic.passphrase-not-ascii")
    }

    @Test(
        "tells whether a person has written a word down",
        arguments: [
            (1, "abandon", true), (12, "about", true), (12, "abandon", false), (13, "about", false),
            (0, "abandon", false),
        ])
    func isWord(place: Int, word: String, answer: Bool) throws {
        let isWord = try words(eleven + "about").isWord(Array(word.utf8).span, at: place)
        #expect(isWord == answer)
    }
}

@Suite("A derivation path")
struct DerivationPathTests {
    @Test(
        "is read and written",
        arguments: [
            ("m", "m"), ("m/0", "m/0"), ("m/44'/60'/0'/0/0", "m/44'/60'/0'/0/0"),
            ("m/44h/2147483647h", "m/44'/2147483647'"),
        ])
    func read(text: String, written: String) throws {
        #expect(try DerivationPath(text).description == written)
    }

    @Test("of the first account is BIP-44's")
    func first() { #expect("\(DerivationPath.firstAccount)" == "m/44'/60'/0'/0/0") }

    @Test(
        "is refused for what is wrong with it",
        arguments: [
            ("", "path.no-master"), ("44'/60'", "path.no-master"), ("M/0", "path.no-master"), ("/0", "path.no-master"),
            ("m/", "path.not-index"), ("m//0", "path.not-index"), ("m/'", "path.not-index"),
            ("m/0''", "path.not-index"),
            ("m/-1", "path.not-index"), ("m/+1", "path.not-index"), ("m/01", "path.not-index"),
            ("m/0x1", "path.not-index"),
            ("m/0H", "path.not-index"), ("m/ 0", "path.not-index"), ("m/2147483648", "path.index-too-large"),
            ("m/99999999999999999999'", "path.index-too-large"),
            ("m" + String(repeating: "/0", count: 256), "path.too-deep"),
        ])
    func refused(text: String, code: String) {
        let problem = refusal { _ = try DerivationPath(text) }
        #expect(problem?.code == code)
    }
}

@Suite("An extended key")
struct ExtendedKeyTests {
    /// Test vector 1 of BIP-32. Its path contains hardened and normal child keys.
    @Test(
        "is BIP-32's",
        arguments: [
            ("m", "e8f32e723decf4051aefac8e2c93c9c5b214313817cdb01a1494b917c8436b35"),
            ("m/0'", "edb2e14f9ee77d26dd93b4ecede8d16ed408ce149b6cd80b0715a2d911a0afea"),
            ("m/0'/1", "3c6cb8d0f6a264c91ea8b5030fadaa8e538b020f0a387421a12de9319dc93368"),
        ])
    func vector(path: String, digits: String) throws {
        let seed = try Hex.decode("0x000102030405060708090a0b0c0d0e0f")
        let key = try ExtendedKey.key(seed: SecureBytes(copying: seed.span), at: DerivationPath(path))
        #expect(key.hex() == digits)
    }
}
