import AirlockClearSigning
import AirlockFiles

// Reads the descriptor (ERC-7730) of a message. Prints the types of message that it describes, and the hash by which a
// policy trusts it.
let tree = FolderTree("descriptors")
let descriptor = try Descriptor("eip712-usdc.json") { try tree.read($0) }
print(descriptor.keys)
print(descriptor.problems.isEmpty, descriptor.hash)
