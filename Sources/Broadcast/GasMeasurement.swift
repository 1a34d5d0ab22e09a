import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockKeccak
import AirlockPaymentFiles
import AirlockRequestKinds
import AirlockRequests
import AirlockTokens

/// Estimates the gas of a payment. The estimate is possible even if the token's approval is not mined yet, or if the
/// payer has not signed the permit yet.
struct PaymentGas {
    let node: EthereumNode
    let call: Call
    let payer: Address
    var accessList: [AccessListEntry] = []
    /// Whether an approval is sent before the payment.
    let isApproved: Bool

    struct Measured {
        var gas: UInt64?
        var notes: [String] = []
        /// The reason why the gas could not be estimated.
        var missing: Problem?
    }

    /// The gas to add for a permit. The simulation runs the payment without the permit, so the gas estimate does not
    /// include the gas of the permit. In tests, Permit2 used about 34000 gas: 22100 to store the nonce, 3000 to recover
    /// the signer, and about 9000 for the call and its data.
    static let permit: UInt64 = 60_000

    func measure() async throws(ProblemList) -> Measured {
        let isPermitted = call.standIn != nil
        let standIn = try call.standIn?() ?? call
        guard isApproved || isPermitted, let take = standIn.taken, let spender = take.spender else {
            let request = CallRequest(call, from: payer, accessList: accessList)
            return Measured(gas: try await Simulation(node: node, call: request).gas())
        }
        let request = CallRequest(standIn, from: payer, accessList: accessList)
        var measured = Measured()
        var pretended: [Address: StateOverride] = [:]
        let allowance = try await TokenReader(node: node, token: take.token).allowance(of: payer, for: spender)
        if allowance < take.amount {
            let place = AllowanceOverride(token: take.token, owner: payer, spender: spender)
            guard let found = await place.pretending(take.amount, on: node) else {
                try await refuseOther(request)
                measured.missing =
                    isPermitted
                    ? Problem(PrepareRule.gasNotMeasured, detail: "the permit that it needs is not signed yet")
                    : Problem(
                        PrepareRule.gasNotMeasured, detail: "the approval that it needs is not mined yet",
                        because: BroadcastCause.approvalNotMined)
                return measured
            }
            pretended = found
        }
        var gas = try await Simulation(node: node, call: request, pretended: pretended).gas()
        if isPermitted {
            gas = min(gas + Self.permit, Simulation.mostGas)
            measured.notes.append(
                "a permit cannot be simulated before it is signed: the gas is that of \(standIn.method)"
                    + " and \(Self.permit) more")
        }
        measured.gas = gas
        return measured
    }

    /// Throws if the contract rejects the payment for any reason except a low allowance. The contract checks the
    /// allowance last, so an allowance error means that the payment has passed all other checks of the contract.
    private func refuseOther(_ payment: CallRequest) async throws(ProblemList) {
        do throws(NodeError) { _ = try await node.call(payment) } catch {
            let data = error.refusal?.data ?? []
            if RequestKinds.revert(data)?.error.isAllowance == true { return }
            guard error.refusal?.rule == .reverted else { throw ProblemList(error) }
            throw ProblemList(Problem(PrepareRule.wouldRevert, revertedWith: data))
        }
    }
}

/// Estimates the gas of the approval that is sent before a payment.
struct Approval {
    let node: EthereumNode
    let owner: Address
    let token: Address
    let spender: Address
    let amount: UInt256
    /// The spender's current allowance.
    let allowance: UInt256

    struct Measured {
        var gas: UInt64
        var resetFirst = false
    }

    func measure() async throws(ProblemList) -> Measured {
        do throws(ProblemList) {
            return Measured(gas: try await approve(amount).gas())
        } catch {
            // The approval reverted. While the allowance is not zero, some tokens, such as USDT, accept only an
            // approval of zero. An approval of zero is therefore simulated before the revert is reported.
            guard !allowance.isZero, let resetGas = try? await approve(.zero).gas() else { throw error }
            let place = AllowanceOverride(token: token, owner: owner, spender: spender)
            guard let afterReset = await place.pretending(.zero, on: node) else {
                return Measured(gas: max(resetGas, Self.unmeasured), resetFirst: true)
            }
            return Measured(gas: max(resetGas, try await approve(amount, afterReset).gas()), resetFirst: true)
        }
    }

    /// The minimum gas limit for the approval that follows a reset of the allowance to zero. This minimum applies only
    /// if the approval cannot be simulated. Setting a storage slot that is zero costs 17100 gas more than clearing the
    /// slot. In total, the approval of a token needs about 50000 gas.
    static let unmeasured: UInt64 = 80_000

    private func approve(_ amount: UInt256, _ pretended: [Address: StateOverride] = [:]) -> Simulation {
        Simulation(
            node: node, call: CallRequest(from: owner, to: token, data: ERC20.approve(spender, amount)),
            pretended: pretended)
    }
}

