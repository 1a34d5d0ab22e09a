import AirlockEthereumTypes
import AirlockGcrypt
import AirlockKeys
import AirlockSecp256k1
import AirlockSecretKeys

// A key derived from a mnemonic. Seed and key live in locked memory and are wiped. Everybody knows this mnemonic.
let words = String(repeating: "abandon ", count: 11) + "about"
let mnemonic = try Mnemonic(Array(words.utf8).span)
let key = try mnemonic.key(passphrase: SecureBytes(count: 0), at: DerivationPath("m/44'/60'/0'/0/0"))
print(key.address)

// Whoever has the signature recovers who made it.
let digest = Hash.keccak(Array("airlock".utf8))
let signature = try key.sign(digest)
print(try signature.recoverAddress(digest: digest) == key.address, key.publicKey.verifies(signature, digest: digest))
