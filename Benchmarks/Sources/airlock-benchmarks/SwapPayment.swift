import ChargeMaker
import EthereumTypes
import PaymentFiles
import Problems
import SecretKeys
import Signing
import StrictJSON
import Transactions
import TransferProtocol

/// The payment that is measured: one dollar and a fee in USDC on Base, paid in native currency by a swap.
final class SwapPayment {
    let payer: SecretKey
    let charge: [UInt8]
    let policy: Policy
    let call: PaymentCall
    let transaction: UnsignedTransaction
    let now: Timestamp
    /// In memory, so that no disk is measured. What is recorded once is found there from then on.
    let ledger: LedgerFile

    private static let nonce: UInt64 = 7
    private static let gas: UInt64 = 300_000
    private static let maxFeePerGas: UInt256 = 4_000_000_000
    private static let maxPriorityFeePerGas: UInt256 = 1_000_000_000
    private static let value: UInt256 = 400_000_000_000_000

    init(ledger: String) throws {
        self.ledger = LedgerFile(ledger)
        guard let deployment = Deployment.on(.base) else { throw WrongResult(description: "Base is not known") }
        payer = try SecretKey(hex: Array(String(repeating: "46", count: 32).utf8).span)
        now = try Timestamp("2026-01-01T12:00:00Z")
        let operatorKey = try SecretKey(hex: Array(String(repeating: "51", count: 32).utf8).span)
        let recipient = try Address("0x5eA054aEea285Ebc3A92eCB1f722f44304F72581")
        let intent = TransferIntent(
            recipientAmount: 1_039_500, deadline: UInt256(now.seconds + 36 * 3600), recipient: recipient,
            recipientCurrency: deployment.usdc, refundDestination: payer.address, feeAmount: 10_500,
            id: FixedBytes { UInt8(0xa0 + $0) }, operator: operatorKey.address, signature: [],
            prefix: TransferIntent.knownPrefix)
        charge = try ChargeMaker.charge(
            over: intent, chain: deployment.chain, contract: deployment.transfers, sender: payer.address,
            signedBy: operatorKey, others: Self.others)
        policy = try Policy(
            ChargeMaker.policy(
                on: deployment.chain, contract: deployment.transfers, operator: operatorKey.address,
                recipient: recipient, currency: deployment.usdc, symbol: "USDC", decimals: 6, perPayment: "100"),
            origin: "benchmarks")
        call = try PaymentCall(
            paying: Charge(charge), by: .swapAndTransferUniswapV3Native, value: Self.value, poolFee: nil,
            wrappedNative: deployment.wrappedNative)
        transaction = UnsignedTransaction(
            nonce: Self.nonce, gas: Self.gas, to: deployment.transfers, value: Self.value, data: call.data,
            form: .dynamicFee(
                chainID: deployment.chain.id, maxPriorityFeePerGas: Self.maxPriorityFeePerGas,
                maxFeePerGas: Self.maxFeePerGas, accessList: []))
    }

    /// The whole way, from the bytes of the charge to the raw transaction in hexadecimal, second engine and ledger too.
    func pay() throws -> String {
        var request = PaymentRequest(charge: try UnverifiedCharge(charge), now: now)
        request.policy = policy
        request.method = .named(.swapAndTransferUniswapV3Native)
        request.value = Self.value
        request.nonce = Self.nonce
        request.gas = Self.gas
        request.maxFeePerGas = Self.maxFeePerGas
        request.maxPriorityFeePerGas = Self.maxPriorityFeePerGas
        request.key = payer.address
        let review = Review(request)
        guard let payment = review.payment else {
            throw WrongResult(description: review.problems.map(\.message).joined(separator: "\n"))
        }
        let signed = try payment.sign(with: payer, .ofPolicy(for: payment), recordingIn: ledger)
        return Hex.encode(signed.transactions[0].raw)
    }

    /// Members that charges have besides, so that this one is as long as a real one.
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
