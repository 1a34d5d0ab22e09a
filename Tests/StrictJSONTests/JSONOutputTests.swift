import AirlockDiagnostics
import AirlockStrictJSON
import Testing

@Suite("What a program says in JSON")
struct JSONOutputTests {
    @Test("a value that was read can be written again, member for member")
    func readAndWritten() throws {
        let text = #"{"b":[null,true,false,-1.50e+3,"é\n\"",[],{}],"a":{"b":"c"}}"#
        #expect(try JSONDocument(text: text).root.json.text == text)
        #expect(try JSONDocument(text: #" { "\u0062" : "\u00e9" } "#).root.json.text == #"{"b":"é"}"#)
    }

    @Test("is indented for people, what is empty on one line")
    func indented() throws {
        let output: JSONOutput = ["a": [1, [:], ["b\n": .null]], "c": [], "d": "e"]
        #expect(
            output.indented == """
                {
                  "a": [
                    1,
                    {},
                    {
                      "b\\n": null
                    }
                  ],
                  "c": [],
                  "d": "e"
                }
                """)
        #expect(JSONOutput.string("e").indented == "\"e\"")
    }
}
