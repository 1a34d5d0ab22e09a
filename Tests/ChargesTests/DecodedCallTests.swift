import AirlockTokens
import AirlockABI
import AirlockEthereumTypes
import AirlockSamples
import Testing
@testable import AirlockCharges

@Suite("A decoded call")
struct DecodedCallTests {
    private static let usdc = Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")

    private static let calls: [(TransferMethod, Address)] = [
        (.transferNative, .zero),
        (.transferToken, usdc),
        (.unwrapAndTransfer, .zero), (.unwrapAndTransferPreApproved, .zero),
        (.swapAndTransferUniswapV3Token, usdc),
        (.swapAndTransferUniswapV3TokenPreApproved, usdc),
        (.transferTokenPreApproved, usdc),
        (.wrapAndTransfer, Address(known: "0x4200000000000000000000000000000000000006")),
        (.swapAndTransferUniswapV3Native, usdc),
        (.subsidizedTransferToken, usdc),
    ]

    private func call(_ method: TransferMethod, _ currency: Address) throws -> PaymentCall {
        try PaymentCall(
            paying: charge(in: currency), by: method,
            value: method.isSwap ? 4_000_000_000_000_000 : nil, poolFee: nil,
            wrappedNative: KnownTokens.on(.base)?.wrappedNative, tokenIn: KnownTokens.on(.base)?.wrappedNative)
    }

    @Test("says what the call was made of", arguments: calls)
    func round(method: TransferMethod, currency: Address) throws {
        let call = try call(method, currency)
        let decoded = try #require(DecodedCall(call.data))
        #expect(decoded.method == method)
        #expect(decoded.function == method.function)
        #expect(decoded.intent == call.charge.contents.intent)
        #expect(decoded.arguments.count == method.function.inputs.elements.count)
        #expect((decoded.subsidized != nil) == method.isSubsidized)
        if let poolFee = call.poolFee { #expect(decoded.arguments.last == .uint(UInt256(poolFee))) }
    }

    @Test("is ERC-20's approve too, which pays no intent")
    func approve() throws {
        let function = try ABIFunction("approve(address,uint256)")
        let arguments = [ABIValue.address(Self.usdc), .uint(5)]
        let data = try function.encodeCall(arguments)
        let decoded = try #require(DecodedCall(data))
        #expect(decoded.function.inputs.elements.map(\.name) == ["spender", "amount"])
        #expect(decoded.arguments == arguments && decoded.method == nil && decoded.intent == nil)
        #expect(DecodedCall(data.dropLast()) == nil && DecodedCall(data + [0]) == nil)
    }

    @Test("is nothing when one byte is missing or too many, wherever the data are cut", arguments: calls)
    func length(method: TransferMethod, currency: Address) throws {
        let data = try call(method, currency).data
        for count in 0..<data.count { #expect(DecodedCall(Array(data.prefix(count))) == nil, "\(count)") }
        #expect(DecodedCall(data + [0]) == nil)
        #expect(DecodedCall(data + [UInt8](repeating: 0, count: 32)) == nil)
    }

    @Test("never says what the call does not: with any one bit turned it is nothing, or another call", arguments: calls)
    func bits(method: TransferMethod, currency: Address) throws {
        let data = try call(method, currency).data
        let whole = try #require(DecodedCall(data))
        for bit in 0..<data.count * 8 {
            var altered = data
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let decoded = DecodedCall(altered) else { continue }
            #expect(decoded != whole, "\(bit)")
            #expect(try decoded.function.encodeCall(decoded.arguments) == altered, "\(bit)")
        }
    }

    @Test("has the same intent when only the intent is read, also with any one bit turned", arguments: calls)
    func intent(method: TransferMethod, currency: Address) throws {
        let data = try call(method, currency).data
        #expect((TransferIntent(calling: method, with: data) != nil) == method.takesOnlyIntentAndFee)
        guard method.takesOnlyIntentAndFee else { return }
        #expect(TransferIntent(calling: .transferToken, with: data) == nil)
        for bit in 0..<data.count * 8 {
            var altered = data
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            let decoded = DecodedCall(altered)
            let expected = decoded?.method == method ? decoded?.intent : nil
            #expect(TransferIntent(calling: method, with: altered) == expected, "\(bit)")
        }
    }

    @Test("is nothing when the padding is dirty, the data are of another function, or the tail is elsewhere")
    func refused() throws {
        let data = try call(.transferTokenPreApproved, Self.usdc).data
        // The call data begins with the selector (4 bytes) and the offset of the tuple (one word). The ten words of the
        // tuple follow.
        func word(_ index: Int) -> Int { 4 + 32 + index * 32 }
        let rows: [(String, Int, UInt8)] = [
            ("the recipient's padding", word(2), 1), ("the currency's padding", word(3) + 11, 1),
            ("the id's padding", word(6) + 31, 1), ("the operator's padding", word(7), 0x80),
            ("the offset of the tuple", 4 + 31, 0x40), ("the offset of the signature", word(8) + 31, 0x60),
            ("the offset of the prefix", word(9) + 31, 0xa0), ("the padding behind the prefix", data.count - 1, 1),
            ("the padding behind the signature", word(10) + 32 + 95, 1), ("the selector", 0, 0xff),
        ]
        for (name, index, byte) in rows {
            var altered = data
            #expect(altered[index] != byte, "\(name)")
            altered[index] = byte
            #expect(DecodedCall(altered) == nil, "\(name)")
        }
        #expect(DecodedCall([]) == nil)
        #expect(DecodedCall([0xa9, 0x05, 0x9c, 0xbb] + data.dropFirst(4)) == nil)
    }

    @Test("is nothing when the pool fee does not fit into 24 bits")
    func poolFee() throws {
        var data = try call(.swapAndTransferUniswapV3Native, Self.usdc).data
        data[4 + 32 + 28] = 1
        #expect(DecodedCall(data) == nil)
    }
}
