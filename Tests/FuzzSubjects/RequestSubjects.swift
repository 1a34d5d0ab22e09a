import AirlockCalls
import AirlockCharges
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockRequestKinds
import AirlockRequests
import AirlockSigning
import AirlockStrictJSON
import AirlockTransfers

/// Reads the bytes as a request of any kind: a charge, a transfer file, a payment URI (EIP-681), a call file, or an
/// unsigned transaction.
func feedRequest(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    let request: any Request
    do throws(ProblemList) { request = try RequestKinds.read(bytes) } catch {
        try require(!error.problems.isEmpty, "a refusal says why")
        return false
    }
    try requireRequest(request)
    return true
}

/// Reads the bytes as one line of a batch.
func feedLine(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    let line: BatchLine
    do throws(ProblemList) { line = try BatchLine(bytes) } catch {
        try require(!error.problems.isEmpty, "a refusal says why")
        return false
    }
    try requireRequest(line.request)
    if let conditions = line.conditions {
        try require((try? Conditions(conditions.json.bytes)) == conditions, "conditions are read as they were written")
    }
    return true
}

private func requireRequest(_ request: any Request) throws(BrokenInvariant) {
    try require(
        request.terms.owed.allSatisfy { !$0.amount.isZero } || request is UnverifiedCharge, "no request owes nothing")
    if let call = request as? UnverifiedCall { return try requireCall(call) }
    guard let transfer = request as? Transfer else { return }
    let again = try? Transfer(JSONDocument(transfer.json.bytes).root)
    try require(again?.isSame(as: transfer) == true, "a transfer is read as it was written")
    try require(
        again?.from == transfer.from && again?.expires == transfer.expires && again?.requester == transfer.requester
            && again?.signature == transfer.signature, "a transfer is read as it was written, whoever asks for it")
    try require(again?.digest == transfer.digest, "the requester signs the same, whatever it was read from")
    let payer = transfer.from ?? .zero
    try require(again?.reference(payer: payer) == transfer.reference(payer: payer), "the same is signed once")
    let call = Transfer.reading(target: transfer.target, value: transfer.value, data: transfer.data)
    try require(
        call?.to == transfer.to && call?.token == transfer.token && call?.amount == transfer.amount,
        "a call says the transfer that it makes")
    if transfer.from == nil, transfer.expires == nil, transfer.requester == nil {
        let uri =
            "ethereum:\(transfer.target)@\(transfer.chain.id)"
            + (transfer.token == nil
                ? "?value=\(transfer.amount)" : "/transfer?address=\(transfer.to)&uint256=\(transfer.amount)")
        let asked = try? PaymentURI.transfer(uri)
        try require(
            asked?.to == transfer.to && asked?.token == transfer.token && asked?.amount == transfer.amount
                && asked?.chain == transfer.chain, "a payment URI asks for the same transfer")
    }
    _ = try? request.prove()
}

private func requireCall(_ call: UnverifiedCall) throws(BrokenInvariant) {
    try require(
        Transfer.reading(target: call.to, value: call.value, data: call.data) == nil, "no call is a plain transfer")
    let again = try? UnverifiedCall(JSONDocument(call.json.bytes).root)
    try require(again?.isSame(as: call) == true, "a call is read as it was written")
    let payer = call.from ?? .zero
    try require(again?.reference(payer: payer) == call.reference(payer: payer), "the same is signed once")
    let signed = SignedCall(
        chain: call.chain, payer: payer, to: call.to, value: call.value, data: call.data, name: call.reference ?? "")
    let read = UnverifiedCall.reading(signed)?.request
    try require(read?.isSame(as: call) == true, "signed bytes say the call that they make")
    _ = call.judged(by: nil, payer: nil)
    _ = try? call.prove().action(ActionInputs(payer: payer))
}
