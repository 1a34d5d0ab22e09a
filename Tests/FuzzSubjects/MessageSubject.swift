import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockMessages
import AirlockPaymentFiles
import AirlockStrictJSON
import AirlockTypedData

/// Typed data and texts that are to be signed, and signature files.
func feedMessage(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    if let signed = try? SignatureFile(bytes) {
        try require((try? SignatureFile(signed.json.bytes)) == signed, "what is written again says the same")
        return true
    }
    let message: SignableMessage
    do { message = try SignableMessage(bytes) } catch {
        try require(!error.problems.isEmpty, "a refusal says why")
        return false
    }
    switch message.content {
    case .text(let text):
        try require(SignableMessage.recognises(bytes), "a text that is read is one that is recognised")
        try require(text.bytes == bytes, "a text is signed as it stands")
        try require(message.terms == nil, "a text gives nothing away")
    case .typedData(let data):
        try require(message.digest == data.digest, "what is signed is the digest of what was read")
        guard let terms = message.terms else { return true }
        try require(data.domain.chainId != nil, "what is understood is of one chain")
        try require(message.chain != nil, "whose id fits")
        for take in terms.takes {
            try require(take.isUnlimited || take.amount < UInt256.max, "any amount is unlimited")
        }
    }
    return true
}
