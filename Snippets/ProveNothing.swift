import AirlockEthereumTypes
import AirlockStateProofs

// A proof that a trie has no account at an address: here of the empty trie, for which no node is needed.
let address = try Address("0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB")
let key = Hash.keccak(address.bytes.bytes).bytes
print(try MerkleProof.value(of: key, under: MerkleProof.emptyRoot, [], at: "accountProof") == nil)
