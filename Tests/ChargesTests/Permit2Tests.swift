import AirlockTokens
import AirlockABI
import AirlockEthereumTypes
import AirlockSamples
import Testing
import AirlockCharges

@Suite("A permit of Permit2")
struct Permit2Tests {
    /// The expected digest on each chain, for the amount, spender, nonce and deadline of the test. The digests were
    /// computed with eth-account.
    @Test(
        "has the digest that other tools compute",
        arguments: [
            (1, "0x685107755af5641e318f5d4bbf7cd2f0ca290943a849d06154fff4199026877e"),
            (137, "0x95b87a4d5cc1313809a4c0f973b6a86fe7a4b85a711ef049fdb233207cfac558"),
            (8453, "0x2f06591b993d2b6abaab1eb9ba6f74447578e662d34ccb44c51ad9892c674871"),
        ] as [(UInt64, String)])
    func digest(chain: UInt64, digest: String) throws {
        let id = try FixedBytes<16>(hex: "0x000102030405060708090a0b0c0d0e0f")
        let permit = Permit2Transfer(
            chain: Chain(id: chain), token: Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"),
            amount: 1_050_000, spender: Address(known: "0x03059433BCdB6144624cC2443159D9445C32b7a8"),
            nonce: UInt256(id), deadline: UInt256(SampleCharge.deadline))
        #expect(permit.digest.description == digest)
    }

    @Test(
        "is in the domain that Permit2 answers on its chain",
        arguments: [
            (1, "0x866a5aba21966af95d6c7ab78eb2b2fc913915c28be3b9aa07cc04ff903e3f28"),
            (137, "0xf033048cb2764f596bc4d98e089fa38bb84b4be3d5da2e77f9bfac0e4d6c68ca"),
            (8453, "0x3b6f35e4fce979ef8eac3bcdc8c3fc38fe7911bb0c69c8fe72bf1fd1a17e6f07"),
        ] as [(UInt64, String)])
    func domain(chain: UInt64, separator: String) {
        #expect(Permit2Transfer.domainSeparator(on: Chain(id: chain)).description == separator)
    }

    @Test("of a call pays the charge once: its token and amount, to the contract, by the intent's id and deadline")
    func call() throws {
        let charge = charge(in: Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"))
        let call = try PaymentCall(
            paying: charge, by: .transferToken, value: nil, poolFee: nil, wrappedNative: nil)
        let permit = try #require(call.permit)
        #expect(permit.chain == .base)
        #expect(permit.token == charge.contents.intent.recipientCurrency)
        #expect(permit.amount == charge.contents.needed)
        #expect(permit.spender == charge.contents.contract)
        #expect(permit.nonce == UInt256(charge.contents.intent.id))
        #expect(permit.deadline == charge.contents.intent.deadline)
        #expect(call.spend?.spender == Permit2Transfer.contract)

        let signature = [UInt8](repeating: 7, count: 65)
        let signed = call.permitted(by: signature)
        #expect(signed.permitSignature == signature)
        #expect(signed.data.count == call.data.count)
        let decoded = try #require(DecodedCall(signed.data))
        guard case .tuple(let parts) = decoded.arguments[1] else { throw Missing() }
        #expect(parts[2] == .bytes(signature))
    }

    private struct Missing: Error {}

    @Test("is none of a method that needs none", arguments: TransferMethod.allCases.filter { $0.source != .permitted })
    func none(method: TransferMethod) throws {
        let needsNative = [.transferNative, .unwrapAndTransferPreApproved].contains(method)
        let wrapped = Address(known: "0x4200000000000000000000000000000000000006")
        let usdc = Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")
        let call = try PaymentCall(
            paying: charge(in: needsNative ? .zero : method == .wrapAndTransfer ? wrapped : usdc), by: method,
            value: method.isSwap ? 1 : nil, poolFee: nil, wrappedNative: wrapped, tokenIn: wrapped)
        #expect(call.permit == nil)
    }
}
