import AirlockEthereumTypes
import AirlockStateProofs

// Verifies a proof that a trie has no account at an address. The trie is empty here, so the proof needs no nodes.
let address = try Address("0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB")
let key = Hash.keccak(address.bytes.bytes).bytes
print(try MerkleProof.value(of: key, under: MerkleProof.emptyRoot, [], at: "accountProof") == nil)
