import AirlockBroadcast
import AirlockEthereumTypes

// Opens the journal of a relay. When `record` returns, the payment is safely stored. Recording it again changes
// nothing.
let raw = try Hex.decode(
    "0x02f87282210507830f42408401c9c380825208945cbdd86a2fa8dc4bddd8a8f69dba48572eec07fb87038d7ea4c6800080c080a096ddc489693c8ff9477fbf5cb88e122154795402032f221001cc097cb1ef3edba01bdcea13b0f1234007f3133eb85becff74679d8a9d4ab1e11a1bd41e349686e8"
)
let journal = try SQLJournal("journal.sqlite") { Timestamp(seconds: 1_773_131_449) }
print(try await journal.record([SignedPayment(raw: [raw])]), try await journal.record([SignedPayment(raw: [raw])]))
for payment in try await journal.payments() { print(payment.state, payment.sender, payment.code) }
await journal.close()
