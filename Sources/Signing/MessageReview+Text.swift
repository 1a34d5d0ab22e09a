public import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockMessages
import AirlockPaymentFiles
import AirlockPolicies
import AirlockSafes
public import AirlockStrictJSON
import AirlockTypedData

extension MessageReview {
    /// The review in lines of at most `width` columns. The first sentence is meant for a treasurer. The next parts are
    /// a summary of the message, every value with its type, the description that a descriptor gives, the results of the
    /// checks, and the comparison code.
    public func text(width: Int = 80, allChecks: Bool = true, bold: Bool = false) -> String {
        var text = Page.paragraph(request.summary + ".", width: width) + "\n"
        if let approved = request.approved?.value {
            text += approved.body(width: width, allChecks: allChecks, bold: bold) + "\n"
        }
        text += body(width: width, allChecks: allChecks, bold: bold)
        if let code = reviewed?.code {
            text += "\n" + Page.fact("code", ["\(code)  (compare it with another machine's)"], width: width)
        }
        return text
    }

    /// The text of the review without its first sentence and without the comparison code.
    func body(width: Int, allChecks: Bool, bold: Bool) -> String {
        var text: String
        if let safe = request.message.safe {
            text = safeText(safe, width: width)
        } else {
            text = messageText(width: width)
        }
        return text + "\n" + Check.text(checks, width: width, all: allChecks, bold: bold)
    }

    private func messageText(width: Int) -> String {
        var text = ""
        for (name, values) in facts { text += Page.fact(name, values, width: width) }
        text += "\n" + rendering.text(width: width, inReview: true)
        guard let own = request.message.safeMessage else { return text }
        text += "\n"
        for (name, hash) in own.hashes { text += Page.fact(name, Self.inBothCases(hash), width: width) }
        return text
    }

    /// A hash in two forms: first in the usual lower-case letters, and then in capital letters, as a hardware wallet
    /// shows it.
    static func inBothCases(_ hash: Hash) -> [String] { ["\(hash)", "0x\("\(hash)".dropFirst(2).uppercased())"] }

    private var facts: [(name: String, values: [String])] {
        let message = request.message
        var facts: [(String, [String])] = []
        switch message.content {
        case .typedData(let data):
            facts.append(("message", [escaped(data.primaryType, limit: 200)]))
            if let pin = request.pin { facts.append(("listed as", [escaped(pin.name, limit: 80)])) }
            let name = data.domain.name.map { escaped($0, limit: 80) } ?? "no name"
            facts.append(("domain", [name, data.domain.verifyingContract.map { "\($0)" } ?? "no contract"]))
            facts.append(("chain", [message.chain.map { "\($0)" } ?? "none: valid on every one"]))
        case .text(let text):
            facts.append(("message", ["a text (EIP-191) of \(text.bytes.count) bytes"]))
            if let signIn = text.signIn {
                facts.append(("sign-in to", [escaped(signIn.site, limit: 200), escaped(signIn.uri, limit: 200)]))
            }
        }
        if let own = message.safeMessage {
            facts.append(("safe", [escaped(own.rules.name, limit: 40), "\(own.domain.safe)"]))
            facts.append(("version", ["\(own.domain.version)"]))
            facts.append(("must sign", ["\(own.rules.threshold) of \(own.rules.owners.count) owners"]))
        }
        facts.append(
            (message.safeMessage == nil ? "signer" : "message of", [request.signer.map { "\($0)" } ?? "whoever signs"]))
        if let terms = message.terms { facts += self.facts(terms) }
        for (name, hash) in rendering.digests { facts.append(("digest", ["\(hash) (\(name))"])) }
        facts.append(("policy", [escaped(request.policy.origin), request.policy.hash.description]))
        return facts
    }

    private func facts(_ terms: MessageTerms) -> [(String, [String])] {
        var facts: [(String, [String])] = [("standard", [terms.standard.rawValue])]
        for take in terms.takes {
            let amount = take.isUnlimited ? "any amount" : "up to \(request.words(take.amount, of: take.token))"
            let until = take.until.map {
                Self.time($0).map { "the allowance ends \($0)" } ?? "the allowance never ends"
            }
            facts.append(("takes", [amount, "\(take.token)", until].compactMap(\.self)))
        }
        let label = request.rules?.recipients?[terms.taker].map { escaped($0, limit: 40) }
        facts.append(
            (
                terms.paysTaker ? "recipient" : "spender",
                [label, "\(terms.taker)"].compactMap(\.self).filter { !$0.isEmpty }
            ))
        if terms.validFrom > UInt256(1) {
            facts.append(("not before", [Self.time(terms.validFrom).map { "\($0)" } ?? "the year 10000"]))
        }
        facts.append(("usable until", [Self.time(terms.validUntil).map { "\($0)" } ?? "never ends"]))
        facts.append(("nonce", [terms.nonce]))
        if let witness = terms.witness { facts.append(("witness", [escaped(witness, limit: 80)])) }
        return facts
    }

