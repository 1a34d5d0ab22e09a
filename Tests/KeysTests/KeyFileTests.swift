import Foundation
import AirlockGcrypt
import AirlockKeys
import AirlockSamples
import AirlockSecretKeys
import Testing
import AirlockTestSupport

private let key = "fadf8d0cee2efe37284f19243735d81af69b55e14e4c371c5e35fd9c55df6039"
private let address = "0xC1Cb351A03Beb5B423BCC4e2a0c9d588CC67e56d"

@Suite("A file with a raw key")
struct KeyFileTests {
    /// Calls `body` with the path of a key file. The file is removed when `body` has returned.
    private func withFile(_ content: [UInt8], mode: Int = 0o600, _ body: (String) throws -> Void) throws {
        let scratch = try Scratch()
        let path = scratch("key")
        #expect(
            FileManager.default.createFile(
                atPath: path, contents: Data(content), attributes: [.posixPermissions: mode]))
        try body(path)
    }

    private func open(_ path: String) throws -> KeyFile {
        try KeySource(path).open(password: { try SecureBytes("") }, passphrase: { try SecureBytes("") })
    }

    private static let forms: [String] = [
        "\(key)", "0x\(key)", "0X\(key)", "\(key.uppercased())", "\(key)\n", "\(key)\r\n", "\(key)\r", "\(key)\n\n",
        "\(key)   ", "0x\(key) \r\n", "\u{FEFF}\(key)", "\u{FEFF}0x\(key)\r\n",
    ]

    @Test("holds its digits with or without 0x, however its editor ends the line and begins the file", arguments: forms)
    func taken(content: String) throws {
        try withFile(Array(content.utf8)) { path in
            let file = try open(path)
            #expect("\(file.secret.address)" == address)
        }
    }

    private static let notHex: [String] = [
        "", "\n", "0x", "\u{FEFF}", "\(key.dropLast())", "\(key)0", "0x\(key.dropLast())\n", "0x\(key)0\n",
        " \(key)", "\n\(key)", "\(key)\t", "\(key)\u{0}", "\(key)\n\(key)", "\u{FEFF}\u{FEFF}\(key)",
        "\(key)\u{FEFF}", "\"\(key)\"", "\(key) # mine",
    ]
    private static let outOfRange: [String] = [
        "\(String(repeating: "0", count: 64))\n", "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141\n",
    ]

    @Test("is refused when anything but a number stands in it", arguments: notHex)
    func anythingElse(content: String) throws { try refuse(content, "key.not-hex") }

    @Test("is refused when its number is no key", arguments: outOfRange)
    func noKey(content: String) throws { try refuse(content, "key.out-of-range") }

    private func refuse(_ content: String, _ code: String) throws {
        try withFile(Array(content.utf8)) { path in
            #expect(refusals { _ = try open(path).secret.address } == [Refusal(code, nil)])
        }
    }

    @Test("is refused when others can read it, and when it is not there")
    func file() throws {
        try withFile(Array(key.utf8), mode: 0o644) { path in
            #expect(refusals { _ = try open(path).identity } == [Refusal("file.readable-by-others", path)])
        }
        #expect(refusals { _ = try open("/nowhere/key").identity } == [Refusal("file.missing", "/nowhere/key")])
    }

    @Test("says which file it is, so that no output replaces it")
    func identity() throws {
        try withFile(Array(key.utf8)) { first in
            try withFile(Array(key.utf8)) { second in
                let once = try open(first).identity
                #expect(try open(first).identity == once)
                #expect(try open(second).identity != once)
            }
        }
    }

    @Test("shows nothing of its content in an error")
    func secrecy() throws {
        try withFile(Array((key + "0").utf8)) { path in
            let found = problems { _ = try open(path).secret.address }
            #expect(found.count == 1)
            #expect(!"\(found)".contains(key.prefix(8)))
        }
    }
}
