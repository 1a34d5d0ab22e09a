import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockSamples
import Testing
import AirlockCharges

@Suite("A charge that is refused")
struct ChargeRefusalTests {
    @Test("is refused for just this, at just this place", arguments: ChargeRefusals.all)
    func refused(charge: RefusedCharge) {
        let found = problems { _ = try Charge(charge.bytes) }
        #expect(found.map { Refusal($0) } == charge.refusals)
        for problem in found {
            #expect(problem.message.utf8.allSatisfy { 0x20...0x7e ~= $0 })
        }
    }

    @Test("every rule of a charge is reached by the tables")
    func complete() {
        let reached = Set(ChargeRefusals.all.flatMap(\.refusals).map(\.code)).filter { $0.hasPrefix("charge.") }
        // No case breaks the rule `expired`, because reading a charge does not compare the deadline with the time.
        // DeadlineTests tests this rule.
        #expect(reached.union([ChargeRule.expired.rawValue]) == Set(ChargeRule.allCases.map(\.rawValue)))
    }

    @Test("says what the service said, through the escaper")
    func service() {
        let text = #"{"error":{"code":410,"message":"gone\u001b[31m"}}"#
        let found = problems { _ = try Charge(Array(text.utf8)) }
        #expect(found.first?.message.hasSuffix(#"saw gone\u{1b}[31m"#) == true)
    }

    @Test("is taken when other prefixes than K2's are none at all, and the digest that of a personal message")
    func personalMessage() throws {
        var sample = SampleCharge()
        sample["prefix"] = quoted("0x")
        let charge = try Charge(sample.signed().bytes)
        #expect(charge.contents.intent.prefix.isEmpty)
        let digest = Hash.keccak(Array("\u{19}Ethereum Signed Message:\n32".utf8) + charge.intentHash.bytes)
        #expect(charge.contents.intent.signedDigest(of: charge.intentHash) == digest)
    }

    @Test("is taken with addresses in lower and in upper case")
    func cases() throws {
        var sample = SampleCharge()
        sample["recipient"] = quoted("0x5ea054aeea285ebc3a92ecb1f722f44304f72581")
        sample["recipient_currency"] = quoted("0x833589FCD6EDB6E08F4C7C32D4F71B54BDA02913")
        #expect(try Charge(sample.signed().bytes).contents.intent.recipient == SampleCharge.recipient)
    }

    @Test("of the largest amounts that fit is taken")
    func largest() throws {
        var sample = SampleCharge()
        sample["recipient_amount"] = quoted(UInt256.max)
        sample["fee_amount"] = quoted(0)
        #expect(try Charge(sample.signed().bytes).contents.needed == .max)
    }
}
