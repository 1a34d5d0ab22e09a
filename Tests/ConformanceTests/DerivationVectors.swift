import AirlockEthereumTypes
import AirlockGcrypt
@testable import AirlockKeys
import AirlockStrictJSON
import Testing

@Suite("Conformance: what keys are derived with", .needsVectors)
struct DerivationVectors {
    @Test("Wycheproof HMAC-SHA512")
    func hmac() throws {
        conform("wycheproof/hmac_sha512", try wycheproof("hmac_sha512_test")) { test in
            let key = try test.bytes("key")
            let message = try test.bytes("msg")
            let digest = try MessageDigest.authenticate(.sha512, key: key.span, message.span)
            let tag = try test.bytes("tag")
            let isTag = Array(digest.copied().prefix(tag.count)) == tag
            try same("the verdict", isTag ? "valid" : "invalid", test.text("result"))
        }
    }

    @Test("ethers hmac")
    func ethersHMAC() throws {
        conform("ethers/hmac", try ethers("hmac")) { test in
            let key = try test.bytes("key")
            let message = try test.bytes("data")
            let digest = try MessageDigest.authenticate(function(test), key: key.span, message.span)
            try same("the code", digest.copied(), test.bytes("hmac"))
        }
    }

    @Test("Wycheproof PBKDF2", arguments: [("sha256", MessageDigest.Function.sha256), ("sha512", .sha512)])
    func pbkdf2(name: String, function: MessageDigest.Function) throws {
        conform("wycheproof/pbkdf2_hmac\(name)", try wycheproof("pbkdf2_hmac\(name)_test")) { test in
            let key = try derive(function, test, rounds: test.integer("iterationCount"), count: test.integer("dkLen"))
            try same("the key", key, test.bytes("dk"))
        }
    }

    /// PBKDF2 in libgcrypt refuses an empty salt. This is not a restriction, because no keystore has an empty salt.
    @Test("ethers pbkdf2")
    func ethersPBKDF2() throws {
        conform("ethers/pbkdf2", try ethers("pbkdf")) { test in
            let parameters = try test.member("pbkdf2")
            let rounds = try parameters.integer("iterations")
            do {
                let key = try derive(function(parameters), test, rounds: rounds, count: test.integer("dkLen"))
                try same("the key", key, parameters.bytes("key"))
            } catch let error as GcryptError {
                try same("what was refused", [test.bytes("salt").count, error.rule == .failed ? 0 : 1], [0, 0])
            }
        }
    }

    private func derive(
        _ function: MessageDigest.Function, _ test: JSONValue, rounds: UInt256, count: UInt256
    ) throws -> [UInt8] {
        let password = try test.bytes("password")
        let salt = try test.bytes("salt")
        return try KeyDerivation.pbkdf2(
            function, password: SecureBytes(copying: password.span), salt: salt.span, iterations: int(rounds),
            count: int(count)
        ).copied()
    }

    // MARK: scrypt

    @Test("golang scrypt")
    func golang() throws {
        conform("golang/scrypt", try Vectors.json("golang-crypto/scrypt.json").cases()) { test in
            try scrypt(test, test, expected: test["output"] == nil ? nil : test.bytes("output"))
        }
    }

    @Test("ethers scrypt")
    func ethersScrypt() throws {
        conform("ethers/scrypt", try ethers("pbkdf")) { test in
            let parameters = try test.member("scrypt")
            try scrypt(test, parameters, expected: parameters.bytes("key"))
        }
    }

    /// Checks one case of scrypt. If Airlock accepts a keystore with these parameters, the derived key must be the
    /// expected one. If not, the parameters must be refused.
    private func scrypt(_ test: JSONValue, _ parameters: JSONValue, expected: [UInt8]?) throws {
        let (n, r, p) = try (
            parameters.member("N").number ?? "", parameters.member("r").number ?? "",
            parameters.member("p").number ?? ""
        )
        let password = try test.bytes("password")
        let salt = try test.bytes("salt")
        // scrypt needs secure memory in proportion to the product of r and p. Airlock therefore limits this product.
        let isOurs = expected != nil && (Int(r) ?? 0).multipliedReportingOverflow(by: Int(p) ?? 0).partialValue <= 128
        do {
            let size = try KeystoreDerivation.blockSize(r)
            let logarithm = try KeystoreDerivation.logarithmOfN(n)
            let lanes = try KeystoreDerivation.parallelization(p)
            let key = try KeyDerivation.scrypt(
                password: SecureBytes(copying: password.span), salt: salt.span, logarithmOfN: logarithm, r: size,
                p: lanes, count: expected?.count ?? 32)
            try same("the key", key.copied(), expected ?? [])
            try same("a case of ours", isOurs, true)
        } catch let failure as Failure {
            throw failure
        } catch {
            guard !isOurs else { throw error }
        }
    }

    // MARK: Files

    private func wycheproof(_ file: String) throws -> [(name: String, case: JSONValue)] {
        try Vectors.json("wycheproof/\(file).json").array("testGroups").flatMap { try $0.array("tests") }.map { test in
            ("\(test["tcId"]?.number ?? "") \(test["comment"]?.string ?? "")", test)
        }
    }

    private func function(_ test: JSONValue) throws -> MessageDigest.Function {
        try test.text("algorithm") == "sha256" ? .sha256 : .sha512
    }
}

/// Returns the cases of a test file of the ethers library. The file contains one JSON array of cases.
func ethers(_ name: String) throws -> [(name: String, case: JSONValue)] {
    let cases = try #require(Vectors.json("ethers-sample/\(name).json.gz").elements)
    return cases.enumerated().map { ("\($0) \($1["name"]?.string ?? "")", $1) }
}

func int(_ number: UInt256) throws -> Int {
    guard let number = UInt64(exactly: number), let number = Int(exactly: number) else {
        throw Failure("\(number) is too large")
    }
    return number
}

extension SecureBytes {
    borrowing func copied() -> [UInt8] { withBytes { bytes in bytes.indices.map { bytes[$0] } } }
}
