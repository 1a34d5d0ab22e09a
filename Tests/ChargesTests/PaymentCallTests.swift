import AirlockTokens
import AirlockABI
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockSamples
import Testing
import AirlockCharges

private let usdc = Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")
private let wrapped = Address(known: "0x4200000000000000000000000000000000000006")
private let currency = "\(UnverifiedCharge.callData)/recipient_currency"

/// A test case: the currency of a charge, the payment method with its values, and the expected refusals.
struct CallCase: CustomStringConvertible, Sendable {
    let method: TransferMethod
    var currency = usdc
    var value: UInt256?
    var poolFee: UInt64?
    var wrappedNative: Address? = wrapped
    var tokenIn: Address?
    var refusals: [Refusal] = []

    var description: String {
        "\(method) of \(currency), value \(value.map(\.description) ?? "none"), fee \(poolFee.map(String.init) ?? "none")"
    }

    func call() throws(ProblemList) -> PaymentCall {
        try PaymentCall(
            paying: charge(in: currency), by: method, value: value, poolFee: poolFee, wrappedNative: wrappedNative,
            tokenIn: tokenIn)
    }
}

func charge(in currency: Address) -> Charge {
    var sample = SampleCharge()
    sample["recipient_currency"] = quoted(currency)
    do { return try Charge(sample.signed().bytes) } catch { preconditionFailure("\(error)") }
}

@Suite("A payment call")
struct PaymentCallTests {
    private static let needed: UInt256 = 1_050_000

    private static let taken: [CallCase] =
        [
            CallCase(method: .transferNative, currency: .zero),
            CallCase(method: .transferNative, currency: .zero, value: needed),
            CallCase(method: .transferNative, currency: .zero, wrappedNative: nil),
            CallCase(method: .transferTokenPreApproved),
            CallCase(method: .transferTokenPreApproved, value: 0),
            CallCase(method: .transferTokenPreApproved, wrappedNative: nil),
            // If the payer already owns enough wrapped native currency, it is treated as an ordinary token.
            CallCase(method: .transferTokenPreApproved, currency: wrapped),
            CallCase(method: .subsidizedTransferToken),
            CallCase(method: .subsidizedTransferToken, currency: wrapped, value: 0),
            CallCase(method: .wrapAndTransfer, currency: wrapped),
            CallCase(method: .wrapAndTransfer, currency: wrapped, value: needed),
            CallCase(method: .transferToken),
            CallCase(method: .unwrapAndTransfer, currency: .zero),
            CallCase(method: .unwrapAndTransferPreApproved, currency: .zero),
            CallCase(method: .swapAndTransferUniswapV3Token, value: 7, tokenIn: wrapped),
            CallCase(method: .swapAndTransferUniswapV3Token, currency: .zero, value: 7, poolFee: 100, tokenIn: usdc),
            CallCase(method: .swapAndTransferUniswapV3TokenPreApproved, value: 7, poolFee: 3000, tokenIn: wrapped),
            CallCase(method: .swapAndTransferUniswapV3Native, value: 1),
            CallCase(method: .swapAndTransferUniswapV3Native, value: .max),
        ]
        + TransferMethod.poolFees.map {
            CallCase(method: .swapAndTransferUniswapV3Native, value: 4_000_000_000_000_000, poolFee: $0)
        }

