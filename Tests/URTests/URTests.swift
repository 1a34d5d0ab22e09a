import AirlockDiagnostics
import AirlockEthereumTypes
import Testing

@testable import AirlockUR

@Suite("Uniform resources")
struct URTests {
    @Test("bytewords are read and written, in either case")
    func bytewords() throws {
        #expect(Bytewords.encode([0, 1, 2, 0x80, 0xff]) == "aeadaolazmjendeoti")
        #expect(try Bytewords.decode("aeadaolazmjendeoti") == [0, 1, 2, 0x80, 0xff])
        #expect(try Bytewords.decode("AEADAOLAZMJENDEOTI") == [0, 1, 2, 0x80, 0xff])
        let all = Array(UInt8.min...UInt8.max)
        #expect(try Bytewords.decode(Bytewords.encode(all)) == all)
    }

    struct RefusedInput: Sendable, CustomTestStringConvertible {
        let text: String
        let rule: URRule

        init(_ text: String, _ rule: URRule) {
            self.text = text
            self.rule = rule
        }

        var testDescription: String { "\(text.prefix(60)): \(rule)" }
    }

    /// The first of the nine parts of a published example.
    static let part =
        "lpadascfadaxcywenbpljkhdcahkadaemejtswhhylkepmykhhtsytsnoyoyaxaedsuttydmmhhpktpmsrjtdkgslpgh"

    static func part(_ items: [CBOR], named: String = "1-1") -> String {
        "ur:bytes/\(named)/" + Bytewords.encode(CBOR.list(items).encoded)
    }

    static let refusals = [
        RefusedInput("", .notUR),
        RefusedInput("https://example.org/", .notUR),
        RefusedInput("ur:", .notUR),
        RefusedInput("ur:bytes", .notUR),
        RefusedInput("ur:bytes/1-9/2-9/\(part)", .notUR),
        RefusedInput("u\u{212A}:bytes/aeadaolazmjendeoti", .notUR),
        RefusedInput("ur:bytes/aeadaolazmjende\u{212A}ti", .notUR),
        RefusedInput("ur:/aeadaolazmjendeoti", .badType),
        RefusedInput("ur:by_tes/aeadaolazmjendeoti", .badType),
        RefusedInput("ur:bytes/", .badByteword),
        RefusedInput("ur:bytes/ae", .badByteword),
        RefusedInput("ur:bytes/aeadaolazmjendeot", .badByteword),
        RefusedInput("ur:bytes/aeadaolazzjendeoti", .badByteword),
        RefusedInput("ur:bytes/aeadaolazojendeoti", .wrongChecksum),
        RefusedInput("ur:bytes/aeadaolazmjendeowf", .wrongChecksum),
        RefusedInput("ur:bytes/9/\(part)", .badSequence),
        RefusedInput("ur:bytes/0-9/\(part)", .badSequence),
        RefusedInput("ur:bytes/01-9/\(part)", .badSequence),
        RefusedInput("ur:bytes/+1-9/\(part)", .badSequence),
        RefusedInput("ur:bytes/1-9-1/\(part)", .badSequence),
        RefusedInput("ur:bytes/1-/\(part)", .badSequence),
        RefusedInput("ur:bytes/1-4097/\(part)", .badSequence),
        RefusedInput("ur:bytes/4294967296-9/\(part)", .badSequence),
        RefusedInput("ur:bytes/2-9/\(part)", .badSequence),
        RefusedInput("ur:bytes/1-8/\(part)", .badSequence),
        RefusedInput(part([.unsigned(1), .unsigned(1), .unsigned(1), .unsigned(0)]), .badPart),
        RefusedInput(part([.unsigned(1), .unsigned(1), .unsigned(1), .unsigned(0), .text("a")]), .badPart),
        RefusedInput(part([.unsigned(1), .unsigned(1), .unsigned(1), .unsigned(0), .bytes([])]), .badPart),
        RefusedInput(part([.unsigned(1), .unsigned(1), .unsigned(2), .unsigned(0), .bytes([1])]), .badPart),
        RefusedInput(
            part([.unsigned(1), .unsigned(2), .unsigned(2), .unsigned(0), .bytes([1, 2])], named: "1-2"), .badPart),
        RefusedInput(part([.unsigned(1), .unsigned(1), .unsigned(1), .unsigned(1 << 32), .bytes([1])]), .badPart),
        RefusedInput(part([.unsigned(1), .unsigned(1), .unsigned(1 << 20 + 1), .unsigned(0), .bytes([1])]), .tooLarge),
        RefusedInput(part([.unsigned(1), .unsigned(1), .unsigned(.max), .unsigned(0), .bytes([1])]), .tooLarge),
    ]

    @Test("are refused by name", arguments: refusals)
    func refusal(_ refusal: RefusedInput) {
        let problem = #expect(throws: Problem.self) { try URText(refusal.text) }
        #expect(problem?.rule as? URRule == refusal.rule)
    }

