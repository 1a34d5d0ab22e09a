import Testing

import AirlockStrictJSON

/// One text that must be refused, and exactly how.
struct Refusal: CustomTestStringConvertible {
    let text: [UInt8]
    let rule: JSONRule
    let offset: Int
    let line: Int
    let column: Int
    let pointer: String

    init(
        _ text: String, _ rule: JSONRule, _ offset: Int, _ line: Int = 1, _ column: Int? = nil, at pointer: String = ""
    ) {
        self.init(Array(text.utf8), rule, offset, line, column, at: pointer)
    }

    init(
        _ text: [UInt8], _ rule: JSONRule, _ offset: Int, _ line: Int = 1, _ column: Int? = nil,
        at pointer: String = ""
    ) {
        self.text = text
        self.rule = rule
        self.offset = offset
        self.line = line
        self.column = column ?? offset + 1
        self.pointer = pointer
    }

    var testDescription: String {
        "\(rule.rawValue): \(String(decoding: text.prefix(40), as: UTF8.self).debugDescription)"
    }
}

@Suite("A text that is not strict JSON")
struct RefusalTests {
    static let structure: [Refusal] = [
        Refusal("", .empty, 0),
        Refusal(" \t\r\n ", .empty, 5, 2, 2),
        Refusal("\u{feff}{}", .byteOrderMark, 0),
        Refusal("{} {}", .trailingBytes, 3),
        Refusal("1 2", .trailingBytes, 2),
        Refusal("\"a\"b", .trailingBytes, 3),
        Refusal("[]]", .trailingBytes, 2),
        Refusal("[]\0", .trailingBytes, 2),
        Refusal("1.5.5", .trailingBytes, 3),
        Refusal("0x1", .trailingBytes, 1),
        Refusal("nullnull", .trailingBytes, 4),
        Refusal("[", .unfinished, 1, at: "/0"),
        Refusal("[1", .unfinished, 2),
        Refusal("[1,", .unfinished, 3, at: "/1"),
        Refusal("{", .unfinished, 1),
        Refusal("{\"a\"", .unfinished, 4),
        Refusal("{\"a\":", .unfinished, 5, at: "/a"),
        Refusal("{\"a\":1", .unfinished, 6),
        Refusal("{\"a\":1,", .unfinished, 7),
        Refusal("{\"a\":{\"b\":[", .unfinished, 11, at: "/a/b/0"),
        Refusal("\"abc", .unfinished, 4),
        Refusal("[\"abcdefghijkl", .unfinished, 14, at: "/0"),
        Refusal("\"a\\", .unfinished, 3),
        Refusal("\"\\u12", .unfinished, 5),
        Refusal("{\"ab", .unfinished, 4),
        Refusal("[1,]", .trailingComma, 2),
        Refusal("{\"a\":1 , }", .trailingComma, 7),
        Refusal("{\"a\":[{},\n]}", .trailingComma, 8, at: "/a"),
        Refusal("[,1]", .missingValue, 1, at: "/0"),
        Refusal("[1,,2]", .missingValue, 3, at: "/1"),
        Refusal("{\"a\":}", .missingValue, 5, at: "/a"),
        Refusal("tru", .missingValue, 0),
        Refusal("[True]", .missingValue, 1, at: "/0"),
        Refusal("nul", .missingValue, 0),
        Refusal("'a'", .missingValue, 0),
        Refusal("// a\n1", .missingValue, 0),
        Refusal("[\u{c}1]", .missingValue, 1, at: "/0"),
        Refusal("[\u{a0}1]", .missingValue, 1, at: "/0"),
        Refusal("]", .missingValue, 0),
        Refusal("{,}", .missingKey, 1),
        Refusal("{a:1}", .missingKey, 1),
        Refusal("{1:1}", .missingKey, 1),
        Refusal("{'a':1}", .missingKey, 1),
        Refusal("{\"a\":1,,}", .missingKey, 7),
        Refusal("[{\"a\":1, b:2}]", .missingKey, 9, at: "/0"),
        Refusal("{\"a\" 1}", .missingColon, 5),
        Refusal("{\"a\",1}", .missingColon, 4),
        Refusal("{\"a\"}", .missingColon, 4),
        Refusal("[1 2]", .missingComma, 3),
        Refusal("[1}", .missingComma, 2),
        Refusal("{\"a\":1]", .missingComma, 6),
        Refusal("{\"a\":1 \"b\":2}", .missingComma, 7),
        Refusal("[\"a\"\n\"b\"]", .missingComma, 5, 2, 1),
        Refusal("[1a]", .missingComma, 2),
        Refusal("{\"é\n", .controlCharacter, 4, 1, 4),
        Refusal("{\"é\":\n\"é\n", .controlCharacter, 10, 2, 3, at: "/é"),
        Refusal("{\"a/b~\":[0,{\"\":?}]}", .missingValue, 15, at: "/a~1b~0/1/"),
    ]

