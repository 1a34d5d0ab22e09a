public import AirlockEthereumTypes
public import AirlockDiagnostics
public import AirlockRequests
public import AirlockStrictJSON

extension Transfer: Request {
    public static let rules: [any Rule.Type] = [TransferRule.self, URIRule.self]

    public static func read(_ root: JSONValue) throws(ProblemList) -> Transfer { try Transfer(root) }

    public static let policyLists = [
        PolicyList("requesters", isLabelled: true, isRequired: false) { _ in
            "requesters: who must have signed a transfer; leave it out where nobody must"
        } sentence: { names, chain in
            names.isEmpty
                ? "On \(chain) nobody may ask for a transfer."
                : "On \(chain) a transfer must be signed by \(names.joined(separator: " or "))."
        }
    ]

    public var pins: [Pin] {
        // The bytes of a signed transaction do not contain the requester. So the requester cannot be compared with the
        // policy's list of requesters.
        if source == .bytes { return [] }
        return [
            Pin(
                list: "requesters", address: requester, isRequired: false, finding: "the requester is listed",
                unlisted: requester == nil
                    ? nil : "no policy lists the requester: anybody can make a key and sign with it"
            ) {
                Problem(
                    TransferRule.requester, at: self.requester == nil ? self.places.payer : "/requester",
                    saw: self.requester.map { "\($0)" } ?? "no requester", expected: $0)
            }
        ]
    }

    public func expiry(at now: Timestamp) -> Problem? {
        guard let expires, expires < now else { return nil }
        return Problem(
            TransferRule.expired, at: places.expires, saw: expires.description, expected: "\(now) or later")
    }

    public func isPlace(_ field: String) -> Bool {
        if case .transaction(let chain, let from, let to, let data) = source {
            return [chain, from, to, data].contains(field)
        }
        return ["/chainId", "/from", "/to", "/token", "/amount", "/reference", "/expires", "/requester", "/signature"]
            .contains(field)
    }

    public func referenced(_ text: String) throws(Problem) -> any Request {
        guard reference == nil else {
            throw Problem(RequestRule.argumentUnused, at: .reference, detail: "the request has one of its own")
        }
        guard signature == nil else {
            throw Problem(
                RequestRule.argumentUnused, at: .reference, detail: "the requester signed the request without one")
        }
        if let problem = Reference.problems(of: text, at: ArgumentPlace.reference.rawValue).first { throw problem }
        var transfer = self
        transfer.reference = text
        return transfer
    }

    public func requireMethod(_ name: String) throws(Problem) {
        guard name == "auto" else { throw Problem(RequestRule.argumentUnused, saw: name, expected: "auto") }
    }

    public static func reading(_ signed: SignedCall) -> RecognisedCall? {
        guard signed.message == nil,
            let call = reading(target: signed.to, value: signed.value, data: signed.data),
            let transfer = try? Transfer(
                chain: signed.chain, from: signed.payer, to: call.to, token: call.token, amount: call.amount,
                reference: signed.name.isEmpty ? nil : signed.name, source: .bytes)
        else { return nil }
        return RecognisedCall(
            request: transfer, method: kind, value: signed.value, effect: transfer.effect(payer: signed.payer))
    }

    /// Returns the events that the receipt of the payment must contain. For a token, this is the token's own event
    /// (EIP-20), which must name the payer, the recipient and the amount. For native currency, there is no event.
    private func effect(payer: Address) -> Effect {
        guard let token else { return Effect(events: []) }
        let (expected, amount, recipient) = ([Self.event, Self.topic(payer), Self.topic(to)], amount, to)
        return Effect(events: [
            Effect.Event(contract: token) { topics, data in
                guard topics.first == Self.event else { return nil }
                guard topics == expected, data == amount.word.bytes else {
                    let saw = Self.words(topics.count == 3 ? Address(lowBytesOf: topics[2]) : nil, data)
                    let other = Effect.Difference(
                        "Transfer", saw: saw, expected: Self.words(recipient, amount.word.bytes))
                    return .other([other], isOurs: false)
                }
                return .paid(
                    PaidEvent(
                        contract: token, recipient: recipient, sender: payer, spentAmount: amount, spentCurrency: token)
                )
            }
        ])
    }

    private static func words(_ recipient: Address?, _ amount: [UInt8]) -> String {
        let amount = FixedBytes<32>(amount).map { "\(UInt256($0))" } ?? "no amount"
        return "\(amount) to \(recipient.map { "\($0)" } ?? "nobody")"
    }

    private static let event = Hash.keccak(Array("Transfer(address,address,uint256)".utf8))

    /// Encodes an address as a topic of an event, which has 32 bytes.
    private static func topic(_ address: Address) -> Hash { Hash { $0 < 12 ? 0 : address.bytes[$0 - 12] } }

    public func isSame(as other: any Request) -> Bool {
        guard let other = other as? Transfer else { return false }
        return chain == other.chain && to == other.to && token == other.token && amount == other.amount
            && reference == other.reference
    }

    public func prove() throws(ProblemList) -> any ProvedRequest {
        ProvedTransfer(transfer: self, requester: try provenRequester())
    }

    public func facts(_ words: PolicyFormatter) -> Facts {
        Facts(
            identity: [("transfer", [reference.map(Reference.shown) ?? "without a reference"])],
            parties: requester.map { [("requester", words.requester($0))] } ?? [],
            members: reference.map { [("reference", $0)] } ?? [])
    }
}

/// A transfer that has passed verification. If it names a requester, the requester's signature has been verified.
struct ProvedTransfer: ProvedRequest {
    let transfer: Transfer
    let requester: Address?

    var findings: [String] {
        requester.map { ["\($0) signed chain, payer, payee, token, amount, reference and expiry"] } ?? []
    }
    var warnings: [String] {
        requester != nil
            ? []
            : [
                transfer.source == .bytes
                    ? "who asked for it is not in the signed bytes"
                    : "nobody signed the request: who asks is not proved"
            ]
    }

    func action(_ inputs: ActionInputs) throws(ProblemList) -> Action {
        var problems: [Problem] = []
        if inputs.value != nil { problems.append(Problem(RequestRule.argumentUnused, at: .value)) }
        if inputs.poolFee != nil { problems.append(Problem(RequestRule.argumentUnused, at: .poolFee)) }
        if inputs.approves { problems.append(Problem(RequestRule.argumentUnused, at: .approve)) }
        if transfer.to == inputs.payer {
            problems.append(Problem(TransferRule.toPayer, at: transfer.places.payee, saw: "\(transfer.to)"))
        }
        if let all = ProblemList(problems) { throw all }
        let data = transfer.data
        guard let read = Transfer.reading(target: transfer.target, value: transfer.value, data: data),
            read == (transfer.to, transfer.token, transfer.amount)
        else { throw ProblemList(Problem(RequestRule.otherCall)) }
        return .call(
            Call(
                to: transfer.target, value: transfer.value, data: data,
                takes: transfer.token.map { [TokenOutflow(token: $0, amount: transfer.amount, spender: nil)] } ?? [],
                method: Transfer.kind, findings: ["the call, taken apart again, says the same"]))
    }
}
