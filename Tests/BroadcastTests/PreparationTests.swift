import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import Testing
import AirlockCharges

@testable import AirlockBroadcast

@Suite("Preparing a payment")
struct PreparationTests {
    static let token: [String: ScriptedNode.Answer] = [
        "313ce567": word(6), "70a08231": word(5_000_000), "dd62ed3e": word(2_000_000),
        "95d89b41": """
        "0x\(String(repeating: "0", count: 62))20\(String(repeating: "0", count: 63))455534443\
        \(String(repeating: "0", count: 56))"
        """,
    ]

    private func measure(
        _ charge: Charge, _ chains: ScriptedChain..., change: (inout Preparation) -> Void = { _ in }
    ) async throws -> Preparation.Result {
        let nodes = try chains.map { try $0.node() }
        var preparation = Preparation(charge.contents, from: charge.contents.sender)
        change(&preparation)
        let result = try await preparation.measure(Nodes(nodes[0].node, nodes.dropFirst().map(\.node)))
        // Keeps the nodes alive until the measurement has ended.
        withExtendedLifetime(nodes) {}
        return result
    }

    private func refused(
        _ charge: Charge, _ chains: ScriptedChain..., change: (inout Preparation) -> Void = { _ in }
    ) async throws -> [Problem] {
        let nodes = try chains.map { try $0.node() }
        var preparation = Preparation(charge.contents, from: charge.contents.sender)
        change(&preparation)
        do throws(ProblemList) {
            _ = try await preparation.measure(Nodes(nodes[0].node, nodes.dropFirst().map(\.node)))
            withExtendedLifetime(nodes) {}
            return []
        } catch { return error.problems }
    }

