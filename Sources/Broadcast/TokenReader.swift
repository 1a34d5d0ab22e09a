import ABI
import EthereumTypes
import JSONRPC
import PaymentFiles
import Problems
import TransferProtocol

/// Asks a token what it is, and what is whose.
struct TokenReader {
    let node: EthereumNode
    let token: Address

    /// The token as the conditions show it.
    func facts(of owner: Address) async throws(ProblemList) -> Conditions.Token {
        let decimals = try await answer("decimals", ERC20.decimals) { UInt64(exactly: UInt256($0)) }
        let symbol = try await answer("symbol", ERC20.symbol, Self.text)
        let balance = try await answer("balanceOf", ERC20.balance(of: owner)) { UInt256($0) }
        guard decimals <= 77 else { throw ProblemList(refusal("decimals", saw: "\(decimals)")) }
        return Conditions.Token(address: token, symbol: symbol, decimals: decimals, balance: balance)
    }

    func allowance(of owner: Address, for spender: Address) async throws(ProblemList) -> UInt256 {
        try await answer("allowance", ERC20.allowance(of: owner, for: spender)) { UInt256($0) }
    }

    /// Nothing when there is no answer, whatever the reason.
    func allowance(
        of owner: Address, for spender: Address, pretending overrides: [Address: StateOverride]
    ) async -> UInt256? {
        let call = CallRequest(to: token, data: ERC20.allowance(of: owner, for: spender))
        do throws(NodeError) {
            return FixedBytes<32>(try await node.call(call, pretending: overrides)).map { UInt256($0) }
        } catch { return nil }
    }

    private func answer<Value>(
        _ name: String, _ data: [UInt8], _ read: (FixedBytes<32>) -> Value?
    ) async throws(ProblemList) -> Value {
        try await answer(name, data) { bytes in FixedBytes<32>(bytes).flatMap(read) }
    }

    private func answer<Value>(
        _ name: String, _ data: [UInt8], _ read: ([UInt8]) -> Value?
    ) async throws(ProblemList) -> Value {
        let bytes: [UInt8]
        do throws(NodeError) { bytes = try await node.call(CallRequest(to: token, data: data)) } catch {
            guard error.refusal?.rule == .reverted else { throw ProblemList(error) }
            throw ProblemList(refusal(name, saw: "a revert"))
        }
        guard let value = read(bytes) else { throw ProblemList(refusal(name, saw: Hex.encode(bytes))) }
        return value
    }

    private func refusal(_ name: String, saw: String) -> Problem {
        Problem(PrepareRule.notAToken, at: token.description, saw: saw, detail: name)
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
