#if QR
    import AirlockDiagnostics
    import AirlockTestSupport
    import AirlockToolSupport
    import AirlockUR
    import Foundation
    import Testing

    @testable import AirlockQRCodes

    @Suite("Uniform resources as QR codes")
    struct QRSequenceTests {
        private static func bytes(_ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ $0 >> 8) }
        }

        @Test("every version holds as many letters as the table says, and no more")
        func capacities() throws {
            for (index, capacity) in QRCode.capacities.enumerated() {
                #expect(try QRCode(String(repeating: "A", count: capacity)).side == 21 + 4 * index)
                if index < 39 {
                    #expect(try QRCode(String(repeating: "A", count: capacity + 1)).side == 25 + 4 * index)
                }
            }
            #expect(throws: Problem.self) { try QRCode(String(repeating: "A", count: 4297)) }
            #expect(QRCode.capacity(columns: 28) == 0 && QRCode.capacity(columns: 29) == 25)
            #expect(QRCode.capacity(columns: 32) == 25 && QRCode.capacity(columns: 33) == 47)
            #expect(QRCode.capacity(columns: 1000) == 4296)
            #expect(QRCode.columns(for: 25) == 29 && QRCode.columns(for: 26) == 33 && QRCode.columns(for: 4297) == nil)
        }

        @Test("no part is larger than what was allowed, and what is small is one code")
        func sizes() throws {
            for columns in [41, 45, 61, 93, 141, 185] {
                for count in [1, 100, 3000] {
                    let ur = UR(bytes: Self.bytes(count))
                    let codes = try QRSequence(ur, columns: columns)
                    #expect(codes.isSingle == (ur.text.utf8.count <= QRCode.capacity(columns: columns)))
                    for index in [0, codes.count, 70_000] { #expect(try codes.code(index).columns <= columns) }
                }
            }
            #expect(throws: Problem.self) { try QRSequence(UR(bytes: Self.bytes(100)), columns: 37) }
            let problem = #expect(throws: Problem.self) { try QRSequence(UR(bytes: Self.bytes(200_000)), columns: 45) }
            #expect(problem?.rule as? QRRule == .tooLarge)
        }

        @Test(
            "pictures are read by a scanner, in any order, with some of them missing", .needs("zbarimg"),
            arguments: [41, 69, 93])
        func pictures(columns: Int) throws {
            let scanner = try #require(BuiltTool.installed("zbarimg"))
            let ur = UR(bytes: Self.bytes(1500))
            let codes = try QRSequence(ur, columns: columns)
            #expect(!codes.isSingle)
            let scratch = try Scratch()
            var decoder = URDecoder()
            var generator = SystemRandomNumberGenerator()
            let shown = (0..<3 * codes.count + 8).filter { _ in Int.random(in: 0..<10, using: &generator) >= 3 }
                .shuffled()
            for index in shown where decoder.result == nil {
                try Data(codes.code(index).png).write(to: URL(filePath: scratch("frame.png")))
                let read = try scanner.run(
                    ["-q", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", "frame.png"], in: scratch.path)
                try #require(read.exit == 0, "\(read.err)")
                try decoder.receive(URText(read.out.dropLast()))
            }
            #expect(decoder.result == ur)
        }
    }
#endif
