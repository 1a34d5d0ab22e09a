import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockJSONRPC
public import AirlockPaymentFiles
import AirlockRequestKinds
import AirlockRequests

/// A payment by a permit. A third party sends the transaction, and the user gives the relay the hash of this
/// transaction. The relay sends nothing, and the journal has no entry for the payment.
public struct PermitPayment: Sendable {
    public let payment: Payment
    /// The events that the transaction must cause on the chain, no matter which third party sends it.
    private let effect: Effect

    /// Decodes the call that contains the permit. Throws if this call does not match the rest of the payment file, or
    /// if the payer signed another permit than the one in the call. Returns `nil` if the payment consists of
    /// transactions and has no permit.
    public init?(_ payment: Payment) throws(ProblemList) {
        guard let permit = payment.permit else { return nil }
        _ = try payment.verify()
        let (signed, place) = (payment.transactions[0], "/transactions/0")
        let call = SignedCall(
            chain: payment.chain, payer: payment.from, to: permit.to, value: 0, data: permit.data, name: payment.name,
            message: (signed.nonce, permit.domainSeparator))
        let problems = SignedPayment.mismatches(of: call, with: payment, at: "\(place)/data")
        if let all = ProblemList(problems) { throw all }
        let read = RequestKinds.reading(call)
        guard let message = read?.message, let effect = read?.effect, !effect.events.isEmpty else {
            throw ProblemList(Problem(SendRule.otherPayment, at: "\(place)/data"))
        }
        let says = [
            ("\(place)/hash", "\(signed.hash)", "\(message.digest)"),
            ("\(place)/signature", Hex.encode(permit.signature), Hex.encode(message.signature)),
            ("/from", "\(payment.from)", "\(message.signer)"),
        ]
        let differences = says.filter { $0.1 != $0.2 }.map { field, saw, expected in
            Problem(SendRule.otherPayment, at: field, saw: saw, expected: expected)
        }
        if let all = ProblemList(differences) { throw all }
        self.payment = payment
        self.effect = effect
    }

    /// Waits until the transaction of a third party fulfils the request and has enough confirmations.
    public func follow(
        _ hash: Hash, by nodes: Nodes, _ waitPolicy: Broadcaster.WaitPolicy,
        report: @escaping @Sendable (Broadcaster.Progress) -> Void = { _ in }
    ) async throws(ProblemList) -> Broadcaster.Outcome {
        let (nodes, failures) = try await nodes.reachable(on: payment.chain)
        for failure in failures { report(.unusable(failure)) }
        let begin = ContinuousClock.now
        var pause = waitPolicy.shortestPause
        while true {
            let found = await look(for: hash, nodes, report)
            if let found {
                report(.mined(found.receipt, confirmations: found.confirmations))
                if found.confirmations >= waitPolicy.confirmations { return try outcome(of: found) }
            }
            let time = begin + waitPolicy.timeout - .now
            guard waitPolicy.isWaiting, time > .zero, !Task.isCancelled else {
                throw ProblemList(
                    Problem(found == nil ? SendRule.pending : .unconfirmed, at: payment.code, detail: "\(hash)"))
            }
            try? await Task.sleep(for: min(pause, time))
            pause = min(pause * 3 / 2, waitPolicy.longestPause)
        }
    }

    private func outcome(of found: Sight) throws(ProblemList) -> Broadcaster.Outcome {
        let receipt = found.receipt
        guard receipt.succeeded else {
            throw ProblemList(Problem(SendRule.reverted, at: payment.code, detail: "\(receipt.transactionHash)"))
        }
        let proof = try Settlement.require(effect, in: receipt)
        return Broadcaster.Outcome(
            hash: receipt.transactionHash, receipt: receipt, confirmations: found.confirmations, state: .settled,
            event: proof.paid, seen: proof.seen)
    }

    /// A receipt that a node returned twice, for two queries. The block of the receipt is in the node's chain.
    private struct Sight: Sendable {
        let receipt: Receipt
        let confirmations: UInt64
    }

    /// Queries all nodes for the receipt of the transaction. A receipt is accepted if more nodes return it than have no
    /// receipt. If the two numbers are equal, the receipt is accepted only if it proves the payment. Returns the
    /// accepted receipt that most nodes return, or `nil` if no receipt is accepted.
    private func look(
        for hash: Hash, _ nodes: Nodes, _ report: @Sendable (Broadcaster.Progress) -> Void
    ) async -> Sight? {
        var (sights, open): ([[Sight]], Int) = ([], 0)
        for (_, result) in await nodes.ask({ node throws(NodeError) in try await Self.look(for: hash, node) }) {
            switch result {
            case .failure(let failure): report(.unusable(failure))
            case .success(nil): open += 1
            case .success(.some(let sight)):
                if let index = sights.firstIndex(where: { $0[0].receipt.isSame(as: sight.receipt) }) {
                    sights[index].append(sight)
                } else {
                    sights.append([sight])
                }
            }
        }
        let believed = sights.map { (all: $0, proof: isProof($0[0].receipt) ? 1 : 0) }
            .filter { $0.all.count + $0.proof > open }
        return believed.max { ($0.all.count, $0.proof) < ($1.all.count, $1.proof) }?.all
            .min { $0.confirmations < $1.confirmations }
    }

