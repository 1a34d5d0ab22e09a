import AirlockStrictJSON
import Testing

@Suite("A value")
struct ValueTests {
    private static let text = #"""
        {"a":[10,{"b/c~d":"x"},[]],
         "\u0065":{"":null,"f":true,"g":false},
         "long":"\#(String(repeating: "é", count: 50))",
         "last":-1.5}
        """#
    private let root: JSONValue

    init() throws { root = try JSONDocument(text: Self.text).root }

    @Test("knows its pointer, at any depth and after any sibling")
    func pointers() {
        #expect(root.pointer == "")
        #expect(root["a"]?.pointer == "/a")
        #expect(root["a"]?[0]?.pointer == "/a/0")
        #expect(root["a"]?[1]?["b/c~d"]?.pointer == "/a/1/b~1c~0d")
        #expect(root["a"]?[2]?.pointer == "/a/2")
        #expect(root["e"]?[""]?.pointer == "/e/")
        #expect(root["e"]?["g"]?.pointer == "/e/g")
        #expect(root["last"]?.pointer == "/last")
    }

    @Test("knows its first byte")
    func offsets() {
        #expect(root.offset == 0)
        #expect(root["a"]?.offset == 5)
        #expect(root["a"]?[0]?.offset == 6)
        #expect(root["a"]?[1]?["b/c~d"]?.offset == 18)
    }

    @Test("knows the bytes that it is, so that it can be cut out as it stands")
    func ranges() {
        let bytes = Array(Self.text.utf8)
        func cut(_ value: JSONValue?) -> String? {
            value.map { String(decoding: bytes[$0.byteRange], as: UTF8.self) }
        }
        #expect(cut(root) == Self.text)
        #expect(cut(root["a"]) == #"[10,{"b/c~d":"x"},[]]"#)
        #expect(cut(root["a"]?[1]) == #"{"b/c~d":"x"}"#)
        #expect(cut(root["a"]?[1]?["b/c~d"]) == #""x""#)
        #expect(cut(root["a"]?[2]) == "[]")
        #expect(cut(root["e"]?[""]) == "null" && cut(root["last"]) == "-1.5")
    }

    @Test("is found by name or position, or not at all")
    func subscripts() throws {
        #expect(root["nobody"] == nil)
        #expect(root["A"] == nil)
        #expect(root[""] == nil)
        #expect(root[0] == nil)
        let array = try #require(root["a"])
        #expect(array["0"] == nil)
        #expect(array[-1] == nil)
        #expect(array[3] == nil)
        #expect(array[2]?[0] == nil)
        #expect(root["last"]?["last"] == nil)
    }

    @Test("is of one kind, and nothing else")
    func kinds() throws {
        let values = try #require(root["e"])
        #expect(values["f"]?.boolean == true)
        #expect(values["g"]?.boolean == false)
        #expect(values[""]?.isNull == true)
        #expect(root["last"]?.number == "-1.5")
        #expect(root["last"]?.string == nil)
        #expect(root["last"]?.withStringBytes { $0.count } == nil)
        #expect(root["last"]?.boolean == nil)
        #expect(root["long"]?.number == nil)
        #expect(root["long"]?.isNull == false)
        #expect(root["long"]?.elements == nil)
        #expect(root["a"]?.members == nil)
        #expect(root.elements == nil)
    }

    @Test("gives what is in it in the order of the text")
    func order() {
        #expect(root.members?.map(\.key) == ["a", "e", "long", "last"])
        #expect(root.members?.map(\.value.kind) == [.array, .object, .string, .number])
        #expect(root["a"]?.elements?.map(\.kind) == [.number, .object, .array])
        #expect(root["a"]?.children.map(\.pointer) == ["/a/0", "/a/1", "/a/2"])
        #expect(root["last"]?.children.map(\.pointer) == [])
        #expect(root["a"]?[2]?.elements?.isEmpty == true)
    }

    @Test("has a short text to be shown")
    func texts() {
        #expect(root.text == "an object")
        #expect(root["a"]?.text == "an array")
        #expect(root["e"]?[""]?.text == "null")
        #expect(root["e"]?["f"]?.text == "true")
        #expect(root["last"]?.text == "number -1.5")
        #expect(root["a"]?[1]?["b/c~d"]?.text == "string \"x\"")
        #expect(root["long"]?.text.hasSuffix("é...") == false)
        #expect(root["long"]?.text.hasSuffix("...") == true)
        #expect((root["long"]?.text.utf8.count ?? 0) < 80)
    }
}
