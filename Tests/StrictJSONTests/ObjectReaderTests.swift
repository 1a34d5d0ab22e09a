import AirlockDiagnostics
import AirlockStrictJSON
import Testing

private enum SampleRule: String, Rule {
    case odd = "sample.odd"

    var meaning: String { "an odd number" }
}

private struct Unnamed: Error {}

/// Returns the even number in the text. Throws if the number is odd, or if the text is not a number.
private func even(_ text: String) throws -> Int {
    guard let number = Int(text) else { throw Unnamed() }
    guard number % 2 == 0 else { throw Problem(SampleRule.odd, saw: text) }
    return number
}

/// Returns the code and the field of each problem.
private func codes(_ problems: [Problem]) -> [String] {
    problems.map { "\($0.code) \($0.field ?? "-")" }
}

@Suite("The reader of an object")
struct ObjectReaderTests {
    private func reader(_ text: String) throws -> ObjectReader {
        ObjectReader(try JSONDocument(text: text).root)
    }

    @Test("gives each member as what it is asked for")
    func reads() throws {
        var reader = try reader(
            #"{"s":"x","n":12,"b":false,"e":"8","o":{"s":"y"},"a":[1,2],"es":["2","4"],"os":[{"s":"p"},{"s":"q"}]}"#)
        #expect(reader.string("s") == "x")
        #expect(reader.number("n") == "12")
        #expect(reader.number("n", even) == 12)
        #expect(reader.boolean("b") == false)
        #expect(reader.string("e", even) == 8)
        #expect(reader.object("o") { $0.string("s") } == "y")
        #expect(reader.array("a")?.map(\.number) == ["1", "2"])
        #expect(reader.strings("es", even) == [2, 4])
        #expect(reader.objects("os") { $0.string("s") } == ["p", "q"])
        #expect(reader.value("n")?.kind == .number)
        #expect(reader.optionalString("s") == "x")
        #expect(reader.optionalString("e", even) == 8)
        #expect(reader.optionalNumber("n") == "12")
        #expect(reader.optionalNumber("n", even) == 12)
        #expect(reader.optionalBoolean("b") == false)
        #expect(reader.optionalObject("o") { $0.string("s") } == "y")
        #expect(reader.optionalArray("a")?.count == 2)
        #expect(reader.optionalStrings("es", even) == [2, 4])
        #expect(reader.optionalObjects("os") { $0.string("s") } == ["p", "q"])
        #expect(reader.optionalValue("n")?.kind == .number)
        reader.refuseUnknown()
        #expect(reader.problems == [])
    }

    /// Reads a member of every kind, with the optional functions or with the required functions. Expects that no
    /// function returns a value.
    private func askAll(_ reader: inout ObjectReader, optional: Bool) {
        if optional {
            #expect(reader.optionalString("s") == nil)
            #expect(reader.optionalString("t", even) == nil)
            #expect(reader.optionalNumber("n") == nil)
            #expect(reader.optionalNumber("m", even) == nil)
            #expect(reader.optionalBoolean("b") == nil)
            #expect(reader.optionalObject("o") { _ in 0 } == nil)
            #expect(reader.optionalArray("a") == nil)
            #expect(reader.optionalStrings("c", even) == nil)
            #expect(reader.optionalObjects("d") { _ in 0 } == nil)
            #expect(reader.optionalValue("v") == nil)
        } else {
            #expect(reader.string("s") == nil)
            #expect(reader.string("t", even) == nil)
            #expect(reader.number("n") == nil)
            #expect(reader.number("m", even) == nil)
            #expect(reader.boolean("b") == nil)
            reader.object("o") { $0.string("s") }
            #expect(reader.array("a") == nil)
            #expect(reader.strings("c", even) == nil)
            #expect(reader.objects("d") { $0.string("s") } == nil)
        }
    }

    @Test("says of every required member that it is missing, in one go")
    func missing() throws {
        var reader = try reader("{}")
        askAll(&reader, optional: false)
        #expect(reader.value("v/w") == nil)
        #expect(
            codes(reader.problems)
                == ["s", "t", "n", "m", "b", "o", "a", "c", "d", "v~1w"].map { "json.missing-field /\($0)" })
    }

