import AirlockEthereumTypes
import AirlockSamples
import AirlockSecretKeys
import Testing

@Suite("The sum of a secret key and a tweak")
struct DerivationTests {
    private func key(_ byte: UInt8) throws -> SecretKey {
        try SecretKey(hex: Array((String(repeating: "0", count: 62) + Hex.encode([byte], prefix: false)).utf8).span)
    }

    private static let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"

    @Test("is added to modulo the order of the curve")
    func adding() throws {
        let three = try key(3).withBytes { bytes in bytes.indices.map { bytes[$0] } }
        let sum = try key(2).adding(three.span)
        #expect(sum.address == (try key(5)).address)
    }

    @Test(
        "has no sum that is zero, and none with a tweak that is too large or of another length",
        arguments: [
            (String(order.dropLast() + "0"), "key.out-of-range"), (order, "key.out-of-range"),
            ("00", "key.wrong-length"),
        ])
    func refused(tweak: String, code: String) throws {
        let tweak = try Hex.decode(digits: tweak)
        #expect(refusals { _ = try key(1).adding(tweak.span).address }.map(\.code) == [code])
    }
}
