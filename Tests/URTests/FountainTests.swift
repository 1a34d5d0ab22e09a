import AirlockDiagnostics
import Testing

@testable import AirlockUR

/// The published tests of the reference implementation, BlockchainCommons/URKit (BSD-2-Clause-Patent). The seed of its
/// random generator is the text "Wolf".
@Suite("The fountain code of uniform resources")
struct FountainTests {
    /// Returns the message of the reference tests. It consists of bytes from the random generator.
    static func message(_ count: Int) -> [UInt8] {
        var generator = Xoshiro256(seed: Array("Wolf".utf8))
        return (0..<count).map { _ in UInt8(generator.nextIndex(below: 256)) }
    }

    @Test("the checksum is that of zlib, the hash is SHA-256")
    func checksums() {
        #expect(CRC32.checksum("Wolf".utf8) == 0x598c_84dc)
        #expect(
            SHA256.hash(Array("abc".utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("the generator draws the reference's numbers")
    func generator() {
        var generator = Xoshiro256(seed: Array("Wolf".utf8))
        #expect(
            (0..<20).map { _ in generator.next() % 100 } == [
                42, 81, 85, 8, 82, 84, 76, 73, 70, 88, 2, 74, 40, 48, 77, 54, 88, 7, 5, 88,
            ])
        generator = Xoshiro256(seed: Array("Wolf".utf8))
        #expect(
            (0..<20).map { _ in generator.nextIndex(below: 10) + 1 } == [
                6, 5, 8, 4, 10, 5, 7, 10, 4, 9, 10, 9, 7, 7, 1, 1, 2, 9, 9, 2,
            ])
    }

    @Test("the sampler draws the reference's indexes")
    func sampler() {
        var generator = Xoshiro256(seed: Array("Wolf".utf8))
        let sampler = AliasSampler([1, 2, 4, 8])
        #expect(
            (0..<30).map { _ in sampler.next(&generator) } == [
                3, 3, 3, 3, 3, 3, 3, 0, 2, 3, 3, 3, 3, 1, 2, 2, 1, 3, 3, 2, 3, 3, 1, 1, 2, 1, 1, 3, 1, 3,
            ])
    }

