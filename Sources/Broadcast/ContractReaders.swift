import AirlockABI
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockRequests
import AirlockTokens
import AirlockTransactions

/// Reads the metadata, balances and allowances of a token.
struct TokenReader {
    let node: EthereumNode
    let token: Address

    /// Reads the metadata of the token and the owner's balance of it. Both are written to the conditions file.
    func facts(of owner: Address) async throws(ProblemList) -> Conditions.Token {
        let calls = [ERC20.decimals, ERC20.symbol, ERC20.balance(of: owner)].map { CallRequest(to: token, data: $0) }
        let answers: [Result<[UInt8], NodeError>]
        do throws(NodeError) { answers = try await node.askEach(calls.map { .call($0) }) } catch {
            throw ProblemList(error)
        }
        let decimals = try value("decimals", answers[0], Self.number { UInt64(exactly: $0) })
        let symbol = try value("symbol", answers[1], Self.text)
        let balance = try value("balanceOf", answers[2], Self.number { $0 })
        guard decimals <= 77 else { throw ProblemList(refusal("decimals", saw: "\(decimals)")) }
        return Conditions.Token(address: token, symbol: symbol, decimals: decimals, balance: balance)
    }

    /// Reads the symbols and decimals of tokens in one batch. Contracts that do not return a symbol and decimals are
    /// left out.
    static func units(of tokens: [Address], _ node: EthereumNode) async -> [Address: (symbol: String, decimals: Int)] {
        let calls = tokens.flatMap { token in
            [ERC20.decimals, ERC20.symbol].map { NodeQuestion.call(CallRequest(to: token, data: $0)) }
        }
        let answers: [Result<[UInt8], NodeError>]
        do throws(NodeError) { answers = try await node.askEach(calls) } catch { return [:] }
        var units: [Address: (symbol: String, decimals: Int)] = [:]
        for (index, token) in tokens.enumerated() {
            guard let decimals = (try? answers[2 * index].get()).flatMap(number({ Int(exactly: $0) })), decimals <= 77,
                let symbol = (try? answers[2 * index + 1].get()).flatMap(text)
            else { continue }
            units[token] = (symbol, decimals)
        }
        return units
    }

    func allowance(of owner: Address, for spender: Address) async throws(ProblemList) -> UInt256 {
        let call = CallRequest(to: token, data: ERC20.allowance(of: owner, for: spender))
        let answer: Result<[UInt8], NodeError>
        do throws(NodeError) { answer = .success(try await node.call(call)) } catch { answer = .failure(error) }
        return try value("allowance", answer, Self.number { $0 })
    }

    /// Queries the token contract for the owner's permit nonce and the token's domain separator. Throws if the token
    /// does not support permits (EIP-2612).
    func permit(of owner: Address) async throws(ProblemList) -> (nonce: UInt64, domainSeparator: Hash) {
        let calls = [ERC20.permitNonce(of: owner), ERC20.domainSeparator].map { CallRequest(to: token, data: $0) }
        let answers: [Result<[UInt8], NodeError>]
        do throws(NodeError) { answers = try await node.askEach(calls.map { .call($0) }) } catch {
            throw ProblemList(error)
        }
        let nonce = try value("nonces", answers[0], Self.number { UInt64(exactly: $0) }, else: .noTokenPermit)
        let separator = try value("DOMAIN_SEPARATOR", answers[1], { Hash($0) }, else: .noTokenPermit)
        return (nonce, separator)
    }

    /// Reads the allowance that the token reports when the node simulates the call with the given state overrides.
    /// Returns `nil` if the simulation fails, or if its result is not a number of 32 bytes.
    func allowance(
        of owner: Address, for spender: Address, pretending overrides: [Address: StateOverride]
    ) async -> UInt256? {
        let call = CallRequest(to: token, data: ERC20.allowance(of: owner, for: spender))
        do throws(NodeError) {
            return FixedBytes<32>(try await node.call(call, pretending: overrides)).map { UInt256($0) }
        } catch { return nil }
    }

    private func value<Value>(
        _ name: String, _ answer: Result<[UInt8], NodeError>, _ read: ([UInt8]) -> Value?,
        else rule: PrepareRule = .notAToken
    ) throws(ProblemList) -> Value {
        switch answer {
        case .success(let bytes):
            guard let value = read(bytes) else { throw ProblemList(refusal(name, rule, saw: Hex.encode(bytes))) }
            return value
        case .failure(let error):
            guard error.refusal?.rule == .reverted else { throw ProblemList(error) }
            throw ProblemList(refusal(name, rule, saw: "a revert"))
        }
    }

    private static func number<Value>(_ convert: @escaping (UInt256) -> Value?) -> ([UInt8]) -> Value? {
        { bytes in FixedBytes<32>(bytes).flatMap { convert(UInt256($0)) } }
    }

    private func refusal(_ name: String, _ rule: PrepareRule = .notAToken, saw: String) -> Problem {
        Problem(rule, at: token.description, saw: saw, detail: name)
    }

