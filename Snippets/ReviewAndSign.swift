import AirlockEthereumTypes
import AirlockFiles
import AirlockGcrypt
import AirlockKeys
import AirlockPaymentFiles
import AirlockPolicies
import AirlockRequestKinds
import AirlockSigning

// Reviews the charge of docs/example under its policy. Consents as a person would, signs the payment and records it.
let charge = try RequestKinds.read(InputFile.read("charge.json").bytes)
var request = PaymentRequest(
    charge, now: try Timestamp("2026-03-10T08:30:49Z"), policy: try Policy(InputFile.read("policy.json")))
request.conditions = try Conditions(InputFile.read("conditions.json").bytes)
let review = Review(request)
print(review.sentence)

guard let payment = review.payment else { throw review.problems[0] }
let consented = try ConsentedPayment.typed("sign", for: payment)
let none = { try SecureBytes(count: 0) }
let key = try KeySource("key.hex").open(password: none, passphrase: none)
let signed = try consented.sign(with: key.secret, recordingIn: LedgerFile("ledger.jsonl"))
print(signed.code == payment.code, signed.transactions.count)
