import AirlockFiles
import AirlockCharges

// Reads a saved charge and verifies that its operator signed it. Only a policy states whom you want to pay.
let charge = try Charge(InputFile.read("charge.json").bytes)
let intent = charge.contents.intent
print(charge.contents.needed, "of", intent.recipientCurrency, "to", intent.recipient)

// Only a verified charge can become a call of the contract.
let call = try PaymentCall(
    paying: charge, by: .transferTokenPreApproved, value: nil, poolFee: nil, wrappedNative: nil)
print(call.method.function.signature)
