import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockHTTP
import AirlockPaymentFiles
import AirlockQRCodes
import AirlockSafeService
import AirlockSafes
import AirlockStrictJSON

/// `safe fetch`: fetches a Safe transaction from the transaction service. Checks its hash and the state of the Safe on
/// the chain.
enum SafeFetchCommand {
    static let nonce = Option("--nonce", value: "N", help: "the transaction's nonce (else the only one that waits)")
    static let hash = Option("--hash", value: "HASH", help: "the transaction's hash, if several have the nonce")

    static let proof = Option(
        "--proof", value: "FILE", help: "write a proof of the Safe's owners, version, threshold and nonce too")

    static let notes = """
        The transaction is written byte for byte as the service sent it, without the
        list around it. First its hash is computed again for every version that the Safe may
        have, and each confirmation must be its owner's signature of that hash. If several
        transactions have the nonce, including executed and replaced ones, none is taken:
        --hash selects one.

        With --rpc or AIRLOCK_RPC_URL the chain is asked for the Safe's version, owners,
        threshold, next nonce, modules and guard. Several nodes must agree. A transaction
        of another version, with a used nonce, with a confirmation of somebody who is not an
        owner, or with another threshold is refused. The values on the chain are shown, and
        are not written to the file.

        --proof writes a proof of all that at the latest block, for --safe-proof of airlock.
        It needs a node that answers eth_getProof, and is checked before it is written. The
        block's hash is shown: compare it with another source.

        The service and the nodes can be wrong: the policy of the offline machine decides.

        \(SafeOptions.notes)
        \(RetryOptions.notes)
        """

    static func make(_ console: Console) -> Command {
        Command(
            "safe fetch", "fetch a Safe transaction from the transaction service, byte for byte",
            options: [
                SafeOptions.safe, SafeOptions.chain, nonce, hash, RelayOptions.output, RelayOptions.force,
                RelayOptions.rpc, proof,
            ] + QROutput.options + SafeOptions.service, notes: notes
        ) { arguments in
            var problems: [Problem] = []
            problems.collect { try QROutput.check(arguments) }
            for option in [SafeOptions.safe, SafeOptions.chain] where !arguments.has(option) {
                problems.append(Problem(UsageRule.missingValue, at: option.name, detail: option.help))
            }
            let safe = arguments.value(SafeOptions.safe, { try Address($0) }, into: &problems)
            let chain = arguments.value(SafeOptions.chain, { try Chain($0) }, into: &problems)
            let number = arguments.value(nonce, Quantity.uint64, into: &problems)
            let named = arguments.value(hash, { try Hash(hex: $0) }, into: &problems)
            if arguments.has(proof), !SafeOptions.namesNodes(arguments) {
                problems.append(
                    Problem(UsageRule.missingValue, at: RelayOptions.rpc.name, detail: "a node that proves the Safe"))
            }
            let service = try SafeOptions.client(arguments, console, on: chain, retry: .backoff, problems)
            let nodes = try SafeOptions.nodes(arguments, console)
            guard let safe, let chain else { return .usage }
            let path = arguments.value(RelayOptions.output)
            let isReplacing = arguments.has(RelayOptions.force)
            let proofPath = arguments.value(proof)
            for path in [path, proofPath].compactMap(\.self) {
                try OutputFile.check(path, replacing: isReplacing, identical: true)
            }
            let fetched = try waiting {
                let state = try await nodes?.safe(safe, on: chain)
                let answer = try await ask(service, safe, number, named, from: state?.nonce)
                var fetched = try Fetched(answer, on: chain, nonce: number, state)
                if proofPath != nil, let state {
                    fetched.proof = try await nodes?.safeProof(of: safe, state, on: chain)
                }
                return fetched
            }
            if let proofPath, let proof = fetched.proof {
                _ = try OutputFile.write(proof.bytes.span, to: proofPath, replacing: isReplacing)
            }
            if let path { _ = try OutputFile.write(fetched.answer.bytes.span, to: path, replacing: isReplacing) }
            var unseen: [Problem] = []
            let drawing = unseen.collect { try QROutput.make(of: fetched.answer.bytes, arguments, console) } ?? nil
            try fetched.put(path, unseen, asJSON: arguments.has(.json), console)
            drawing?.show(console)
            guard let all = ProblemList(unseen) else { return .done }
            guard arguments.has(.json) else { throw all }
            return all.problems[0].exit
        }
    }