    @Test(
        "sends what its method sends, to the charge's contract, with the data that the generic codec makes",
        arguments: taken)
    func take(_ row: CallCase) throws {
        let call = try row.call()
        #expect(call.method == row.method)
        #expect(call.to == Deployment.on(.base)?.transfers)
        let most = row.method.isSwap ? row.value : Self.needed
        #expect(call.value == (row.method.spendsNative ? most : .zero))
        #expect(call.spend?.amount == (row.method.spendsNative ? nil : most))
        #expect(call.poolFee == (row.method.isSwap ? row.poolFee ?? 500 : nil))
        let intent = call.charge.contents.intent
        let tuple = ABIValue.tuple([
            .uint(intent.recipientAmount), .uint(intent.deadline), .address(intent.recipient),
            .address(intent.recipientCurrency), .address(intent.refundDestination), .uint(intent.feeAmount),
            .fixedBytes(intent.id.bytes), .address(intent.operator), .bytes(intent.signature), .bytes(intent.prefix),
        ])
        var arguments = [tuple]
        if let permit = call.permit {
            arguments.append(
                .tuple([
                    .tuple([
                        .tuple([.address(permit.token), .uint(permit.amount)]), .uint(permit.nonce),
                        .uint(permit.deadline),
                    ]),
                    .tuple([.address(call.to), .uint(permit.amount)]),
                    .bytes([UInt8](repeating: 0xFF, count: 65)),
                ]))
        } else if row.method.isSubsidized {
            arguments.append(
                .tuple([.address(call.charge.contents.sender), .bytes([UInt8](repeating: 0xFF, count: 65))]))
        } else if row.method.isSwap, let spend = call.spend {
            arguments += [.address(spend.token), .uint(spend.amount)]
        }
        if let poolFee = call.poolFee { arguments.append(.uint(UInt256(poolFee))) }
        #expect(try row.method.function.encodeCall(arguments) == call.data)
        #expect(try row.method.function.decodeCall(call.data) == arguments)
    }

    private static let refused: [CallCase] = [
        CallCase(method: .transferNative, refusals: [Refusal("method.incorrect-currency", currency)]),
        CallCase(
            method: .transferNative, currency: wrapped, refusals: [Refusal("method.incorrect-currency", currency)]),
        CallCase(
            method: .transferTokenPreApproved, currency: .zero,
            refusals: [Refusal("method.incorrect-currency", currency)]),
        CallCase(method: .wrapAndTransfer, refusals: [Refusal("method.incorrect-currency", currency)]),
        CallCase(method: .wrapAndTransfer, currency: .zero, refusals: [Refusal("method.incorrect-currency", currency)]),
        CallCase(
            method: .wrapAndTransfer, currency: wrapped, wrappedNative: nil,
            refusals: [Refusal("method.wrapped-native-unknown", currency)]),
        CallCase(
            method: .swapAndTransferUniswapV3Native, currency: .zero, value: 1,
            refusals: [Refusal("method.incorrect-currency", currency)]),
        CallCase(
            method: .swapAndTransferUniswapV3Native, currency: wrapped, value: 1,
            refusals: [Refusal("method.incorrect-currency", currency)]),
        CallCase(
            method: .swapAndTransferUniswapV3Native, value: 1, wrappedNative: nil,
            refusals: [Refusal("method.wrapped-native-unknown", currency)]),
        CallCase(
            method: .transferToken, currency: .zero, refusals: [Refusal("method.incorrect-currency", currency)]),
        CallCase(
            method: .subsidizedTransferToken, currency: .zero,
            refusals: [Refusal("method.incorrect-currency", currency)]),
        CallCase(
            method: .subsidizedTransferToken, value: 1_050_000, poolFee: 500,
            refusals: [
                Refusal("method.value-not-exact", "value:"), Refusal("method.pool-fee-without-swap", "poolFee:"),
            ]),
        CallCase(method: .unwrapAndTransfer, refusals: [Refusal("method.incorrect-currency", currency)]),
        CallCase(
            method: .unwrapAndTransferPreApproved, currency: wrapped,
            refusals: [Refusal("method.incorrect-currency", currency)]),
        CallCase(
            method: .unwrapAndTransfer, currency: .zero, wrappedNative: nil,
            refusals: [Refusal("method.wrapped-native-unknown", currency)]),
        CallCase(
            method: .swapAndTransferUniswapV3Token, value: 7,
            refusals: [Refusal("method.swap-token-unknown", "/token/address")]),
        CallCase(
            method: .swapAndTransferUniswapV3TokenPreApproved, value: 7, tokenIn: usdc,
            refusals: [Refusal("method.swap-same-token", "/token/address")]),
        CallCase(
            method: .swapAndTransferUniswapV3Token, tokenIn: wrapped,
            refusals: [Refusal("method.swap-without-value", "value:")]),
        CallCase(
            method: .transferNative, currency: .zero, value: 1_049_999,
            refusals: [Refusal("method.value-not-exact", "value:")]),
        CallCase(
            method: .transferNative, currency: .zero, value: 1_050_001,
            refusals: [Refusal("method.value-not-exact", "value:")]),
        CallCase(
            method: .transferTokenPreApproved, value: 1_050_000,
            refusals: [Refusal("method.value-not-exact", "value:")]),
        CallCase(
            method: .wrapAndTransfer, currency: wrapped, value: 0,
            refusals: [Refusal("method.value-not-exact", "value:")]),
        CallCase(
            method: .swapAndTransferUniswapV3Native, refusals: [Refusal("method.swap-without-value", "value:")]),
        CallCase(
            method: .swapAndTransferUniswapV3Native, value: 0,
            refusals: [Refusal("method.swap-with-zero-value", "value:")]),
        CallCase(
            method: .swapAndTransferUniswapV3Native, value: 1, poolFee: 0,
            refusals: [Refusal("method.unknown-pool-fee", "poolFee:")]),
        CallCase(
            method: .swapAndTransferUniswapV3Native, value: 1, poolFee: 501,
            refusals: [Refusal("method.unknown-pool-fee", "poolFee:")]),
        CallCase(
            method: .swapAndTransferUniswapV3Native, value: 1, poolFee: 16_777_716,
            refusals: [Refusal("method.unknown-pool-fee", "poolFee:")]),
        CallCase(
            method: .transferTokenPreApproved, poolFee: 500,
            refusals: [Refusal("method.pool-fee-without-swap", "poolFee:")]),
        CallCase(
            method: .transferNative, value: 5, poolFee: 7,
            refusals: [
                Refusal("method.incorrect-currency", currency), Refusal("method.value-not-exact", "value:"),
                Refusal("method.pool-fee-without-swap", "poolFee:"),
            ]),
        CallCase(
            method: .swapAndTransferUniswapV3Native, currency: .zero, value: 0, poolFee: 5,
            refusals: [
                Refusal("method.incorrect-currency", currency), Refusal("method.swap-with-zero-value", "value:"),
                Refusal("method.unknown-pool-fee", "poolFee:"),
            ]),
    ]

