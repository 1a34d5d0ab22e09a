import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockSamples
import Testing
import AirlockCharges

@Suite("The deadline of a charge")
struct DeadlineTests {
    @Test(
        "is RFC 3339 with any fraction and offset, or seconds since 1970",
        arguments: [
            ("2026-03-11T08:30:49Z", SampleCharge.deadline), ("1773217849", SampleCharge.deadline),
            ("2026-03-11t08:30:49z", SampleCharge.deadline), ("2026-03-11T08:30:49.999999999Z", SampleCharge.deadline),
            ("2026-03-11T08:30:49.0Z", SampleCharge.deadline), ("2026-03-11T09:30:49+01:00", SampleCharge.deadline),
            ("2026-03-11T03:00:49-05:30", SampleCharge.deadline), ("2026-03-11T08:30:49+00:00", SampleCharge.deadline),
            ("2024-02-29T00:00:00Z", 1_709_164_800), ("0", 0), ("1970-01-01T00:00:00Z", 0),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] as [(String, UInt64)])
    func read(text: String, seconds: UInt64) throws {
        var sample = SampleCharge()
        sample["deadline"] = quoted(text)
        let charge = try Charge(sample.signed().bytes).contents
        #expect(charge.deadline.seconds == seconds)
        #expect(charge.intent.deadline == UInt256(seconds))
    }

    @Test("later than any file can say is the last moment that one can", arguments: [UInt256(UInt64.max), .max])
    func beyond(deadline: UInt256) throws {
        var sample = SampleCharge()
        sample["deadline"] = quoted(deadline)
        let charge = try Charge(sample.signed().bytes).contents
        #expect(charge.intent.deadline == deadline)
        #expect(charge.deadline == .last)
        #expect(charge.expiry(at: .last) == nil)
    }

    @Test(
        "still holds at its very second, and not one later",
        arguments: [
            (0, nil), (SampleCharge.deadline - 1, nil), (SampleCharge.deadline, nil),
            (SampleCharge.deadline + 1, .expired), (UInt64.max, .expired),
        ] as [(UInt64, ChargeRule?)])
    func expiry(now: UInt64, rule: ChargeRule?) throws {
        let charge = try Charge(SampleCharge().signed().bytes).contents
        let problem = charge.expiry(at: Timestamp(seconds: now))
        #expect(problem?.code == rule?.rawValue)
        #expect(problem?.field == rule.map { _ in "\(UnverifiedCharge.callData)/deadline" })
    }
}
