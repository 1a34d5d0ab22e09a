import AirlockSecp256k1
import Testing

@Suite("Rules of secret keys")
struct SecretKeyRuleTests {
    @Test("are said by these codes and sentences")
    func sentences() {
        #expect(
            SecretKeyRule.allCases.map { "\($0.rawValue): \($0.meaning)" } == [
                "key.wrong-length: a secret key has 32 bytes",
                "key.out-of-range: the key is zero, or not below the order of the curve",
                "key.not-hex: the key is not 64 hexadecimal digits",
                "key.engine-failed: the signing engine failed",
            ])
    }
}
