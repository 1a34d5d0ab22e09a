import AirlockEthereumTypes
import AirlockGcrypt
import AirlockKeys
import AirlockSecp256k1
import AirlockSecretKeys

// Derives a key from a mnemonic. The seed and the key are in locked memory and are wiped after use. This mnemonic is
// public, so do not use it for payments.
let words = String(repeating: "abandon ", count: 11) + "about"
let mnemonic = try Mnemonic(Array(words.utf8).span)
let key = try mnemonic.key(passphrase: SecureBytes(count: 0), at: DerivationPath("m/44'/60'/0'/0/0"))
print(key.address)

// Anyone can recover the signer's address from the signature and the digest.
let digest = Hash.keccak(Array("airlock".utf8))
let signature = try key.sign(digest)
print(try signature.recoverAddress(digest: digest) == key.address, key.publicKey.verifies(signature, digest: digest))
