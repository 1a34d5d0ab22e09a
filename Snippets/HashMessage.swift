import AirlockEthereumTypes
import AirlockKeccak

// Computes the Keccak-256 hash of a message in one piece, and of the same message in two parts.
let digest = Keccak256.hash(Array("airlock".utf8))
print(Hex.encode(digest.bytes))

var hasher = Keccak256()
hasher.update(Array("air".utf8))
hasher.update(Array("lock".utf8))
print(hasher.finish() == digest)
