import AirlockTokens
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockSamples
import Testing
import AirlockCharges

@Suite("The published intents")
struct PublishedIntentTests {
    @Test("of Base verifies, and its calls are the recorded ones")
    func base() throws {
        let charge = try Charge(Fixture.bytes("charges/base-published.json"))
        #expect(
            charge.intentHash.description == "0x06958cb53f6718ac036e53afdffae19b61c88ee8777c5982ad93d14984707725")
        #expect(
            charge.contents.intent.signedDigest(of: charge.intentHash).description
                == "0x30b9012881a97e313cd4d87f21774b59ddbe0d6e15388d742b3eb0d58ebf7b7f")
        #expect(charge.contents.needed == 10_000)
        #expect(charge.contents.intent.operator == Deployment.operator)
        #expect(charge.contents.contract == Deployment.on(.base)?.transfers)

        let transfer = try PaymentCall(
            paying: charge, by: .transferTokenPreApproved, value: nil, poolFee: nil, wrappedNative: nil)
        #expect(transfer.data.count == 548)
        #expect(
            Hash.keccak(transfer.data).description
                == "0x05903d0ecd51ee3a5ffb8822b9809c8bab97e7d35c6b9532deca877f92e10692")
        let swap = try PaymentCall(
            paying: charge, by: .swapAndTransferUniswapV3Native, value: 1, poolFee: 500,
            wrappedNative: KnownTokens.on(.base)?.wrappedNative)
        #expect(swap.data.count == 580)
        #expect(
            Hash.keccak(swap.data).description
                == "0xb92edd8aa8b1532219be65e2e7558357503460ccb7a5895ef2abbf8d653985ec")
    }

    @Test("of Polygon, with one digit altered, is refused for its signature")
    func polygon() throws {
        let bytes = try Fixture.bytes("charges/polygon-altered.json")
        let found = problems { _ = try Charge(bytes) }
        #expect(
            found.map { Refusal($0) } == [
                Refusal("charge.signature-mismatch", "/data/web3_data/transfer_intent/call_data/signature")
            ])
        #expect(found.first?.message.contains("0x7e1c77835D628F5EEFcCE862bbDc3A0b2Da3e8DE") == true)
        let read = try UnverifiedCharge(bytes)
        #expect(
            read.intent.hash(chain: read.chain, sender: read.sender, contract: read.contract).description
                == "0xd134799a12a3597331c95d1a163e38f5438e5e13e092794c774150cd3a909bd5")
    }

    @Test("of Polygon verifies with the digit put right")
    func mended() throws {
        let altered = try Fixture.bytes("charges/polygon-altered.json")
        let text = String(decoding: altered, as: UTF8.self)
            .replacing("0xB6d00D83158feE6695C72ff9c5E915478A479225", with: "0xB6d00D83158feE6695C72ff9c5E915478A479224")
        #expect(try Charge(Array(text.utf8)).contents.intent.operator == Deployment.operator)
    }
}
