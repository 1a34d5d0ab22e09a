import Testing

import AirlockStrictJSON

/// A text that must be refused, with the expected rule and position.
struct RefusedInput: CustomTestStringConvertible {
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
    static let structure: [RefusedInput] = [
        RefusedInput("", .empty, 0),
        RefusedInput(" \t\r\n ", .empty, 5, 2, 2),
        RefusedInput("\u{feff}{}", .byteOrderMark, 0),
        RefusedInput("{} {}", .trailingBytes, 3),
        RefusedInput("1 2", .trailingBytes, 2),
        RefusedInput("\"a\"b", .trailingBytes, 3),
        RefusedInput("[]]", .trailingBytes, 2),
        RefusedInput("[]\0", .trailingBytes, 2),
        RefusedInput("1.5.5", .trailingBytes, 3),
        RefusedInput("0x1", .trailingBytes, 1),
        RefusedInput("nullnull", .trailingBytes, 4),
        RefusedInput("[", .unfinished, 1, at: "/0"),
        RefusedInput("[1", .unfinished, 2),
        RefusedInput("[1,", .unfinished, 3, at: "/1"),
        RefusedInput("{", .unfinished, 1),
        RefusedInput("{\"a\"", .unfinished, 4),
        RefusedInput("{\"a\":", .unfinished, 5, at: "/a"),
        RefusedInput("{\"a\":1", .unfinished, 6),
        RefusedInput("{\"a\":1,", .unfinished, 7),
        RefusedInput("{\"a\":{\"b\":[", .unfinished, 11, at: "/a/b/0"),
        RefusedInput("\"abc", .unfinished, 4),
        RefusedInput("[\"abcdefghijkl", .unfinished, 14, at: "/0"),
        RefusedInput("\"a\\", .unfinished, 3),
        RefusedInput("\"\\u12", .unfinished, 5),
        RefusedInput("{\"ab", .unfinished, 4),
        RefusedInput("[1,]", .trailingComma, 2),
        RefusedInput("{\"a\":1 , }", .trailingComma, 7),
        RefusedInput("{\"a\":[{},\n]}", .trailingComma, 8, at: "/a"),
        RefusedInput("[,1]", .missingValue, 1, at: "/0"),
        RefusedInput("[1,,2]", .missingValue, 3, at: "/1"),
        RefusedInput("{\"a\":}", .missingValue, 5, at: "/a"),
        RefusedInput("tru", .missingValue, 0),
        RefusedInput("[True]", .missingValue, 1, at: "/0"),
        RefusedInput("nul", .missingValue, 0),
        RefusedInput("'a'", .missingValue, 0),
        RefusedInput("// a\n1", .missingValue, 0),
        RefusedInput("[\u{c}1]", .missingValue, 1, at: "/0"),
        RefusedInput("[\u{a0}1]", .missingValue, 1, at: "/0"),
        RefusedInput("]", .missingValue, 0),
        RefusedInput("{,}", .missingKey, 1),
        RefusedInput("{a:1}", .missingKey, 1),
        RefusedInput("{1:1}", .missingKey, 1),
        RefusedInput("{'a':1}", .missingKey, 1),
        RefusedInput("{\"a\":1,,}", .missingKey, 7),
        RefusedInput("[{\"a\":1, b:2}]", .missingKey, 9, at: "/0"),
        RefusedInput("{\"a\" 1}", .missingColon, 5),
        RefusedInput("{\"a\",1}", .missingColon, 4),
        RefusedInput("{\"a\"}", .missingColon, 4),
        RefusedInput("[1 2]", .missingComma, 3),
        RefusedInput("[1}", .missingComma, 2),
        RefusedInput("{\"a\":1]", .missingComma, 6),
        RefusedInput("{\"a\":1 \"b\":2}", .missingComma, 7),
        RefusedInput("[\"a\"\n\"b\"]", .missingComma, 5, 2, 1),
        RefusedInput("[1a]", .missingComma, 2),
        RefusedInput("{\"é\n", .controlCharacter, 4, 1, 4),
        RefusedInput("{\"é\":\n\"é\n", .controlCharacter, 10, 2, 3, at: "/é"),
        RefusedInput("{\"a/b~\":[0,{\"\":?}]}", .missingValue, 15, at: "/a~1b~0/1/"),
    ]

