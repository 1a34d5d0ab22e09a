import AirlockChargeMaker
import AirlockCharges
import AirlockEthereumTypes
import AirlockSecretKeys

// Makes a charge that an operator of your own signs, for a test. This key is public, so do not use it for payments.
let key = try SecretKey(hex: Array(String(repeating: "33", count: 32).utf8).span)
let payee = try Address("0x5eA054aEea285Ebc3A92eCB1f722f44304F72581")
let intent = TransferIntent(
    recipientAmount: 1_000_000, deadline: 1_773_303_049, recipient: payee, recipientCurrency: .zero,
    refundDestination: payee, feeAmount: .zero, id: FixedBytes { UInt8($0) }, operator: key.address, signature: [],
    prefix: [])
let charge = try Charge(
    ChargeMaker.charge(
        over: intent, chain: .base, contract: Address("0x03059433BCdB6144624cC2443159D9445C32b7a8"), sender: payee,
        signedBy: key))
print(charge.contents.intent.operator == key.address, charge.contents.needed)
