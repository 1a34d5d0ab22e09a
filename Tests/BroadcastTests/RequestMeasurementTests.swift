import AirlockTokens
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import Synchronization
import Testing
import AirlockCharges

@testable import AirlockBroadcast

@Suite("How a payment is to be made")
struct RequestMeasurementTests {
    private static let weth = Address(known: "0x4200000000000000000000000000000000000006")
    private static let dai = Address(known: "0x50c5725949A6F0c72E6C4a641F24049A917DB0Cb")
    private static let quote = "bd21704a"
    private static let bitmap = "4fe02b44"

    /// A chain on which the payer has the token balance and the allowances that every method needs. It has no prices of
    /// swap pools.
    private static var chain: ScriptedChain {
        var chain = ScriptedChain(calls: PreparationTests.token)
        chain.calls[bitmap] = word(0)
        chain.calls["49948e0e"] = word(0)
        return chain
    }

    private func measure(
        _ node: ScriptedNode, asked: Address = SamplePayment.usdc, chain: UInt64 = 8453,
        change: (inout Preparation) -> Void
    ) async throws -> Preparation.Result {
        let charge = try SamplePayment.charge {
            $0["recipient_currency"] = quoted(asked)
            $0[metadata: "chain_id"] = "\(chain)"
        }
        var preparation = Preparation(charge.contents, from: charge.contents.sender)
        change(&preparation)
        return try await preparation.measure(Nodes(node.node))
    }

