import AirlockEthereumTypes
import AirlockRLP

// A list of integers as RLP, and back with a reader that refuses all but the canonical form.
let bytes = RLP.encode([0, 127, 1024] as [UInt64])
print(Hex.encode(bytes))

var reader = RLPReader(bytes)
var list = try reader.list()
print(try list.uint64(), try list.uint64(), try list.uint64())
try list.finish()
try reader.finish()
