import AirlockFiles
import AirlockCharges

// Reads a saved charge and proves that its operator signed it. Whom you want to pay, only a policy knows.
let charge = try Charge(InputFile.read("charge.json").bytes)
let intent = charge.contents.intent
print(charge.contents.needed, "of", intent.recipientCurrency, "to", intent.recipient)

// Only what is proved can become a call of the contract.
let call = try PaymentCall(
    paying: charge, by: .transferTokenPreApproved, value: nil, poolFee: nil, wrappedNative: nil)
print(call.method.function.signature)
