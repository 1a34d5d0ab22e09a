import AirlockABI
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockRequests
import AirlockTokens
import AirlockTransactions

/// Asks a token what it is, and what is whose.
struct TokenReader {
    let node: EthereumNode
    let token: Address

    /// The token as the conditions show it.
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

    /// How tokens call themselves, and their decimals, of those that answer as tokens do. All in one request.
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

    /// What only a token tells that takes permits (EIP-2612): how many of the owner's it has taken, which is the next
    /// one's nonce, and the domain that they are signed for.
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

    /// `nil` when there is no answer, whatever the reason.
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

    /// A string; or, of tokens older than EIP-20's last word, 32 bytes that end in zeros.
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

/// Asks Permit2 whether a permit can still be used.
struct PermitReader {
    let node: EthereumNode

    /// Refuses a permit whose number is used, as Permit2 would.
    func refuseUsed(_ nonce: UInt256, of owner: Address) async throws(ProblemList) {
        guard try await isUsed(nonce, of: owner) else { return }
        let error = Selector(signature: "InvalidNonce()").bytes.bytes
        throw ProblemList(Problem(PrepareRule.wouldRevert, revertedWith: error))
    }

    /// A bit of a word tells it for each of 256 nonces.
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

/// The contract by which an OP-stack chain says what a transaction's data costs on Ethereum, outside of its gas.
enum L1FeeOracle {
    static let address = Address(known: "0x420000000000000000000000000000000000000F")

    static func isAsked(on chain: Chain) -> Bool { chain == .base || chain == .baseSepolia }

    /// What the transactions cost together. The fee is small, and the chain takes it whether it was known or not.
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

    /// The highest of what each costs by itself; `nil` where the oracle does not answer for one of them.
    static func highest(of calls: [CallRequest], under conditions: Conditions, _ node: EthereumNode) async -> UInt256? {
        let questions = calls.map { question(transaction($0, conditions, gas: Simulation.mostGas)) }
        do throws(NodeError) {
            let answers = try await node.askInParts(questions)
            let fees = answers.compactMap { answer in
                (try? answer.get()).flatMap { FixedBytes<32>($0) }.map { UInt256($0) }
            }
            return fees.count == calls.count ? fees.max() : nil
        } catch { return nil }
    }

    /// The oracle wants the transaction before it is signed, and adds the signature's size itself. `nil` when there is
    /// no answer.
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
