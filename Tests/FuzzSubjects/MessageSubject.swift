import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockMessages
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequestKinds
import AirlockSigning
import AirlockStrictJSON
import AirlockTokens
import AirlockTypedData

/// Reads the bytes as a signature file, as typed data, or as a text to be signed. Reviews typed data and texts in the
/// same way as the command `sign`.
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
        if let terms = message.terms {
            try require(data.domain.chainId != nil, "what is understood is of one chain")
            try require(message.chain != nil, "whose id fits")
            for take in terms.takes {
                try require(take.isUnlimited || take.amount < UInt256.max, "any amount is unlimited")
            }
        }
    }
    if SignableMessage.recognises(bytes) {
        try require((try? RequestKinds.read(bytes)) == nil, "what is signed as a message is no other request")
    }
    try requireReviews(message)
    return true
}

/// Checks the review of a message under three policies: the built-in policy, a policy that lists nothing, and a policy
/// that lists everything that the message needs.
private func requireReviews(_ message: SignableMessage) throws(BrokenInvariant) {
    let key = message.terms?.owner ?? Address(lowBytesOf: .keccak([1]))
    for (policy, listsNothing) in [(Policy.builtIn, false), (nothing, true), (everything(for: message), false)] {
        guard let policy else { throw BrokenInvariant(description: "the policy of a message is read") }
        var request = MessageRequest(message, now: Timestamp(seconds: 1_773_131_449))
        request.policy = policy
        request.key = key
        let review = MessageReview(request)
        let isUnlimited = message.terms?.takes.contains { $0.isUnlimited } ?? false
        try require(!isUnlimited || review.reviewed == nil, "no policy allows any amount")
        try require(!listsNothing || review.reviewed == nil, "nothing is signed under a policy that lists nothing")
        try require((review.reviewed == nil) == !review.problems.isEmpty, "what is refused is refused by a rule")
        for width in [60, 80] {
            let isPlain = review.text(width: width).utf8.allSatisfy { $0 == 10 || 0x20...0x7E ~= $0 }
            try require(isPlain, "a review is printable ASCII")
        }
        let json = review.json { .string($0.code) }
        try require((try? JSONDocument(Array(json.text.utf8))) != nil, "the JSON of a review is JSON")
        try require(json.printable.utf8.allSatisfy { 0x20...0x7E ~= $0 }, "the JSON of a review can be printed")
        if let reviewed = review.reviewed {
            let question = (reviewed.question + reviewed.prompt).utf8
            try require(question.allSatisfy { 0x20...0x7E ~= $0 }, "a question is printable ASCII")
        }
    }
}

private let nothing = try? Policy(
    Array("{\"airlock\":1,\"kind\":\"policy\",\"chains\":{}}".utf8), origin: "policy.json")

private func everything(for message: SignableMessage) -> Policy? {
    let chain = message.chain?.id ?? 1
    var rules: [(String, JSONOutput)] = []
    if let data = message.typedData {
        let pin: JSONOutput = [
            "domainSeparator": .string("\(data.domainSeparator)"), "types": [.string(data.encodeType)], "name": "fuzz",
        ]
        rules.append(("messages", [pin]))
    }
    if let terms = message.terms {
        var tokens: [Address] = []
        for take in terms.takes where !tokens.contains(take.token) { tokens.append(take.token) }
        let currencies = tokens.map { token -> (String, JSONOutput) in
            let decimals = KnownTokens.decimals(of: token, on: Chain(id: max(chain, 1))) ?? 0
            let most = Amount.format(.max, decimals: decimals)
            return (
                "\(token)", ["symbol": "TOK", "decimals": .string("\(decimals)"), "perPayment": .string(most)]
            )
        }
        rules += [
            ("recipients", .object([("\(terms.taker)", .string("taker"))])), ("currencies", .object(currencies)),
        ]
    }
    let policy: JSONOutput = [
        "airlock": 1, "kind": "policy", "text": true, "chains": .object([("\(max(chain, 1))", .object(rules))]),
    ]
    return try? Policy(policy.bytes, origin: "policy.json")
}
