import AirlockCGcrypt
import AirlockEthereumTypes
import AirlockGcrypt
import AirlockSecp256k1
import AirlockSecretKeys
import AirlockStrictJSON
import Testing

@Suite("Conformance: signatures", .needsVectors)
struct SignatureVectors {
    @Test("wallet-core secp256k1_sign")
    func walletCore() throws {
        let cases = try #require(Vectors.json("wallet-core/secp256k1_sign.json").elements)
        conform("wallet-core/secp256k1_sign", cases.enumerated().map { ("\($0)", $1) }) { value in
            let signature = try Signature(value.bytes("signature"), accepting: .alsoParity)
            guard let digest = Hash(try value.bytes("hash")) else { throw Failure("a digest has not 32 bytes") }
            try check(signature, digest, signedWith: "secret", of: value)
        }
    }

    @Test("MetaMask personal_sign")
    func personalSign() throws {
        conform("metamask/personal_sign", try Vectors.json("metamask/personal_sign.json").cases()) { value in
            let message = try value.bytes("message")
            // The prefix of a personal message (EIP-191, version 0x45).
            let prefix = "\u{19}Ethereum Signed Message:\n\(message.count)"
            let signature = try Signature(value.bytes("signature"), accepting: .only27Or28)
            let digest = Hash.keccak(Array(prefix.utf8) + message)
            try check(signature, digest, signedWith: "privateKey", of: value)
            guard let address = value["address"]?.string else { return }
            try same("the address", signature.recoverAddress(digest: digest), Address(address))
        }
    }

    @Test("MetaMask EIP-7702 authorization")
    func authorization() throws {
        conform("metamask/eip7702_authorization", try Vectors.json("metamask/eip7702_authorization.json").cases()) {
            let signature = try Signature($0.bytes("signature"), accepting: .only27Or28)
            try check(signature, Hash(hex: $0.text("hash")), signedWith: "privateKey", of: $0)
        }
    }

    /// Checks that the secret key makes exactly this signature. Checks that its public key is recovered from the
    /// signature, and that the public key verifies the signature.
    private func check(_ signature: Signature, _ digest: Hash, signedWith key: String, of value: JSONValue) throws {
        let secretKey = try value.secretKey(key)
        try same("our own signature", secretKey.sign(digest), signature)
        try same("the key", signature.recoverPublicKey(digest: digest), secretKey.publicKey)
        try same("verifying", secretKey.publicKey.verifies(signature, digest: digest), true)
    }

    // MARK: Wycheproof

    /// In this test set, a signature is the 32 bytes of r and the 32 bytes of s. A high s is valid.
    @Test("Wycheproof: r and s in fixed length")
    func p1363() throws {
        try wycheproof("ecdsa_secp256k1_sha256_p1363_test") { bytes in
            guard bytes.count == 64 else { return nil }
            return try? Signature(bytes + [27], accepting: .only27Or28)
        }
    }

    /// In this test set, a signature is in DER. Only a low s is valid.
    @Test("Wycheproof: strict DER with low s")
    func bitcoin() throws {
        try wycheproof("ecdsa_secp256k1_sha256_bitcoin_test") { bytes in
            var rest = bytes[...]
            guard let sequence = DER.take(0x30, from: &rest), rest.isEmpty else { return nil }
            rest = sequence
            guard let r = DER.integer(from: &rest), let s = DER.integer(from: &rest), rest.isEmpty,
                let signature = try? Signature(r: r, s: s, yParity: 0)
            else { return nil }
            return signature.isLowS ? signature : nil
        }
    }

    private func wycheproof(_ file: String, read: ([UInt8]) -> Signature?) throws {
        let cases = try Vectors.json("wycheproof/\(file).json").array("testGroups").flatMap { group in
            try group.array("tests").map { test in
                ("\(test["tcId"]?.number ?? "") \(test["comment"]?.string ?? "")", (group, test))
            }
        }
        try GcryptLibrary.start()
        conform("wycheproof/\(file)", cases) { (group, test) in
            // The public key is the byte 04, followed by x and y.
            let bytes = try group.member("publicKey").bytes("uncompressed").dropFirst()
            guard let point = FixedBytes<64>(Array(bytes)) else { throw Failure("a key has not 64 bytes") }
            let key = try PublicKey(point)
            let digest = sha256(try test.bytes("msg"))
            let verified = read(try test.bytes("sig")).map { key.verifies($0, digest: digest) } ?? false
            try same("the verdict", verified ? "valid" : "invalid", test.text("result"))
        }
    }
}

/// A reader for the part of DER (X.690) that signatures use.
private enum DER {
    /// Removes the first value from the bytes and returns its content. Returns `nil` if the value does not have this
    /// tag, if its length is 128 or more (so that the length takes more than one byte), or if bytes are missing.
    static func take(_ tag: UInt8, from bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard bytes.popFirst() == tag, let length = bytes.popFirst(), length < 0x80, length <= bytes.count else {
            return nil
        }
        defer { bytes = bytes.dropFirst(Int(length)) }
        return bytes.prefix(Int(length))
    }

    /// Removes an integer from the bytes and returns it. Returns `nil` if the integer is negative, is not in its
    /// shortest form, or has more than 32 bytes.
    static func integer(from bytes: inout ArraySlice<UInt8>) -> FixedBytes<32>? {
        guard let content = take(0x02, from: &bytes), let first = content.first, first < 0x80 else { return nil }
        if first == 0, content.count > 1, content[content.startIndex + 1] < 0x80 { return nil }
        let digits = Array(content.drop { $0 == 0 })
        return UInt256(bigEndian: digits.span)?.word
    }
}

private func sha256(_ message: [UInt8]) -> Hash {
    var digest = [UInt8](repeating: 0, count: 32)
    unsafe gcry_md_hash_buffer(Int32(GCRY_MD_SHA256.rawValue), &digest, message, message.count)
    return Hash { digest[$0] }
}