    static let duplicates: [Refusal] = [
        Refusal("{\"a\":1,\"a\":1}", .duplicateKey, 7, at: "/a"),
        Refusal("{\"\":1,\"\":1}", .duplicateKey, 6, at: "/"),
        Refusal("{\"b\":{},\"a\":1,\n \"b\":[]}", .duplicateKey, 16, 2, 2, at: "/b"),
        Refusal("{\"a\":1,\"\\u0061\":2}", .duplicateKey, 7, at: "/a"),
        Refusal("{\"\\u0061\":1,\"a\":2}", .duplicateKey, 12, at: "/a"),
        Refusal("{\"\\ud83d\\ude00\":1,\"😀\":2}", .duplicateKey, 18, at: "/😀"),
        Refusal("{\"\\/\":1,\"/\":2}", .duplicateKey, 8, at: "/~1"),
        Refusal("[0,{\"x\":{\"amount\":1,\"amount\":2}}]", .duplicateKey, 20, at: "/1/x/amount"),
        Refusal(
            "{\"recipient_amount\":{\"a\":[1,{}]},\"recipient_amount\":2}", .duplicateKey, 33, at: "/recipient_amount"),
    ]

    static let numbers: [Refusal] = [
        Refusal("01", .leadingZero, 0),
        Refusal("-01", .leadingZero, 1),
        Refusal("[00]", .leadingZero, 1, at: "/0"),
        Refusal("+1", .plusSign, 0),
        Refusal("{\"a\":+1}", .plusSign, 5, at: "/a"),
        Refusal("1.", .missingDigit, 2),
        Refusal("1.e5", .missingDigit, 2),
        Refusal(".5", .missingDigit, 0),
        Refusal("-", .missingDigit, 1),
        Refusal("-.5", .missingDigit, 1),
        Refusal("--1", .missingDigit, 1),
        Refusal("1e", .missingDigit, 2),
        Refusal("1E+", .missingDigit, 3),
        Refusal("[1e-]", .missingDigit, 4, at: "/0"),
        Refusal("NaN", .notFinite, 0),
        Refusal("[Infinity]", .notFinite, 1, at: "/0"),
        Refusal("-Infinity", .notFinite, 0),
        Refusal("[0,-NaN]", .notFinite, 3, at: "/1"),
    ]

    static let strings: [Refusal] = [
        Refusal("\"\0\"", .controlCharacter, 1),
        Refusal("\"tab\there\"", .controlCharacter, 4),
        Refusal("[\"a long line\nbroken\"]", .controlCharacter, 13, at: "/0"),
        Refusal("\"\u{1f}\"", .controlCharacter, 1),
        Refusal("{\"a\r\":1}", .controlCharacter, 3),
        Refusal("\"\\x\"", .badEscape, 1),
        Refusal("\"\\'\"", .badEscape, 1),
        Refusal("\"ab\\u12G4\"", .badEscape, 3),
        Refusal("\"\\U0041\"", .badEscape, 1),
        Refusal("\"\\ud83d\\u00\"", .badEscape, 7),
        Refusal("\"\\ud83d\"", .loneSurrogate, 1),
        Refusal("\"\\ude00\"", .loneSurrogate, 1),
        Refusal("\"\\ud83d\\n\"", .loneSurrogate, 1),
        Refusal("\"\\ud83d\\ud83d\"", .loneSurrogate, 1),
        Refusal("\"\\ud83dx\"", .loneSurrogate, 1),
        Refusal("{\"\\ude00\":1}", .loneSurrogate, 2),
    ]

    static let encodings: [Refusal] = [
        [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80],
        [0xed, 0xbf, 0xbf], [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80],
        [0xf5, 0x80, 0x80, 0x80], [0xff], [0xc2], [0xe1, 0x80], [0xf1, 0x80, 0x80], [0xc2, 0x20], [0xe1, 0x80, 0xc0],
        [0xf1, 0x80, 0x80, 0x7f],
    ].flatMap { (bad: [UInt8]) in
        [
            Refusal([0x22] + bad + [0x22], .badUTF8, 1),
            Refusal(Array("{\"a\":\"éé\n".utf8.dropLast()) + bad, .badUTF8, 10, 1, 9, at: "/a"),
        ]
    }

    @Test(
        "is refused for the rule it breaks, at the place",
        arguments: structure + duplicates + numbers + strings + encodings)
    func refused(_ refusal: Refusal) {
        let error = #expect(throws: JSONError.self) { try JSONDocument(refusal.text) }
        #expect(error?.rule == refusal.rule)
        #expect(error?.offset == refusal.offset)
        #expect(error?.line == refusal.line)
        #expect(error?.column == refusal.column)
        #expect(error?.pointer == refusal.pointer)
    }
}
