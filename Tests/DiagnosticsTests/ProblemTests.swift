import AirlockDiagnostics
import Testing

private enum Sample: String, Rule {
    case broken = "sample.broken"

    var meaning: String { "the sample is broken" }
    var next: String { "take another sample" }
    var exit: ExitCode { .malformedInput }
}

@Suite("A problem")
struct ProblemTests {
    @Test("says the rule, what was seen and what was expected, with foreign text escaped")
    func message() {
        let problem = Problem(Sample.broken, at: "/a\n", saw: "\u{1b}", expected: "a number", detail: "at byte 3")
        #expect(problem.code == "sample.broken")
        #expect(problem.exit == .malformedInput)
        #expect(problem.message == "the sample is broken: at byte 3; saw \\u{1b}; expected a number")
        #expect(problem.field == "/a\\u{a}")
        #expect(problem.hint == "take another sample")
    }

    @Test("can carry a hint better than the rule's")
    func hint() {
        #expect(Problem(Sample.broken, hint: "chmod 600 key.json").hint == "chmod 600 key.json")
        #expect(Problem(Sample.broken, hint: "chmod 600 key.json").at("/b").hint == "chmod 600 key.json")
    }

    @Test("can be said of another place")
    func moved() {
        #expect(Problem(Sample.broken).at("/b").field == "/b")
        #expect(Problem(Sample.broken).at("/b").message == "the sample is broken")
    }

    @Test("is reported with all others, or not at all")
    func all() {
        #expect(ProblemList([]) == nil)
        #expect(ProblemList([Problem(Sample.broken), Problem(Sample.broken, at: "/b")])?.problems.count == 2)
    }
}
