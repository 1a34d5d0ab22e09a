import AirlockStrictJSON
import Testing

@Suite("The writer")
struct JSONWriterTests {
    static let forms: [(JSONOutput, String)] = [
        (JSONOutput.null, "null"), (true, "true"), (false, "false"), (0, "0"), (-7, "-7"), ("", "\"\""), ([], "[]"),
        ([:], "{}"), (["a": 1], "{\"a\":1}"), ([1, [2, [], 3], "x"], "[1,[2,[],3],\"x\"]"),
        (["b": ["y": .null, "x": []], "a": true], "{\"b\":{\"y\":null,\"x\":[]},\"a\":true}"),
        ([[:], [:]], "[{},{}]"), (["n\n": "v"], "{\"n\\n\":\"v\"}"),
        (.number("1.50e+3"), "1.50e+3"), ("nonce \(7)", "\"nonce 7\""),
    ]

    @Test("writes one form only", arguments: forms)
    func oneForm(value: JSONOutput, text: String) {
        #expect(value.text == text)
    }

    @Test(
        "escapes what must be escaped and nothing else",
        arguments: [
            ("\"\\/", #""\"\\/""#), ("\u{8}\t\n\u{c}\r", #""\b\t\n\f\r""#),
            ("\0\u{1}\u{b}\u{f}", #""\u0000\u0001\u000b\u000f""#),
            ("\u{10}\u{1f} \u{7f}", "\"\\u0010\\u001f \u{7f}\""), ("é€😀\u{2028}", "\"é€😀\u{2028}\""),
            ("12345678\n12345678é12345678\"", #""12345678\n12345678é12345678\"""#),
        ])
    func escapes(string: String, text: String) throws {
        #expect(JSONOutput.string(string).text == text)
        #expect(try JSONDocument(text: text).root.string == string)
    }

    @Test(
        "writes text that is no number as a string", arguments: ["", "+1", "01", "1,2", "1 ", "0x1", "NaN", "-", "1}"])
    func numbers(text: String) {
        #expect(JSONOutput.number(text).text == "\"\(text)\"")
    }

    @Test("writes everything but printable ASCII as escapes where it is for a screen, and it reads back the same")
    func printable() throws {
        let text = "a\u{7f}\u{85}\u{9b}31m\u{202e}\u{0430}\u{1f680}\n\u{0}\"\\~"
        let value: JSONOutput = [text: .string(text)]
        let escaped = #"a\u007f\u0085\u009b31m\u202e\u0430\ud83d\ude80\n\u0000\"\\~"#
        #expect(value.printable == "{\"\(escaped)\":\"\(escaped)\"}")
        #expect(try JSONDocument(Array(value.printable.utf8)).root[text]?.string == text)
        // The canonical form does not escape U+0085. Ledgers and other files are written in this form.
        #expect(JSONOutput.string("\u{85}").text == "\"\u{85}\"")
    }

    @Test("writes without a tree too")
    func direct() {
        var writer = JSONWriter()
        writer.object { object in
            object.key("a")
            object.array { array in
                array.number(UInt64.max)
                array.object { _ in }
                array.null()
            }
            object.key("b")
            object.boolean(true)
            object.key("c")
            object.value(["d": "e"])
        }
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"a":[18446744073709551615,{},null],"b":true,"c":{"d":"e"}}"#)
    }

    @Test("writes what needs no escape in place, and ends lines")
    func inPlace() {
        var writer = JSONWriter()
        for _ in 0..<2 {
            writer.object { writer in
                writer.member("a", "b")
                writer.member(plain: "digits", 8) { text in for digit in "0x12".utf8 { text.append(digit) } }
                writer.member(plain: "none", 0) { _ in }
                writer.plainKey("n")
                writer.number(7)
            }
            writer.endLine()
        }
        let line = #"{"a":"b","digits":"0x12","none":"","n":7}"# + "\n"
        #expect(String(decoding: writer.bytes, as: UTF8.self) == line + line)
    }

    @Test("writes an array of objects")
    func objects() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.array("a", ["b", "c"]) { element, writer in writer.member("name", element) }
            writer.array("none", [String]()) { element, writer in writer.member("name", element) }
        }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"a":[{"name":"b"},{"name":"c"}],"none":[]}"#)
    }
}
