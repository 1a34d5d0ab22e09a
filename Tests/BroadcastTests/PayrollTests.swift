import AirlockCharges
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockRequests
import AirlockSamples
import AirlockTransfers
import Testing

@testable import AirlockBroadcast

@Suite("Preparing transfers")
struct PayrollTests {
    private static let payer = SampleKey.payer.address
    private static let shop = Address(known: "0x5eA054aEea285Ebc3A92eCB1f722f44304F72581")
    private static let now = Timestamp(seconds: 1_773_200_000)

    private static var chain: ScriptedChain {
        var chain = ScriptedChain(estimate: "\"0xc350\"", calls: PreparationTests.token)
        chain.calls["a9059cbb"] = word(1)
        chain.calls["49948e0e"] = word(1_000)
        return chain
    }

    private static func transfer(
        token: Address? = nil, amount: UInt256 = 1_000, expires: Timestamp? = nil
    ) throws -> Transfer {
        try Transfer(chain: .base, from: nil, to: shop, token: token, amount: amount, expires: expires)
    }

    private func measure(
        _ transfer: Transfer, _ chain: ScriptedChain = chain, change: (inout Preparation) -> Void = { _ in }
    ) async throws -> Preparation.Result {
        let node = try chain.node()
        var preparation = Preparation(transfer, from: Self.payer)
        preparation.now = Self.now
        change(&preparation)
        return try await preparation.measure(Nodes(node.node))
    }

    private func problems(_ body: () async throws -> Void) async throws -> [String] {
        do {
            try await body()
            return []
        } catch let list as ProblemList { return list.problems.map { "\($0.code) \($0.place ?? "")" } }
    }

    @Test("measures a transfer of native currency or of a token")
    func single() async throws {
        let native = try await measure(Self.transfer()).conditions
        #expect(native.gas == 60_000 && native.nonce == 7 && native.token == nil && native.approval == nil)
        #expect(native.l1Fee == 1_000 && native.method == nil && native.maxFeePerGas == 2_003_000_000)
        let token = try await measure(Self.transfer(token: SamplePayment.usdc)).conditions
        #expect(token.token?.symbol == "USDC" && token.token?.balance == 5_000_000 && token.gas == 60_000)
    }