    @Test("values are shuffled as in the reference")
    func shuffle() {
        var generator = Xoshiro256(seed: Array("Wolf".utf8))
        let shuffled = (0..<3).map { _ in FragmentChooser.shuffled(Array(1...10), first: 10, &generator) }
        #expect(
            shuffled == [
                [6, 4, 9, 3, 10, 5, 7, 8, 1, 2], [10, 8, 6, 5, 1, 2, 3, 9, 7, 4], [6, 4, 5, 8, 9, 3, 2, 1, 7, 10],
            ])
    }

    @Test("degrees are those of the reference")
    func degrees() {
        let sampler = AliasSampler((1...11).map { 1 / Double($0) })
        let degrees = (1...30).map { nonce in
            var generator = Xoshiro256(seed: Array("Wolf-\(nonce)".utf8))
            return FragmentChooser.degree(sampler, &generator)
        }
        #expect(
            degrees == [11, 3, 6, 5, 2, 1, 2, 11, 1, 3, 9, 10, 10, 4, 2, 1, 1, 2, 1, 1, 5, 2, 4, 10, 3, 2, 1, 1, 3, 11])
    }

    @Test("each part mixes the fragments that the reference mixes")
    func fragments() {
        let message = Self.message(1024)
        let chooser = FragmentChooser(count: 11, checksum: CRC32.checksum(message))
        #expect((1...11).map { chooser.fragments(in: $0) } == (0...10).map { [$0] })
        let mixed = (12...30).map { chooser.fragments(in: $0).sorted() }
        #expect(
            mixed == [
                [9], [2, 5, 6, 8, 9, 10], [8], [1, 5], [1], [0, 2, 4, 5, 8, 10], [5], [2], [2],
                [0, 1, 3, 4, 5, 7, 9, 10], [0, 1, 2, 3, 5, 6, 8, 9, 10], [0, 2, 4, 5, 7, 8, 9, 10], [3, 5], [4],
                [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [0, 1, 3, 4, 5, 6, 7, 9, 10], [6], [5, 6], [7],
            ])
    }

    @Test("fragments are as long as in the reference")
    func lengths() {
        #expect(FountainEncoder.fragmentLength(12_345, minimum: 1005, maximum: 1955) == 1764)
        #expect(FountainEncoder.fragmentLength(12_345, minimum: 1005, maximum: 30_000) == 12_345)
        #expect(FountainEncoder.fragmentLength(1, maximum: 30) == 1)
        #expect(FountainEncoder.fragmentLength(100, maximum: 1) == 10)
    }

    @Test(
        "parts are those of the reference",
        arguments: [
            (1, "8501091901001a0167aa07581d916ec65cf77cadf55cd7f9cda1a1030026ddd42e905b77adc36e4f2d3c"),
            (9, "8509091901001a0167aa07581d951e65305b56a3706e3e86eb01c803bbf915d80edcd64d4d0000000000"),
            (10, "850a091901001a0167aa07581d330f0f33a05eead4f331df229871bee733b50de71afd2e5a79f196de09"),
            (14, "850e091901001a0167aa07581d5bf4031217d2c3254b088fa7553778b5003632f46e21db129416f65b55"),
        ])
    func parts(_ sequence: UInt32, _ cbor: String) throws {
        let encoder = FountainEncoder(UR(type: "bytes", message: Self.message(256)), maximumFragment: 30)
        let part = encoder.part(sequence)
        let words = try #require(part.text.split(separator: "/").last)
        let bytes = try Bytewords.decode(words)
        #expect(bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == cbor)
        #expect(try URText(part.text) == .part(part))
    }

    @Test("any parts that are enough make up the message, with a third of them lost, some twice, in any order")
    func loss() throws {
        var generator = Xoshiro256(seed: Array("loss".utf8))
        for size in [1, 9, 10, 300, 1024, 5000] {
            let ur = UR(bytes: Self.message(size))
            let encoder = FountainEncoder(ur, maximumFragment: 100)
            var decoder = URDecoder()
            var sent: UInt32 = 0
            var waiting: [URPart] = []
            while decoder.result == nil {
                sent += 1
                #expect(sent < 40 + 4 * UInt32(encoder.count))
                if generator.nextIndex(below: 10) < 3 { continue }
                waiting += [encoder.part(sent), encoder.part(sent)]
                let index = generator.nextIndex(below: waiting.count)
                try decoder.receive(.part(waiting.remove(at: index)))
            }
            #expect(decoder.result == ur)
            #expect(try #require(decoder.progress) == (encoder.count, encoder.count))
        }
    }

    @Test("mixed parts alone are enough")
    func mixed() throws {
        let ur = UR(bytes: Self.message(700))
        let encoder = FountainEncoder(ur, maximumFragment: 50)
        var decoder = URDecoder()
        var sequence = UInt32(encoder.count)
        while decoder.result == nil {
            sequence += 1
            try decoder.receive(.part(encoder.part(sequence)))
        }
        #expect(decoder.result == ur)
    }

    @Test("a part of another message is refused, and one that contradicts, and the decoder goes on")
    func contradictions() throws {
        let encoder = FountainEncoder(UR(bytes: Self.message(300)), maximumFragment: 100)
        let other = FountainEncoder(UR(bytes: Self.message(301)), maximumFragment: 100)
        var decoder = URDecoder()
        try decoder.receive(.part(encoder.part(1)))
        for foreign in [URText.part(other.part(2)), .whole(other.ur)] {
            #expect(throws: Problem(URRule.otherMessage)) { try decoder.receive(foreign) }
        }
        let part = encoder.part(1)
        let forged = URPart(
            type: part.type, sequence: 1, count: part.count, length: part.length, checksum: part.checksum,
            data: part.data.map { ~$0 })
        let refusal = #expect(throws: Problem.self) { try decoder.receive(.part(forged)) }
        #expect(refusal?.rule as? URRule == .contradiction)
        for sequence in 2...4 { try decoder.receive(.part(encoder.part(UInt32(sequence)))) }
        #expect(decoder.result == encoder.ur)
        #expect(throws: Problem(URRule.otherMessage)) { try decoder.receive(.part(other.part(1))) }
    }

    @Test("a message that is not the one of its checksum is refused")
    func forgedMessage() throws {
        let encoder = FountainEncoder(UR(bytes: Self.message(300)), maximumFragment: 100)
        var decoder = URDecoder()
        for sequence in 1...3 as ClosedRange<UInt32> { try decoder.receive(.part(encoder.part(sequence))) }
        let part = encoder.part(4)
        let forged = URPart(
            type: part.type, sequence: 4, count: part.count, length: part.length, checksum: part.checksum,
            data: part.data.map { ~$0 })
        #expect(throws: Problem(URRule.wrongChecksum)) { try decoder.receive(.part(forged)) }
        #expect(decoder.result == nil)
    }

    @Test("100 kB cross with three frames of ten lost")
    func payroll() throws {
        var generator = Xoshiro256(seed: Array("payroll".utf8))
        let ur = UR(bytes: Self.message(100_000))
        let encoder = FountainEncoder(ur, maximumFragment: 400)
        #expect(encoder.count == 251)
        var decoder = URDecoder()
        var shown: UInt32 = 0
        while decoder.result == nil {
            shown += 1
            if generator.nextIndex(below: 10) >= 3 {
                try decoder.receive(URText(encoder.part(shown).text.uppercased()))
            }
        }
        #expect(decoder.result == ur)
        #expect(shown < 450, "\(shown) frames")
        print("payroll: \(shown) frames shown")
    }
}