    /// Converts a time in a message from seconds to a `Timestamp`. Returns `nil` for a time after the year 9999,
    /// because Airlock treats such a time as "never".
    static func time(_ seconds: UInt256) -> Timestamp? {
        guard let number = UInt64(exactly: seconds), number <= Timestamp.last.seconds else { return nil }
        return Timestamp(seconds: number)
    }

    /// The review as `--json` prints it. Quantities are decimal strings.
    public func json(_ problem: (Problem) -> JSONOutput) -> JSONOutput {
        let message = request.message
        var members: [(String, JSONOutput)] = [
            ("sentence", .string(request.summary + ".")), ("kind", .string(message.kind)),
            ("readAs", .string(message.readAs)),
            ("message", .string(message.name)), ("chainId", message.chain.map { .string("\($0.id)") } ?? .null),
            ("from", request.signer.map { .string("\($0)") } ?? .null),
        ]
        if let terms = message.terms {
            members += [
                ("standard", .string(terms.standard.rawValue)), ("recipient", .string("\(terms.taker)")),
                (
                    "takes",
                    .array(
                        request.spends.map {
                            ["currency": .string("\($0.currency)"), "amount": .string("\($0.amount)")]
                        })
                ),
                ("expires", .string(Self.time(terms.validUntil).map { "\($0)" } ?? "never ends")),
                ("nonce", .string(terms.nonce)),
            ]
        }
        if let safe = message.safe {
            members += safeMembers(safe)
        } else {
            if let own = message.safeMessage {
                members += [
                    ("safe", .string("\(own.domain.safe)")), ("version", .string("\(own.domain.version)")),
                    ("threshold", .string("\(own.rules.threshold)")),
                    ("safeHashes", .object(own.hashes.map { ($0.name, .string("\($0.hash)")) })),
                ]
            }
            members.append(("words", .object(rendering.members)))
            members += rendering.digests.map { ($0.name, .string("\($0.hash)")) }
        }
        members += [
            ("policy", .string(request.policy.origin)), ("policyHash", .string("\(request.policy.hash)")),
            ("checks", .array(checks.map { $0.json(problem) })),
        ]
        if let approved = request.approved?.value { members.append(("approves", approved.json(problem))) }
        if let code = reviewed?.code { members.append(("code", .string(code))) }
        return .object(members)
    }
}

extension MessageRequest {
    /// The effect of signing the message, in one sentence without a full stop at its end.
    package var summary: String {
        if let safe = message.safe { return summary(of: safe) }
        guard let own = message.safeMessage else { return ownSummary }
        let name = "\(escaped(own.rules.name, limit: 40)) (\(own.domain.safe))"
        return "For the Safe \(name) on \(own.domain.chain): "
            + ownSummary.prefix(1).lowercased() + ownSummary.dropFirst()
    }

    private var ownSummary: String {
        switch message.content {
        case .text(let text):
            if let signIn = text.signIn { return "Sign in to \(escaped(signIn.site, limit: 80)) with a text" }
            return "Sign a text of \(text.bytes.count) bytes"
        case .typedData(let data):
            let place = message.chain.map { "on \($0)" } ?? "on any chain"
            guard let terms = message.terms else {
                let name = pin.map { escaped($0.name, limit: 40) } ?? "which no policy lists"
                return "Sign the message \(escaped(data.primaryType, limit: 60)) \(place) (\(name))"
            }
            let amounts = spends.prefix(8).map { spend in
                let isUnlimited = terms.takes.contains { $0.token == spend.currency && $0.isUnlimited }
                return isUnlimited ? "any amount of \(spend.currency)" : words(spend.amount, of: spend.currency)
            }
            let more = spends.count > amounts.count ? " and \(spends.count - amounts.count) more currencies" : ""
            let what = amounts.isEmpty ? "nothing" : amounts.joined(separator: " and ") + more
            let usable = MessageReview.time(terms.validUntil).map { "until \($0)" } ?? "at any time"
            if terms.paysTaker {
                return "Let whoever holds the signature pay \(what) \(place) to \(named(terms.taker)), \(usable)"
            }
            let lasting =
                terms.takes.compactMap(\.until).max().map { ends in
                    MessageReview.time(ends).map { ", as an allowance until \($0)" } ?? ", for ever"
                } ?? ""
            return
                "Let \(named(terms.taker)) take up to \(what) \(place)\(lasting), by a signature that can be used \(usable)"
        }
    }
}
