import AirlockPolicies
import AirlockEthereumTypes
import AirlockKeys
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSigning
import AirlockStrictJSON
import AirlockCharges

func feedCharge(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    let contents: UnverifiedCharge
    do { contents = try UnverifiedCharge(bytes) } catch {
        try require(!error.problems.isEmpty, "a refusal says why")
        return false
    }
    try require(contents.needed == contents.intent.needed, "what is needed is what the intent says")
    guard let charge = try? Charge(verifying: contents) else { return true }
    for method in TransferMethod.allCases {
        let value: UInt256? = method == .swapAndTransferUniswapV3Native ? 1 : nil
        let call = try? PaymentCall(paying: charge, by: method, value: value, poolFee: nil, wrappedNative: nil)
        guard let call else { continue }
        try require(DecodedCall(call.data)?.intent == contents.intent, "a call says the intent that it pays")
    }
    return true
}

/// Tries to read the bytes as one kind of file after another, until one kind fits. Conditions, payments, relay evidence
/// and approvals are files that are carried between the machines. The policy, the ledger and keystores are files that
/// stay on the offline machine.
func feedFiles(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    if let conditions = try? Conditions(bytes) {
        try require((try? Conditions(conditions.json.bytes)) == conditions, "conditions are read as they were written")
        return true
    }
    if let payment = try? Payment(bytes) {
        try require((try? Payment(payment.json.bytes)) == payment, "a payment is read as it was written")
        _ = try? payment.verify()
        return true
    }
    if let relay = try? RelayEvidence(bytes) {
        try require((try? RelayEvidence(relay.json.bytes)) == relay, "what a relay knows is read as it was written")
        return true
    }
    if let approval = try? ApprovalFile(bytes) {
        try require((try? ApprovalFile(approval.json.bytes)) == approval, "an approval is read as it was written")
        _ = try? approval.verify()
        return true
    }
    if let policy = try? Policy(bytes, origin: "the fuzzer") {
        try require(!policy.sentences.isEmpty, "a policy says something")
        return true
    }
    if let ledger = try? Ledger(bytes), let last = ledger.entries.last {
        try require(ledger.head == last.hash && (try? ledger.knows(ledger.head)) == true, "the last line is the head")
        let lines = ledger.entries.flatMap { $0.line + [UInt8(ascii: "\n")] }
        try require((bytes + [UInt8(ascii: "\n")]).starts(with: lines), "a ledger is read as it was written")
        return true
    }
    if let keystore = try? Keystore(bytes) {
        let file = try? keystore.file()
        let again = file.flatMap { try? Keystore($0) }
        try require(again?.address == keystore.address, "a keystore says whose it is as it was written")
        try require(crypto(try? again?.file()) == crypto(file), "a keystore is read as it was written")
        return true
    }
    return false
}

/// Returns the member `crypto` of a keystore file as text. The member `id` is not compared, because each written file
/// has a new id.
private func crypto(_ file: [UInt8]?) -> String? {
    file.flatMap { try? JSONDocument($0).root["crypto"]?.json.text }
}
