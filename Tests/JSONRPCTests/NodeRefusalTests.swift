import AirlockEthereumTypes
import AirlockHTTP
import AirlockJSONRPC
import AirlockLoopbackServer
import AirlockDiagnostics
import Testing

@Suite("A node's no")
struct NodeRefusalTests {
    private func error(_ error: String) async throws -> NodeError? {
        let server = LoopbackServer(answering: #"{"jsonrpc":"2.0","id":1,"error":\#(error)}"#)
        let node = EthereumNode(try HTTPURL(server.url), HTTPClient())
        return await #expect(throws: NodeError.self) { try await node.sendRawTransaction([]) }
    }

    private func refusal(_ text: String) async throws -> NodeRefusal? { try await error(text)?.refusal }

    /// Each row has the expected rule, the client software of the node, and the code and the message of its error. For
    /// Nethermind, a row has the message of versions 1.2x. If versions 1.3x send a different message, the next row has
    /// that message.
    static let words: [(NodeRule, client: String, Int, String)] = [
        (.alreadyKnown, "geth", -32000, "already known"),
        (.alreadyKnown, "reth", -32000, "already known"),
        (.alreadyKnown, "nethermind", -32010, "AlreadyKnown"),
        (.alreadyKnown, "besu", -32000, "Known transaction"),
        (.alreadyKnown, "erigon", -32000, "ALREADY_EXISTS: existing txn with same hash"),
        (.alreadyKnown, "openethereum", -32010, "Transaction with the same hash was already imported."),
        (.nonceTooLow, "geth", -32000, "nonce too low: next nonce 8, tx nonce 7"),
        (.nonceTooLow, "reth", -32000, "nonce too low: next nonce 8, tx nonce 7"),
        (.nonceTooLow, "erigon", -32000, "INVALID: nonce too low"),
        (.nonceTooLow, "besu", -32001, "Nonce too low"),
        (.nonceTooLow, "besu", -32001, "transaction nonce 7 below sender account nonce 8"),
        (.nonceTooLow, "nethermind", -32010, "OldNonce, Current nonce: 8, nonce of rejected tx: 7"),
        (.nonceTooLow, "openethereum", -32010, "Transaction nonce is too low. Try incrementing the nonce."),
        (.nonceTooHigh, "geth", -32000, "nonce too high: tx nonce 9, gapped nonce 7"),
        (.nonceTooHigh, "geth", -32000, "gapped-nonce tx from delegated accounts"),
        (.nonceTooHigh, "geth", -32000, "in-flight transaction limit reached for delegated accounts"),
        (.nonceTooHigh, "reth", -32000, "nonce too high"),
        (.nonceTooHigh, "besu", -32006, "Nonce too high"),
        (.nonceTooHigh, "besu", -32000, "Transaction nonce is too distant from current sender nonce"),
        (.nonceTooHigh, "besu", -32000, "An invalid transaction with a lower nonce exists"),
        (.nonceTooHigh, "nethermind", -32010, "NonceGap, Future nonce. Expected nonce: 8"),
        (.nonceTooHigh, "nethermind", -32010, "NonceTooFarInFuture"),
        (.nonceTooHigh, "nethermind", -32010, "nonce too far in future"),
        (.replacementUnderpriced, "geth", -32000, "replacement transaction underpriced"),
        (.replacementUnderpriced, "geth", -32000, "future transaction tries to replace pending"),
        (.replacementUnderpriced, "besu", -32000, "Replacement transaction underpriced"),
        (.replacementUnderpriced, "reth", -32000, "insufficient gas price to replace existing transaction"),
        (.replacementUnderpriced, "nethermind", -32010, "ReplacementNotAllowed"),
        (.replacementUnderpriced, "erigon", -32000, "FEE_TOO_LOW: could not replace existing tx"),
        (
            .replacementUnderpriced, "openethereum", -32010,
            "Transaction gas price is too low. There is another transaction with same nonce in the queue."
        ),
        (.insufficientFunds, "geth", -32000, "insufficient funds for gas * price + value: balance 1, tx cost 2"),
        (.insufficientFunds, "geth", -32000, "insufficient balance for transfer"),
        (.insufficientFunds, "reth", -32003, "insufficient funds for gas * price + value: have 1 want 2"),
        (.insufficientFunds, "erigon", -32000, "INVALID: insufficient funds"),
        (.insufficientFunds, "besu", -32004, "Upfront cost exceeds account balance"),
        (
            .insufficientFunds, "besu", -32004,
            "transaction up-front cost 0x2 exceeds transaction sender account balance 0x1"
        ),
        (.insufficientFunds, "nethermind", -32010, "InsufficientFunds, Account balance: 1, cumulative cost: 2"),
        (.insufficientFunds, "hardhat", -32000, "Sender doesn't have enough funds to send tx."),
        (.insufficientFunds, "reth", -32003, "transaction overdraws from account"),
        (.intrinsicGas, "geth", -32000, "intrinsic gas too low: gas 100, minimum needed 21000"),
        (.intrinsicGas, "geth", -32000, "insufficient gas for floor data gas cost: gas 1, minimum needed 2"),
        (.intrinsicGas, "reth", -32000, "intrinsic gas too low"),
        (.intrinsicGas, "besu", -32003, "Intrinsic gas exceeds gas limit"),
        (.intrinsicGas, "erigon", -32000, "INVALID: IntrinsicGas"),
        (.intrinsicGas, "nethermind", -32010, "Invalid, intrinsic gas too low"),
        (.gasLimit, "geth", -32000, "exceeds block gas limit"),
        (.gasLimit, "geth", -32000, "transaction gas limit too high (cap: 16777216, tx: 16777217)"),
        (.gasLimit, "reth", -32000, "exceeds max transaction gas limit"),
        (.gasLimit, "reth", -32000, "intrinsic gas too high"),
        (.gasLimit, "erigon", -32000, "INVALID: gas limit is too high"),
        (.gasLimit, "besu", -32005, "Transaction gas limit exceeds block gas limit"),
        (.gasLimit, "nethermind", -32010, "GasLimitExceeded, Gas limit: 9, gas limit of rejected tx: 10"),
        (.gasLimit, "nethermind", -32010, "gas limit reached"),
        (.gasLimit, "nethermind", -32010, "TxGasLimitCapExceeded: Gas limit 16777217 exceeded cap of 16777216."),
        (.wrongChain, "geth", -32000, "invalid sender: invalid chain id for signer: have 1 want 8453"),
        (.wrongChain, "geth", -32000, "only replay-protected (EIP-155) transactions allowed over RPC"),
        (.wrongChain, "erigon", -32000, "invalid chain id, expected: 8453 got: 1"),
        (.wrongChain, "erigon", -32000, "INVALID: invalid sender"),
        (.wrongChain, "reth", -32000, "invalid chain ID"),
        (.wrongChain, "reth", -32602, "invalid transaction signature"),
        (.wrongChain, "besu", -32000, "Wrong chainId"),
        (.wrongChain, "besu", -32002, "Invalid signature"),
        (.wrongChain, "nethermind", -32010, "Invalid, InvalidTxChainId: Expected 8453, got 1."),
        (.wrongChain, "nethermind", -32010, "Invalid, InvalidTxSignature: Signature is invalid."),
        (.wrongChain, "nethermind", -32010, "FailedToResolveSender"),
        (.wrongChain, "nethermind", -32010, "failed to recover sender"),
        (.feeTooLow, "geth", -32000, "transaction underpriced"),
        (.feeTooLow, "geth", -32000, "transaction gas price below minimum: gas tip cap 0, minimum needed 1"),
        (.feeTooLow, "geth", -32000, "max fee per gas less than block base fee: address 0x00, maxFeePerGas: 1"),
        (.feeTooLow, "reth", -32003, "transaction priority fee below minimum required priority fee 5"),
        (.feeTooLow, "erigon", -32000, "FEE_TOO_LOW: fee too low"),
        (.feeTooLow, "nethermind", -32010, "FeeTooLow, MaxFeePerGas too low"),
        (.feeTooLow, "besu", -32009, "Gas price below configured minimum gas price"),
        (.feeTooLow, "besu", -32009, "Gas price below current base fee"),
        (.feeAboveCap, "geth", -32000, "tx fee (1.20 ether) exceeds the configured cap (1.00 ether)"),
        (.feeAboveCap, "reth", -32000, "tx fee (12 wei) exceeds the configured cap (10 wei)"),
        (.feeAboveCap, "besu", -32000, "Transaction fee cap exceeded"),
        (.rateLimited, "alchemy", 429, "Your app has exceeded its compute units per second capacity."),
        (.rateLimited, "alchemy", -32600, "Monthly capacity limit exceeded."),
        (.rateLimited, "infura", -32005, "daily request count exceeded, request rate limited"),
        (.rateLimited, "infura", -32005, "project ID request rate exceeded"),
        (.rateLimited, "infura", 429, "Too Many Requests"),
        (.rateLimited, "quicknode", -32007, "50/second request limit reached - reduce calls per second"),
        (.rateLimited, "quicknode", -32012, "credits limited to 6000/sec"),
        (.rateLimited, "base.org", -32016, "over rate limit"),
        (.rateLimited, "EIP-1474", -32005, "limit exceeded"),
        (.rateLimited, "a gateway", 429, "slow down"),
        (.reverted, "geth", 3, "execution reverted: insufficient funds"),
        (.reverted, "erigon", 3, "execution reverted"),
        (.reverted, "reth", 3, "execution reverted: nonce too low"),
        (.reverted, "besu", -32000, "Execution reverted"),
        (.reverted, "nethermind", -32015, "VM execution error."),
        (.reverted, "hardhat", -32603, "Error: VM Exception while processing transaction: reverted with an error"),
        (.reverted, "geth", 3, "a reason alone"),
        (.methodMissing, "geth", -32601, "the method eth_x does not exist/is not available"),
        (.methodMissing, "reth", -32601, "Method not found"),
        (.methodMissing, "besu", -32601, "Method not found"),
        (.methodMissing, "alchemy", -32600, "Unsupported method: eth_x."),
        (.methodMissing, "JSON-RPC", -32601, "unheard of"),
        (.other, "besu", -32000, "Transaction not found"),
        (.other, "parity", -32000, "unknown transaction"),
        (.other, "geth", -32000, "max priority fee per gas higher than max fee per gas"),
        (.other, "geth", -32000, "account limit exceeded"),
        (.other, "reth", -32003, "txpool is full"),
        (.other, "besu", -32007, "Sender account not authorized to send transactions"),
    ]

    @Test("means the same in the words of every client", arguments: words)
    func meaning(rule: NodeRule, client: String, code: Int, message: String) async throws {
        let refusal = try await refusal(#"{"code":\#(code),"message":"\#(message)"}"#)
        #expect(refusal?.rule == rule, "as \(client) says it")
        #expect(refusal?.code == code)
        #expect(refusal?.message == message)
        #expect(refusal?.data == [])
    }

    @Test("every meaning is tried in the words of three and more", arguments: NodeRule.allCases)
    func complete(rule: NodeRule) {
        #expect(Set(Self.words.filter { $0.0 == rule }.map(\.client)).count >= 3)
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
        #expect(error?.problems.first?.message == "the node rejected the request; saw \\u{1b}")
    }

    @Test("is cut to 1000 scalars, after its meaning is read from all of it")
    func long() async throws {
        let words = String(repeating: "e\u{301}", count: 2000)
        let refusal = try await refusal(#"{"code":-32000,"message":"\#(words) nonce too low"}"#)
        #expect(refusal?.rule == .nonceTooLow)
        #expect(refusal?.message == String(repeating: "e\u{301}", count: 500))
    }
}
