import AirlockEthereumTypes
import AirlockSecp256k1
import Testing

@Suite("Public keys")
struct PublicKeyTests {
    struct Signed: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let message: String
        /// The signature as r, s and v. Here v is 0 or 1.
        let signature: String
        let publicKey: String
        let address: String
    }

    /// Signatures made with eth-keys. The secret keys are 1, 2, n - 1 and 7.
    static let signed = [
        Signed(
            testDescription: "secret key 1, odd parity", message: "a message",
            signature: "0x7d522e2a655a64c1b93e8a65d08a2941b4baf42174a1eb3cb891e451cf74484a"
                + "33bbd88d7d6344d3c1a1d8ca4f6d90c88376153fe36b35e8e13b3c28b196082301",
            publicKey: "0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
                + "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
            address: "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"),
        Signed(
            testDescription: "secret key 2, even parity", message: "a message",
            signature: "0x3ae9f10a00af31dab6b3bc3915ca12d5127f3134bb887af0411d2914adc1d198"
                + "1588ddec3b737250ba71a7af79254e7c8ef1e4e0e03d54f79ef10b52c90c837e00",
            publicKey: "0xc6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"
                + "1ae168fea63dc339a3c58419466ceaeef7f632653266d0e1236431a950cfe52a",
            address: "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF"),
        Signed(
            testDescription: "secret key n - 1", message: "a message",
            signature: "0xd4fa1886246e9b6a6e678c1433ec3c58f2ff996daed9efd857d8e36a3db92565"
                + "0b69f60e7d3ef0fd68dae53d06b642efe66fe18f4cf8c1acff899e7d30798ebc00",
            publicKey: "0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
                + "b7c52588d95c3b9aa25b0403f1eef75702e84bb7597aabe663b82f6f04ef2777",
            address: "0x80C0dbf239224071c59dD8970ab9d542E3414aB2"),
        Signed(
            testDescription: "r with a leading zero byte", message: "message 235",
            signature: "0x00338126eafc62eea588bfe4cb2062d948c747cf33b5b232d86c97d5c922c96e"
                + "7d480b5a282ccbd44d0a5cc3ef4450da37bca89b7f569f323e80cd1de1aa1b8700",
            publicKey: "0x5cbdf0646e5db4eaa398f365f2ea7a0e3d419b7e0330e39ce92bddedcac4f9bc"
                + "6aebca40ba255960a3178d6d861a54dba813d0b813fde7b5a5082628087264da",
            address: "0xd41c057fd1c78805AAC12B0A94a405c0461A6FBb"),
        Signed(
            testDescription: "s with a leading zero byte", message: "message 207",
            signature: "0x436f2c90349a4f890548d989a8ae526393c333de3fe60f17acfa4b492d14b603"
                + "001069f7ec8262ae81fe60433c5ede70293dc1f57550d60bb2d375f50ff34d0e01",
            publicKey: "0x5cbdf0646e5db4eaa398f365f2ea7a0e3d419b7e0330e39ce92bddedcac4f9bc"
                + "6aebca40ba255960a3178d6d861a54dba813d0b813fde7b5a5082628087264da",
            address: "0xd41c057fd1c78805AAC12B0A94a405c0461A6FBb"),
    ]

    @Test("are recovered from a signature, and verify it", arguments: signed)
    func recover(signed: Signed) throws {
        let digest = Hash.keccak(Array(signed.message.utf8))
        let signature = try Signature(Hex.decode(signed.signature), accepting: .alsoParity)
        let key = try signature.recoverPublicKey(digest: digest)
        #expect(key.description == signed.publicKey)
        #expect(key.address.description == signed.address)
        #expect(try signature.recoverAddress(digest: digest) == key.address)
        #expect(try PublicKey(FixedBytes(hex: signed.publicKey)) == key)
        #expect(key.verifies(signature, digest: digest))
    }

    @Test("verify nothing when any byte of the signature or the digest differs")
    func altered() throws {
        let signed = Self.signed[0]
        let digest = Hash.keccak(Array(signed.message.utf8))
        let bytes = try Hex.decode(signed.signature)
        let key = try PublicKey(FixedBytes(hex: signed.publicKey))
        for index in 0..<64 {
            var other = bytes
            other[index] ^= 1
            let signature = try Signature(other, accepting: .alsoParity)
            #expect(!key.verifies(signature, digest: digest), "byte \(index) of the signature")
            if let recovered = try? signature.recoverPublicKey(digest: digest) { #expect(recovered != key) }
        }
        let signature = try Signature(bytes, accepting: .alsoParity)
        for index in 0..<32 {
            let other = Hash { $0 == index ? digest[$0] ^ 1 : digest[$0] }
            #expect(!key.verifies(signature, digest: other), "byte \(index) of the digest")
            #expect(try signature.recoverPublicKey(digest: other) != key, "byte \(index) of the digest")
        }
        let otherParity = try Signature(bytes.dropLast() + [0], accepting: .alsoParity)
        #expect(try otherParity.recoverPublicKey(digest: digest) != key)
        #expect(key.verifies(otherParity, digest: digest), "the parity plays no part in verifying")
    }

    @Test("take the mirror image of a signature, with its high s and other parity")
    func mirrored() throws {
        // The first signature of `signed`, with n - s instead of s and with the other parity.
        let high = try Signature(
            Hex.decode(
                "0x7d522e2a655a64c1b93e8a65d08a2941b4baf42174a1eb3cb891e451cf74484a"
                    + "cc442772829cbb2c3e5e2735b0926f363738c7a6cbdd6a52de9722641ea0391e00"), accepting: .alsoParity)
        let digest = Hash.keccak(Array("a message".utf8))
        let key = try high.recoverPublicKey(digest: digest)
        #expect(!high.isLowS)
        #expect(key.description == Self.signed[0].publicKey)
        #expect(key.verifies(high, digest: digest))
    }

    @Test(
        "cannot be recovered where the curve has none",
        arguments: [
            // No point of the curve has x = 5, so no key can be recovered from a signature with r = 5.
            (
                "0x0000000000000000000000000000000000000000000000000000000000000005",
                "0x0000000000000000000000000000000000000000000000000000000000000001"
            ),
            // r is the x coordinate of the generator, and s equals the digest. So the recovered key would be the point
            // at infinity.
            (
                "0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
                "0x0000000000000000000000000000000000000000000000000000000000000009"
            ),
        ])
    func unrecoverable(r: String, s: String) throws {
        let digest = try Hash(hex: "0x0000000000000000000000000000000000000000000000000000000000000009")
        let signature = try signature(r, s, 0)
        let error = #expect(throws: SignatureError.self) { try signature.recoverAddress(digest: digest) }
        #expect(error?.rule == .unrecoverable)
    }

    @Test(
        "are points of the curve",
        arguments: [
            String(repeating: "00", count: 64), String(repeating: "ff", count: 64),
            // The point G of secp256k1 with a changed last digit. It is not on the curve.
            "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
                + "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b9",
        ])
    func notOnCurve(digits: String) throws {
        let bytes = try FixedBytes<64>(hex: "0x" + digits)
        #expect(refusal { () throws(SignatureError) in _ = try PublicKey(bytes) } == .notPublicKey)
    }

    @Test("may be recovered by many threads at once")
    func threads() async throws {
        let signed = Self.signed[1]
        let digest = Hash.keccak(Array(signed.message.utf8))
        let signature = try Signature(Hex.decode(signed.signature), accepting: .alsoParity)
        try await withThrowingTaskGroup(of: Address.self) { group in
            for _ in 0..<64 { group.addTask { try signature.recoverAddress(digest: digest) } }
            for try await address in group { #expect(address.description == signed.address) }
        }
    }
}
