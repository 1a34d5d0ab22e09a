import AirlockEthereumTypes
import AirlockSecp256k1
import AirlockSamples
import Testing
import AirlockTransactions
import AirlockCharges
import AirlockPaymentFiles
import AirlockRequests
import AirlockTokens

@testable import AirlockBroadcast

@Suite("A settlement")
struct SettlementTests {
    /// The fields of the event that proves the sample payment in native currency. A test can change them.
    struct Event: Sendable {
        var contract = Address(known: "0x03059433BCdB6144624cC2443159D9445C32b7a8")
        var `operator` = SampleKey.operator.address
        var id = "00112233445566778899aabbccddeeff"
        var recipient = SampleCharge.recipient
        var sender = SampleKey.payer.address
        var amount = UInt256(1_050_000)
        var currency = Address.zero

        var log: String {
            let words = [
                id + String(repeating: "0", count: 32), Self.word(recipient), Self.word(sender),
                Hex.encode(amount.word.bytes, prefix: false), Self.word(currency),
            ]
            return """
                {"address":"\(contract)","topics":["\(TransferredEvent.topic)","0x\(Self.word(`operator`))"],\
                "data":"0x\(words.joined())"}
                """
        }

        private static func word(_ address: Address) -> String {
            String(repeating: "0", count: 24) + Hex.encode(address.bytes.bytes, prefix: false)
        }
    }

    static let foreign = """
        {"address":"\(Address.zero)","topics":["\(Hash.zero)"],"data":"0x"}
        """

    /// Sends a payment whose receipt has these logs, and waits for its outcome. Returns the problems.
    private func settle(_ logs: [String]) async throws -> [Refusal] {
        let signedPayment = try SamplePayment.signedPayment()
        var chain = ScriptedChain(latestNonce: 8)
        chain.receipts["\(signedPayment.steps[0].hash)"] = receipt(of: signedPayment.steps[0].hash, logs: logs)
        let run = try await Sending(chain).run(signedPayment)
        #expect(run.state == (run.outcome == nil ? .mined : .settled))
        return run.problems.map { Refusal($0) }
    }

    @Test("is the contract's own event, wherever in the receipt it stands")
    func settled() async throws {
        #expect(try await settle([Self.foreign, Event().log]).isEmpty)
        #expect(try await settle([Event(id: String(repeating: "ee", count: 16)).log, Event().log]).isEmpty)
    }

    static let others: [(Event, String)] = [
        (Event(operator: SampleKey.stranger.address), "operator"),
        (Event(id: String(repeating: "ee", count: 16)), "id"),
        (Event(recipient: SampleKey.stranger.address), "recipient"),
        (Event(sender: SampleKey.stranger.address), "sender"),
        (Event(amount: 1_049_999), "spentAmount"), (Event(amount: 1_050_001), "spentAmount"),
        (Event(currency: SamplePayment.usdc), "spentCurrency"),
    ]

    @Test("is none when a field is not the intent's", arguments: others)
    func other(event: Event, field: String) async throws {
        #expect(try await settle([event.log]) == [Refusal("settlement.other-event", field)])
    }

    @Test("is none without the event, or with another contract's")
    func none() async throws {
        let hash = "\(try SamplePayment.signedPayment().steps[0].hash)"
        for logs in [[], [Self.foreign], [Event(contract: .zero).log]] {
            #expect(try await settle(logs) == [Refusal("settlement.no-event", hash)])
        }
    }

    /// Returns the log of a token's Transfer event with these fields.
    private static func moved(
        _ amount: UInt256 = 5, from sender: Address = SampleKey.payer.address,
        to recipient: Address = SampleCharge.recipient, by token: Address = SamplePayment.usdc
    ) -> String {
        let topics = [Hash.keccak(Array("Transfer(address,address,uint256)".utf8)), sender.word, recipient.word]
        return """
            {"address":"\(token)","topics":[\(topics.map { "\"\($0)\"" }.joined(separator: ","))],\
            "data":"\(Hex.encode(amount.word.bytes))"}
            """
    }

