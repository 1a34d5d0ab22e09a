import AirlockTokens
import AirlockChargeMaker
public import AirlockEthereumTypes
public import AirlockSecretKeys
import AirlockStrictJSON
public import AirlockTransactions
public import AirlockCharges

/// The payment that the benchmarks measure. It pays one dollar and a fee in USDC on Base, by a swap from native
/// currency.
public struct SwapPayment: ~Copyable {
    public let payer: SecretKey
    /// The charge, in the form in which the service sends it. It is 1.8 kB long.
    public let charge: [UInt8]
    /// A policy that allows this payment.
    public let policy: [UInt8]
    public let call: PaymentCall
    public let transaction: SignedTransaction

    public static let payerKey = String(repeating: "46", count: 32)
    public static let now = "2026-01-01T12:00:00Z"
    public static let nonce: UInt64 = 7
    public static let gas: UInt64 = 300_000
    public static let maxFeePerGas: UInt256 = 4_000_000_000
    public static let maxPriorityFeePerGas: UInt256 = 1_000_000_000
    public static let value: UInt256 = 400_000_000_000_000
    /// The hash of the signed transaction of payment number 0. eth-account computed it from call data that eth-abi
    /// encoded.
    public static let reference = "0x8116b1b23a6d4ea456ce2a064983b0679d2339f5f17cc19a6e53032476352475"

    /// - Parameter number: the payment's number in a series. The payments of a series differ only in the ids of their
    ///   intents.
    public init(number: UInt64 = 0) throws {
        guard let deployment = Deployment.on(.base), let tokens = KnownTokens.on(.base) else {
            throw WrongResult(description: "Base is not known")
        }
        let payer = try SecretKey(hex: Array(Self.payerKey.utf8).span)
        let operatorKey = try SecretKey(hex: Array(String(repeating: "51", count: 32).utf8).span)
        let recipient = try Address("0x5eA054aEea285Ebc3A92eCB1f722f44304F72581")
        let intent = TransferIntent(
            recipientAmount: 1_039_500, deadline: UInt256(try Timestamp(Self.now).seconds + 36 * 3600),
            recipient: recipient, recipientCurrency: tokens.usdc, refundDestination: payer.address,
            feeAmount: 10_500,
            id: FixedBytes { UInt8(0xa0 + $0) ^ ($0 < 8 ? UInt8(truncatingIfNeeded: number >> (8 * $0)) : 0) },
            operator: operatorKey.address, signature: [], prefix: TransferIntent.knownPrefix)
        let charge = try ChargeMaker.charge(
            over: intent, chain: deployment.chain, contract: deployment.transfers, sender: payer.address,
            signedBy: operatorKey, others: Self.others)
        let call = try PaymentCall(
            paying: Charge(charge), by: .swapAndTransferUniswapV3Native, value: Self.value, poolFee: nil,
            wrappedNative: tokens.wrappedNative)
        let unsigned = UnsignedTransaction(
            nonce: Self.nonce, gas: Self.gas, to: deployment.transfers, value: Self.value, data: call.data,
            form: .dynamicFee(
                chainID: deployment.chain.id, maxPriorityFeePerGas: Self.maxPriorityFeePerGas,
                maxFeePerGas: Self.maxFeePerGas, accessList: []))
        let transaction = try SignedTransaction(unsigned, payer.sign(unsigned.signingHash))
        self.policy = ChargeMaker.policy(
            on: deployment.chain, contract: deployment.transfers, operator: operatorKey.address, recipient: recipient,
            currency: tokens.usdc, symbol: "USDC", decimals: 6, perPayment: "100")
        self.charge = charge
        self.transaction = transaction
        self.call = call
        self.payer = payer
    }

    /// Additional members that real charges have. They make this charge as long as a real one.
    private static let others: [(String, JSONOutput)] = [
        ("description", "Credits"), ("hosted_url", "https://commerce.example/pay/6d1f2c1e"),
        ("pricing_type", "fixed_price"), ("pricing", ["local": ["amount": "1.05", "currency": "USD"]]),
        ("timeline", .array((0..<10).map(event))), ("payments", []),
        ("redirects", ["will_redirect_after_success": false]), ("support_email", .null),
    ]

    private static func event(_ second: Int) -> JSONOutput {
        ["status": "NEW", "time": "2026-01-01T00:00:0\(second)Z", "confirmations": .number("\(second)")]
    }
}