/// A state override that sets a token's allowance, so that a payment can be simulated before its approval is mined.
///
/// Airlock does not know in which storage slot a token keeps an allowance, but there are few possibilities. The
/// allowances are a mapping of mappings. The base slot of this mapping is one of the first storage slots, or a slot in
/// OpenZeppelin's namespace (ERC-7201). The keys are hashed in Solidity's or in Vyper's order. The state override sets
/// the slots of all these possibilities at once. Setting the wrong slots normally does no harm. The numbers of these
/// slots are hashes, so a token normally stores no other data there. Only another mapping with the same two addresses
/// as keys could use one of these slots. If the simulated token returns the allowance that was set, one of the slots
/// was right.
struct AllowanceOverride {
    let token: Address
    let owner: Address
    let spender: Address

    /// Builds a state override that sets this allowance. Returns `nil` if the node does not support overrides, or if
    /// the simulated token still reports a different allowance.
    func pretending(_ allowance: UInt256, on node: EthereumNode) async -> [Address: StateOverride]? {
        let words = places.map { ($0, Hash(allowance.word.inline)) }
        let pretended = [token: StateOverride(storage: Dictionary(words) { first, _ in first })]
        let said = await TokenReader(node: node, token: token).allowance(of: owner, for: spender, pretending: pretended)
        return said == allowance ? pretended : nil
    }

    static let slots: UInt64 = 32
    /// The slot of the allowances in OpenZeppelin's namespace. This slot follows the first slot of the namespace. The
    /// first slot is keccak256(keccak256("openzeppelin.storage.ERC20") - 1) with the last byte cleared.
    static let openZeppelin = UInt256(Hash.namespace("openzeppelin.storage.ERC20")).adding(1) ?? .zero

    var places: [Hash] {
        let bases = (0..<Self.slots).map { UInt256($0) } + [Self.openZeppelin]
        let (owner, spender) = (owner.word, spender.word)
        return bases.flatMap { base in
            let slot = base.word
            return [
                Self.hash(spender, Self.hash(owner, slot)),
                Self.hash(Self.hash(slot, owner), spender),
            ]
        }
    }

    private static func hash(_ first: Hash, _ second: Hash) -> Hash {
        .keccak(first.bytes + second.bytes)
    }
}

extension FixedBytes<32> {
    /// The first storage slot of a namespace (ERC-7201).
    fileprivate static func namespace(_ name: String) -> Hash {
        let previous = UInt256(Hash.keccak(Array(name.utf8))).subtracting(1) ?? .zero
        let hash = Hash.keccak(previous.word.bytes)
        return Hash { $0 < 31 ? hash[$0] : 0 }
    }
}

/// Simulates a call on the current state of the chain.
struct Simulation {
    let node: EthereumNode
    let call: CallRequest
    /// The state overrides of the simulation.
    var pretended: [Address: StateOverride] = [:]

    /// The gas limit to sign: the node's estimate plus a fifth, but at most the maximum gas limit of a transaction
    /// (EIP-7825). The added fifth is a margin. The state of the chain can change before the transaction is mined, and
    /// the transaction can then use more gas.
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

    /// Throws if a token transfer did not return true (ERC-20). An empty answer is accepted too, because some older
    /// tokens return nothing.
    static func requireTrue(_ answer: [UInt8], of token: Address, at place: String? = nil) throws(ProblemList) {
        guard answer.isEmpty || FixedBytes<32>(answer).map({ UInt256($0) }) == 1 else {
            throw ProblemList(Problem(PrepareRule.answersFalse, at: place ?? "\(token)", saw: Hex.encode(answer)))
        }
    }

    static let mostGas: UInt64 = 1 << 24

    /// The reason why a simulation failed: the decoded error of the contract, or the error of the node if the contract
    /// returned no error.
    func explained(_ error: NodeError) async -> any RuleBroken {
        guard let refusal = error.refusal else { return error }
        if refusal.rule == .insufficientFunds {
            return Problem(PrepareRule.insufficientFunds, at: node.name, saw: refusal.message)
        }
        guard refusal.rule == .reverted || RequestKinds.revert(refusal.data) != nil else { return error }
        var data = refusal.data
        // Some nodes return revert data only from eth_call. If the error contains no revert data, the same call is
        // therefore sent with eth_call.
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
    /// Creates a problem for a revert. The problem shows the decoded error. If Airlock does not know the error, the
    /// problem shows the raw revert data.
    init(_ rule: some Rule, at field: String? = nil, revertedWith data: [UInt8]) {
        if let revert = RequestKinds.revert(data) {
            self.init(
                rule, at: field, detail: "\(revert.text): \(revert.meaning)",
                because: revert.error.isAllowance ? BroadcastCause.allowanceTooSmall : revert.error)
        } else if data.isEmpty {
            self.init(rule, at: field, detail: "without a reason", because: BroadcastCause.silentRevert)
        } else {
            self.init(rule, at: field, saw: Hex.encode(data))
        }
    }
}

extension Problem {
    /// Creates a problem for a token balance of the payer that is too low.
    init(_ rule: PrepareRule, of token: Conditions.Token, needed: UInt256) {
        func words(_ amount: UInt256) -> String {
            "\(Amount.format(amount, decimals: Int(token.decimals))) \(escaped(token.symbol, limit: 16))"
        }
        self.init(rule, at: "\(token.address)", saw: words(token.balance), expected: "at least \(words(needed))")
    }
}
