import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockHTTP
import AirlockSafeService
import AirlockSafes
import AirlockStrictJSON

/// `safe post`: posts owners' signatures to the transaction service. If the service does not know the transaction,
/// proposes it first.
enum SafePostCommand {
    static let notes = """
        FILE is the transaction: as safe fetch saved it, a safe file, typed data, or a
        batch of the Transaction Builder. SIGNATURE is what airlock sign wrote; it names
        chain, Safe and nonce. First the hash is computed again from FILE, and every
        signature must be its signer's signature of that hash.

        A transaction that the service does not know is proposed with the first
        signature; the others are confirmations. A signature that the service already has
        counts as done: the same command can be run any number of times.

        \(SafeOptions.notes)
        \(RetryOptions.notes)
        """

    static func make(_ console: Console) -> Command {
        Command(
            "safe post", "propose a Safe transaction to the transaction service, or confirm it",
            operands: ["FILE", "SIGNATURE..."],
            options: [SafeOptions.chain, RelayOptions.timeout] + RetryOptions.all, notes: notes
        ) { arguments in
            var problems: [Problem] = []
            let given = arguments.value(SafeOptions.chain, { try Chain($0) }, into: &problems)
            if let all = ProblemList(problems) { throw all }
            let signed = try SignedSafeTransaction(
                arguments.operands[0], Array(arguments.operands.dropFirst()), chain: given)
            let posting = try Posting(signed)
            let service = try SafeOptions.client(
                arguments, console, on: posting.transaction.chain, retry: .none, [])
            let done = try waiting { try await posting.post(to: service) }
            try put(done, of: posting.transaction, arguments, console)
            return .done
        }
    }

    private static func put(
        _ done: [(owner: Address, deed: Posting.Deed)], of transaction: PossibleTransaction, _ arguments: Arguments,
        _ console: Console
    ) throws {
        guard arguments.has(.json) else {
            return try console.write(
                "safeTxHash \(transaction.hash)\n" + done.map { "\($0.deed.rawValue) \($0.owner)\n" }.joined())
        }
        try console.write([
            "ok": true, "chainId": .string("\(transaction.chain.id)"), "safe": .string("\(transaction.safe)"),
            "nonce": .string("\(transaction.transaction.nonce)"), "safeTxHash": .string("\(transaction.hash)"),
            "signatures": .array(
                done.map { ["owner": .string("\($0.owner)"), "status": .string($0.deed.status)] }),
        ])
    }
}

/// Posts the owners' signatures to the transaction service.
private struct Posting: Sendable {
    enum Deed: String, Sendable {
        case proposed = "proposed by"
        case confirmed = "confirmed by"
        case known = "confirmed before by"

        var status: String {
            switch self {
            case .proposed: "proposed"
            case .confirmed: "confirmed"
            case .known: "already-confirmed"
            }
        }
    }

    let transaction: PossibleTransaction
    let signatures: [SafeExecution.OwnSignature]

    init(_ signed: SignedSafeTransaction) throws {
        guard signed.chain != nil else {
            throw Problem(SafeRule.noChain, at: SafeOptions.chain.name, expected: "the Safe's chain")
        }
        guard let hash = signed.hash else { throw Problem(SafeRule.otherHash) }
        // `identify` also checks the owners' signatures that the transaction file contains. If a signature does not
        // match the hash, `identify` throws, and nothing is posted.
        transaction = try signed.request.identify(signed.context, as: hash)
        var owners: Set<Address> = []
        signatures = signed.signatures.filter { owners.insert($0.owner).inserted }
    }

    func post(to service: SafeServiceClient) async throws -> [(owner: Address, deed: Deed)] {
        var confirmed = try await look(at: service)
        var done: [(owner: Address, deed: Deed)] = []
        for one in signatures {
            if confirmed?.contains(one.owner) == true {
                done.append((one.owner, .known))
                continue
            }
            do throws(SafeServiceError) {
                if confirmed == nil {
                    try await service.propose(transaction, by: one.owner, signature: one.signature)
                    done.append((one.owner, .proposed))
                } else {
                    try await service.confirm(transaction.hash, signature: one.signature)
                    done.append((one.owner, .confirmed))
                }
            } catch {
                // The service may refuse a signature because the service already has this signature. Another client may
                // have posted the signature first, or the service's answer to an earlier post may have been lost. In
                // both cases the signature counts as posted.
                guard error.status == 400 || error.status == 422,
                    try await look(at: service)?.contains(one.owner) == true
                else { throw error }
                done.append((one.owner, .known))
            }
            confirmed = (confirmed ?? []).union([one.owner])
        }
        return done
    }

    /// Returns the owners whose signatures the service has. Returns `nil` if the service does not know the transaction.
    private func look(at service: SafeServiceClient) async throws -> Set<Address>? {
        guard let known = try await service.transaction(transaction.hash, of: transaction.safe) else { return nil }
        // The transaction that the service returns for this hash must have the same fields as the transaction in the
        // file. If it had other fields, the next owners would sign a different transaction.
        guard known.request.possibilities(.init(chain: transaction.chain)).contains(transaction) else {
            throw Problem(SafeServiceRule.otherTransaction, at: "/safeTxHash", saw: "other fields with the same hash")
        }
        let signed = known.request.confirmations.filter { confirmation in
            do throws(ProblemList) { return try confirmation.standing(transaction.hash) == .signed } catch {
                return false
            }
        }
        return Set(signed.map(\.owner))
    }
}
