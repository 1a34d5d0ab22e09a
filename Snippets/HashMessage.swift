import AirlockEthereumTypes
import AirlockKeccak

// Keccak-256 of a message in one piece, and of one that comes in parts.
let digest = Keccak256.hash(Array("airlock".utf8))
print(Hex.encode(digest.bytes))

var hasher = Keccak256()
hasher.update(Array("air".utf8))
hasher.update(Array("lock".utf8))
print(hasher.finish() == digest)
