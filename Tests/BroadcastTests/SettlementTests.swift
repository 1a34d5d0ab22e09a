import EthereumTypes
import Secp256k1
import Samples
import Testing
import Transactions
import TransferProtocol

@testable import Broadcast

@Suite("A settlement")
struct SettlementTests {
    /// The event of the sample payment in native currency, as a log's parts that a test may alter.
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

    /// Follows a payment whose receipt has these logs.
    private func settle(_ logs: [String]) async throws -> [Refusal] {
        let shipment = try SamplePayment.shipment()
        var chain = ScriptedChain(latestNonce: 8)
        chain.receipts["\(shipment.steps[0].hash)"] = receipt(of: shipment.steps[0].hash, logs: logs)
        let run = try await Sending(chain).run(shipment)
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
        let hash = "\(try SamplePayment.shipment().steps[0].hash)"
        for logs in [[], [Self.foreign], [Event(contract: .zero).log]] {
            #expect(try await settle(logs) == [Refusal("settlement.no-event", hash)])
        }
    }

    @Test(
        "of a swap spends something, and at most the value that was sent",
        arguments: [(0, false), (1, true), (9, true), (10, false)])
    func swap(spent: UInt64, isSettled: Bool) async throws {
        let charge = try SamplePayment.charge()
        let call = try PaymentCall(
            paying: charge, by: .swapAndTransferUniswapV3Native, value: 9, poolFee: nil,
            wrappedNative: Deployment.on(.base)?.wrappedNative)
        let signed = try SamplePayment.signed(to: call.to, value: call.value, data: call.data)
        var chain = ScriptedChain(latestNonce: 8)
        chain.receipts["\(signed.hash)"] = receipt(of: signed.hash, logs: [Event(amount: UInt256(spent)).log])
        let run = try await Sending(chain).run(Shipment(raw: [signed.raw]))
        #expect(
            run.problems.map { Refusal($0) }
                == (isSettled ? [] : [Refusal("settlement.other-event", "spentAmount")]))
    }
}
