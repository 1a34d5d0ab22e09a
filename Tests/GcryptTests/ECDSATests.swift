import AirlockGcrypt
import Testing

/// A signature that another implementation made (pyca/cryptography with OpenSSL). If s was above half of the order, it
/// was replaced by n - s.
private struct Sample: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let digest: String
    let r: String
    let s: String

    static let publicKey =
        "4e3b81af9c2234cad09d679ce6035ed1392347ce64ce405f5dcd36228a25de6e"
        + "47fd35c4215d1edf53e6f83de344615ce719bdb0fd878f6ed76f06dd277956de"

    static let common = Sample(
        testDescription: "a common one",
        digest: "8d9f2dffecdceaec6339037584a2674d1e8c4554a34b52d57cb54a958650e69f",
        r: "0a11d75fef97fae3a2dfabfd84ba4d70a12ce7851fa89f05e7f2159d5e3efe2e",
        s: "4e0012320701ae82ac7246aabee320801985449db0e166360c802e9e57a75c14")

    static let all = [
        common,
        Sample(
            testDescription: "r begins with a zero byte",
            digest: "51fc5e71eca83dcfb75be60fb8f4813ccdc72f1a0a6b0b9594d3a1541c749f19",
            r: "00a0e1e4e19c154a33cf9dcdc843b8930fa74c43ac9baaa5d8949177eb91100a",
            s: "7198c843e44a3ae8f3fc5647690cd58e6d5318915ea2bccaa1c9857cf0bea349"),
        Sample(
            testDescription: "s begins with a zero byte",
            digest: "84dfb565ca8572bacc9f959c421b135d05b8ec659e7fce2fe04a332c552412d2",
            r: "b5e6f1d806c0972eac64a5b5a4e17b0eb3e9d7b1e32ffb953686bb4a567f29b0",
            s: "0044a67274f8fff04c4ec284c143f3c641a8a38a4d133ccb69f5d85e8fcb6eb8"),
        Sample(
            testDescription: "the digest is zero",
            digest: String(repeating: "0", count: 64),
            r: "62bfda145e10c949cfe229eeda102513d0cbcb3ca2847e0a593b88bbb729ba1c",
            s: "0ec672e40b72e2b9f5a9fb8726216871f646baf741b197caa7b77ae319953ee9"),
        Sample(
            testDescription: "the digest is above the order",
            digest: String(repeating: "f", count: 64),
            r: "16f620e182528c337d794db57f006af3e68cb2a1f64ba64101a773f6561b9203",
            s: "26cd86dccec90d02615817d40321178ede8d2103ea769504675ce6c1dcc0575f"),
    ]
}

private func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.map { UInt8($0 > 57 ? $0 - 87 : $0 - 48) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

private func verifies(digest: String, r: String, s: String, publicKey: String) throws(GcryptError) -> Bool {
    let (digest, r, s, publicKey) = (bytes(digest), bytes(r), bytes(s), bytes(publicKey))
    return try ECDSA.verifies(
        digest: digest.span, r: r.span, s: s.span, publicKey: publicKey.span)
}

/// Returns the hexadecimal text with the lowest bit of its last byte flipped.
private func altered(_ hex: String) -> String {
    hex.dropLast() + String(Int(String(hex.suffix(1)), radix: 16).map { $0 ^ 1 } ?? 0, radix: 16)
}

@Suite("The second ECDSA engine")
struct ECDSATests {
    @Test("verifies what another engine signed", arguments: Sample.all)
    private func verified(sample: Sample) throws {
        for publicKey in [Sample.publicKey, "04" + Sample.publicKey] {
            #expect(try verifies(digest: sample.digest, r: sample.r, s: sample.s, publicKey: publicKey))
        }
    }

    @Test("denies whatever has one bit altered", arguments: Sample.all)
    private func denied(sample: Sample) throws {
        let (digest, r, s, key) = (sample.digest, sample.r, sample.s, Sample.publicKey)
        #expect(try !verifies(digest: altered(digest), r: r, s: s, publicKey: key))
        #expect(try !verifies(digest: digest, r: altered(r), s: s, publicKey: key))
        #expect(try !verifies(digest: digest, r: r, s: altered(s), publicKey: key))
        // With y + 1 instead of y, the point is not on the curve.
        #expect(try !verifies(digest: digest, r: r, s: s, publicKey: altered(key)))
    }

    @Test("takes a high s, as SEC 1 does")
    func highS() throws {
        let sample = Sample.common
        let s = "b1ffedcdf8fe517d538db955411cdf7ea1299848fe673a05b3522fee788ee52d"
        #expect(try verifies(digest: sample.digest, r: sample.r, s: s, publicKey: Sample.publicKey))
    }

    @Test("denies the key of another, and r and s exchanged")
    func others() throws {
        let sample = Sample.common
        // The generator of secp256k1, which is the public key of the secret key 1.
        let generator =
            "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
            + "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
        #expect(try !verifies(digest: sample.digest, r: sample.r, s: sample.s, publicKey: generator))
        #expect(try !verifies(digest: sample.digest, r: sample.s, s: sample.r, publicKey: Sample.publicKey))
    }

    @Test(
        "denies r and s out of 1 ..< n",
        arguments: [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        ])
    func outOfRange(scalar: String) throws {
        let sample = Sample.common
        #expect(try !verifies(digest: sample.digest, r: scalar, s: sample.s, publicKey: Sample.publicKey))
        #expect(try !verifies(digest: sample.digest, r: sample.r, s: scalar, publicKey: Sample.publicKey))
    }

    @Test(
        "refuses a value of another length, naming it",
        arguments: [
            (31, 32, 32, 64, "a digest of 31 bytes"),
            (32, 33, 32, 64, "a r of 33 bytes"),
            (32, 32, 0, 64, "a s of 0 bytes"),
            (32, 32, 32, 33, "a public key of 33 bytes"),
        ])
    func lengths(digest: Int, r: Int, s: Int, publicKey: Int, detail: String) {
        let error = #expect(throws: GcryptError.self) {
            func hex(_ count: Int) -> String { String(repeating: "04", count: count) }
            return try verifies(digest: hex(digest), r: hex(r), s: hex(s), publicKey: hex(publicKey))
        }
        #expect(error?.rule == .wrongLength)
        #expect(error?.detail == detail)
    }

    @Test("throws, rather than denies, when it cannot judge")
    func noVerdict() {
        let sample = Sample.common
        let error = #expect(throws: GcryptError.self) {
            try verifies(digest: sample.digest, r: sample.r, s: sample.s, publicKey: "05" + Sample.publicKey)
        }
        #expect(error?.rule == .failed)
        #expect(error?.detail == "Invalid object")
    }
}
