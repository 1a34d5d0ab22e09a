import AirlockDiagnostics
import AirlockStrictJSON
import Testing

/// The texts are so large that a reader with quadratic running time would not finish in a reasonable time.
@Suite("A hostile text of a MiB")
struct HostileTests {
    private static let mebibyte = 1 << 20

    private func refusal(_ text: [UInt8]) -> JSONError? {
        #expect(throws: JSONError.self) { try JSONDocument(text) }
    }

    /// Returns the JSON text of an object with `count` members. `name` returns the name of the member at an index.
    private func object(_ count: Int, _ name: (Int) -> String) -> [UInt8] {
        Array("{\((0..<count).map { "\"\(name($0))\":0" }.joined(separator: ","))}".utf8)
    }

    @Test("of opening brackets is refused at the first that is too deep", arguments: ["[", "{\"a\":"])
    func brackets(bracket: String) {
        let count = Self.mebibyte / bracket.utf8.count
        let error = refusal(Array(String(repeating: bracket, count: count).utf8))
        #expect(error?.rule == .tooDeep)
        #expect(error?.offset == JSONDocument.maximumDepth * bracket.utf8.count)
    }

    @Test("of different names is read")
    func differentNames() throws {
        let count = Self.mebibyte / 12
        let text = object(count) { String($0 + 100_000_000) }
        let document = try JSONDocument(text)
        #expect(document.root.children.reduce(0) { count, _ in count + 1 } == count)
        #expect(document.root[String(100_000_000 + count - 1)]?.number == "0")
    }

    @Test("of different names with the same start, end and length is read")
    func collidingNames() throws {
        let count = Self.mebibyte / 30
        #expect(try JSONDocument(object(count) { "recipient\($0 + 100_000)_amounts" }).root.kind == .object)
    }

    @Test("of the same name is refused at the second, however it is escaped")
    func sameName() {
        let error = refusal(object(Self.mebibyte / 6) { _ in "a" })
        #expect(error?.rule == .duplicateKey)
        #expect(error?.offset == 7)
        #expect(error?.pointer == "/a")
        let escaped = refusal(object(100_000) { $0 == 99_999 ? "\\u0036" : String($0) })
        #expect(escaped?.rule == .duplicateKey)
        #expect(escaped?.pointer == "/6")
    }

    @Test("that gives a name twice is refused where few names are compared and where many are", arguments: 2...60)
    func lastName(count: Int) {
        let error = refusal(object(count) { $0 == count - 1 ? "name-0" : "name-\($0)" })
        #expect(error?.rule == .duplicateKey)
        #expect(error?.pointer == "/name-0")
        #expect(error?.offset == object(count - 1) { "name-\($0)" }.count)
    }

    @Test("in one string is read, whole and escaped", arguments: ["x", "\\n", "é"])
    func longString(piece: String) throws {
        let count = Self.mebibyte / piece.utf8.count
        let document = try JSONDocument(text: "\"" + String(repeating: piece, count: count) + "\"")
        #expect(document.root.withStringBytes { $0.count } == (piece == "é" ? Self.mebibyte : count))
        #expect(document.root.text.utf8.count < 80)
    }

    @Test("larger than may be is refused before it is read")
    func tooLarge() {
        let error = refusal(Array(repeating: UInt8(ascii: " "), count: JSONDocument.maximumSize + 1))
        #expect(error?.rule == .tooLarge)
        #expect(error?.offset == JSONDocument.maximumSize)
        #expect(refusal(Array(repeating: UInt8(ascii: " "), count: JSONDocument.maximumSize))?.rule == .empty)
    }

    @Test("full of wrong elements is complained of a bounded number of times")
    func problems() throws {
        let numbers = String(repeating: "0,", count: 200_000) + "0"
        var reader = ObjectReader(try JSONDocument(text: "{\"a\":[\(numbers)]}").root)
        #expect(reader.strings("a") { $0 } == nil)
        #expect(reader.objects("a") { $0.string("b") } == nil)
        #expect(reader.problems.count == ObjectReader.problemLimit)
        var unknown = ObjectReader(try JSONDocument(object(50_000) { String($0) }).root)
        unknown.refuseUnknown()
        #expect(unknown.problems.count == ObjectReader.problemLimit)
    }

    @Test("full of wrong elements is read up to the last problem that is recorded")
    func readUpToLimit() throws {
        let elements = try JSONDocument(text: "[\(String(repeating: "{},", count: 50_000))0]").root.elements ?? []
        var count = 0
        var nested = ObjectReader(try JSONDocument(text: "{}").root)
        for element in elements {
            _ = nested.nested(element) { reader -> String? in
                count += 1
                return reader.string("a")
            }
        }
        #expect(nested.problems.count == ObjectReader.problemLimit)
        #expect(count == ObjectReader.problemLimit)

        let root = try JSONDocument(object(50_000) { String($0) }).root
        var keyed = ObjectReader(root)
        count = 0
        let read = keyed.keyed(
            root, repeated: JSONRule.duplicateKey, key: { _ throws -> String in throw Problem(JSONRule.wrongType) }
        ) { _, _, _ -> Int? in
            count += 1
            return 0
        }
        #expect(read?.isEmpty == true)
        #expect(keyed.problems.count == ObjectReader.problemLimit)
        #expect(count == ObjectReader.problemLimit)
    }
}
