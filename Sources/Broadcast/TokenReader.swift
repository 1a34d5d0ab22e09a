import AirlockABI
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockTokens

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
