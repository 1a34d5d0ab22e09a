public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockRequests

/// Determines the conditions of a payroll: the on-chain values on which its payments depend. One conditions file serves
/// all payments of the payroll.
public struct PayrollPreparation: Sendable {
    private let payroll: PayrollFile
    /// The hash of the last entry in the offline machine's ledger (see ``Preparation/ledgerHead``).
    public var ledgerHead: Hash?
    /// The nonces of the payer's payments in the journal for which no transaction is mined yet (see
    /// ``Preparation/heldNonces``).
    public var heldNonces: [HeldNonce] = []
    /// A function that reports the progress of the simulations. Its parameters are the number of calls that have been
    /// simulated, and the number of all calls.
    public var progress: @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }

    public init(_ payroll: PayrollFile) { self.payroll = payroll }

    /// The total of a payroll in one currency. The zero address means the native currency.
    private struct Sum {
        let currency: Address
        var amount: UInt256? = .zero
        var count: UInt64 = 0
        /// The highest gas limit of all payments in this currency.
        var gas: UInt64 = 0
    }

    /// Queries the nodes for the conditions, which are on-chain values such as the nonce, and simulates the payments.
    /// Throws if the chain would refuse any payment. The error contains the line number of every such payment.
    public func measure(_ nodes: Nodes) async throws(ProblemList) -> Preparation.Result {
        let agreed = try await NonceAndFees(of: payroll.payer, on: payroll.chain, nodes)
        let node = agreed.nodes.all[0]
        var result = Preparation.Result(
            conditions: Conditions(chain: payroll.chain, sender: payroll.payer),
            notes: agreed.notes.map { Preparation.Note($0) })
        result.conditions.ledgerHead = ledgerHead
        result.take(agreed)
        let given = HeldNonce.next(after: heldNonces, from: agreed.nonce)
        result.conditions.nonce = given.nonce
        result.notes += given.notes
        try await result.conditions.measureBlock(node)
        var sums = sums
        var tokens: [Conditions.Token] = []
        for sum in sums where !sum.currency.isZero {
            tokens.append(try await TokenReader(node: node, token: sum.currency).facts(of: payroll.payer))
        }
        try checkSums(sums, tokens, result.conditions)
        let gas = try await simulate(node)
        for index in sums.indices { sums[index].gas = gas[sums[index].currency] ?? 0 }
        result.conditions.gas = sums.first { $0.currency.isZero }?.gas
        result.conditions.tokens = tokens.map { token in
            Conditions.PayrollToken(token: token, gas: gas[token.address] ?? 0)
        }
        if L1FeeOracle.isAsked(on: payroll.chain) {
            result.conditions.l1Fee = await L1FeeOracle.highest(of: calls.map(\.call), under: result.conditions, node)
            if result.conditions.l1Fee == nil { result.notes.append(Preparation.Result.noL1Fee) }
        }
        let fees = try checkFunds(sums, result.conditions)
        result.payroll = facts(sums, tokens, fees)
        return result
    }

    /// The totals of the payroll, in the order in which the currencies first occur in the payroll.
    private var sums: [Sum] {
        var sums: [Sum] = []
        var places: [Address: Int] = [:]
        for line in payroll.lines {
            guard let owed = line.request.terms.owed.first else { continue }
            let place = places[owed.currency] ?? sums.count
            if place == sums.count {
                places[owed.currency] = place
                sums.append(Sum(currency: owed.currency))
            }
            sums[place].amount = sums[place].amount?.adding(owed.amount)
            sums[place].count += 1
        }
        return sums
    }

    /// The calls to simulate. If several lines of the payroll make the same call, this call occurs only once, together
    /// with the first of these lines.
    private var calls: [(call: CallRequest, line: PayrollFile.Line)] {
        var seen: Set<CallRequest> = []
        return payroll.lines.compactMap { line in
            let (to, value) = (line.call.to, line.call.value)
            let call = CallRequest(
                from: payroll.payer, to: to, value: value, data: line.call.data,
                accessList: line.request.proposal?.accessList ?? [])
            return seen.insert(call).inserted ? (call, line) : nil
        }
    }

    /// Simulates each call on its own, on the current state of the chain. The simulations are sent to the node in
    /// batches. Throws if any call would fail.
    ///
    /// - Returns: for each currency, the highest gas limit of all payments in this currency, including the safety
    ///   margin.
    private func simulate(_ node: EthereumNode) async throws(ProblemList) -> [Address: UInt64] {
        var (problems, gas): ([Problem], [Address: UInt64]) = ([], [:])
        var done = 0
        let calls = calls
        for start in stride(from: 0, to: calls.count, by: EthereumNode.batchSize) {
            let part = calls[start..<min(start + EthereumNode.batchSize, calls.count)]
            let measured: [Result<UInt64, NodeError>]
            let answers: [Result<[UInt8], NodeError>]
            do throws(NodeError) {
                measured = try await node.askEach(part.map { .gas(for: $0.call) })
                answers = try await node.askEach(part.map { .call($0.call) })
            } catch { throw ProblemList(error) }
            for ((call, line), (measured, answer)) in zip(part, zip(measured, answers)) {
                let place = payroll.place(line.number)
                do throws(NodeError) {
                    let currency = line.request.terms.owed.first?.currency ?? .zero
                    gas[currency] = max(gas[currency] ?? 0, Simulation.withMargin(try measured.get()))
                    for take in line.call.takes where take.needsBalance {
                        let said = try answer.get()
                        do throws(ProblemList) { try Simulation.requireTrue(said, of: take.token, at: place) } catch {
                            problems += error.problems
                        }
                    }
                } catch {
                    guard error.refusal != nil else { throw ProblemList(error) }
                    problems += await Simulation(node: node, call: call).explained(error).problems.map { $0.at(place) }
                }
            }
            done += part.count
            progress(done, calls.count)
        }
        if let all = ProblemList(problems) { throw all }
        return gas
    }

    /// Throws if the payer's balances do not cover the amounts of the payments. This check runs before the simulations,
    /// because a simulation fails if the balance is too low. Network fees are checked later.
    private func checkSums(
        _ sums: [Sum], _ tokens: [Conditions.Token], _ conditions: Conditions
    ) throws(ProblemList) {
        var problems: [Problem] = []
        for sum in sums {
            let needed = sum.amount ?? .max
            if let token = tokens.first(where: { $0.address == sum.currency }) {
                if token.balance < needed { problems.append(Problem(PrepareRule.tooLittle, of: token, needed: needed)) }
            } else if let balance = conditions.nativeBalance, balance < needed {
                problems.append(tooLittleNative(balance, needed, "without the network fee"))
            }
        }
        if let all = ProblemList(problems) { throw all }
    }

    /// Throws if the payer's native balance does not cover the amounts and the network fees.
    ///
    /// - Returns: the highest possible network fee of all payments together.
    private func checkFunds(_ sums: [Sum], _ conditions: Conditions) throws(ProblemList) -> UInt256 {
        var fees: UInt256? = conditions.l1Fee?.multiplied(by: UInt256(UInt64(payroll.lines.count))) ?? .zero
        for sum in sums {
            let each = conditions.maxFeePerGas?.multiplied(by: UInt256(sum.gas))
            fees = each?.multiplied(by: UInt256(sum.count)).flatMap { fees?.adding($0) }
        }
        let amount = sums.first { $0.currency.isZero }.map { $0.amount ?? .max } ?? .zero
        guard let balance = conditions.nativeBalance else { return fees ?? .max }
        let needed = fees.flatMap { $0.adding(amount) } ?? .max
        guard balance >= needed else {
            throw ProblemList(tooLittleNative(balance, needed, "with the network fee of \(native(fees ?? .max))"))
        }
        return fees ?? .max
    }

    private func tooLittleNative(_ balance: UInt256, _ needed: UInt256, _ detail: String) -> Problem {
        Problem(
            PrepareRule.insufficientFunds, at: "\(payroll.payer)", saw: native(balance),
            expected: "at least \(native(needed)) \(detail)")
    }

    private func native(_ amount: UInt256) -> String {
        "\(Amount.format(amount, decimals: 18)) \(payroll.chain.nativeSymbol)"
    }

    /// The totals and fees to show to the user. Each pair contains a label and a value.
    private func facts(_ sums: [Sum], _ tokens: [Conditions.Token], _ fees: UInt256) -> [(String, String)] {
        var facts = [("payments", "\(payroll.lines.count)")]
        for sum in sums {
            let amount = sum.amount ?? .max
            let token = tokens.first { $0.address == sum.currency }
            let words = token.map {
                "\(Amount.format(amount, decimals: Int($0.decimals))) \(escaped($0.symbol, limit: 16))"
            }
            facts.append(("total", "\(words ?? native(amount)) in \(sum.count), gas \(sum.gas) each"))
        }
        facts.append(("fees at most", native(fees)))
        return facts
    }
}
