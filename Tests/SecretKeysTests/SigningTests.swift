import AirlockEthereumTypes
import AirlockGcrypt
import AirlockSamples
import AirlockSecp256k1
import AirlockSecretKeys
import Testing

/// A key, a digest, and their signature: r, s and the parity. The signature was computed by eth-account's own
/// arithmetic, not by libsecp256k1.
private struct Vector: CustomTestStringConvertible {
    let name: String
    let key: String
    let digest: String
    let signature: String

    var testDescription: String { name }
}

private let one = String(repeating: "0", count: 63) + "1"
private let orderLessOne = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"
private let common = "5bfbbf75311ec002834031d73fa30bfe8bdf675f4a3df72443841490c4b49d02"
private let searched = "fadf8d0cee2efe37284f19243735d81af69b55e14e4c371c5e35fd9c55df6039"
private let emptyHash = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
private let zeros = String(repeating: "0", count: 64)
private let ones = String(repeating: "f", count: 64)

private let vectors = [
    Vector(
        name: "the least key", key: one, digest: emptyHash,
        signature: """
            03925438bf9bdfed9cb8d9d9467f8fc624f389846f0db71f4f5c84b483077da6\
            2ca68cb1027ace392bc6a84fe0ba29288aa07942f571f56201dd33c009ee388601
            """),
    Vector(
        name: "the least key, a digest of zeros", key: one, digest: zeros,
        signature: """
            a0b37f8fba683cc68f6574cd43b39f0343a50008bf6ccea9d13231d9e7e2e1e4\
            11edc8d307254296264aebfc3dc76cd8b668373a072fd64665b50000e9fcce5201
            """),
    Vector(
        name: "the least key, a digest above the order", key: one, digest: ones,
        signature: """
            7cb38cc5712e9e11a767615f6080dbc111c9cdd613eb98999fd92a86bafd4540\
            7923ca1f4d03471d2866f776ef8a6d3cac099b427331aeb245aa9dafeddcf11500
            """),
    Vector(
        name: "the greatest key", key: orderLessOne, digest: emptyHash,
        signature: """
            1f4365919f49f7e9b8018b7526c78769cd31a28fc0cf8dc91e6a20a099c07498\
            480cb8d4ba4ee0d2446bea06ff815bf7ce05665b00248c491d70b2039d91222c01
            """),
    Vector(
        name: "the greatest key, a digest of zeros", key: orderLessOne, digest: zeros,
        signature: """
            919026f3e239ea52cf530eb6d345dc2b56ef0928f1e9ad20d8f360284dc65048\
            14395e7137e2204f15b69239010f3c34fbb3c858a29b0d106b1fa65bc004726300
            """),
    Vector(
        name: "the greatest key, a digest above the order", key: orderLessOne, digest: ones,
        signature: """
            a7f83b5963eaf5332c633327cc967be8f4166d3f1e0b77f9761d8f4e42211e9a\
            58aae31be1eb1e496923bbe8ca5e843cfb89f4d986d61d4edfd7d6fc3c9cf62c00
            """),
    Vector(
        name: "any key", key: common, digest: emptyHash,
        signature: """
            75bfacbc686cedcd9901a6fd3cf27d811e4d4cc048420aa828675581975432dc\
            187d9c2335e085e9e75ecef578c3284c907bd7bcc160d8c2f5354cc9eefedc5400
            """),
    Vector(
        name: "any key, a digest above the order", key: common, digest: ones,
        signature: """
            639a27e780394e3d03e50cf9feabffa23f40e80e69a20492725945a234ad603b\
            5f261bbf53bb7affad10f71fecf68961445bf43a8d3ab3dc8c3ef30490abbae901
            """),
    Vector(
        name: "r with one leading zero byte", key: searched,
        digest: "670b15b09ae39e24226f208be04161851f2e9fbf7546e2416f758af454de1afb",
        signature: """
            008391723118914c8451cf06cb060d232c6fe45dfd335d7094818628393758af\
            7e24adc81d51c707cdeb5f240f95462b8a706c1110e25b3a140a283f8ecec71100
            """),
    Vector(
        name: "r with two leading zero bytes", key: searched,
        digest: "3afc8e2b1efcb7ab723dea78daa1712795792e4acdeed47e15bb74cdf95dddc8",
        signature: """
            000029b0f8bc3c43c8d45972e91c12b2fdab04134443e2f8b1c2a1dbf80d074f\
            37e34c7ff25d6b1ef0c8681df183c2d77aaa2c197ff4e6d1f4791054e8b46cd900
            """),
    Vector(
        name: "s with one leading zero byte", key: searched,
        digest: "f787a1a8f2b5a11c213eb09edf75eecbfd2dad069374c0443291ce075ab3369a",
        signature: """
            182756304afdfe25fc8cb2b69cdd13f129e33bbcd7fbc1369335913b0e97d86b\
            004452ffe88fb0d04f0c9e108f7fc487c241f7a701c604493c9abcca45d8521200
            """),
    Vector(
        name: "s with two leading zero bytes", key: searched,
        digest: "3f758a1f31682b4a15bf0de5b813d8d19ab8a0cb94dc6ed3c609b512eb61dcd8",
        signature: """
            74a0225471076133a52272abec5739231bde22d0743d439bea2a11105fb39dd3\
            00008d383fa931fd141c2504469442541a9db81934e413c557ecf10486f1341801
            """),
]

