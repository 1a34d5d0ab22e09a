import AirlockDiagnostics
import Testing

@testable import AirlockCommandLineTool

@Suite("What a tool says of itself")
struct HelpTextTests {
    @Test("fills paragraphs to any width, and lets examples stand unless they are too wide")
    func prose() {
        let text = "One two three\nfour five.\n\n  an example\n    of two lines\n\nSix.\n  A last one that is wide\n"
        #expect(
            Prose(text).text(width: 80) == """
                One two three four five.

                  an example
                    of two lines

                Six.

                  A last one that is wide

                """)
        #expect(
            Prose(text).text(width: 16) == """
                One two three
                four five.

                  an example
                    of two lines

                Six.

                  A last one
                      that is
                      wide

                """)
        #expect(Prose("").text(width: 80) == "")
    }

    @Test(
        "guesses what was meant from what is near, and nothing from what is not",
        arguments: [
            ("sgin", "sign"), ("sing", "sign"), ("sig", "sign"), ("Sign", "sign"), ("reviw", "review"), ("pay", nil),
            ("", nil), ("key nwe", "key new"), ("verify-all", nil), ("x", nil),
        ] as [(String, String?)])
    func suggestion(word: String, name: String?) {
        #expect(Suggestion.nearest(to: word, in: ["sign", "review", "verify", "key new"]) == name)
    }

    @Test("has nothing to guess from no names, and nothing from a word without end")
    func noSuggestion() {
        #expect(Suggestion.nearest(to: "sign", in: []) == nil)
        #expect(Suggestion.nearest(to: String(repeating: "sign", count: 100), in: ["sign"]) == nil)
    }

    @Test(
        "knows what can stand at a place by its name",
        arguments: [
            ("FILE", [], .files), ("CHARGE | FOLDER", [], .files), ("[FILE]", [], .files),
            ("PAYMENT|RAW|-", [], .files), ("csv|json", [], .words(["csv", "json"])), ("HASH", [], .anything),
            ("CHAIN", ["base"], .words(["base"])), ("'f(types)' | '(types)' | JSON-ARRAY", [], .anything),
        ] as [(String, [String], Completion)])
    func completion(names: String, choices: [String], expected: Completion) {
        #expect(Completion(names, choices: choices) == expected)
    }

    @Test("says of a name its topic and its commands, whichever there are")
    func named() {
        let run: @Sendable (Arguments) throws -> ExitCode = { _ in .done }
        let tool = Tool(
            "sample", version: "1", summary: "a sample",
            commands: [Command("key new", "makes one", run: run), Command("sign", "signs", run: run)],
            topics: [Topic("key", "what a key is", "A secret.", terms: [("raw", "64 digits")])])
        #expect(tool.help(named: "sign") == tool.help(of: tool.commands[1]))
        #expect(
            tool.help(named: "key")
                == "A secret.\n\n  raw  64 digits\n\nUsage: sample key COMMAND [options]\n\n"
                + "Commands:\n  key new  makes one\n")
        #expect(tool.help(named: "sing") == nil)
        #expect(tool.help().contains("Topics:\n  key  what a key is\n"))
        #expect(tool.helpNames == ["key", "sign"])
    }
}
