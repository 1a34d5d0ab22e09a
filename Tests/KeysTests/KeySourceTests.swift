import AirlockEthereumTypes
import AirlockFiles
import AirlockGcrypt
import AirlockKeys
import AirlockDiagnostics
import AirlockSecretKeys
import AirlockTestSupport
import Testing

private let phrase = String(repeating: "test ", count: 11) + "junk"
private let digits = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"
private let bom = "\u{FEFF}"

@Suite("A key in one of its forms")
struct KeySourceTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func open(_ path: String, password: String = "", passphrase: String = "") throws -> KeyFile {
        try KeySource(path).open(password: { try SecureBytes(password) }, passphrase: { try SecureBytes(passphrase) })
    }

    /// Each row has the content of a key file, and the address of its key.
    private static let contents: [(String, String)] = [
        (digits, "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b"),
        ("0x" + digits + "\n", "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b"),
        (bom + digits.uppercased() + "\r\n\r\n", "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b"),
        (phrase, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
        (bom + phrase + "\r\n", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
    ]

    @Test("holds digits or a mnemonic, as editors write them", arguments: contents)
    func forms(content: String, address: String) throws {
        let path = scratch.file("key", content, mode: 0o600)
        try KeySource(path).check()
        #expect("\(try open(path).address)" == address)
    }

    @Test("holds a keystore, also after white space and a byte order mark", arguments: ["", "\n ", bom])
    func keystore(before: String) throws {
        let key = try SecretKey(hex: digits.bytes.span)
        let file = try Keystore(locking: key, password: SecureBytes("secret"), .light).file()
        let path = scratch.file("key", before + String(decoding: file, as: UTF8.self), mode: 0o600)
        #expect(try open(path, password: "secret").address == key.address)
        #expect(refusal { _ = try open(path, password: "Secret").address }?.code == "keystore.wrong-password")
    }

    @Test(
        "is refused for what is in it",
        arguments: [
            ("{}", "json.missing-field"), ("test junk", "mnemonic.word-count"),
            // The BIP-39 mnemonics of 128 zero bits of entropy, in Spanish, Japanese, Chinese and French.
            (String(repeating: "ábaco ", count: 11) + "abierto", "mnemonic.not-english"),
            (String(repeating: "あいこくしん\u{3000}", count: 11) + "あおぞら", "mnemonic.not-english"),
            (String(repeating: "的 ", count: 11) + "在", "mnemonic.not-english"),
            (String(repeating: "abaisser ", count: 11) + "abeille", "mnemonic.not-english"),
            // A mnemonic with one word on each line.
            (phrase.split(separator: " ").joined(separator: "\n"), "mnemonic.unknown-word"),
            // A file with two keys, and a file with no key.
            (digits + "\n" + digits, "key.not-hex"), ("hello", "key.not-hex"),
        ])
    func refused(content: String, code: String) {
        let path = scratch.file("key", content, mode: 0o600)
        #expect(refusal { _ = try open(path).address }?.code == code)
        #expect(refusal { try KeySource(path).check() }?.code == code)
    }

    @Test("that others can read is refused whatever is in it, with the command to type")
    func mode() throws {
        let path = scratch.file("key", digits, mode: 0o644)
        let problem = try #require(refusal { _ = try open(path).address })
        #expect(problem.code == "file.readable-by-others")
    }

    @Test("asks only for what its form needs")
    func asks() throws {
        struct Asked: Error {}
        let key = try KeySource(scratch.file("digits", digits, mode: 0o600))
        let address = try key.open(password: { throw Asked() }, passphrase: { throw Asked() }).address
        #expect("\(address)" == "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b")
        let words = scratch.file("words", phrase, mode: 0o600)
        _ = try KeySource(words).open(password: { throw Asked() }, passphrase: { try SecureBytes("") }).address
        #expect(throws: Asked.self) {
            _ = try KeySource(words).open(password: { try SecureBytes("") }, passphrase: { throw Asked() }).address
        }
    }
}

@Suite("A password file")
struct PasswordTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Each row has the content of a password file, and its password.
    private static let lines: [(String, String)] = [
        ("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"), (bom + "secret\n", "secret"),
        (" two words \n", " two words "), ("", ""), ("\n", ""), (bom, ""), ("sch\u{f6}n", "sch\u{f6}n"),
        (String(repeating: "x", count: 1024) + "\r\n", String(repeating: "x", count: 1024)),
    ]

    @Test("holds one line, with or without its end", arguments: lines)
    func read(content: String, password: String) throws {
        let secret = try Password.read(scratch.file("password", content, mode: 0o600))
        let isSame = secret.isEqual(to: try SecureBytes(password))
        #expect(isSame)
    }

    /// Each row has the content of a faulty password file, and the rule that it breaks.
    private static let faults: [(String, String)] = [
        ("one\ntwo", "password.several-lines"), ("one\n\n", "password.several-lines"),
        ("one\rtwo", "password.several-lines"), ("one\u{0}", "password.several-lines"),
        (String(repeating: "x", count: 1025), "password.too-long"),
        (String(repeating: "x", count: 2000), "file.too-large"),
    ]

    @Test("is refused when it is longer or has more lines", arguments: faults)
    func refused(content: String, code: String) {
        let path = scratch.file("password", content, mode: 0o600)
        let problem = refusal { _ = try Password.read(path).count }
        #expect(problem?.code == code)
    }

    @Test("that others can read is refused")
    func mode() {
        let path = scratch.file("password", "secret", mode: 0o640)
        #expect(refusal { _ = try Password.read(path).count }?.code == "file.readable-by-others")
    }

    @Test(
        "locks a new file only when it is there, ASCII, and long enough or said to be weak",
        arguments: [
            ("", "password.empty", "password.empty"), ("\u{f6}", "password.not-ascii", "password.not-ascii"),
            ("7 lette", "password.too-short", nil), ("8 letter", nil, nil),
        ])
    func new(password: String, code: String?, weakCode: String?) throws {
        #expect(refusal { try Password.checkNew(SecureBytes(password)) }?.code == code)
        #expect(refusal { try Password.checkNew(SecureBytes(password), allowingWeak: true) }?.code == weakCode)
    }
}