    private static func ask(
        _ service: SafeServiceClient, _ safe: Address, _ nonce: UInt64?, _ hash: Hash?, from first: UInt64?
    ) async throws -> ServiceTransaction {
        if let hash {
            if let found = try await service.transaction(hash, of: safe) { return found }
            throw Problem(SafeServiceRule.noTransaction, at: Self.hash.name, saw: "\(hash)")
        }
        if let nonce { return try await service.transaction(of: safe, nonce: nonce) }
        return try await service.pendingTransaction(of: safe, from: first)
    }
}

/// A Safe transaction whose hash is verified, and the state of its Safe on the chain.
private struct Fetched: Sendable {
    let answer: ServiceTransaction
    let transaction: PossibleTransaction
    let state: SafeState?
    /// The proof of the Safe's state; `nil` if the user did not request a proof.
    var proof: (bytes: [UInt8], proof: SafeProof)?

    /// Throws if the transaction contradicts its own hash, the nonce that the user requested, or the Safe's state on
    /// the chain.
    init(_ answer: ServiceTransaction, on chain: Chain, nonce: UInt64?, _ state: SafeState?) throws(ProblemList) {
        self.answer = answer
        self.state = state
        transaction = try answer.identify(on: chain)
        var problems = state?.problems(of: answer.request, as: transaction) ?? []
        if let nonce, transaction.transaction.nonce != nonce {
            problems.append(
                Problem(
                    SafeServiceRule.otherTransaction, at: "/nonce", saw: "\(transaction.transaction.nonce)",
                    expected: "\(nonce)"))
        }
        if let all = ProblemList(problems) { throw all }
    }

    func put(_ path: String?, _ problems: [Problem], asJSON: Bool, _ console: Console) throws {
        for warning in answer.request.warnings { console.note("airlock-relay: note: \(warning)\n") }
        if asJSON { return try console.write(Console.document(problems, beside: members(path))) }
        guard let path, path != "-" else {
            if path == nil { try StandardOutput.write(answer.bytes.span) }
            return console.note(SafeOptions.table(facts))
        }
        try console.write(SafeOptions.table(facts + [("file", path)]))
        let file = escaped(path, limit: 4096)
        let next = "airlock sign \(file) --chain \(transaction.chain.id) -k KEY -o signature.json"
        console.note("airlock-relay: wrote \(file); next, offline: \(next)\n")
    }

    private var facts: [(name: String, value: String)] {
        let fields = transaction.transaction
        let signed = answer.request.confirmations.map { "\($0.owner)\(isChecked($0) ? "" : " (not checked)")" }
        var facts = [
            ("chain", "\(transaction.chain)"), ("safe", "\(transaction.safe)"), ("nonce", "\(fields.nonce)"),
            ("safeTxHash", "\(transaction.hash)"),
            ("of version", state.map { "\($0.version)" } ?? transaction.versionWords),
            ("to", "\(fields.to)"), ("value", "\(fields.value)"), ("data", "\(fields.data.count) bytes"),
            ("operation", "\(fields.operation.rawValue)"),
            ("signed by", signed.isEmpty ? "nobody" : signed.joined(separator: ", ")),
        ]
        if let state {
            facts += state.facts.map { ("on chain", "\($0.name) \($0.value)") }
        } else if let stated = answer.request.statedThreshold {
            facts.append(("must sign", "\(stated), as the service says"))
        }
        if let proof = proof?.proof {
            facts += [("proved by", "\(proof.block)"), ("", "\(proof.blockHash)"), ("", "compare this hash elsewhere")]
        }
        return facts
    }

    private func isChecked(_ confirmation: Confirmation) -> Bool {
        do throws(ProblemList) { return try confirmation.standing(transaction.hash) == .signed } catch { return false }
    }

    private func members(_ path: String?) -> [(String, JSONOutput)] {
        var members: [(String, JSONOutput)] = []
        if let path, path != "-" { members.append(("file", .string(path))) }
        members += [
            ("chainId", .string("\(transaction.chain.id)")), ("safe", .string("\(transaction.safe)")),
            ("nonce", .string("\(transaction.transaction.nonce)")), ("safeTxHash", .string("\(transaction.hash)")),
            ("versions", .array(transaction.versions.map { .string("\($0)") })),
            (
                "confirmations",
                .array(
                    answer.request.confirmations.map {
                        ["owner": .string("\($0.owner)"), "checked": .boolean(isChecked($0))]
                    })
            ),
        ]
        if let state { members.append(("onChain", state.json)) }
        if let proof = proof?.proof { members.append(("proof", proof.summary)) }
        if path == nil, let root = try? JSONDocument(answer.bytes).root { members.append(("transaction", root.json)) }
        return members
    }
}