    static let movements: [(logs: [String], Refusal?)] = [
        ([moved()], nil), ([moved(4), foreign, moved()], nil),
        ([moved(4)], Refusal("settlement.other-event", "Transfer")),
        ([moved(from: SampleKey.stranger.address)], Refusal("settlement.other-event", "Transfer")),
        ([moved(to: SampleKey.stranger.address)], Refusal("settlement.other-event", "Transfer")),
        ([moved(by: .zero)], Refusal("settlement.no-event", "")), ([], Refusal("settlement.no-event", "")),
    ]

    @Test(
        "of a token's transfer is its Transfer event, with exactly this sender, recipient and amount",
        arguments: movements)
    func transfer(logs: [String], refusal: Refusal?) async throws {
        let signedPayment = try SamplePayment.transfer(of: SamplePayment.usdc)
        let hash = signedPayment.steps[0].hash
        var chain = ScriptedChain(latestNonce: 8)
        chain.receipts["\(hash)"] = receipt(of: hash, logs: logs)
        let run = try await Sending(chain).run(signedPayment)
        let expected = refusal.map { $0.code.hasSuffix("no-event") ? Refusal($0.code, "\(hash)") : $0 }
        #expect(run.problems.map { Refusal($0) } == [expected].compactMap(\.self))
        #expect(run.state == (refusal == nil ? .settled : .mined))
        let event = PaidEvent(
            contract: SamplePayment.usdc, recipient: SampleCharge.recipient, sender: SampleKey.payer.address,
            spentAmount: 5, spentCurrency: SamplePayment.usdc)
        #expect(run.outcome?.event == (refusal == nil ? event : nil))
    }

    @Test("is none when another transaction took the place of the payment", arguments: [nil, Payment.Role.approve])
    func otherTransaction(role: Payment.Role?) async throws {
        let pay = try SamplePayment.pay(SamplePayment.nativeCharge())
        let data = role == nil ? [1, 2, 3, 4] : ERC20.approve(.zero, 1)
        let other = try SamplePayment.signed(to: SamplePayment.usdc, data: data, fee: 70_000_000)
        // Such transactions are refused when they are read. But an earlier version may have recorded them in the
        // journal.
        let signedPayment = try SignedPayment(raw: [pay.raw, other.raw], of: nil, naming: SignedPayment.named)
        #expect(signedPayment.steps.map(\.role) == [.pay, role])
        var chain = ScriptedChain(latestNonce: 8)
        chain.receipts["\(other.hash)"] = receipt(of: other.hash, logs: [])
        let run = try await Sending(chain).run(signedPayment)
        #expect(run.problems.map { Refusal($0) } == [Refusal("settlement.no-event", "\(other.hash)")])
        #expect(run.state == .mined && run.outcome == nil)
    }

    private static let weth = Address(known: "0x4200000000000000000000000000000000000006")
    private static let dai = Address(known: "0x50c5725949A6F0c72E6C4a641F24049A917DB0Cb")
    private static let usdc = SamplePayment.usdc

