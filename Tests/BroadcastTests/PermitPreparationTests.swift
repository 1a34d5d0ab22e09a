import AirlockBroadcast
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import Testing
import AirlockCharges

@Suite("Preparing a permit that someone else sends")
struct PermitPreparationTests {
    private static let domain = Hash.keccak([1])
    private static let call = "1d7f10ac"
    private static let nonces = "7ecebe00"
    private static let domainSeparator = "3644e515"

    /// A chain whose token supports permits. The payer has already used three permits, so the payer's next permit nonce
    /// is 3.
    private static var chain: ScriptedChain {
        var chain = ScriptedChain(calls: PreparationTests.token)
        chain.calls[nonces] = word(3)
        chain.calls[domainSeparator] = "\"\(domain)\""
        chain.calls[call] = .reverted("0x06105145")
        return chain
    }

    private func measure(
        _ chains: [ScriptedChain], change: (inout Preparation) -> Void = { _ in }
    ) async throws -> Preparation.Result {
        let nodes = try chains.map { try $0.node() }
        var preparation = try SamplePayment.preparation()
        preparation.method = "subsidizedTransferToken"
        change(&preparation)
        return try await preparation.measure(Nodes(nodes[0].node, nodes.dropFirst().map(\.node)))
    }

    private func refused(
        _ chains: [ScriptedChain], change: (inout Preparation) -> Void = { _ in }
    ) async throws -> [Problem] {
        do {
            _ = try await measure(chains, change: change)
            return []
        } catch let list as ProblemList { return list.problems }
    }

    private func refused(
        _ name: String, _ answer: ScriptedNode.Answer, change: (inout Preparation) -> Void = { _ in }
    ) async throws -> [Problem] {
        var chain = Self.chain
        chain.calls[name] = answer
        return try await refused([chain], change: change)
    }

    @Test("measures the token's nonce and domain, and neither gas nor fees")
    func measured() async throws {
        let result = try await measure([Self.chain, Self.chain]) { $0.ledgerHead = .keccak([2]) }
        let conditions = result.conditions
        #expect(conditions.method == "subsidizedTransferToken")
        #expect(conditions.nonce == 3)
        #expect(
            conditions.token
                == Conditions.Token(
                    address: SamplePayment.usdc, symbol: "USDC", decimals: 6, balance: 5_000_000,
                    domainSeparator: Self.domain))
        #expect(conditions.ledgerHead == .keccak([2]))
        #expect(conditions.block?.number == 100)
        #expect(conditions.gas == nil && conditions.maxFeePerGas == nil && conditions.maxPriorityFeePerGas == nil)
        #expect(conditions.approval == nil && conditions.l1Fee == nil)
        #expect(result.notes.count == 1 && result.notes[0].text.contains("cannot be simulated before it is signed"))
    }

    @Test("needs no native currency of the payer's")
    func noFunds() async throws {
        var chain = Self.chain
        chain.balance = "0x0"
        #expect(try await measure([chain]).conditions.nativeBalance == 0)
    }

    @Test("is refused by the name of whatever the contract says before it comes to the permit")
    func simulation() async throws {
        for (data, words) in [
            ("0x57eee766", "AlreadyProcessed()"), ("0x25ec6c1f", "OperatorNotRegistered()"),
            ("0x92665351\(UInt256(5).word.description.dropFirst(2))", "InsufficientBalance(5)"),
            ("0x12345678", "saw 0x12345678"),
        ] {
            let problems = try await refused(Self.call, .reverted(data))
            #expect(problems.map(\.code) == ["prepare.would-revert"])
            #expect(problems.first?.message.contains(words) == true, "\(problems)")
        }
        #expect(try await refused(Self.call, .refused("rate limit")).map(\.code) == ["node.rate-limited"])
        // Earlier versions of the payment contract pass on the error message of the token if the token refuses the
        // permit. But these versions also have error messages of their own. Airlock must not take such a message for a
        // message of the token.
        func error(_ text: String) -> ScriptedNode.Answer {
            let words = [UInt256(32), UInt256(UInt64(text.utf8.count))].map { "\($0.word)".dropFirst(2) }
            let data = Hex.encode(Array(text.utf8), prefix: false)
            return .reverted("0x08c379a0\(words.joined())\(data)\(String(repeating: "0", count: 64 - data.count))")
        }
        var earlier = Self.chain
        earlier.calls[Self.call] = error("EIP2612: invalid signature")
        #expect(try await measure([earlier]).notes[0].text.contains("EIP2612: invalid signature"))
        #expect(try await refused(Self.call, error("Pausable: paused")).map(\.code) == ["prepare.would-revert"])
        // If the token does not check the signature, the simulated call does not revert.
        var easy = Self.chain
        easy.calls[Self.call] = "\"0x\""
        #expect(try await measure([easy]).conditions.nonce == 3)
    }

    @Test("is refused of a token that takes no permits, and of a nonce that nobody reaches")
    func noPermits() async throws {
        let place = Refusal("prepare.no-token-permit", "\(SamplePayment.usdc)")
        for (name, answer) in [
            (Self.nonces, .reverted("0x")), (Self.nonces, "\"0x\""), (Self.nonces, word(.max)),
            (Self.domainSeparator, .reverted("0x")), (Self.domainSeparator, "\"0x1234\""),
        ] as [(String, ScriptedNode.Answer)] {
            #expect(try await refused(name, answer).map { Refusal($0) } == [place])
        }
        // If the payment contract itself reverts, the revert contains data that names an error. A revert without data
        // therefore means that the token has no permit function.
        let problems = try await refused(Self.call, .reverted("0x"))
        #expect(problems.map { Refusal($0) } == [place])
        #expect(problems.first?.message.contains("saw a revert without a reason") == true, "\(problems)")
    }

    @Test("is refused where nodes do not agree on the nonce or the domain")
    func disagreement() async throws {
        for (name, answer) in [
            (Self.nonces, word(4)), (Self.domainSeparator, word(1)),
        ] as [(String, ScriptedNode.Answer)] {
            var other = Self.chain
            other.calls[name] = answer
            let problems = try await refused([Self.chain, other])
            #expect(problems.map { Refusal($0) } == [Refusal("nodes.disagree", "permit")])
            #expect(problems[0].message.contains(" says 3 in the domain \(Self.domain)"))
        }
    }

    @Test("is refused with an approval, since there is nothing to approve")
    func approval() async throws {
        let problems = try await refused([Self.chain]) { $0.approving = true }
        #expect(problems.map { Refusal($0) } == [Refusal("prepare.nothing-to-approve", "approve:")])
    }
}