    /// Each row has a text that is no resource, and what the problem quotes of it.
    static let quotes: [(String, String?)] = [
        ("https://example.org/", "https:"), ("ethereum:0x00", "ethereum:"), ("ur:bytes", "ur:"),
        ("ur:bytes/one/two/three", "ur:"), ("", nil), (String(repeating: "0f", count: 32), nil),
        ("0x0f:", nil), ("test test test junk", nil), ("test test: junk", nil),
        (String(repeating: "a", count: 20) + ":", String(repeating: "a", count: 20) + ":"),
        (String(repeating: "a", count: 21) + ":", nil),
    ]

    @Test("are quoted up to the scheme where they are none, because they may be a key", arguments: quotes)
    func quote(text: String, saw: String?) {
        #expect(throws: Problem(URRule.notUR, saw: saw)) { try URText(text) }
    }

    @Test("are not quoted where the numbers of a part are wrong or missing")
    func badSequence() {
        #expect(throws: Problem(URRule.badSequence)) { try URText("ur:crypto-seed/aeadaolazmjendeoti/") }
        let part = Self.part([.unsigned(1), .unsigned(1), .unsigned(1), .unsigned(0), .bytes([1])])
        #expect(throws: Problem(URRule.badSequence, saw: "1-1")) { try UR(part) }
    }

    @Test("no more is read than the limit allows")
    func limit() throws {
        let large = UR(bytes: Array(repeating: 0, count: UR.maximumSize))
        #expect(throws: Problem.self) { try UR(large.text) }
        let problem = #expect(throws: Problem.self) { try UR(large.text + large.text) }
        #expect(problem?.rule as? URRule == .tooLarge)
        let fitting = UR(bytes: Array(repeating: 0, count: UR.maximumSize - 5))
        #expect(try UR(fitting.text) == fitting)
    }

    @Test("of bytes hold one byte string and nothing else")
    func bytes() throws {
        #expect(try UR(UR(bytes: [1, 2, 3]).text.uppercased()).bytes() == [1, 2, 3])
        let text = UR(type: "bytes", .text("abc"))
        #expect(throws: Problem(CBORRule.wrongType, expected: "one byte string")) { try text.bytes() }
        let other = UR(type: "psbt", .bytes([1]))
        #expect(throws: Problem(URRule.otherType, saw: "psbt", expected: "bytes")) { try other.bytes() }
        #expect(throws: Problem.self) { try UR("ur:bytes/1-9/\(Self.part)") }
    }
}

@Suite("CBOR of uniform resources")
struct CBORTests {
    @Test(
        "is read and written as the same bytes",
        arguments: [
            ("00", CBOR.unsigned(0)), ("17", .unsigned(23)), ("1818", .unsigned(24)), ("1903e8", .unsigned(1000)),
            ("1a000f4240", .unsigned(1_000_000)), ("1bffffffffffffffff", .unsigned(.max)),
            ("4401020304", .bytes([1, 2, 3, 4])),
            ("62c3bc", .text("\u{fc}")), ("83010203", .list([.unsigned(1), .unsigned(2), .unsigned(3)])),
            ("a201020304", .map([CBOR.Field(1, .unsigned(2)), CBOR.Field(3, .unsigned(4))])),
            ("a203040102", .map([CBOR.Field(3, .unsigned(4)), CBOR.Field(1, .unsigned(2))])),
            ("d82541ff", .tagged(37, .bytes([0xff]))), ("f4", .bool(false)), ("f5", .bool(true)), ("80", .list([])),
        ])
    func both(_ hex: String, _ item: CBOR) throws {
        let bytes = try Hex.decode(digits: hex)
        #expect(try CBOR(decoding: bytes) == item)
        #expect(item.encoded == bytes)
    }

    @Test(
        "is refused by name",
        arguments: [
            ("", CBORRule.unfinished), ("18", .unfinished), ("19ff", .unfinished), ("4401", .unfinished),
            ("8201", .unfinished),
            ("a101", .unfinished), ("d825", .unfinished), ("5bffffffffffffffff", .unfinished),
            ("9bffffffffffffffff", .unfinished),
            ("0000", .trailingBytes), ("1817", .notShortest), ("1900ff", .notShortest), ("1a0000ffff", .notShortest),
            ("1b00000000ffffffff", .notShortest), ("5803010203", .notShortest), ("9f01ff", .indefiniteLength),
            ("5f4101ff", .indefiniteLength),
            ("7f6161ff", .indefiniteLength), ("bf0102ff", .indefiniteLength), ("20", .unsupported),
            ("f6", .unsupported),
            ("f7", .unsupported), ("f90000", .unsupported), ("fb0000000000000000", .unsupported),
            ("f8ff", .unsupported), ("1c", .unsupported),
            ("a201020103", .duplicateKey), ("a1616101", .badKey), ("61ff", .badUTF8), ("62eda0", .badUTF8),
            (String(repeating: "81", count: 17) + "00", .tooDeep),
            ("991000" + String(repeating: "00", count: 4096), .tooMany),
        ])
    func refusal(_ hex: String, _ rule: CBORRule) throws {
        let bytes = try Hex.decode(digits: hex)
        let problem = #expect(throws: Problem.self) { try CBOR(decoding: bytes) }
        #expect(problem?.rule as? CBORRule == rule)
    }
}