    /// Each case has the payment method, the chain id, and the currency that the charge asks for. Then come the
    /// currency and the amount that the event reports as spent. The last value is the name of the wrong field of the
    /// event; `nil` if the event is correct.
    static let spendings: [(TransferMethod, UInt64, Address, Address, UInt256, String?)] = [
        (.transferNative, 8453, .zero, .zero, 1_050_000, nil),
        (.transferNative, 8453, .zero, weth, 1_050_000, "spentCurrency"),
        (.wrapAndTransfer, 8453, weth, .zero, 1_050_000, nil),
        (.wrapAndTransfer, 8453, weth, weth, 1_050_000, "spentCurrency"),
        (.transferToken, 8453, usdc, usdc, 1_050_000, nil),
        (.transferToken, 8453, usdc, usdc, 1_049_999, "spentAmount"),
        (.transferToken, 8453, usdc, usdc, 1_050_001, "spentAmount"),
        (.transferToken, 8453, usdc, dai, 1_050_000, "spentCurrency"),
        (.transferTokenPreApproved, 8453, usdc, usdc, 1_050_000, nil),
        (.transferTokenPreApproved, 8453, usdc, .zero, 1_050_000, "spentCurrency"),
        (.unwrapAndTransfer, 8453, .zero, weth, 1_050_000, nil),
        (.unwrapAndTransfer, 8453, .zero, .zero, 1_050_000, "spentCurrency"),
        (.unwrapAndTransfer, 8453, .zero, weth, 1_049_999, "spentAmount"),
        (.unwrapAndTransfer, 31337, .zero, weth, 1_050_000, nil),
        (.unwrapAndTransfer, 31337, .zero, dai, 1_050_000, "spentCurrency"),
        (.unwrapAndTransferPreApproved, 8453, .zero, weth, 1_050_000, nil),
        (.unwrapAndTransferPreApproved, 8453, .zero, dai, 1_050_000, "spentCurrency"),
        (.unwrapAndTransferPreApproved, 31337, .zero, dai, 1_050_000, nil),
        (.unwrapAndTransferPreApproved, 31337, .zero, .zero, 1_050_000, "spentCurrency"),
        (.unwrapAndTransferPreApproved, 31337, .zero, dai, 1_050_001, "spentAmount"),
        (.swapAndTransferUniswapV3Native, 8453, usdc, .zero, 1, nil),
        (.swapAndTransferUniswapV3Native, 8453, usdc, .zero, 9, nil),
        (.swapAndTransferUniswapV3Native, 8453, usdc, .zero, 0, "spentAmount"),
        (.swapAndTransferUniswapV3Native, 8453, usdc, .zero, 10, "spentAmount"),
        (.swapAndTransferUniswapV3Native, 8453, usdc, weth, 9, "spentCurrency"),
        (.swapAndTransferUniswapV3Token, 8453, usdc, dai, 9, nil),
        (.swapAndTransferUniswapV3Token, 8453, usdc, dai, 0, "spentAmount"),
        (.swapAndTransferUniswapV3Token, 8453, usdc, dai, 10, "spentAmount"),
        (.swapAndTransferUniswapV3Token, 8453, usdc, usdc, 9, "spentCurrency"),
        (.swapAndTransferUniswapV3TokenPreApproved, 8453, .zero, dai, 1, nil),
        (.swapAndTransferUniswapV3TokenPreApproved, 8453, .zero, dai, 0, "spentAmount"),
        (.swapAndTransferUniswapV3TokenPreApproved, 8453, .zero, dai, 10, "spentAmount"),
        (.swapAndTransferUniswapV3TokenPreApproved, 8453, .zero, .zero, 9, "spentCurrency"),
    ]

    @Test("spends the owner's money where another sends the call, and names the owner", arguments: [true, false])
    func subsidized(isOwner: Bool) async throws {
        let charge = try SamplePayment.charge()
        let call = try PaymentCall(
            paying: charge, by: .subsidizedTransferToken, value: nil, poolFee: nil, wrappedNative: nil)
        let signed = try SamplePayment.signed(to: call.to, data: call.data, by: .stranger)
        var event = Event(amount: 1_050_000, currency: Self.usdc)
        if !isOwner { event.sender = SampleKey.stranger.address }
        let node = ScriptedChain(
            latestNonce: 8,
            receipts: [
                "\(signed.hash)": receipt(of: signed.hash, from: SampleKey.stranger.address, logs: [event.log])
            ])
        let run = try await Sending(node).run(SignedPayment(raw: [signed.raw]))
        #expect(
            run.problems.map { Refusal($0) } == (isOwner ? [] : [Refusal("settlement.other-event", "sender")]))
    }

    @Test("spends what the method's own arguments say", arguments: spendings)
    func spent(
        method: TransferMethod, chain: UInt64, asked: Address, currency: Address, amount: UInt256, wrong: String?
    ) async throws {
        let charge = try SamplePayment.charge {
            $0["recipient_currency"] = quoted(asked)
            $0[metadata: "chain_id"] = "\(chain)"
        }
        let call = try PaymentCall(
            paying: charge, by: method, value: method.isSwap ? 9 : nil, poolFee: nil, wrappedNative: Self.weth,
            tokenIn: Self.dai)
        let signed = try SamplePayment.signed(to: call.to, value: call.value, data: call.data, chainID: chain)
        let event = Event(amount: amount, currency: currency)
        let node = ScriptedChain(
            chainID: chain, latestNonce: 8, receipts: ["\(signed.hash)": receipt(of: signed.hash, logs: [event.log])])
        let run = try await Sending(node).run(SignedPayment(raw: [signed.raw]))
        #expect(run.problems.map { Refusal($0) } == (wrong.map { [Refusal("settlement.other-event", $0)] } ?? []))
        #expect(run.state == (wrong == nil ? .settled : .mined))
    }
}
