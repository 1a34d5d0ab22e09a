@testable import AirlockSigning
import Testing

@Suite("The nonces of a batch that shares conditions")
struct BatchNoncesTests {
    @Test("are kept from the start on, each by one line, and a new line gets the first after all of them")
    func kept() {
        var nonces = BatchNonces(from: 5)
        #expect(!nonces.canKeep(4) && nonces.canKeep(5) && nonces.canKeep(9))
        let lines: [(numbers: [UInt64], next: UInt64)] = [
            ([9], 10), ([5, 6], 10), ([12], 13), ([7], 13), ([10, 11], 13), ([8], 13),
        ]
        for (numbers, next) in lines {
            nonces.take(numbers)
            #expect(nonces.next == next)
            #expect(!numbers.contains(where: { nonces.canKeep($0) }))
        }
        #expect(!(5...12 as ClosedRange<UInt64>).contains(where: { nonces.canKeep($0) }) && nonces.canKeep(13))
        nonces.take([.max])
        #expect(!nonces.canKeep(.max) && nonces.canKeep(.max - 1))
    }
}
