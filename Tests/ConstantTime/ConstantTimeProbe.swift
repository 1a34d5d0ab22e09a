import AirlockCDeclassify
import AirlockEthereumTypes
import AirlockGcrypt
import Glibc
import AirlockKeys
import AirlockSecp256k1
import AirlockSecretKeys

/// Does the work that uses a secret key: reads the key, computes its address, signs with it, and decrypts it from a
/// keystore. The key is marked as a secret. The probe runs under valgrind, which reports every branch and every memory
/// access that depends on the secret.
///
/// The exit code is 0 if all results are right, 1 if any is wrong, and 3 if the probe does not run under valgrind. With
/// the argument `branch` or `lookup`, the probe does work that valgrind must report.
@main
enum ConstantTimeProbe {
    /// A key that is published, so it is not a secret.
    private static let key = "fadf8d0cee2efe37284f19243735d81af69b55e14e4c371c5e35fd9c55df6039"
    private static let address = Address(known: "0xC1Cb351A03Beb5B423BCC4e2a0c9d588CC67e56d")

    /// The same key in a keystore of eth-keyfile. The key derivation of this keystore takes very little time.
    private static let keystore = """
        {"version":3,"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"8d1d8f7febfe25712a0b769557a6b109"},"ciphertext":"\
        eeb9f9145f625b0aec09d368c0f607b0f74c5f91819a13719cb2fe86f7bbba68","mac":"\
        b79f8200b46663f36339c8e1d98b9d37cd4343dcce2737b3a7fc226a7bf41dca","kdf":"scrypt","kdfparams":{"dklen":32,"n":2,"r":8,"p":1,"salt":"0ad93f5e52bcec1461afda085ae724fb"}}}
        """

    static func main() throws {
        guard airlock_is_watched() != 0 else { exit(3) }
        if let kind = CommandLine.arguments.dropFirst().first { exit(leak(kind)) }
        let parsed = try SecretKey(hex: secret(Array(key.utf8)).span)
        let prefixed = try SecretKey(hex: (Array("0x".utf8) + secret(Array(key.uppercased().utf8))).span)
        let signature = try parsed.sign(.keccak(Array("a message".utf8)))
        let password = try SecureBytes(copying: Array("a password".utf8).span)
        // The derived key is marked as a secret at the point where libgcrypt returns it.
        let opened = try Keystore(Array(keystore.utf8)).unlock(password)
        // The values that are compared here are addresses, which are public.
        let signer = try signature.recoverAddress(digest: .keccak(Array("a message".utf8)))
        exit([parsed.address, prefixed.address, opened.address, signer].allSatisfy { $0 == address } ? 0 : 1)
    }

    /// Leaks a secret on purpose, so that valgrind must report it. If valgrind does not report this leak, the test
    /// cannot detect real leaks.
    private static func leak(_ kind: String) -> Int32 {
        let byte = secret([0x5A])[0]
        if kind == "branch" { return byte == 0x5A ? 0 : 1 }
        return [UInt8](repeating: 1, count: 256)[Int(byte)] == 1 ? 0 : 1
    }

    private static func secret(_ bytes: [UInt8]) -> [UInt8] {
        unsafe bytes.withUnsafeBufferPointer { unsafe airlock_mark_secret($0.baseAddress, $0.count) }
        return bytes
    }
}
