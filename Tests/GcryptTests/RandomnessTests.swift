import AirlockGcrypt
import Glibc
import AirlockTestSupport
import Testing

@Suite("Randomness")
struct RandomnessTests {
    @Test("fills every byte, also beyond the 256 that one system call gives", arguments: [1, 32, 256, 257, 1000])
    func fills(count: Int) throws {
        var seen = [UInt8](repeating: 0, count: count)
        // A byte that is never filled stays 0 in all 16 rounds. The probability that a random byte is 0 in all of them
        // is only 2^-128.
        for _ in 0..<16 {
            var bytes = [UInt8](repeating: 0, count: count)
            var span = bytes.mutableSpan
            try Randomness.fill(&span)
            for index in seen.indices { seen[index] |= bytes[index] }
        }
        #expect(!seen.contains(0))
    }

    @Test("throws when the kernel gives none, and leaves no owner of half a secret")
    func refused() async {
        await #expect(processExitsWith: .success) {
            #expect(deny("getrandom", with: EPERM))
            let error = #expect(throws: GcryptError.self) { _ = try SecureBytes.random(count: 32).count }
            #expect(error?.rule == .noRandomness)
        }
    }

    @Test("makes secure bytes, other ones each time")
    func secure() throws {
        let first = try SecureBytes.random(count: 32)
        let second = try SecureBytes.random(count: 32)
        #expect(first.count == 32)
        let same = first.isEqual(to: second)
        #expect(!same)
    }
}
