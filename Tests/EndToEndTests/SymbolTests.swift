import Testing
import AirlockToolSupport

@Suite("What is linked")
struct SymbolTests {
    /// Returns all symbols of a binary: those that it defines, and those that it imports from libraries.
    private func symbols(_ tool: String) throws -> [Substring] {
        let names = try #require(BuiltTool.installed("nm")).run([BuiltTool(tool).path], in: "/").out
        return names.split(separator: "\n").compactMap { $0.split(separator: " ").last }
    }

    /// The prefixes of symbols whose code could store or use a secret key. Some are mangled Swift names, which begin
    /// with the name of the module. The others are names of C functions.
    private static let forbidden = [
        "$s17AirlockSecretKeys", "$s14AirlockSigning", "$s11AirlockKeys", "$s13AirlockGcrypt", "secp256k1_ecdsa_sign_",
        "secp256k1_ec_seckey",
        "secp256k1_ec_pubkey_create", "secp256k1_keypair", "secp256k1_schnorrsig_sign", "gcry_",
    ]

    private func found(_ tool: String) throws -> Set<String> {
        let symbols = try symbols(tool)
        var found = Self.forbidden.filter { name in symbols.contains { $0.hasPrefix(name) } }
        if symbols.contains("secp256k1_ecdsa_sign") { found.append("secp256k1_ecdsa_sign") }
        return Set(found)
    }

    @Test("into airlock-relay knows no secret key and no way to sign")
    func relay() throws {
        #expect(try symbols("airlock-relay").contains("secp256k1_ecdsa_recover"))
        #expect(try found("airlock-relay").isEmpty)
    }

    @Test("into airlock does, so that the names are the right ones")
    func airlock() throws {
        #expect(
            try found("airlock").isSuperset(of: [
                "$s17AirlockSecretKeys", "$s14AirlockSigning", "$s11AirlockKeys", "$s13AirlockGcrypt",
                "secp256k1_ecdsa_sign_",
                "secp256k1_ec_pubkey_create", "gcry_",
            ]))
    }

    @Test("into airlock opens no connection, and into airlock-relay does")
    func network() throws {
        let network: Set<Substring> = ["curl_easy_perform", "curl_multi_perform", "curl_easy_init"]
        #expect(try network.isDisjoint(with: symbols("airlock")))
        #expect(try !network.isDisjoint(with: symbols("airlock-relay")))
    }
}
