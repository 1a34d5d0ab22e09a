import AirlockTokens
import AirlockABI
import AirlockEthereumTypes
import AirlockSamples
import Testing
import AirlockCharges

@Suite("A permit of the token itself")
struct TokenPermitTests {
    private static let usdc = Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")

    private func permit(nonce: UInt256 = 0, _ separator: Hash? = nil) throws -> TokenPermit {
        let contents = charge(in: Self.usdc).contents
        let domain = try #require(separator ?? KnownTokens.on(.base)?.domainSeparator(of: Self.usdc))
        return try #require(
            TokenPermit(
                paying: contents.intent, owner: contents.sender, spender: contents.contract, nonce: nonce,
                domainSeparator: domain))
    }

    /// The expected digest for each permit nonce. The permit is for USDC on Base and the sample charge. The digests
    /// were computed with eth-account.
    @Test(
        "has the digest that other tools compute",
        arguments: [
            (0, "0xb735e54fc801bb2eb297ecd7f65a2a1d5f0c27dc215318ffa4abc4699ffc8a11"),
            (7, "0x96b005451fa5fcf2a7b28d63d100ea18246b94be0cfd8613c7de06c4944a603b"),
        ] as [(UInt256, String)])
    func digest(nonce: UInt256, digest: String) throws {
        #expect(try permit(nonce: nonce).digest.description == digest)
    }

    @Test("asks for what the intent needs, to the contract, until the intent's deadline")
    func members() throws {
        let permit = try permit(nonce: 3)
        #expect(permit.owner == SampleKey.payer.address)
        #expect(permit.spender == Deployment.on(.base)?.transfers)
        #expect(permit.value == 1_050_000)
        #expect(permit.nonce == 3)
        #expect(permit.deadline == UInt256(SampleCharge.deadline))
    }

    @Test("is another one in another domain")
    func otherDomain() throws { #expect(try permit(.keccak([1])).digest != permit().digest) }

    @Test("of a call stands in it with its owner, and is as long unsigned as signed")
    func call() throws {
        let charge = charge(in: Self.usdc)
        let call = try PaymentCall(
            paying: charge, by: .subsidizedTransferToken, value: nil, poolFee: nil, wrappedNative: nil)
        #expect(call.value.isZero && call.permit == nil)
        #expect(call.spend?.token == Self.usdc && call.spend?.spender == charge.contents.contract)
        let signature = [UInt8](repeating: 7, count: 65)
        let signed = call.permitted(by: signature)
        #expect(signed.data.count == call.data.count)
        let subsidized = try #require(DecodedCall(signed.data)?.subsidized)
        #expect(subsidized.owner == charge.contents.sender)
        #expect(subsidized.signature == signature)
    }

    /// The answers of the USDC contract on each chain to DOMAIN_SEPARATOR().
    @Test(
        "is in a domain that is known of USDC, and of nothing else",
        arguments: [
            (1, "0x06c37168a7db5138defc7866392bb87a741f9b3d104deb5094588ce041cae335"),
            (137, "0xcaa2ce1a5703ccbe253a34eb3166df60a705c561b44b192061e28f2a985be2ca"),
            (8453, "0x02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f"),
            (11_155_111, "0xb90e5057db141a932946e64d09ccb7ffc9b00bd79fec26f698d29af0c83320a6"),
            (84_532, "0x71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818"),
        ] as [(UInt64, String)])
    func domain(chain: UInt64, separator: String) throws {
        let tokens = try #require(KnownTokens.on(Chain(id: chain)))
        #expect(tokens.domainSeparator(of: tokens.usdc)?.description == separator)
        #expect(tokens.domainSeparator(of: tokens.wrappedNative) == nil)
    }
}
