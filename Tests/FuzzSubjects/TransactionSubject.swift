import AirlockEthereumTypes
import AirlockRLP
import AirlockTransactions

func feedTransaction(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    let signed = try read(bytes) { () throws(TransactionError) in try SignedTransaction(raw: bytes) }
    let unsigned = try read(bytes) { () throws(TransactionError) in try UnsignedTransaction(encoded: bytes) }
    try require(signed == nil || unsigned == nil, "nothing is both signed and unsigned")
    if let unsigned {
        try require(unsigned.encoded == bytes, "what is decoded encodes to the same bytes")
        try require(unsigned.signingHash == .keccak(bytes), "what is signed is the hash of the bytes")
    }
    if let signed {
        try require(signed.content.raw == bytes, "what is decoded encodes to the same bytes")
        var buffer: [UInt8] = []
        signed.content.encode(into: &buffer)
        try require(buffer == bytes, "a buffer takes the same bytes")
        _ = try? signed.sender
    }
    guard let transaction = signed?.transaction ?? unsigned else { return false }
    let again = try? UnsignedTransaction(encoded: transaction.encoded)
    try require(again == transaction, "what was signed is read from its encoding")
    try require(transaction.minimumGas >= 21_000, "no transaction costs less than a transfer")
    _ = transaction.problems
    let wrapped = RLP.encode(RLPItem.bytes(bytes))
    try require(
        refusal { () throws(TransactionError) in try SignedTransaction(raw: wrapped) }
            == .rule(.wrappedInString, at: 0), "a transaction in a string is recognised")
    return true
}

private func read<Value>(
    _ bytes: [UInt8], _ decode: () throws(TransactionError) -> Value
) throws(BrokenInvariant) -> Value? {
    do { return try decode() } catch {
        switch error {
        case .rule(_, let offset):
            try require(0...bytes.count ~= offset, "what is refused lies inside of the bytes")
        case .rlp(let error):
            try require(0...bytes.count ~= error.offset, "what is refused lies inside of the bytes")
        case .signature: break
        }
        return nil
    }
}

private func refusal(_ decode: () throws(TransactionError) -> SignedTransaction) -> TransactionError? {
    do {
        _ = try decode()
        return nil
    } catch { return error }
}