    @Test("measures all that is needed to sign a payment in native currency")
    func native() async throws {
        let result = try await measure(SamplePayment.nativeCharge(), ScriptedChain())
        let conditions = result.conditions
        #expect(conditions.chain == .base)
        #expect(conditions.sender == SampleKey.payer.address)
        #expect(conditions.nonce == 7)
        #expect(conditions.maxPriorityFeePerGas == 3_000_000)
        #expect(conditions.maxFeePerGas == 2_003_000_000)
        #expect(conditions.gas == 120_000)
        #expect(conditions.method == "transferNative")
        #expect(conditions.nativeBalance == 1_000_000_000_000_000_000)
        #expect(conditions.block?.number == 100)
        #expect(conditions.block?.timestamp.seconds == 1_773_200_000)
        #expect(conditions.token == nil)
        #expect(conditions.approval == nil)
        // The oracle for the L1 data fee did not answer.
        #expect(conditions.l1Fee == nil)
        #expect(
            result.notes == [
                Preparation.Note(
                    "nonce 7 is proposed, and is proposed again until this payment is sent",
                    next: .following(nonce: 8, kind: "charge")),
                Preparation.Note("the node does not give the L1 data fee"),
            ])
        #expect(result.missing == nil)
    }

    @Test("measures the token that is spent, and asks an OP-stack chain's oracle")
    func token() async throws {
        var chain = ScriptedChain(calls: Self.token)
        chain.calls["49948e0e"] = word(123_456)
        let conditions = try await measure(SamplePayment.charge(), chain).conditions
        #expect(conditions.method == "transferTokenPreApproved")
        let token = Conditions.Token(address: SamplePayment.usdc, symbol: "USDC", decimals: 6, balance: 5_000_000)
        #expect(conditions.token == token)
        let contract = try SamplePayment.charge().contents.contract
        #expect(
            conditions.approval
                == Conditions.Approval(spender: contract, allowance: 2_000_000, resetFirst: false))
        #expect(conditions.l1Fee == 123_456)
        #expect(conditions.approveGas == nil)
    }

    @Test("takes few round trips, and says the same where a node takes no batches")
    func roundTrips() async throws {
        let charge = try SamplePayment.charge()
        let chain = ScriptedChain(calls: Self.token)
        let (node, single) = (try chain.node(), try ScriptedNode(takesBatches: false) { chain.answer($0) })
        let measured = try await Preparation(charge.contents, from: charge.contents.sender).measure(Nodes(node.node))
            .conditions
        // The measurement takes seven round trips. They request the chain id; the nonces and the fees; the balance and
        // the block; the token; the allowance; the gas estimate; and the oracle's answer for the L1 data fee.
        #expect(node.trips == 7)
        #expect(
            try await Preparation(charge.contents, from: charge.contents.sender).measure(Nodes(single.node)).conditions
                == measured)
        #expect(single.asked == node.asked)
        #expect(single.trips == node.asked.count + 1)
    }

    @Test("simulates what comes after an approval that is not there yet, and adds up what both cost on Ethereum")
    func approval() async throws {
        var chain = ScriptedChain(calls: Self.token)
        chain.calls["49948e0e"] = word(1_000)
        let plain = chain
        let needed = UInt256(1_050_000)
        let node = try ScriptedNode { question in
            if question.method == "eth_call", question.parameters.contains("dd62ed3e") {
                return word(question.parameters.contains("stateDiff") ? needed : 0)
            }
            if question.method == "eth_estimateGas" {
                if question.parameters.contains("0x095ea7b3") { return "\"0xc350\"" }
                return question.parameters.contains("stateDiff") ? "\"0x186a0\"" : .reverted("0xf96fb071")
            }
            return plain.answer(question)
        }
        var preparation = try SamplePayment.preparation()
        preparation.approving = true
        let conditions = try await preparation.measure(Nodes(node.node)).conditions
        #expect(conditions.approveGas == 60_000)
        #expect(conditions.gas == 120_000)
        #expect(conditions.approval?.allowance == 0)
        #expect(conditions.approval?.resetFirst == false)
        #expect(conditions.l1Fee == 2_000)
    }

    @Test("finds out that a token changes an allowance only through zero")
    func resetFirst() async throws {
        let chain = ScriptedChain(calls: Self.token)
        let node = try ScriptedNode { question in
            let isPretended = question.parameters.contains("stateDiff")
            if question.method == "eth_call", question.parameters.contains("dd62ed3e") {
                guard isPretended else { return word(9) }
                return word(question.parameters.contains("\(UInt256(1_050_000).word)") ? 1_050_000 : 0)
            }
            if question.method == "eth_estimateGas", question.parameters.contains("0x095ea7b3") {
                let isReset = question.parameters.contains(String(repeating: "0", count: 64))
                return isPretended ? "\"0xc350\"" : isReset ? "\"0x7530\"" : .reverted("0x")
            }
            return chain.answer(question)
        }
        var preparation = try SamplePayment.preparation()
        preparation.approving = true
        let conditions = try await preparation.measure(Nodes(node.node)).conditions
        #expect(conditions.approval?.resetFirst == true)
        #expect(conditions.approval?.allowance == 9)
        #expect(conditions.approveGas == 60_000)
    }

    @Test("leaves the gas out, and says so, where a node cannot simulate what comes after an approval")
    func cannotPretend() async throws {
        var chain = ScriptedChain(calls: Self.token)
        chain.calls["dd62ed3e"] = word(0)
        chain.calls["04e0fc36"] = .reverted("0xf96fb071" + String(repeating: "0", count: 64))
        let result = try await measure(SamplePayment.charge(), chain) { $0.approving = true }
        #expect(result.conditions.gas == nil)
        #expect(result.conditions.approveGas == 120_000)
        #expect(result.missing?.code == "prepare.gas-not-measured")
        #expect(result.missing?.cause as? BroadcastCause == .approvalNotMined)
        // The approval is not mined yet, but the contract reports another error before it checks the allowance.
        // `prepare` must report this error as a problem.
        chain.calls["04e0fc36"] = .reverted("0x57eee766")
        let problems = try await refused(SamplePayment.charge(), chain) { $0.approving = true }
        #expect(problems.map(\.code) == ["prepare.would-revert"])
        #expect(problems[0].message.contains("AlreadyProcessed()"))
    }

    @Test("takes the highest base fee of several nodes and the median of their tips, when they agree on the nonce")
    func several() async throws {
        let charge = try SamplePayment.nativeCharge()
        let two = try await measure(
            charge, ScriptedChain(baseFee: 5, rewards: [9_000_000]), ScriptedChain(baseFee: 7, rewards: [2_000_000]))
        #expect(two.conditions.maxPriorityFeePerGas == 2_000_000)
        #expect(two.conditions.maxFeePerGas == 2_000_014)
        #expect(!two.notes.contains { $0.text.contains("differ") })
        // One of three nodes reports a priority fee of 100 gwei. A note names this node, and the node does not affect
        // the proposed fees.
        let three = try await measure(
            charge, ScriptedChain(baseFee: 5, rewards: [100_000_000_000]),
            ScriptedChain(baseFee: 7, rewards: [2_000_000]), ScriptedChain(baseFee: 6, rewards: [3_000_000]))
        #expect(three.conditions.maxPriorityFeePerGas == 3_000_000)
        #expect(three.conditions.maxFeePerGas == 3_000_014)
        #expect(
            three.notes.contains {
                $0.text.contains("factor of ten") && $0.text.contains("says 100000000000 wei")
            })
    }

    @Test("goes on with the nodes that answer, and says which do not")
    func silentNodes() async throws {
        let silent = ScriptedChain(others: ["eth_chainId": .refused("rate limit")])
        let late = ScriptedChain(others: ["eth_feeHistory": .refused("rate limit")])
        let result = try await measure(SamplePayment.nativeCharge(), silent, ScriptedChain(), late)
        #expect(result.conditions.nonce == 7)
        #expect(
            result.notes.contains { $0.text.hasPrefix("2 of 3 nodes did not answer, and the others are trusted: ") })
        #expect(
            try await refused(SamplePayment.nativeCharge(), silent, silent).map(\.code)
                == ["node.rate-limited", "node.rate-limited"])
        #expect(
            try await refused(SamplePayment.nativeCharge(), late, late).map(\.code)
                == ["node.rate-limited", "node.rate-limited"])
    }

    /// Each case has the rewards of the last blocks, the fractions of gas that the blocks used, the priority fee that
    /// the node suggests, and the priority fee that must be proposed. A value is `nil` if the node does not report it.
    static let quietChains: [([UInt64], [String]?, String?, UInt256)] = [
        // By default, geth does not mine a transaction whose priority fee is below 0.001 gwei.
        ([0, 0, 0], ["0", "0.0", "0e1"], nil, 1_000_000), ([0, 0, 0], ["0", "0", "0"], "0x5f5e100", 100_000_000),
        ([0, 0, 0], ["0", "0", "0"], "0x1", 1_000_000),
        ([0, 5_000_000, 0, 0], ["0", "0.5", "0", "0"], nil, 5_000_000),
        ([0, 5_000_000, 0, 0], ["0", "0.5", "0", "0"], "0x5f5e100", 100_000_000),
        // If most blocks are not empty, the node is not asked for a suggestion.
        ([0, 5_000_000, 7_000_000, 9_000_000], ["0", "0.5", "1", "1e-2"], "0x5f5e100", 7_000_000),
        ([1, 2, 3], nil, "0x5f5e100", 1_000_000),
    ]

    @Test("leaves empty blocks out, and hears the node where most were empty", arguments: quietChains.indices)
    func quiet(index: Int) async throws {
        let (rewards, ratios, suggestion, tip) = Self.quietChains[index]
        var chain = ScriptedChain(rewards: rewards, gasUsedRatios: ratios)
        if let suggestion { chain.others["eth_maxPriorityFeePerGas"] = "\"\(suggestion)\"" }
        #expect(try await measure(SamplePayment.nativeCharge(), chain).conditions.maxPriorityFeePerGas == tip)
    }

    static let fees: [([UInt64], UInt256, UInt256)] = [
        ([], 1_000_000, 1_000_200), ([0, 0], 1_000_000, 1_000_200), ([5_000_000], 5_000_000, 5_000_200),
        ([1, 100_000_000], 100_000_000, 100_000_200), ([3_000_000, 1, 2_000_000], 2_000_000, 2_000_200),
    ]

    @Test("offers the median tip, at least 0.001 gwei, over twice the next base fee", arguments: fees)
    func fee(rewards: [UInt64], priority: UInt256, maximum: UInt256) async throws {
        let conditions = try await measure(
            SamplePayment.nativeCharge(), ScriptedChain(baseFee: 100, rewards: rewards)
        ).conditions
        #expect(conditions.maxPriorityFeePerGas == priority)
        #expect(conditions.maxFeePerGas == maximum)
    }

    static let caps: [(UInt64, UInt64, UInt64, UInt256, UInt256)] = [
        (8453, 249_999_000_000, 2_000_000, 500_000_000_000, 2_000_000),
        (8453, 250_000_000_000, 1_000_000, 500_000_000_000, 1_000_000),
        (1, 1, 600_000_000_000, 500_000_000_000, 500_000_000_000),
        (137, 250_000_000_000, 1, 525_000_000_000, 25_000_000_000),
        (137, 1 << 62, 1, 20_000_000_000_000, 25_000_000_000),
        (5, 1 << 62, 1 << 62, 20_000_000_000_000, 20_000_000_000_000),
    ]

    @Test("offers no more than the chain's cap, and says so", arguments: caps)
    func cap(chainID: UInt64, baseFee: UInt64, tip: UInt64, maximum: UInt256, priority: UInt256) async throws {
        let charge = try SamplePayment.charge {
            $0["recipient_currency"] = quoted(Address.zero)
            $0[metadata: "chain_id"] = "\(chainID)"
        }
        let result = try await measure(
            charge,
            ScriptedChain(
                chainID: chainID, balance: UInt256.max.quantity, baseFee: baseFee, rewards: [tip]))
        #expect(result.conditions.maxFeePerGas == maximum)
        #expect(result.conditions.maxPriorityFeePerGas == priority)
        let offered = max(UInt256(tip), chainID == 137 ? 25_000_000_000 : 1_000_000)
        let isCapped = UInt256(baseFee).multiplied(by: 2)?.adding(offered) ?? .max > maximum
        #expect(result.notes.contains { $0.text.contains("at most") && $0.next == .offerMore } == isCapped)
    }

    @Test(
        "adds a fifth to the gas, up to what one transaction may use",
        arguments: [
            ("0x5208", 25_200), ("0xd55555", 16_777_215), ("0xd55557", 16_777_216),
            ("0xffffffffffffffff", 16_777_216),
        ])
    func gas(estimate: String, gas: UInt64) async throws {
        let chain = ScriptedChain(estimate: "\"\(estimate)\"")
        #expect(try await measure(SamplePayment.nativeCharge(), chain).conditions.gas == gas)
    }

    @Test("counts what waits, and says so")
    func waiting() async throws {
        let result = try await measure(SamplePayment.nativeCharge(), ScriptedChain(pendingNonce: 9))
        #expect(result.conditions.nonce == 9)
        #expect(
            result.notes.map(\.text).contains("2 of the payer's transactions are pending; nonce 9 comes after them"))
    }

    @Test("comes after the payments that the journal knows and no block holds, and says which")
    func held() async throws {
        let charge = try SamplePayment.nativeCharge()
        func measured(_ held: [HeldNonce], pending: UInt64 = 7) async throws -> Preparation.Result {
            try await measure(charge, ScriptedChain(pendingNonce: pending)) { $0.heldNonces = held }
        }
        let two = [
            HeldNonce(nonce: 8, code: "one", intentID: "0x01"), HeldNonce(nonce: 7, code: "two", intentID: nil),
        ]
        let after = try await measured(two)
        #expect(after.conditions.nonce == 9)
        #expect(
            after.notes.contains {
                $0.text.hasPrefix("nonce 9 comes after payment one, which the journal knows with nonce 8 ")
                    && $0.next == .otherNonce
            })
        // A nonce in the journal is ignored if it is below the nonce that the node reports. The highest possible nonce
        // is ignored too.
        #expect(try await measured(two, pending: 9).conditions.nonce == 9)
        #expect(try await measured([HeldNonce(nonce: 6, code: "one", intentID: nil)]).conditions.nonce == 7)
        #expect(try await measured([HeldNonce(nonce: .max, code: "one", intentID: nil)]).conditions.nonce == 7)
        // The journal already has a payment of this intent, and an intent must not be paid twice. The nonce of that
        // payment is therefore proposed again, so that the new payment replaces it.
        let own = try await measured([HeldNonce(nonce: 7, code: "own", intentID: "\(charge.contents.intent.id)")])
        #expect(own.conditions.nonce == 7)
        #expect(own.notes.contains { $0.next == .replace(nonce: 7) })
    }

    @Test("is refused where nodes do not agree, and says who said what")
    func disagreement() async throws {
        let problems = try await refused(
            SamplePayment.nativeCharge(), ScriptedChain(), ScriptedChain(pendingNonce: 8))
        #expect(problems.map { Refusal($0) } == [Refusal("nodes.disagree", "nonce")])
        #expect(problems[0].message.contains(" says 7, "))
        #expect(problems[0].message.hasSuffix(" says 8"))
        let other = try await refused(SamplePayment.nativeCharge(), ScriptedChain(), ScriptedChain(chainID: 1))
        #expect(other.map(\.code) == ["nodes.wrong-chain"])
        #expect(other[0].message.contains("saw ethereum (1); expected base (8453)"))
    }

    static let refusals: [(ScriptedNode.Answer, String, String)] = [
        (.reverted("0x57eee766"), "prepare.would-revert", "AlreadyProcessed(): this intent has been paid already"),
        (
            .reverted("0xb06a5d51" + String(repeating: "f", count: 64)), "prepare.would-revert",
            "InvalidNativeAmount(-1): the value sent is not what the charge needs"
        ),
        (.reverted("0x12345678"), "prepare.would-revert", "saw 0x12345678"),
        (.reverted("0x92665351"), "prepare.would-revert", "InsufficientBalance(...)"),
        (.refused("insufficient funds for transfer"), "prepare.insufficient-funds", "insufficient funds for transfer"),
        (.refused("gas required exceeds allowance (0)"), "node.other", "gas required exceeds allowance (0)"),
    ]

    @Test("is refused by the contract's name for it", arguments: refusals)
    func simulation(estimate: ScriptedNode.Answer, code: String, words: String) async throws {
        let problems = try await refused(SamplePayment.nativeCharge(), ScriptedChain(estimate: estimate))
        #expect(problems.map(\.code) == [code])
        #expect(problems[0].message.contains(words))
    }

    @Test("asks again where a node does not say why the estimate failed")
    func reasonByCall() async throws {
        var chain = ScriptedChain(estimate: .refused("execution reverted"))
        chain.calls["fc8f31e0"] = .reverted("0x0080add4")
        let named = try await refused(SamplePayment.nativeCharge(), chain)
        #expect(named[0].message.contains("ExpiredIntent()"))
        chain.calls["fc8f31e0"] = .refused("execution reverted")
        let unnamed = try await refused(SamplePayment.nativeCharge(), chain)
        #expect(unnamed[0].message.hasSuffix("without a reason"))
    }

    @Test("is refused when value, gas and data cost more than the payer has")
    func funds() async throws {
        // The payment costs 120000 gas at 2003000000 wei each, the value of 1050000 wei, and the L1 data fee of 5 wei.
        let cost: UInt64 = 120_000 * 2_003_000_000 + 1_050_000 + 5
        for (balance, isEnough) in [(cost, true), (cost - 1, false)] {
            let chain = ScriptedChain(balance: UInt256(balance).quantity, calls: ["49948e0e": word(5)])
            let problems = try await refused(SamplePayment.nativeCharge(), chain)
            #expect(problems.map(\.code) == (isEnough ? [] : ["prepare.insufficient-funds"]))
        }
    }

    static let strangeTokens: [(String, ScriptedNode.Answer)] = [
        ("313ce567", .reverted("0x")), ("313ce567", "\"0x\""), ("313ce567", word(78)), ("70a08231", "\"0x01\""),
        ("95d89b41", word(32)), ("dd62ed3e", "\"0x\""),
    ]

    @Test("is refused when the token does not answer like one", arguments: strangeTokens)
    func notAToken(selector: String, answer: ScriptedNode.Answer) async throws {
        var chain = ScriptedChain(calls: Self.token)
        chain.calls[selector] = selector == "95d89b41" ? "\"0x20\"" : answer
        let problems = try await refused(SamplePayment.charge(), chain)
        #expect(problems.map { Refusal($0) } == [Refusal("prepare.not-a-token", "\(SamplePayment.usdc)")])
    }

    @Test("reads a symbol of 32 bytes too")
    func oldSymbol() async throws {
        var chain = ScriptedChain(calls: Self.token)
        chain.calls["95d89b41"] = "\"0x4d4b52\(String(repeating: "0", count: 58))\""
        #expect(try await measure(SamplePayment.charge(), chain).conditions.token?.symbol == "MKR")
    }

    @Test("takes the method that is named, and brings the ledger's head back")
    func named() async throws {
        let head = Hash { _ in 9 }
        let result = try await measure(SamplePayment.charge(), ScriptedChain()) {
            $0.method = "swapAndTransferUniswapV3Native"
            $0.value = 1000
            $0.ledgerHead = head
        }
        #expect(result.conditions.method == "swapAndTransferUniswapV3Native")
        #expect(result.conditions.value == 1000)
        #expect(result.conditions.poolFee == 500)
        #expect(result.conditions.ledgerHead == head)
        let problems = try await refused(SamplePayment.charge(), ScriptedChain()) { $0.method = "wrapAndTransfer" }
        #expect(problems.map(\.code) == ["method.incorrect-currency"])
    }
}
