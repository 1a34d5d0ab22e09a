import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockStrictJSON
import Synchronization
import Testing

@Suite("The place of what is given beside a request")
struct ArgumentPlaceTests {
    /// Returns what a tool writes about a problem: the text, and the JSON document.
    private static func said(_ problem: Problem) -> (words: String, document: String) {
        let words = Mutex("")
        let console = Console(
            write: { _ in }, note: { text in words.withLock { $0 += text } }, ask: { _ in nil }, hasTerminal: false)
        _ = console.report([problem], asJSON: false, tool: "sample")
        return (words.withLock { $0 }, problem.json.text)
    }

    @Test("is the option in words and in JSON", arguments: ArgumentPlace.allCases)
    func shown(argument: ArgumentPlace) {
        for problem in [Problem(UsageRule.invalidValue, at: argument), Problem(UsageRule.invalidValue).at(argument)] {
            #expect(problem.field == argument.rawValue)
            let said = Self.said(problem)
            #expect(said.words.contains(" (\(argument.option))\n"))
            #expect(said.document.contains(#""field":"\#(argument.option)""#))
        }
    }

    @Test("is none of what else a place can be", arguments: ["/value", "value", "chain id", "--value", "a.json", ""])
    func others(place: String) {
        let problem = Problem(UsageRule.invalidValue, at: place)
        #expect(problem.shownField == place && problem.shownPlace == place)
        let inFile = problem.inFile("value:")
        let inRoot = place.isEmpty ? "value:" : place
        #expect(inFile.shownPlace == (place.hasPrefix("/") ? "value:#\(place)" : inRoot))
    }

    @Test("is the member of a file where nothing is given")
    func pointer() {
        #expect(ArgumentPlace.gas.place(or: "/gas", isGiven: true) == "gas:")
        #expect(ArgumentPlace.gas.place(or: "/gas", isGiven: false) == "/gas")
    }
}