    static let duplicates: [RefusedInput] = [
        RefusedInput("{\"a\":1,\"a\":1}", .duplicateKey, 7, at: "/a"),
        RefusedInput("{\"\":1,\"\":1}", .duplicateKey, 6, at: "/"),
        RefusedInput("{\"b\":{},\"a\":1,\n \"b\":[]}", .duplicateKey, 16, 2, 2, at: "/b"),
        RefusedInput("{\"a\":1,\"\\u0061\":2}", .duplicateKey, 7, at: "/a"),
        RefusedInput("{\"\\u0061\":1,\"a\":2}", .duplicateKey, 12, at: "/a"),
        RefusedInput("{\"\\ud83d\\ude00\":1,\"😀\":2}", .duplicateKey, 18, at: "/😀"),
        RefusedInput("{\"\\/\":1,\"/\":2}", .duplicateKey, 8, at: "/~1"),
        RefusedInput("[0,{\"x\":{\"amount\":1,\"amount\":2}}]", .duplicateKey, 20, at: "/1/x/amount"),
        RefusedInput(
            "{\"recipient_amount\":{\"a\":[1,{}]},\"recipient_amount\":2}", .duplicateKey, 33, at: "/recipient_amount"),
    ]

    static let numbers: [RefusedInput] = [
        RefusedInput("01", .leadingZero, 0),
        RefusedInput("-01", .leadingZero, 1),
        RefusedInput("[00]", .leadingZero, 1, at: "/0"),
        RefusedInput("+1", .plusSign, 0),
        RefusedInput("{\"a\":+1}", .plusSign, 5, at: "/a"),
        RefusedInput("1.", .missingDigit, 2),
        RefusedInput("1.e5", .missingDigit, 2),
        RefusedInput(".5", .missingDigit, 0),
        RefusedInput("-", .missingDigit, 1),
        RefusedInput("-.5", .missingDigit, 1),
        RefusedInput("--1", .missingDigit, 1),
        RefusedInput("1e", .missingDigit, 2),
        RefusedInput("1E+", .missingDigit, 3),
        RefusedInput("[1e-]", .missingDigit, 4, at: "/0"),
        RefusedInput("NaN", .notFinite, 0),
        RefusedInput("[Infinity]", .notFinite, 1, at: "/0"),
        RefusedInput("-Infinity", .notFinite, 0),
        RefusedInput("[0,-NaN]", .notFinite, 3, at: "/1"),
    ]

    static let strings: [RefusedInput] = [
        RefusedInput("\"\0\"", .controlCharacter, 1),
        RefusedInput("\"tab\there\"", .controlCharacter, 4),
        RefusedInput("[\"a long line\nbroken\"]", .controlCharacter, 13, at: "/0"),
        RefusedInput("\"\u{1f}\"", .controlCharacter, 1),
        RefusedInput("{\"a\r\":1}", .controlCharacter, 3),
        RefusedInput("\"\\x\"", .badEscape, 1),
        RefusedInput("\"\\'\"", .badEscape, 1),
        RefusedInput("\"ab\\u12G4\"", .badEscape, 3),
        RefusedInput("\"\\U0041\"", .badEscape, 1),
        RefusedInput("\"\\ud83d\\u00\"", .badEscape, 7),
        RefusedInput("\"\\ud83d\"", .loneSurrogate, 1),
        RefusedInput("\"\\ude00\"", .loneSurrogate, 1),
        RefusedInput("\"\\ud83d\\n\"", .loneSurrogate, 1),
        RefusedInput("\"\\ud83d\\ud83d\"", .loneSurrogate, 1),
        RefusedInput("\"\\ud83dx\"", .loneSurrogate, 1),
        RefusedInput("{\"\\ude00\":1}", .loneSurrogate, 2),
    ]

    static let encodings: [RefusedInput] = [
        [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80],
        [0xed, 0xbf, 0xbf], [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80],
        [0xf5, 0x80, 0x80, 0x80], [0xff], [0xc2], [0xe1, 0x80], [0xf1, 0x80, 0x80], [0xc2, 0x20], [0xe1, 0x80, 0xc0],
        [0xf1, 0x80, 0x80, 0x7f],
    ].flatMap { (bad: [UInt8]) in
        [
            RefusedInput([0x22] + bad + [0x22], .badUTF8, 1),
            RefusedInput(Array("{\"a\":\"éé\n".utf8.dropLast()) + bad, .badUTF8, 10, 1, 9, at: "/a"),
        ]
    }

    @Test(
        "is refused for the rule it breaks, at the place",
        arguments: structure + duplicates + numbers + strings + encodings)
    func refused(_ refusal: RefusedInput) {
        let error = #expect(throws: JSONError.self) { try JSONDocument(refusal.text) }
        #expect(error?.rule == refusal.rule)
        #expect(error?.offset == refusal.offset)
        #expect(error?.line == refusal.line)
        #expect(error?.column == refusal.column)
        #expect(error?.pointer == refusal.pointer)
    }
}
