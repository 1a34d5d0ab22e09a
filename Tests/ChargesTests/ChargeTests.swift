import AirlockTokens
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockSamples
import Testing
import AirlockCharges

@Suite("A charge")
struct ChargeTests {
    @Test("holds what its file says")
    func fields() throws {
        let charge = try Charge(SampleCharge().signed().bytes).contents
        #expect(charge.id == "9f1f6ab8-0000-4000-8000-000000000001")
        #expect(charge.chain == .base)
        #expect(charge.contract == Deployment.on(.base)?.transfers)
        #expect(charge.sender == SampleKey.payer.address)
        #expect(charge.needed == 1_050_000)
        #expect(charge.deadline == Timestamp(seconds: SampleCharge.deadline))
        #expect(charge.intent.recipientAmount == 1_039_500)
        #expect(charge.intent.feeAmount == 10_500)
        #expect(charge.intent.deadline == UInt256(SampleCharge.deadline))
        #expect(charge.intent.recipient == SampleCharge.recipient)
        #expect(charge.intent.recipientCurrency == KnownTokens.on(.base)?.usdc)
        #expect(charge.intent.refundDestination == SampleKey.payer.address)
        #expect(charge.intent.id.description == "0x00112233445566778899aabbccddeeff")
        #expect(charge.intent.operator == SampleKey.operator.address)
        #expect(charge.intent.signature.count == 65)
        #expect(charge.intent.prefix == TransferIntent.knownPrefix)
    }

    @Test(
        "of any fields verifies when its operator signed it, and not with one bit of its hash turned", arguments: 0..<64
    )
    func random(seed: UInt64) throws {
        let sample = try SampleCharge.random(seed: seed)
        let charge = try Charge(sample.bytes)
        let intent = charge.contents.intent
        let signer = try Charge(verifying: charge.contents)
        #expect(signer == charge)
        // On another chain, the same intent has another hash. Nobody signed that hash.
        let elsewhere = try #require(
            UnverifiedCharge(
                id: "", chain: Chain(id: charge.contents.chain.id + 1), contract: charge.contents.contract,
                sender: charge.contents.sender, intent: intent))
        #expect(
            refusals { _ = try Charge(verifying: elsewhere) } == [
                Refusal("charge.signature-mismatch", "\(UnverifiedCharge.callData)/signature")
            ])
    }

    @Test("cannot be put together where it could not have been read")
    func together() throws {
        let charge = try Charge(SampleCharge().signed().bytes).contents
        func intent(_ change: (inout SampleCharge) -> Void) throws -> TransferIntent {
            var sample = SampleCharge()
            change(&sample)
            return TransferIntent(
                recipientAmount: try UInt256(decimal: (sample["recipient_amount"] ?? "").filter { $0 != "\"" }),
                deadline: 0, recipient: try Address((sample["recipient"] ?? "").filter { $0 != "\"" }),
                recipientCurrency: .zero, refundDestination: .zero,
                feeAmount: try UInt256(decimal: (sample["fee_amount"] ?? "").filter { $0 != "\"" }), id: .zero,
                operator: try Address((sample["operator"] ?? "").filter { $0 != "\"" }), signature: [], prefix: [])
        }
        func isPossible(_ change: (inout SampleCharge) -> Void) throws -> Bool {
            UnverifiedCharge(
                id: "", chain: charge.chain, contract: charge.contract, sender: charge.sender,
                intent: try intent(change)
            ) != nil
        }
        #expect(try isPossible { _ in })
        #expect(try !isPossible { $0["recipient"] = quoted(Address.zero) })
        #expect(try !isPossible { $0["operator"] = quoted(Address.zero) })
        #expect(try !isPossible { $0["recipient_amount"] = quoted(UInt256.max) })
        #expect(
            try !isPossible {
                $0["recipient_amount"] = quoted(0)
                $0["fee_amount"] = quoted(0)
            })
    }
}
