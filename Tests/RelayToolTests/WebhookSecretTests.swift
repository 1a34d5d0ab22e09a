import AirlockEthereumTypes
import AirlockToolSupport
import Testing

@testable import AirlockRelayTool

@Suite("The signature of a webhook's posts")
struct WebhookSecretTests {
    /// The test vectors of RFC 4231, section 4.
    static let vectors: [(key: String, data: String, code: String)] = [
        (
            String(repeating: "0b", count: 20), "4869205468657265",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            "0102030405060708090a0b0c0d0e0f10111213141516171819", String(repeating: "cd", count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            String(repeating: "aa", count: 131),
            "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ]

    @Test("is that of RFC 4231", arguments: vectors)
    func vector(key: String, data: String, code: String) throws {
        let secret = WebhookSecret(try Hex.decode("0x" + key))
        #expect(secret.signature(of: try Hex.decode("0x" + data)) == "sha256=" + code)
    }

    @Test("is what Python's hmac says, for bodies and secrets of every length around a block")
    func python() throws {
        let python = try #require(BuiltTool.python)
        let lengths = [0, 1, 16, 31, 32, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000, 70_000]
        let program = """
            import hmac
            for key in (16, 32, 63, 64, 65, 200):
                for length in \(lengths):
                    body = bytes((number * 7 + length) % 256 for number in range(length))
                    print(hmac.new(bytes(range(key % 256)), body, "sha256").hexdigest())
            """
        let said = try python.run(["-c", program], in: "/").out.split(separator: "\n").map { "sha256=\($0)" }
        var own: [String] = []
        for key in [16, 32, 63, 64, 65, 200] {
            let secret = WebhookSecret((0..<key).map { UInt8($0) })
            for length in lengths {
                own.append(secret.signature(of: (0..<length).map { UInt8(($0 * 7 + length) % 256) }))
            }
        }
        #expect(own == said && own.count == 6 * lengths.count)
    }

    @Test("is not shown with its secret")
    func hidden() {
        let secret = WebhookSecret(Array("top secret of ours".utf8))
        var dumped = ""
        dump(secret, to: &dumped)
        #expect("\(secret)" == "a secret" && !dumped.contains("116"))
    }
}