@Suite("Signing")
struct SigningTests {
    @Test("gives the signature of RFC 6979, the low one", arguments: vectors)
    fileprivate func known(vector: Vector) throws {
        let key = try SecretKey(hex: Array(vector.key.utf8).span)
        let digest = try Hash(hex: "0x" + vector.digest)
        let signature = try key.sign(digest)
        let expected = try Hex.decode(digits: vector.signature)
        #expect(signature.r.bytes + signature.s.bytes + [signature.yParity] == expected)
        #expect(signature.isLowS)
        #expect(try signature.recoverPublicKey(digest: digest) == key.publicKey)
        #expect(key.publicKey.verifies(signature, digest: digest))
    }

    @Test("gives a low s and the sender's parity for any digest, the same each time")
    func any() throws {
        for number in 0..<500 {
            let key = SampleKey("key \(number % 10)")
            let digest = Hash.keccak(Array("digest \(number)".utf8))
            let signature = try key.sign(digest)
            #expect(signature.isLowS, "\(number)")
            #expect(try signature.recoverAddress(digest: digest) == key.address, "\(number)")
            #expect(try key.sign(digest) == signature, "\(number)")
        }
    }

    @Test("is confirmed by libgcrypt, which shares no code with the signer")
    func secondEngine() throws {
        let key = SampleKey("second")
        for number in 0..<8 {
            let digest = Hash.keccak([UInt8(number)])
            let other = Hash.keccak([UInt8(number), 0])
            let signature = try key.sign(digest)
            func holds(_ digest: Hash) throws -> Bool {
                try ECDSA.verifies(
                    digest: digest.inline.span, r: signature.r.inline.span, s: signature.s.inline.span,
                    publicKey: key.secret.publicKey.bytes.inline.span)
            }
            #expect(try holds(digest))
            #expect(try !holds(other))
        }
    }

    @Test("is the same on many threads at once as on one")
    func threads() async throws {
        let digests = (0..<64).map { Hash.keccak([UInt8($0)]) }
        let alone = try digests.map { try SampleKey.payer.sign($0) }
        let together = try await withThrowingTaskGroup(of: (Int, Signature).self) { group in
            for (index, digest) in digests.enumerated() {
                group.addTask { (index, try SampleKey.payer.sign(digest)) }
            }
            return try await group.reduce(into: [Int: Signature]()) { $0[$1.0] = $1.1 }
        }
        #expect(alone.enumerated().allSatisfy { together[$0.offset] == $0.element })
    }
}