    @Test("is refused where the contract would revert, or a swap could lose what it spends", arguments: refused)
    func refuse(_ row: CallCase) {
        #expect(refusals { _ = try row.call() } == row.refusals)
    }

    @Test("every rule of a method is reached, but for the one of its name")
    func complete() {
        // These rules are tested in other places. The tests of the tools use unknown method names, which can come only
        // from the command line. SigningTests tests the choice of a method and the price of a swap. BroadcastTests
        // tests options of the relay that have no effect on the payment.
        let elsewhere = [PaymentRule.unknownMethod, .noneFits, .price, .tokenNotSpent, .nothingApproved].map(\.rawValue)
        let reached = Set(Self.refused.flatMap(\.refusals).map(\.code) + elsewhere)
        #expect(reached == Set(PaymentRule.allCases.map(\.rawValue)))
    }

    @Test("of any charge has the data that the generic codec makes", arguments: 0..<32)
    func random(seed: UInt64) throws {
        let charge = try Charge(SampleCharge.random(seed: seed).bytes)
        let call = try PaymentCall(
            paying: charge, by: .swapAndTransferUniswapV3Native, value: UInt256(seed + 1), poolFee: 3000,
            wrappedNative: wrapped)
        let arguments = try call.method.function.decodeCall(call.data)
        #expect(try call.method.function.encodeCall(arguments) == call.data)
        let decoded = try #require(DecodedCall(call.data))
        #expect(decoded.intent == charge.contents.intent)
        #expect(decoded.arguments == arguments)
    }
}