    @Test("refuses what would move nothing, and options of charges")
    func refused() async throws {
        let usdc = SamplePayment.usdc
        let token = try Self.transfer(token: usdc)
        var chain = Self.chain
        chain.calls["a9059cbb"] = word(0)
        #expect(
            try await problems { _ = try await measure(token, chain) } == ["prepare.token-refuses \(usdc)"])
        // Token contracts that are older than the final ERC-20 standard return no data from `transfer`.
        chain.calls["a9059cbb"] = "\"0x\""
        #expect(try await measure(token, chain).conditions.gas == 60_000)
        #expect(
            try await problems { _ = try await measure(Self.transfer(token: usdc, amount: 5_000_001)) } == [
                "prepare.insufficient-token \(usdc)"
            ])
        chain.estimate = .reverted("0xf96fb071")
        #expect(try await problems { _ = try await measure(Self.transfer(), chain) } == ["prepare.would-revert "])
        chain = Self.chain
        chain.calls["313ce567"] = "\"0x\""
        #expect(try await problems { _ = try await measure(token, chain) } == ["prepare.not-a-token \(usdc)"])
        chain = Self.chain
        chain.balance = "0x10"
        #expect(
            try await problems { _ = try await measure(token, chain) } == ["prepare.insufficient-funds \(Self.payer)"])
        let late = try Self.transfer(expires: Timestamp(seconds: 1_773_199_999))
        #expect(
            try await problems {
                _ = try await measure(late) {
                    $0.method = "transferNative"
                    $0.value = 1
                    $0.approving = true
                }
            } == [
                "request.option-without-effect method:", "request.option-without-effect value:",
                "request.option-without-effect approve:", "transfer.expired /expires",
            ])
    }

    @Test("leaves the nonce that the same transfer's own payment holds")
    func held() async throws {
        let transfer = try Self.transfer()
        let id = "\(transfer.reference(payer: Self.payer).key)"
        let own = try await measure(transfer) {
            $0.heldNonces = [HeldNonce(nonce: 7, code: "own", intentID: id)]
        }
        #expect(own.conditions.nonce == 7)
        #expect(own.notes.contains { $0.text == "the journal knows payment own of this transfer with nonce 7" })
    }

    // MARK: Payrolls

    private static func line(
        _ number: Int, token: Address? = nil, amount: UInt256 = 1_000, from: Address? = payer, chain: Int = 8453,
        more: String = ""
    ) -> String {
        let token = token.map { "\"token\":\"\($0)\"," } ?? ""
        let from = from.map { "\"from\":\"\($0)\"," } ?? ""
        return """
            {"request":{"airlock":1,"kind":"transfer","chainId":"\(chain)",\(from)"to":"\(shop)",\(token)\
            "amount":"\(amount)","reference":"salary \(number)"\(more)}}
            """
    }

    private static func payroll(_ lines: [String], from: Address? = nil) throws(ProblemList) -> PayrollFile {
        try PayrollFile(Array((lines.joined(separator: "\n") + "\n").utf8), path: "p.jsonl", from: from, now: now)
    }

    private func measure(_ lines: [String], _ chain: ScriptedChain = chain) async throws -> Preparation.Result {
        let node = try chain.node()
        return try await PayrollPreparation(Self.payroll(lines)).measure(Nodes(node.node))
    }

    @Test("measures a payroll once: the highest gas for each currency, and few round trips")
    func payroll() async throws {
        let plain = Self.chain
        let node = try ScriptedNode { question in
            guard question.method == "eth_estimateGas" else { return plain.answer(question) }
            if question.parameters.contains("a9059cbb") { return "\"0xc350\"" }
            return question.parameters.contains("\"value\":\"0x96\"") ? "\"0x5dc0\"" : "\"0x5208\""
        }
        let lines = (1...250).map { number in
            Self.line(
                number, token: number % 2 == 0 ? SamplePayment.usdc : nil, amount: UInt256(UInt64(number + 1)))
        }
        var preparation = PayrollPreparation(try Self.payroll(lines))
        preparation.heldNonces = [HeldNonce(nonce: 8, code: "one", intentID: nil)]
        let result = try await preparation.measure(Nodes(node.node))
        let conditions = result.conditions
        #expect(conditions.nonce == 9 && conditions.sender == Self.payer && conditions.chain == .base)
        // The gas limit for native currency is the highest gas estimate of all transfers in native currency. The
        // transfer of line 149 has this estimate. Its amount is 150, or 0x96.
        #expect(conditions.gas == 28_800 && conditions.token == nil && conditions.l1Fee == 1_000)
        #expect(
            conditions.tokens == [
                Conditions.PayrollToken(
                    token: Conditions.Token(
                        address: SamplePayment.usdc, symbol: "USDC", decimals: 6, balance: 5_000_000), gas: 60_000)
            ])
        #expect(result.payroll.map { $0.0 } == ["payments", "total", "total", "fees at most"])
        // The measurement takes thirteen round trips. They request the chain id; the nonces and the fees; the balance
        // and the block; the token; three batches of gas estimates; three batches of simulated calls; and three batches
        // of calls to the oracle for the L1 data fee.
        #expect(node.trips == 13)
        #expect(node.asked("eth_estimateGas").count == 250)
        let native = try await measure([Self.line(1)]).conditions
        #expect(native.tokens == [] && native.gas == 60_000)
    }

    @Test("refuses a payroll whose sums are not covered, by currency, sum and balance")
    func sums() async throws {
        let usdc = SamplePayment.usdc
        let lines = (1...3).map { Self.line($0, token: usdc, amount: 2_000_000) }
        let node = try Self.chain.node()
        do throws(ProblemList) {
            _ = try await PayrollPreparation(Self.payroll(lines)).measure(Nodes(node.node))
            Issue.record("not refused")
        } catch {
            let problem = try #require(error.problems.first)
            #expect(problem.code == "prepare.insufficient-token" && problem.field == "\(usdc)")
            #expect(problem.message.contains("saw 5 USDC; expected at least 6 USDC"))
        }
        // The balance covers the amounts, but it is 1 wei too low for the fees. The fee of each of the three transfers
        // is 60000 gas at 2003000000 wei, and an L1 data fee of 1000 wei.
        var chain = Self.chain
        let needed = UInt256(3 * 60_000 * 2_003_000_000 + 3 * 1_000 + 3 * 1_000)
        chain.balance = (needed.subtracting(1) ?? .zero).quantity
        let native = (1...3).map { Self.line($0) }
        #expect(
            try await problems { _ = try await measure(native, chain) } == [
                "prepare.insufficient-funds \(Self.payer)"
            ])
        chain.balance = needed.quantity
        #expect(try await measure(native, chain).conditions.gas == 60_000)
    }

    @Test("names every line that would revert")
    func reverts() async throws {
        let plain = Self.chain
        let node = try ScriptedNode { question in
            let isBad = question.parameters.contains("\"value\":\"0x2\"") || question.parameters.contains("\"0x3\"")
            return question.method == "eth_estimateGas" && isBad ? .reverted("0xf96fb071") : plain.answer(question)
        }
        let lines = (1...4).map { Self.line($0, amount: UInt256(UInt64($0))) }
        let problems = try await problems {
            _ = try await PayrollPreparation(Self.payroll(lines)).measure(Nodes(node.node))
        }
        #expect(problems == ["prepare.would-revert p.jsonl:2", "prepare.would-revert p.jsonl:3"])
    }

    @Test("names everything that is wrong with its lines at once, by number and place")
    func lines() throws {
        let other = Address(known: "0x03059433BCdB6144624cC2443159D9445C32b7a8")
        let lines = [
            Self.line(1), "{", "", Self.line(2, chain: 1), Self.line(3, from: other), Self.line(1, amount: 5),
            Self.line(4, more: ",\"expires\":\"2026-03-01T00:00:00Z\""), "{\"request\":7}",
            "{\"charge\":{}}", Self.line(5).replacing("}}", with: "},\"conditions\":{}}"),
            Self.line(6, from: Self.shop),
            "{\"request\":\"ethereum:\(Self.shop)@8453?value=1\",\"reference\":\"one\"}",
            Self.line(7).replacing("\"amount\":\"1000\"", with: "\"amount\":\"0\""),
            Self.line(8).replacing("}}", with: "},\"reference\":\"two\"}"),
        ]
        do throws(ProblemList) {
            _ = try Self.payroll(lines)
            Issue.record("not refused")
        } catch {
            #expect(
                error.problems.map { "\($0.code) \($0.place ?? "")" } == [
                    "json.unfinished p.jsonl:2", "json.empty p.jsonl:3", "json.wrong-type p.jsonl:8#/request",
                    "prepare.not-of-a-payroll p.jsonl:9#/charge",
                    "request.two-conditions p.jsonl:10#/conditions",
                    "transfer.to-the-payer p.jsonl:11#/request/to",
                    "transfer.zero-amount p.jsonl:13#/request/amount",
                    "request.option-without-effect p.jsonl:14#/reference",
                    "prepare.several-chains p.jsonl:4#/request/chainId",
                    "prepare.other-payer p.jsonl:5#/request/from",
                    "prepare.same-request p.jsonl:6#/request/reference",
                    "transfer.expired p.jsonl:7#/request/expires",
                ])
        }
        let unnamed = [Self.line(1, from: nil), Self.line(2, from: nil)]
        #expect(try Self.payroll(unnamed, from: other).payer == other)
        do throws(ProblemList) {
            _ = try Self.payroll(unnamed)
            Issue.record("not refused")
        } catch { #expect(error.problems.map(\.code) == ["request.no-payer"]) }
        do throws(ProblemList) {
            _ = try Self.payroll([Self.line(1)], from: other)
            Issue.record("not refused")
        } catch { #expect(error.problems.map(\.code) == ["prepare.other-payer"]) }
        let empty = #expect(throws: ProblemList.self) { try PayrollFile([], path: "p", from: nil, now: Self.now) }
        #expect(empty?.problems.map(\.code) == ["prepare.no-lines"])
    }

    @Test("is known by its name or its first line")
    func kind() throws {
        func isPayroll(_ text: String, _ path: String = "-") -> Bool {
            PayrollFile.isPayroll(Array(text.utf8), path: path)
        }
        #expect(isPayroll(Self.line(1) + "\n{"))
        #expect(isPayroll("{", "payroll.jsonl"))
        #expect(!isPayroll("{\"airlock\":1,\"kind\":\"transfer\"}"))
        #expect(!isPayroll("ethereum:\(Self.shop)@8453?value=1\n"))
        #expect(!isPayroll(""))
    }
}
