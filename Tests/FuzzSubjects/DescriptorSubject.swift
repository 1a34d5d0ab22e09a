import AirlockABI
import AirlockClearSigning
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockStrictJSON

/// Reads the bytes as an attestation. If they are not an attestation, reads the bytes before the last line feed as a
/// descriptor. Then tries to describe two calls of each function in the descriptor. The call data of the first call is
/// the bytes after the line feed. The call data of the second call is the function's selector followed by zeros.
func feedDescriptor(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    if (try? Attestation(bytes, of: .zero, at: Timestamp(seconds: 0))) != nil { return true }
    let split = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
    let data = Array(bytes[split...].dropFirst())
    let descriptor: Descriptor
    do throws(DescriptorError) {
        descriptor = try Descriptor("a.json") { _ in Array(bytes[..<split]) }
    } catch {
        try require(!error.problems.isEmpty, "a refusal says why")
        return false
    }
    let text = try? JSONDocument(bytes[..<split].map { $0 }).root
    try require((try? text.map { try CanonicalJSON.hash($0) }) == descriptor.hash, "the hash is of the canonical form")
    let target = Address(known: "0x54235780057CC828C92aA40e3b02053881990153")
    for key in descriptor.keys {
        guard let function = try? ABIFunction(key) else { continue }
        for data in [data, function.selector.bytes.bytes + Array(repeating: 0, count: function.inputs.headSize)] {
            let call = ContractCall(chain: 1, from: target, to: target, value: 1, data: data)
            guard let description = try? descriptor.describe(call, names: AnyContract(target: target)) else { continue }
            try require(
                (try? function.encodeCall(function.decodeCall(data))) == data, "only whole call data are described")
            try require(description.fields.count <= 4096, "no more is shown than a person reads")
            try require(!description.facts.signature.isEmpty, "the facts stand beside the words")
        }
    }
    return true
}

/// Display names for the fuzzer. Every token has the symbol T and 18 decimals.
private struct AnyContract: DisplayNames {
    let target: Address

    func token(_ address: Address, on chain: UInt256) -> (symbol: String, decimals: Int)? { ("T", 18) }
}