    @Test(
        "has nothing to say of optional members that are absent or null",
        arguments: [
            "{}", #"{"s":null,"t":null,"n":null,"m":null,"b":null,"o":null,"a":null,"c":null,"d":null,"v":null}"#,
        ])
    func absent(text: String) throws {
        var reader = try reader(text)
        askAll(&reader, optional: true)
        reader.refuseUnknown()
        #expect(reader.problems == [])
    }

    @Test("says what was seen and what was expected where the kind is another")
    func wrongType() throws {
        var reader = try reader(
            #"{"s":12,"t":null,"n":"12","m":true,"b":"true","o":null,"a":{},"c":[1,"2",null],"d":[{"s":"x"},[],{"s":1}]}"#
        )
        askAll(&reader, optional: false)
        #expect(
            codes(reader.problems)
                == ["/s", "/t", "/n", "/m", "/b", "/o", "/a", "/c/0", "/c/2", "/d/1", "/d/2/s"].map {
                    "json.wrong-type \($0)"
                })
        #expect(
            reader.problems.map { String($0.message.drop { $0 != ";" }) } == [
                "; saw number 12; expected a string", "; saw null; expected a string",
                "; saw string \"12\"; expected a number", "; saw true; expected a number",
                "; saw string \"true\"; expected true or false", "; saw null; expected an object",
                "; saw an object; expected an array", "; saw number 1; expected a string",
                "; saw null; expected a string", "; saw an array; expected an object",
                "; saw number 1; expected a string",
            ])
    }

    @Test("says the same of optional members that are there")
    func optionalWrongType() throws {
        var reader = try reader(#"{"s":12,"n":"12","b":0,"o":[],"a":{},"c":[1],"d":[2],"t":1,"m":{}}"#)
        askAll(&reader, optional: true)
        #expect(
            codes(reader.problems)
                == ["/s", "/t", "/n", "/m", "/b", "/o", "/a", "/c/0", "/d/0"].map { "json.wrong-type \($0)" })
    }

    @Test("says every problem of nested objects with the whole pointer, and no problem twice")
    func nested() throws {
        var reader = try reader(#"{"data":{"id":7,"web3_data":{"transfer_intent":{"call_data":{}}}}}"#)
        reader.object("data") { data in
            _ = data.string("id")
            return data.object("web3_data") { web3 in
                web3.object("transfer_intent") { intent in
                    _ = intent.object("metadata") { $0.string("sender") }
                    return intent.object("call_data") { $0.string("deadline") }
                }
            }
        }
        #expect(
            codes(reader.problems) == [
                "json.wrong-type /data/id",
                "json.missing-field /data/web3_data/transfer_intent/metadata",
                "json.missing-field /data/web3_data/transfer_intent/call_data/deadline",
            ])
    }

    @Test("records what a conversion throws, at the member")
    func conversions() throws {
        var reader = try reader(#"{"a":"3","b":5,"c":["2","7","x"],"o":{"p":1}}"#)
        #expect(reader.string("a", even) == nil)
        #expect(reader.optionalNumber("b", even) == nil)
        #expect(reader.strings("c", even) == nil)
        #expect(reader.object("o") { _ throws -> Int? in try even("9") } == nil)
        #expect(
            codes(reader.problems) == [
                "sample.odd /a", "sample.odd /b", "sample.odd /c/1", "json.wrong-type /c/2", "sample.odd /o",
            ])
        #expect(reader.problems.first?.message == "an odd number; saw 3")
    }

    @Test("refuses what nobody asked for, whatever it is, when told to")
    func unknown() throws {
        var reader = try reader(#"{"kind":"x","extra":{"deep":1},"o":{"y":1,"z/":2},"null":null}"#)
        #expect(reader.string("kind") == "x")
        #expect(reader.optionalString("gone") == nil)
        let object = reader.object("o") { object in
            object.refuseUnknown()
            return 0
        }
        #expect(object == nil)
        reader.refuseUnknown()
        #expect(
            codes(reader.problems)
                == ["/o/y", "/o/z~1", "/extra", "/null"].map { "json.unknown-field \($0)" })
    }

    @Test("of what is no object has that one problem", arguments: ["null", "[]", "\"{}\"", "0"])
    func noObject(text: String) throws {
        var reader = try reader(text)
        #expect(reader.string("a") == nil)
        #expect(reader.optionalString("a") == nil)
        reader.refuseUnknown()
        #expect(codes(reader.problems) == ["json.wrong-type "])
        #expect(reader.problems.first?.message.hasSuffix("; expected an object") == true)
    }

    @Test("takes in what its caller finds")
    func callers() throws {
        var reader = try reader(#"{"o":{"a":1}}"#)
        reader.object("o") { object in
            object.record([Problem(SampleRule.odd, at: object.pointer(to: "a"))])
            return 0
        }
        #expect(codes(reader.problems) == ["sample.odd /o/a"])
    }

    @Test("takes a string from its bytes, and else from the string")
    func bytes() throws {
        var reader = try reader(#"{"plain":"12","escaped":"\u0031\u0032","odd":"7","none":null,"number":12}"#)
        func read(_ key: String) -> Int? {
            reader.string(key, utf8: { $0.count == 2 ? Int($0[0]) : nil }, even)
        }
        func readIfThere(_ key: String) -> Int? {
            reader.optionalString(key, utf8: { $0.count == 2 ? Int($0[0]) : nil }, even)
        }
        #expect(read("plain") == Int(UInt8(ascii: "1")) && readIfThere("plain") == Int(UInt8(ascii: "1")))
        #expect(read("escaped") == 12 && readIfThere("escaped") == 12)
        #expect(readIfThere("none") == nil && readIfThere("absent") == nil && reader.problems.isEmpty)
        #expect(read("odd") == nil && read("number") == nil && read("absent") == nil && readIfThere("number") == nil)
        #expect(
            codes(reader.problems) == [
                "sample.odd /odd", "json.wrong-type /number", "json.missing-field /absent", "json.wrong-type /number",
            ])
    }

    @Test("knows which of many members nobody asked for", arguments: [63, 64, 65, 130])
    func manyMembers(count: Int) throws {
        let members = (0..<count).map { "\"m\($0)\":\($0)" }.joined(separator: ",")
        var reader = try reader("{\(members)}")
        for index in 0..<count where index != count - 1 && index != 3 { _ = reader.number("m\(index)") }
        reader.refuseUnknown()
        #expect(codes(reader.problems) == ["json.unknown-field /m3", "json.unknown-field /m\(count - 1)"])
    }

    @Test("finds a member by its whole name, however it is escaped")
    func names() throws {
        var reader = try reader(#"{"":"0","abcdefgh":"1","abcdefgi":"2","a\u0062c":"3","abcdefghabcdefgh":"4"}"#)
        let read = ["", "abcdefgh", "abcdefgi", "abc", "abcdefghabcdefgh"].map { reader.string($0) }
        #expect(read == ["0", "1", "2", "3", "4"])
        #expect(reader.optionalString("abcdefg") == nil && reader.optionalString("abcdefghXbcdefgh") == nil)
    }

    @Test("refuses null where it is asked to, but no absent member")
    func nulls() throws {
        var reader = try reader(#"{"a":null,"b":1}"#)
        reader.refuseNull(["a", "b", "c"])
        #expect(codes(reader.problems) == ["json.wrong-type /a"])
    }

    @Test("reads an object by converted names, and refuses names that are not valid or give the same value")
    func keyed() throws {
        var reader = try reader(
            #"{"o":{"2":{"v":"x"},"02":{"v":"y"},"3":{"v":"z"},"q":{"v":"w"},"4":{},"5":7},"n":1}"#)
        func read(_ value: JSONValue?) -> [Int: String]? {
            reader.keyed(value, repeated: SampleRule.odd, key: even) { reader, _, member in
                reader.nested(member) { $0.string("v") }
            }
        }
        let (object, number) = (reader.value("o"), reader.value("n"))
        #expect(read(object) == [2: "y"])
        #expect(read(number) == nil && read(nil) == nil)
        #expect(
            codes(reader.problems) == [
                "sample.odd /o/02", "sample.odd /o/3", "json.wrong-type /o/q", "json.missing-field /o/4/v",
                "json.wrong-type /o/5", "json.wrong-type /n",
            ])
    }
}
