import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockSamples
import AirlockSecretKeys
import Testing

@Suite("What is shown of a secret key")
struct SecrecyTests {
    /// The hexadecimal digits of a secret key. Most texts in the test below are these digits with a mistake.
    private static let digits = "fadf8d0cee2efe37284f19243735d81af69b55e14e4c371c5e35fd9c55df6039"

    @Test(
        "is nothing in an error: not its text, its problems, its parts nor its members",
        arguments: [
            String(digits.dropLast()), digits + "0", "0x" + digits.dropLast() + "g",
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        ])
    func errors(hex: String) throws {
        let error = try #require(throws: SecretKeyError.self) {
            _ = try SecretKey(hex: Array(hex.utf8).span).address
        }
        var shown = "\(error) \(String(reflecting: error)) "
        dump(error, to: &shown)
        dump(error.problems, to: &shown)
        for start in hex.indices where hex.distance(from: start, to: hex.endIndex) >= 8 {
            // Checks that the error contains no eight consecutive digits of the key text. A match of eight digits would
            // not be chance.
            let piece = hex[start...].prefix(8)
            #expect(!shown.lowercased().contains(piece), "\(piece)")
        }
    }

    @Test("is nothing in what holds it: a mirror of the holder finds no digit")
    func holder() {
        let key = SampleKey("holder")
        var shown = "\(key) \(String(reflecting: key)) "
        dump(key, to: &shown)
        for child in Mirror(reflecting: key).children { shown += "\(child.value)" }
        // The public key may appear, but not the secret key. The bytes of the secret key are the hash of the name, so
        // the test can compute them.
        let secret = SampleKey.bytes("holder").bytes
        let decimal = secret.prefix(4).map { "\($0)" }.joined(separator: ", ")
        let hex = secret.prefix(4).map { String($0, radix: 16) }.joined()
        #expect(!shown.contains(decimal) && !shown.contains(hex))
    }
}
