import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockSafes
import AirlockStrictJSON
import AirlockTypedData

/// Reads the bytes as a packed batch, as a proof of a Safe, or as a Safe transaction in any of its forms.
func feedSafe(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    if let calls = try? MultiSend.calls(of: bytes) {
        try require(MultiSend.data(calls) == bytes, "a batch is written as it was read")
        return true
    }
    do { return try !SafeProof(bytes).owners.isEmpty } catch {
        try require(!error.problems.isEmpty, "a refusal says why")
    }
    let request: SafeRequest
    do { request = try SafeRequest(bytes) } catch {
        try require(!error.problems.isEmpty, "a refusal says why")
        return false
    }
    var given = SafeProposal.Given()
    given.chain = .ethereum
    given.safe = Address(known: "0x1c694Fc3006D81ff4a56F97E1b99529066a23725")
    given.nonce = 7
    given.version = .latest
    let proposal: SafeProposal
    do { proposal = try SafeProposal(request, given, listed: [:]) } catch {
        try require(!error.problems.isEmpty, "a refusal says why")
        return true
    }
    try require(!proposal.problems.isEmpty, "a Safe that no policy lists is refused")
    try require((try? proposal.typedData().digest) == proposal.hash, "the hash is that of the typed data")
    let again = try? SafeRequest(SafeRequest.json(proposal.transaction, in: proposal.domain).bytes)
    guard case .transaction(let transaction)? = again?.content else {
        throw BrokenInvariant(description: "a transaction is written as a file that is read")
    }
    try require(transaction == proposal.transaction, "what is written says the same")
    return true
}
