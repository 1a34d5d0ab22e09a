import AirlockChargeMaker
public import AirlockEthereumTypes
import AirlockSecretKeys
import AirlockCharges

/// A payment for tests. Everybody can read the keys of its payer and its operator here, so never send them money.
public struct SamplePayment: Sendable {
    public var chain = Chain.base
    public var contract = Address(known: "0x03059433BCdB6144624cC2443159D9445C32b7a8")
    public var recipientAmount = UInt256(1_039_500)
    public var feeAmount = UInt256(10_500)
    public var deadline = UInt256(1_773_217_849)
    public var recipient = Address(known: "0x5ea054aeea285ebc3a92ecb1f722f44304f72581")
    public var recipientCurrency = usdc
    public var refundDestination = payer
    public var id = FixedBytes<16> { UInt8($0 &* 7 &+ 3) }
    public var prefix = TransferIntent.knownPrefix
    public var sender = payer
    /// The time in the member `expires_at` of the charge. The operator's signature does not cover it.
    public var expires = "2026-01-03T00:00:00Z"

    public init() {}

    public static let usdc = Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")
    public static let wrappedNative = Address(known: "0x4200000000000000000000000000000000000006")

    public static let payerKey = String(repeating: "33", count: 32)
    public static let operatorKey = String(repeating: "22", count: 32)
    public static let strangerKey = String(repeating: "66", count: 32)
    public static let payer = Address(known: "0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB")
    public static let `operator` = Address(known: "0x1563915e194D8CfBA1943570603F7606A3115508")

    /// A time that is one day before the deadline.
    public static let now = "2026-03-10T08:30:49Z"

    /// Returns a charge with the intent, signed by the operator.
    public func charge() throws -> String {
        let intent = TransferIntent(
            recipientAmount: recipientAmount, deadline: deadline, recipient: recipient,
            recipientCurrency: recipientCurrency, refundDestination: refundDestination, feeAmount: feeAmount, id: id,
            operator: Self.operator, signature: [], prefix: prefix)
        let bytes = try ChargeMaker.charge(
            over: intent, chain: chain, contract: contract, sender: sender, expires: expires,
            signedBy: SecretKey(hex: Array(Self.operatorKey.utf8).span))
        return String(decoding: bytes, as: UTF8.self)
    }
}
