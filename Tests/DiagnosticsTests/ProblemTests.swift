import AirlockDiagnostics
import Testing

private enum Sample: String, Rule {
    case broken = "sample.broken"

    var meaning: String { "the sample is broken" }
}

private enum Other: String, Rule {
    case broken = "sample.broken"

    var meaning: String { "the sample is broken" }
}

@Suite("A problem")
struct ProblemTests {
    @Test("says the rule, what was seen and what was expected, with foreign text escaped")
    func message() {
        let problem = Problem(Sample.broken, at: "/a\n", saw: "\u{1b}", expected: "a number", detail: "at byte 3")
        #expect(problem.code == "sample.broken")
        #expect(problem.message == "the sample is broken: at byte 3; saw \\u{1b}; expected a number")
        #expect(problem.field == "/a\\u{a}")
        #expect(problem.rule as? Sample == .broken)
    }

    @Test("keeps its cause, wherever it is said of")
    func cause() {
        let first = Problem(Sample.broken, saw: "1")
        let problem = Problem(Sample.broken, because: first, at: "/a")
        #expect(problem.message == "the sample is broken: the sample is broken; saw 1")
        for moved in [problem, problem.at("/b"), problem.inFile("c")] { #expect(moved.cause as? Problem == first) }
        #expect(first.because(Sample.broken).cause as? Sample == .broken)
    }

    @Test("is the same as another of the same rule, place, words and cause")
    func same() {
        let problem = Problem(Sample.broken, at: "/a", saw: "1", expected: "2", detail: "3", because: Sample.broken)
        let same = Problem(Sample.broken, at: "/b", saw: "1", expected: "2", detail: "3", because: Sample.broken)
        #expect(problem == same.at("/a") && Set([problem, same.at("/a")]).count == 1)
        for other in [
            same, Problem(Sample.broken, at: "/a"),
            Problem(Other.broken, at: "/a", saw: "1", expected: "2", detail: "3", because: Sample.broken),
            problem.inFile("c"), problem.because(Other.broken),
        ] {
            #expect(problem != other)
        }
    }

    @Test("can be said of another place")
    func moved() {
        #expect(Problem(Sample.broken).at("/b").field == "/b")
        #expect(Problem(Sample.broken).at("/b").message == "the sample is broken")
    }

    @Test(
        "names the file of a JSON pointer, and of the empty one, which is the whole file",
        arguments: [("/b", "a.json#/b"), ("", "a.json"), ("nonce:", "nonce:"), (nil, nil)] as [(String?, String?)])
    func file(field: String?, place: String?) throws {
        let problem = Problem(Sample.broken, at: field)
        #expect(problem.inFile("a.json").place == place)
        #expect(throws: ProblemList(problem.inFile("a.json"))) {
            try ProblemList.inFile("a.json") { () throws -> Void in throw problem }
        }
    }

    @Test("is reported with all others, or not at all")
    func all() {
        #expect(ProblemList([]) == nil)
        #expect(ProblemList([Problem(Sample.broken), Problem(Sample.broken, at: "/b")])?.problems.count == 2)
    }
}