    /// Decodes a string that a token returns. Some old tokens do not return an ABI-encoded string, but 32 bytes of text
    /// padded with zeros.
    private static func text(_ answer: [UInt8]) -> String? {
        if answer.count == 32 {
            return String(validating: answer.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard let values = try? ABIParameters("(string)").decode(answer), case .string(let text)? = values.first else {
            return nil
        }
        return text
    }
}

/// Asks the contract Permit2 whether the nonce of a permit is already used.
struct PermitReader {
    let node: EthereumNode

    /// Throws if the nonce of a permit is already used, because Permit2 would reject the permit.
    func refuseUsed(_ nonce: UInt256, of owner: Address) async throws(ProblemList) {
        guard try await isUsed(nonce, of: owner) else { return }
        let error = Selector(signature: "InvalidNonce()").bytes.bytes
        throw ProblemList(Problem(PrepareRule.wouldRevert, revertedWith: error))
    }

    /// Whether a nonce is already used. Permit2 records the used nonces in a bitmap, and each word of the bitmap covers
    /// 256 nonces.
    private func isUsed(_ nonce: UInt256, of owner: Address) async throws(ProblemList) -> Bool {
        guard let (word, bit) = nonce.quotientAndRemainder(dividingBy: 256),
            let bit = UInt64(exactly: bit).map(Int.init)
        else { return false }
        let data = ABIWriter.encode(Selector(signature: "nonceBitmap(address,uint256)"), words: 2) { writer in
            writer.append(owner)
            writer.append(word)
        }
        let answer: [UInt8]
        do throws(NodeError) {
            answer = try await node.call(CallRequest(to: Permit2Transfer.contract, data: data))
        } catch { throw ProblemList(error) }
        guard let bitmap = FixedBytes<32>(answer) else {
            throw ProblemList(
                Problem(PrepareRule.noPermit2, at: Permit2Transfer.contract.description, saw: Hex.encode(answer)))
        }
        return bitmap[31 - bit / 8] & (1 << (bit % 8)) != 0
    }
}

/// Queries Uniswap's contract QuoterV2 for the price of a swap in each pool. The swap buys an exact amount of a token.
struct Quoter {
    let node: EthereumNode
    let contract: Address
    let swap: ChainQueries.Swap

    struct Quote: Hashable, Sendable {
        let poolFee: UInt64
        let amountIn: UInt256

        /// The largest amount that the swap is allowed to spend, as proposed to the user. It is the quoted price plus
        /// 0.5 %, rounded up. The margin allows for a change of the price before the swap is mined. The payer gets back
        /// the part that the swap does not spend. The result is `nil` if the amount overflows 256 bits.
        var proposal: UInt256? {
            guard let (part, rest) = amountIn.quotientAndRemainder(dividingBy: 200) else { return nil }
            return amountIn.adding(part)?.adding(rest.isZero ? 0 : 1)
        }
    }

    /// The quote of the cheapest pool; `nil` if no pool can perform the swap.
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
            // A price limit of zero means that the swap has no price limit. It needs none, because the largest amount
            // that the swap is allowed to spend already limits the price.
            writer.append(UInt256.zero)
        }
    }

    /// The input amount of a quote; `nil` if the quoter reverts because the pool does not exist or has too little
    /// liquidity.
    private func amountIn(_ answer: Result<[UInt8], NodeError>) throws(NodeError) -> UInt256? {
        if case .failure(let error) = answer, error.refusal?.rule == .reverted { return nil }
        // The first 32 bytes of the quoter's result are the input amount.
        return FixedBytes<32>(Array(try answer.get().prefix(32))).map { UInt256($0) }
    }
}

/// The GasPriceOracle contract of an OP-stack chain, which computes the L1 data fee of a transaction.
enum L1FeeOracle {
    static let address = Address(known: "0x420000000000000000000000000000000000000F")

    static func isAsked(on chain: Chain) -> Bool { chain == .base || chain == .baseSepolia }

    /// The sum of the L1 data fees of all transactions; `nil` if the oracle does not answer. A missing fee is not an
    /// error, because the fee is small and is not part of the signed transaction. The chain computes the fee itself and
    /// deducts it from the sender's balance.
    static func fee(of calls: [CallRequest], under conditions: Conditions, _ node: EthereumNode) async -> UInt256? {
        var sum: UInt256? = .zero
        for call in calls {
            let fee = await fee(of: transaction(call, conditions, gas: conditions.gas), node)
            sum = fee.flatMap { sum?.adding($0) }
        }
        return sum
    }

    private static func transaction(
        _ call: CallRequest, _ conditions: Conditions, gas: UInt64?
    ) -> UnsignedTransaction {
        UnsignedTransaction(
            nonce: conditions.nonce ?? 0, gas: gas ?? 0, to: call.to, value: call.value, data: call.data,
            form: .dynamicFee(
                chainID: conditions.chain.id, maxPriorityFeePerGas: conditions.maxPriorityFeePerGas ?? .zero,
                maxFeePerGas: conditions.maxFeePerGas ?? .zero, accessList: call.accessList))
    }

    /// The highest L1 data fee among the transactions that make these calls. The result is `nil` if the oracle does not
    /// answer for one of these transactions.
    static func highest(of calls: [CallRequest], under conditions: Conditions, _ node: EthereumNode) async -> UInt256? {
        let questions = calls.map { question(transaction($0, conditions, gas: Simulation.mostGas)) }
        do throws(NodeError) {
            let answers = try await node.askInBatches(questions)
            let fees = answers.compactMap { answer in
                (try? answer.get()).flatMap { FixedBytes<32>($0) }.map { UInt256($0) }
            }
            return fees.count == calls.count ? fees.max() : nil
        } catch { return nil }
    }

    /// The L1 data fee of a transaction; `nil` if the oracle does not answer. The oracle expects the unsigned
    /// transaction and adds the size of the signature itself.
    private static func fee(of transaction: UnsignedTransaction, _ node: EthereumNode) async -> UInt256? {
        do throws(NodeError) {
            let (answer) = try await node.askTogether(question(transaction))
            return FixedBytes<32>(answer).map { UInt256($0) }
        } catch { return nil }
    }

    private static func question(_ transaction: UnsignedTransaction) -> NodeQuestion<[UInt8]> {
        let data = ABIWriter.encode(Selector(signature: "getL1Fee(bytes)"), words: 1) { writer in
            writer.append(bytes: transaction.encoded.span)
        }
        return .call(CallRequest(to: address, data: data))
    }
}
