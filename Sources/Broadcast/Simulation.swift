import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockDiagnostics
import AirlockPaymentFiles
import AirlockRequestKinds
import AirlockRequests

/// What a call would do if it were mined now.
struct Simulation {
    let node: EthereumNode
    let call: CallRequest
    /// What is pretended of the chain meanwhile.
    var pretended: [Address: StateOverride] = [:]

    /// The gas to sign: a fifth above what the node measures, since the state moves on until it is mined, and at most
    /// what one transaction may use (EIP-7825).
    func gas() async throws(ProblemList) -> UInt64 {
        let measured: UInt64
        do throws(NodeError) {
            measured = try await node.estimateGas(call, pretending: pretended)
        } catch {
            throw ProblemList(await explained(error))
        }
        return Self.withMargin(measured)
    }

    static func withMargin(_ measured: UInt64) -> UInt64 {
        let (withMargin, overflow) = (measured / 5).addingReportingOverflow(measured)
        return overflow ? mostGas : min(withMargin, mostGas)
    }

    /// ERC-20: a transfer answers true. Tokens older than that answer nothing.
    static func requireTrue(_ answer: [UInt8], of token: Address, at place: String? = nil) throws(ProblemList) {
        guard answer.isEmpty || FixedBytes<32>(answer).map({ UInt256($0) }) == 1 else {
            throw ProblemList(Problem(PrepareRule.answersFalse, at: place ?? "\(token)", saw: Hex.encode(answer)))
        }
    }

    static let mostGas: UInt64 = 1 << 24

    /// What the contract said no with, by its name; or the node's own no.
    func explained(_ error: NodeError) async -> any RuleBroken {
        guard let refusal = error.refusal else { return error }
        if refusal.rule == .insufficientFunds {
            return Problem(PrepareRule.insufficientFunds, at: node.name, saw: refusal.message)
        }
        guard refusal.rule == .reverted || RequestKinds.revert(refusal.data) != nil else { return error }
        var data = refusal.data
        // Some nodes tell the contract's words to eth_call alone.
        if data.isEmpty, let said = await revertData() { data = said }
        return Problem(PrepareRule.wouldRevert, revertedWith: data)
    }

    private func revertData() async -> [UInt8]? {
        do throws(NodeError) { _ = try await node.call(call, pretending: pretended) } catch {
            return error.refusal?.data
        }
        return nil
    }
}

extension Problem {
    /// What a contract reverted with, by its name where it is known.
    init(_ rule: some Rule, at field: String? = nil, revertedWith data: [UInt8]) {
        if let revert = RequestKinds.revert(data) {
            self.init(
                rule, at: field, detail: "\(revert.text): \(revert.error.meaning)",
                because: revert.error.isAllowance ? BroadcastCause.allowanceTooSmall : revert.error)
        } else if data.isEmpty {
            self.init(rule, at: field, detail: "without a reason", because: BroadcastCause.silentRevert)
        } else {
            self.init(rule, at: field, saw: Hex.encode(data))
        }
    }
}

extension Problem {
    /// Too little of a token.
    init(_ rule: PrepareRule, of token: Conditions.Token, needed: UInt256) {
        func words(_ amount: UInt256) -> String {
            "\(Amount.format(amount, decimals: Int(token.decimals))) \(escaped(token.symbol, limit: 16))"
        }
        self.init(rule, at: "\(token.address)", saw: words(token.balance), expected: "at least \(words(needed))")
    }
}