    private func refused(
        _ chain: ScriptedChain, asked: Address = SamplePayment.usdc, change: (inout Preparation) -> Void
    ) async throws -> Problem {
        let node = try chain.node()
        do {
            _ = try await measure(node, asked: asked, chain: chain.chainID, change: change)
            throw TestFailure()
        } catch let list as ProblemList { return try #require(list.problems.first) }
    }

    private struct TestFailure: Error {}

    /// Creates a node that gives quotes for swaps. `prices` contains the price in each pool, keyed by the fee of the
    /// pool. A quote for any other pool reverts.
    private func pools(_ prices: [UInt64: UInt256]) throws -> ScriptedNode {
        let chain = Self.chain
        return try ScriptedNode { question in
            guard question.parameters.contains("0x" + Self.quote) else { return chain.answer(question) }
            for (fee, price) in prices where question.parameters.contains("\(UInt256(fee).word)".dropFirst(2)) {
                return "\"\(price.word)\(String(repeating: "0", count: 192))\""
            }
            return .reverted("0x")
        }
    }

    static let prices: [([UInt64: UInt256], UInt64, UInt256)] = [
        ([500: 1000], 500, 1005), ([500: 1001], 500, 1007), ([100: 900, 500: 899, 3000: 901], 500, 904),
        ([10000: 1], 10000, 2), ([100: 7, 500: 7], 100, 8),
    ]

    @Test("by a swap is quoted in every pool: the cheapest and 0.5 % more is proposed", arguments: prices)
    func quotes(prices: [UInt64: UInt256], poolFee: UInt64, value: UInt256) async throws {
        let node = try pools(prices)
        let result = try await measure(node) { $0.method = "swapAndTransferUniswapV3Native" }
        #expect(result.conditions.poolFee == poolFee)
        #expect(result.conditions.value == value)
        #expect(result.notes.contains { $0.next == .swap(value: value, poolFee: poolFee) })
        // `prepare` asks each pool how much wrapped native currency buys exactly the token amount of the payment.
        let asked = node.asked("eth_call").map(\.parameters).filter { $0.contains("0x" + Self.quote) }
        #expect(asked.count == 4)
        for word in [Hash(left: Self.weth), Hash(left: SamplePayment.usdc), UInt256(1_050_000).word] {
            #expect(asked.allSatisfy { $0.contains("\(word)".dropFirst(2)) })
        }
    }

    @Test("by a swap asks only the pool that is named, and none when the price is")
    func named() async throws {
        let node = try pools([100: 5, 3000: 9])
        let quoted = try await measure(node) {
            $0.method = "swapAndTransferUniswapV3Native"
            $0.poolFee = 3000
        }
        #expect(quoted.conditions.value == 10)
        let silent = try pools([:])
        let told = try await measure(silent) {
            $0.method = "swapAndTransferUniswapV3TokenPreApproved"
            $0.token = Self.dai
            $0.tokenValue = "1.5usdc"
        }
        #expect(told.conditions.value == 1_500_000)
        #expect(told.conditions.poolFee == 500)
        #expect(told.conditions.token?.address == Self.dai)
        #expect(silent.asked("eth_call").allSatisfy { !$0.parameters.contains("0x" + Self.quote) })
    }

    @Test("with a permit takes the gas of the method without one and 60000 more, and Permit2's allowance")
    func permit() async throws {
        let node = try Self.chain.node()
        let result = try await measure(node) { $0.method = "transferToken" }
        #expect(result.conditions.gas == UInt64(180_000))
        #expect(result.conditions.approval?.spender == Permit2Transfer.contract)
        #expect(result.notes.contains { $0.text.contains("transferTokenPreApproved and 60000 more") })
        // The nonce of the permit is derived from the id of the intent. In Permit2, such a nonce is a bit in a bitmap
        // of 256-bit words. The last byte of the nonce is the index of the bit in its word. The other bytes are the
        // index of the word.
        let question = try #require(node.asked("eth_call").first { $0.parameters.contains("0x" + Self.bitmap) })
        #expect(question.parameters.contains(String(repeating: "0", count: 34) + "00112233445566778899aabbccddee"))
        let simulated = node.asked("eth_estimateGas").map(\.parameters)
        #expect(simulated.allSatisfy { $0.contains("0x04e0fc36") })
    }

    @Test("takes wrapped native currency of a chain that is not known by the token that is named")
    func unknownChain() async throws {
        let node = try ScriptedChain(chainID: 31337, calls: PreparationTests.token).node()
        let result = try await measure(node, asked: .zero, chain: 31337) {
            $0.method = "unwrapAndTransferPreApproved"
            $0.token = Self.dai
        }
        #expect(result.conditions.token?.address == Self.dai)
    }

    @Test("is refused where something is not known, or named in vain")
    func refusals() async throws {
        let unknown = ScriptedChain(chainID: 31337)
        func code(
            _ method: TransferMethod, _ chain: ScriptedChain = Self.chain, asked: Address = SamplePayment.usdc,
            token: Address? = nil, change: (inout Preparation) -> Void = { _ in }
        ) async throws -> Refusal {
            Refusal(
                try await refused(chain, asked: asked) {
                    $0.method = method.rawValue
                    $0.token = token
                    change(&$0)
                })
        }
        #expect(
            try await code(.unwrapAndTransfer, unknown, asked: .zero)
                == Refusal("method.wrapped-native-unknown", "token:"))
        #expect(
            try await code(.swapAndTransferUniswapV3Token) == Refusal("method.swap-token-unknown", "token:"))
        #expect(
            try await code(.transferTokenPreApproved, token: Self.dai)
                == Refusal("prepare.token-not-spent", "token:"))
        #expect(
            try await code(.unwrapAndTransfer, asked: .zero, token: Self.dai)
                == Refusal("prepare.token-not-spent", "token:"))
        #expect(
            try await code(.swapAndTransferUniswapV3Native, unknown, token: Self.weth)
                == Refusal("prepare.no-quoter", "quoter:"))
        var unquoted = Self.chain
        unquoted.calls[Self.quote] = .reverted("0x")
        #expect(
            try await code(.swapAndTransferUniswapV3Native, unquoted)
                == Refusal("prepare.no-pool", "\(KnownTokens.on(.base)?.quoter ?? .zero)"))
        unquoted.calls[Self.quote] = .refused("rate limit")
        #expect(try await code(.swapAndTransferUniswapV3Native, unquoted).code == "node.rate-limited")
        var other = unknown
        other.calls = PreparationTests.token
        #expect(
            try await code(.swapAndTransferUniswapV3TokenPreApproved, other, asked: .zero, token: Self.dai) {
                $0.quoter = Self.weth
            } == Refusal("method.wrapped-native-unknown", "value:"))
    }

    @Test("with a permit is refused when its number is used, Permit2 may take too little, or is not there")
    func permitRefusals() async throws {
        let number = UInt256(0xFF)
        for bit in [0xFF, 0xFE] {
            var chain = Self.chain
            let bitmap = Hash { $0 == 31 - bit / 8 ? 1 << (bit % 8) : 0 }
            chain.calls[Self.bitmap] = "\"\(bitmap)\""
            let node = try chain.node()
            let isUsed = UInt256(UInt64(bit)) == number
            do {
                let result = try await measure(node) { $0.method = "transferToken" }
                #expect(!isUsed)
                #expect(result.conditions.gas != nil)
            } catch let list as ProblemList {
                #expect(isUsed)
                #expect(list.problems[0].message.contains("InvalidNonce(): the permit's nonce is used"))
            }
        }
        var short = Self.chain
        short.calls["dd62ed3e"] = word(1_049_999)
        let problem = try await refused(short) { $0.method = "transferToken" }
        #expect(problem.code == "prepare.would-revert")
        #expect(problem.message.contains("Permit2 may take 1049999 atomic units of the token, and 1050000 are needed"))
        var without = Self.chain
        without.calls[Self.bitmap] = "\"0x\""
        #expect(try await refused(without) { $0.method = "transferToken" }.code == "prepare.no-permit2")
    }

    @Test("with a permit leaves the gas out, and says so, where a node cannot pretend an allowance")
    func cannotPretend() async throws {
        let chain = Self.chain
        let node = try ScriptedNode { question in
            // The allowance for Permit2 is sufficient, and the allowance for the payment contract is zero.
            if question.parameters.contains("dd62ed3e") {
                return word(question.parameters.contains("22d473030f116ddee9f6b43ac78ba3") ? 2_000_000 : 0)
            }
            if question.parameters.contains("0x04e0fc36") { return .reverted("0xf96fb071") }
            return chain.answer(question)
        }
        let result = try await measure(node) { $0.method = "transferToken" }
        #expect(result.conditions.gas == nil)
        #expect(result.missing?.code == "prepare.gas-not-measured")
    }
}

extension RequestMeasurementTests {
    @Test("after a reset takes a safe gas for the approval, where a node cannot pretend the reset")
    func unmeasuredApproval() async throws {
        let chain = Self.chain
        let node = try ScriptedNode { question in
            if question.parameters.contains("dd62ed3e") { return word(9) }
            if question.method == "eth_estimateGas", question.parameters.contains("0x095ea7b3") {
                return question.parameters.contains(String(repeating: "0", count: 64)) ? "\"0x7530\"" : .reverted("0x")
            }
            if question.parameters.contains("0x04e0fc36") { return .reverted("0xf96fb071") }
            return chain.answer(question)
        }
        let result = try await measure(node) {
            $0.method = "transferTokenPreApproved"
            $0.approving = true
        }
        #expect(result.conditions.approval?.resetFirst == true)
        #expect(result.conditions.approveGas == 80_000)
        #expect(result.conditions.gas == nil)
    }
}

extension FixedBytes<32> {
    /// Creates an ABI word from an address, with zeros on the left.
    fileprivate init(left address: Address) {
        self.init { $0 < 12 ? 0 : address.bytes[$0 - 12] }
    }
}
