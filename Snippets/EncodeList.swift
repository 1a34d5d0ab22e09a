import AirlockEthereumTypes
import AirlockRLP

// Encodes a list of integers in RLP, and decodes it with a reader that accepts only the canonical form.
let bytes = RLP.encode([0, 127, 1024] as [UInt64])
print(Hex.encode(bytes))

var reader = RLPReader(bytes)
var list = try reader.list()
print(try list.uint64(), try list.uint64(), try list.uint64())
try list.finish()
try reader.finish()
