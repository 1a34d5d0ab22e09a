import AirlockCDeclassify
import AirlockEthereumTypes
import AirlockGcrypt
import Glibc
import AirlockKeys
import AirlockSecp256k1
import AirlockSecretKeys

/// Reads a key, tells its address, signs with it, and decrypts it from a keystore, with the key marked as a secret: to
/// be run under valgrind, which reports whatever takes its time by a secret. Exit 0 when all of it was right, 3 when
/// nobody watches; with `branch` or `lookup` it does what must be reported.
@main
enum ConstantTimeProbe {
    /// A key that everybody knows.
    private static let key = "fadf8d0cee2efe37284f19243735d81af69b55e14e4c371c5e35fd9c55df6039"
    private static let address = Address(known: "0xC1Cb351A03Beb5B423BCC4e2a0c9d588CC67e56d")

    /// The same key in eth-keyfile's keystore, whose password takes no time to try.
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
        // Its derived key is marked where libgcrypt hands it over.
        let opened = try Keystore(Array(keystore.utf8)).unlock(password)
        // Everything that is compared here is public.
        let signer = try signature.recoverAddress(digest: .keccak(Array("a message".utf8)))
        exit([parsed.address, prefixed.address, opened.address, signer].allSatisfy { $0 == address } ? 0 : 1)
    }

    /// What must be reported: else the watcher sleeps.
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