    private func isProof(_ receipt: Receipt) -> Bool {
        guard receipt.succeeded else { return false }
        do throws(ProblemList) { return try Settlement.require(effect, in: receipt).paid != nil } catch { return false }
    }

    private static func look(for hash: Hash, _ node: EthereumNode) async throws(NodeError) -> Sight? {
        guard let receipt = try await node.ask(.receipt(of: hash)) else { return nil }
        let (head, again, block) = try await node.askTogether(
            .block(.latest), .receipt(of: hash), .block(.number(receipt.blockNumber)))
        guard let head, again == receipt, block?.hash == receipt.blockHash else { return nil }
        return Sight(receipt: receipt, confirmations: ChainView.confirmations(of: receipt, at: head.number))
    }
}

extension Receipt {
    /// Whether two receipts are equal in the members on which the nodes must agree.
    fileprivate func isSame(as other: Receipt) -> Bool {
        blockHash == other.blockHash && succeeded == other.succeeded && logs == other.logs
    }
}

/// Determines the conditions (on-chain values such as the nonce) of a payment by a token's permit (EIP-2612). A third
/// party sends the call, so the payer pays no gas and no fees. The nonce in these conditions is the payer's permit
/// nonce, which the token contract returns.
struct PermitPreparation {
    let token: Address
    let call: Call
    let payer: Address
    let nodes: Nodes
    /// A function that returns whether an error of the called contract means that the signature is invalid.
    let isRefusal: (ContractRevert) -> Bool

    /// The nonce and the domain separator that a token returns for a permit.
    private struct Facts: Hashable {
        let nonce: UInt64
        let domainSeparator: Hash
    }

    func measure(_ result: inout Preparation.Result) async throws(ProblemList) {
        let facts = try await agreed()
        result.conditions.nonce = facts.nonce
        result.conditions.token = result.conditions.token.map { token in
            Conditions.Token(
                address: token.address, symbol: token.symbol, decimals: token.decimals, balance: token.balance,
                domainSeparator: facts.domainSeparator)
        }
        if let said = try await refusalOfPermit() {
            result.notes.append(
                Preparation.Note("the token rejects a dummy signature with \(said), as it should"))
        }
        result.notes.append(
            Preparation.Note(
                "the permit cannot be simulated before it is signed: what the contract checks before it was simulated, "
                    + "and holds; no gas is measured, since someone else sends the call"))
    }

    /// Queries every node for the nonce and the domain separator. Throws if the answers differ.
    private func agreed() async throws(ProblemList) -> Facts {
        let token = token
        var facts: [Facts] = []
        for node in nodes.all {
            let said = try await TokenReader(node: node, token: token).permit(of: payer)
            facts.append(Facts(nonce: said.nonce, domainSeparator: said.domainSeparator))
        }
        guard Set(facts).count == 1, let first = facts.first else {
            let words = zip(nodes.all, facts).map { "\($0.name) says \($1.nonce) in the domain \($1.domainSeparator)" }
                .joined(separator: ", ")
            throw ProblemList(Problem(NodesRule.disagree, at: "permit", detail: words))
        }
        return first
    }

    /// Simulates the call with a dummy signature. The called contract reverts when it checks the permit, or earlier if
    /// it finds another error in the call.
    ///
    /// - Returns: the token's error message, if the called contract passes it on. Earlier versions of the called
    ///   contract pass it on. Later versions revert with an error of their own, and the result is `nil`.
    private func refusalOfPermit() async throws(ProblemList) -> String? {
        let node = nodes.all[0]
        do throws(NodeError) { _ = try await node.call(CallRequest(call, from: payer)) } catch {
            guard let refusal = error.refusal else { throw ProblemList(error) }
            let revert = RequestKinds.revert(refusal.data)
            if let revert, isRefusal(revert) {
                return ContractError.solidity.contains(revert.error) ? revert.text : nil
            }
            guard refusal.rule == .reverted || revert != nil else { throw ProblemList(error) }
            // If the called contract reverts with one of its own errors, the revert contains data. A revert without
            // data therefore means that the token has no permit function.
            if refusal.data.isEmpty {
                throw ProblemList(
                    Problem(
                        PrepareRule.noTokenPermit, at: token.description,
                        saw: "a revert without a reason", detail: "permit"))
            }
            throw ProblemList(Problem(PrepareRule.wouldRevert, revertedWith: refusal.data))
        }
        return nil
    }
}
