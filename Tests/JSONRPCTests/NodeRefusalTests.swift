import EthereumTypes
import HTTP
import JSONRPC
import LoopbackServer
import Problems
import Testing

@Suite("A node's no")
struct NodeRefusalTests {
    private func error(_ error: String) async throws -> NodeError? {
        let server = LoopbackServer(answering: #"{"jsonrpc":"2.0","id":1,"error":\#(error)}"#)
        let node = EthereumNode(try HTTPURL(server.url), HTTPClient())
        return await #expect(throws: NodeError.self) { try await node.sendRawTransaction([]) }
    }

    private func refusal(_ text: String) async throws -> NodeRefusal? { try await error(text)?.refusal }

    static let words: [(NodeRule, Int, String)] = [
        (.alreadyKnown, -32000, "already known"),
        (.alreadyKnown, -32000, "AlreadyKnown"),
        (.alreadyKnown, -32000, "Known transaction"),
        (.alreadyKnown, -32000, "existing tx with same hash"),
        (.alreadyKnown, -32010, "Transaction with the same hash was already imported."),
        (.other, -32000, "unknown transaction"),
        (.nonceTooLow, -32000, "nonce too low: next nonce 8, tx nonce 7"),
        (.nonceTooLow, -32001, "Nonce too low"),
        (.nonceTooLow, -32000, "OldNonce, Current nonce: 8, nonce of rejected tx: 7"),
        (.nonceTooHigh, -32006, "Nonce too high"),
        (.nonceTooHigh, -32000, "NonceGap, Future nonce. Expected nonce: 8"),
        (.nonceTooHigh, -32000, "nonce too high: tx 9, state 7"),
        (.replacementUnderpriced, -32000, "replacement transaction underpriced"),
        (.replacementUnderpriced, -32000, "ReplacementNotAllowed"),
        (.replacementUnderpriced, -32000, "could not replace existing tx"),
        (.insufficientFunds, -32000, "insufficient funds for gas * price + value: have 1 want 2"),
        (.insufficientFunds, -32004, "Upfront cost exceeds account balance"),
        (.insufficientFunds, -32000, "InsufficientFunds, Account balance: 1, cumulative cost: 2"),
        (.intrinsicGas, -32000, "intrinsic gas too low: gas 100, minimum needed 21000"),
        (.intrinsicGas, -32003, "Intrinsic gas exceeds gas limit"),
        (.intrinsicGas, -32000, "insufficient gas for floor data gas cost: gas 1, minimum needed 2"),
        (.gasLimit, -32000, "exceeds block gas limit"),
        (.gasLimit, -32005, "Transaction gas limit exceeds block gas limit"),
        (.gasLimit, -32000, "GasLimitExceeded, Gas limit: 9, gas limit of rejected tx: 10"),
        (.gasLimit, -32000, "transaction gas limit too high (cap: 16777216, tx: 16777217)"),
        (.wrongChain, -32000, "invalid sender"),
        (.wrongChain, -32000, "invalid chain id for signer: have 1 want 8453"),
        (.wrongChain, -32008, "Wrong chainId"),
        (.wrongChain, -32000, "Invalid, InvalidTxChainId: Expected 8453, got 1"),
        (.feeTooLow, -32000, "transaction underpriced: gas tip cap 0, minimum needed 1"),
        (.feeTooLow, -32000, "FeeTooLow, MaxFeePerGas too low"),
        (.feeTooLow, -32009, "Gas price below configured minimum gas price"),
        (.feeTooLow, -32000, "max fee per gas less than block base fee: address 0x00, maxFeePerGas: 1, baseFee: 2"),
        (.feeAboveCap, -32000, "tx fee (1.20 ether) exceeds the configured cap (1.00 ether)"),
        (.feeAboveCap, -32000, "Transaction fee cap exceeded"),
        (.rateLimited, -32005, "daily request count exceeded, request rate limited"),
        (.rateLimited, 429, "Your app has exceeded its compute units per second capacity."),
        (.rateLimited, -32007, "50/second request limit reached"),
        (.rateLimited, -32005, "limit exceeded"),
        (.reverted, 3, "execution reverted: insufficient funds"),
        (.reverted, -32000, "execution reverted"),
        (.reverted, -32015, "VM execution error."),
        (.reverted, 3, "a reason"),
        (.methodMissing, -32601, "the method eth_x does not exist/is not available"),
        (.methodMissing, -32600, "Method not found"),
        (.methodMissing, -32601, "unsupported"),
        (.other, -32000, "max priority fee per gas higher than max fee per gas"),
        (.other, -32000, "account limit exceeded"),
    ]

    @Test("means the same in the words of every client", arguments: words)
    func meaning(rule: NodeRule, code: Int, message: String) async throws {
        let refusal = try await refusal(#"{"code":\#(code),"message":"\#(message)"}"#)
        #expect(refusal?.rule == rule)
        #expect(refusal?.code == code)
        #expect(refusal?.message == message)
        #expect(refusal?.data == [])
    }

    @Test("every meaning has a row in the table")
    func complete() {
        #expect(Set(Self.words.map(\.0)) == Set(NodeRule.allCases))
    }

    static let data = [
        #"{"code":3,"message":"execution reverted","data":"0x57eee766"}"#,
        #"{"code":-32015,"message":"VM execution error.","data":"Reverted 0x57eee766"}"#,
        #"{"code":-32603,"message":"reverted with a custom error","data":{"message":"x","data":"0x57eee766"}}"#,
    ]

    @Test("brings what the contract returned", arguments: data)
    func returned(error: String) async throws {
        let refusal = try await refusal(error)
        #expect(refusal?.rule == .reverted)
        #expect(refusal?.data == [0x57, 0xEE, 0xE7, 0x66])
    }

    @Test("may have any shape, and is repeated word for word but harmless")
    func foreign() async throws {
        #expect(try await refusal(#""no\u001b[2J""#)?.message == "no\u{1b}[2J")
        let odd = try await refusal("[1]")
        #expect(odd?.message == "an array")
        #expect(odd?.code == 0)
        let error = try await error(#""\u001b""#)
        #expect(error?.problems.first?.message == "the node says no; saw \\u{1b}")
    }
}
