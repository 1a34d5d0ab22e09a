import AirlockDiagnostics
import AirlockStrictJSON
import AirlockTypedData

func feedTypedData(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    let typed: TypedData
    do { typed = try TypedData(bytes) } catch {
        try require(!error.problems.isEmpty, "a refusal says why")
        return false
    }
    try require(typed.domain.separator == typed.domainSeparator, "the domain that is shown is the one that is hashed")
    if typed.primaryType != "EIP712Domain" {
        try require(
            typed.digest == typed.domain.digest(structHash: typed.structHash), "the digest is of domain and message")
    }
    let text = try? JSONDocument(bytes).root.json.bytes
    try require(
        text.flatMap { try? TypedData($0) }?.digest == typed.digest, "what is written again has the same digest")
    return true
}
