import AirlockStrictJSON
import Testing

extension JSONDocument {
    init(text: String) throws(JSONError) { try self.init(Array(text.utf8)) }
}

@Suite("A text that is strict JSON")
struct AcceptanceTests {
    @Test(
        "is read as what it says",
        arguments: [
            ("null", JSONValue.Kind.null), ("true", .boolean), ("false", .boolean), ("0", .number), ("\"\"", .string),
            ("[]", .array), ("{}", .object), (" \t\r\n[ \n]\t ", .array), ("{ \"a\" : 1 , \"b\" : [ ] }", .object),
            ("[[],{},\"\",0,null]", .array), ("{\"\":{\"\":{\"\":0}}}", .object),
        ])
    func kinds(text: String, kind: JSONValue.Kind) throws {
        #expect(try JSONDocument(text: text).root.kind == kind)
    }

    @Test(
        "keeps each number as its text",
        arguments: [
            "0", "-0", "7", "-12", "1.50", "0.0", "-0.001", "1e5", "1E+05", "2e-007", "0e0", "1.0E-2",
            "115792089237316195423570985008687907853269984665640564039457584007913129639936",
        ])
    func numbers(text: String) throws {
        #expect(try JSONDocument(text: text).root.number == text)
        #expect(try JSONDocument(text: "[\(text)]").root[0]?.number == text)
    }

    @Test(
        "has its escapes resolved and all else as it was",
        arguments: [
            (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u0000""#, "\0"),
            (#""\u00e9é""#, "éé"), (#""\u20AC""#, "€"), (#""\uD83d\ude00😀""#, "😀😀"), (#""\ud800\udc00""#, "\u{10000}"),
            (#""\uffff\u{7f}""#.replacing(#"\u{7f}"#, with: "\u{7f}"), "\u{ffff}\u{7f}"),
            (
                "\"\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}\"",
                "\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}"
            ),
            ("\"\u{feff}\"", "\u{feff}"), (#""12345678\n12345678""#, "12345678\n12345678"),
        ])
    func strings(text: String, value: String) throws {
        let string = try JSONDocument(text: text).root
        #expect(Array(try #require(string.string).utf8) == Array(value.utf8))
        #expect(string.withStringBytes { bytes in bytes.indices.map { bytes[$0] } } == Array(value.utf8))
    }

    @Test("may have names that are only canonically the same: they are different bytes")
    func canonical() throws {
        let root = try JSONDocument(text: "{\"\u{e9}\":1,\"e\u{301}\":2,\"E\":3,\"e\":4}").root
        #expect(root["\u{e9}"]?.number == "1")
        #expect(root["e\u{301}"]?.number == "2")
        #expect(root["e"]?.number == "4")
    }

    @Test("may have names that differ only where a quick look does not look", arguments: [8, 15, 16, 17, 40])
    func similar(length: Int) throws {
        let names = ["a", "b"].map {
            String(repeating: "x", count: length) + $0 + String(repeating: "x", count: length)
        }
        let root = try JSONDocument(text: "{\"\(names[0])\":0,\"\(names[1])\":1}").root
        #expect(root[names[1]]?.number == "1")
        #expect(throws: JSONError.self) { try JSONDocument(text: "{\"\(names[0])\":0,\"\(names[0])\":1}") }
    }

    @Test("may be nested as deep as is said, and not deeper")
    func depth() throws {
        let most = JSONDocument.maximumDepth
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try JSONDocument(text: nested(most)).root.kind == .array)
        let error = #expect(throws: JSONError.self) { try JSONDocument(text: nested(most + 1)) }
        #expect(error?.rule == .tooDeep)
        #expect(error?.offset == most)
        #expect(error?.pointer == String(repeating: "/0", count: most))
        // The depth is the number of arrays and objects that are open at the same time, not the number of all that were
        // opened.
        #expect(try JSONDocument(text: "[" + nested(most - 1) + "," + nested(most - 1) + "]").root[1]?.kind == .array)
    }
}
