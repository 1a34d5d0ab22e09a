import AirlockABI
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockDiagnostics
import AirlockRequests

/// Asks Uniswap's QuoterV2 what each pool wants for an exact amount of a token.
struct Quoter {
    let node: EthereumNode
    let contract: Address
    let swap: Questions.Swap

    struct Quote: Hashable, Sendable {
        let poolFee: UInt64
        let amountIn: UInt256

        /// What is proposed as the most to spend: 0.5 % more, rounded up, since the price moves until it is mined. What
        /// the swap leaves over comes back. `nil` on overflow.
        var proposal: UInt256? {
            guard let (part, rest) = amountIn.quotientAndRemainder(dividingBy: 200) else { return nil }
            return amountIn.adding(part)?.adding(rest.isZero ? 0 : 1)
        }
    }

    /// The cheapest pool; `nil` when none makes the swap.
    func cheapest() async throws(ProblemList) -> Quote? {
        do throws(NodeError) {
            let answers = try await node.askEach(swap.poolFees.map { .call(CallRequest(to: contract, data: call($0))) })
            var best: Quote?
            for (poolFee, answer) in zip(swap.poolFees, answers) {
                guard let amount = try amountIn(answer), amount < best?.amountIn ?? .max else { continue }
                best = Quote(poolFee: poolFee, amountIn: amount)
            }
            return best
        } catch { throw ProblemList(error) }
    }

    private static let selector = Selector(
        signature: "quoteExactOutputSingle((address,address,uint256,uint24,uint160))")

    private func call(_ poolFee: UInt64) -> [UInt8] {
        ABIWriter.encode(Self.selector, words: 5) { writer in
            writer.append(swap.tokenIn)
            writer.append(swap.tokenOut)
            writer.append(swap.amountOut)
            writer.append(poolFee)
            // No limit on the price: the amount is the limit.
            writer.append(UInt256.zero)
        }
    }

    /// `nil` where the quoter reverts: there is no such pool, or too little in it.
    private func amountIn(_ answer: Result<[UInt8], NodeError>) throws(NodeError) -> UInt256? {
        if case .failure(let error) = answer, error.refusal?.rule == .reverted { return nil }
        // Of what it answers only the first word is the amount.
        return FixedBytes<32>(Array(try answer.get().prefix(32))).map { UInt256($0) }
    }
}
