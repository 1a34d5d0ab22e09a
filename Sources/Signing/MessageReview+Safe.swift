import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockMessages
import AirlockPolicies
import AirlockRequests
import AirlockSafes
public import AirlockStrictJSON

/// The review of a Safe transaction, as text and as JSON.
extension MessageReview {
    /// The review of a Safe transaction as text. The most important parts come first: the money that moves, each call,
    /// and the owners who have signed. The fields of the transaction and the hashes that the user compares come after
    /// them.
    ///
    /// - Parameter withDomain: whether the version of the Safe and its chain are known. If they are not known, only the
    ///   hash `messageHash` is shown, because the other hashes depend on the version and the chain.
    func safeText(_ safe: SafeProposal, width: Int, withDomain: Bool = true) -> String {
        var text = ""
        func add(_ name: String, _ values: [String]) { text += Page.fact(name, values, width: width) }
        let domain = safe.domain
        add("safe", [safe.rules.map { escaped($0.name, limit: 40) } ?? "not listed", "\(domain.safe)"])
        if withDomain {
            add("chain", ["\(domain.chain)"])
            add("version", ["\(domain.version)"])
        }
        add("nonce", ["\(safe.transaction.nonce)"])
        if let proof = safe.proof {
            // The owners are shown here only if the policy does not list the Safe. If the policy lists the Safe, the
            // results of the policy check already name the owners.
            if safe.rules == nil {
                add("owners", ["\(proof.threshold) of these must sign"] + proof.owners.map { "\($0)" })
            }
            add("proved by", [proof.block, "\(proof.blockHash)", "believed, not proved: compare this hash elsewhere"])
        }
        if safe.isRejection { add("moves", ["nothing: it uses up the nonce, so that no other transaction can"]) }
        for spend in request.spends { add("moves", [moved(spend), "\(spend.currency)"]) }
        for change in safe.changes { add("changes", ["the Safe itself: \(change.words)"]) }
        for item in request.inside?.items ?? [] {
            add(
                item.name.isEmpty ? "call" : item.name.split(separator: " ").prefix(2).joined(separator: " "),
                [item.sentence])
            for fact in item.facts {
                add("", ["\(fact.name): \(fact.values.joined(separator: " "))"].map { Page.broken($0, width: width) })
            }
            if item.rendering?.description != nil {
                text += item.rendering?.text(width: width, inReview: true, withValues: false) ?? ""
            }
        }
        text += "\n"
        for (owner, standing) in safe.confirmed {
            let name = safe.rules?.named(owner) ?? "\(owner)"
            switch standing {
            case .signed: add("signed by", [name])
            case .unchecked(let what): add("unchecked", ["\(name), by \(what): only the chain can tell"])
            }
        }
        if let missing = missing(safe) { add("missing", [missing]) }
        text += "\n"
        for (name, value) in safe.transaction.fields {
            let isLong = value.utf8.count > Self.longestField
            add(
                name,
                [isLong ? Self.shortened(safe.transaction.data) : Page.broken(value, width: width, isMarked: true)])
        }
        text += "\n"
        for (name, hash) in Self.hashes(safe) where withDomain || name == "messageHash" {
            add(name, Self.inBothCases(hash))
        }
        add("policy", [escaped(request.policy.origin), request.policy.hash.description])
        return text
    }

    /// The effects of a Safe transaction as text, without the results of the policy check and the ledger check.
    public func safeDescription(width: Int, withDomain: Bool) -> String {
        request.message.safe.map { safeText($0, width: width, withDomain: withDomain) } ?? ""
    }

    /// The effects of a Safe transaction as JSON members.
    public func safeDescription(withDomain: Bool) -> [(String, JSONOutput)] {
        guard let safe = request.message.safe else { return [] }
        let fields = safe.transaction.fields.map { name, value -> JSONOutput in
            ["label": .string(name), "value": .string(value)]
        }
        let own: [(String, JSONOutput)] = [
            ("intent", .string(request.summary)), ("fields", .array(fields)), ("descriptor", .null),
        ]
        let hidden = withDomain ? ["fields"] : ["fields", "domainHash", "safeTxHash", "version"]
        return own + safeMembers(safe).filter { !hidden.contains($0.0) }
    }

    /// The maximum length of a field that is shown in full. A longer field is shortened, because the review already
    /// shows the decoded calls above the fields.
    private static let longestField = 1024

    private static func shortened(_ data: [UInt8]) -> String {
        "\(data.count) bytes with the hash \(Hash.keccak(data)), \(Hex.encode(data.prefix(36).map { $0 }))..."
    }

    private func moved(_ spend: LedgerEntry.Spend) -> String {
        spend.amount.leadingZeroBitCount == 0 ? "an unlimited amount" : request.words(spend.amount, of: spend.currency)
    }

    /// The number of owners who must still sign, as text. `nil` if neither the policy nor a proof contains the owners
    /// and the threshold.
    private func missing(_ safe: SafeProposal) -> String? {
        guard let owners = safe.owners, let threshold = safe.rules?.threshold ?? safe.proof?.threshold else {
            return nil
        }
        let signed = UInt64(safe.confirmed.count { $0.standing == .signed && owners.contains($0.owner) })
        guard signed < threshold else { return "none: \(signed) of \(threshold) have signed" }
        return "\(threshold - signed) of \(threshold) that must sign have not signed"
    }

    static func hashes(_ safe: SafeProposal) -> [(name: String, hash: Hash)] {
        [("domainHash", safe.domain.hash), ("messageHash", safe.messageHash), ("safeTxHash", safe.hash)]
    }

    /// The Safe transaction as JSON members.
    func safeMembers(_ safe: SafeProposal) -> [(String, JSONOutput)] {
        let calls = (request.inside?.items ?? []).map { item -> JSONOutput in
            var members: [(String, JSONOutput)] = [
                ("sentence", .string(item.sentence)), ("to", .string("\(item.call.to)")),
                ("value", .string("\(item.call.value)")), ("data", .string(Hex.encode(item.call.data))),
            ]
            if let rendering = item.rendering { members.append(("words", .object(rendering.members))) }
            return .object(members)
        }
        let confirmations = safe.confirmed.map { owner, standing -> JSONOutput in
            ["owner": .string("\(owner)"), "checked": .boolean(standing == .signed)]
        }
        var members: [(String, JSONOutput)] = [
            ("safe", .string("\(safe.domain.safe)")), ("version", .string("\(safe.domain.version)")),
            ("nonce", .string("\(safe.transaction.nonce)")),
            (
                "moves",
                .array(
                    request.spends.map {
                        ["currency": .string("\($0.currency)"), "amount": .string("\($0.amount)")]
                    })
            ),
            ("changes", .array(safe.changes.map { .string($0.words) })), ("calls", .array(calls)),
            ("fields", .object(safe.transaction.fields.map { ($0.name, .string($0.value)) })),
            ("confirmations", .array(confirmations)),
        ]
        if let threshold = safe.rules?.threshold ?? safe.proof?.threshold {
            members.append(("threshold", .string("\(threshold)")))
        }
        if let proof = safe.proof { members.append(("proof", proof.summary)) }
        members += Self.hashes(safe).map { ($0.name, .string("\($0.hash)")) }
        return members
    }
}
