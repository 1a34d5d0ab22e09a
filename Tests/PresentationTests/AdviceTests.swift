import AirlockRequestKinds
import AirlockRequests
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockFiles
import AirlockPresentation
import AirlockStrictJSON
import AirlockTestSupport
import Glibc
import Testing

private enum Unknown: String, Rule {
    case broken = "unknown.broken"

    var meaning: String { "nobody knows what helps" }
}

@Suite("The advice")
struct AdviceTests {
    @Test(
        "of a file that is not one request says what the file may be",
        arguments: [
            ("02ef01", .unknownForm), ("to,amount,currency,reference\n", .unknownForm),
            ("{}\n{}\n", .severalRequests), ("{} x", nil), ("{", nil), ("", nil), ("\u{FEFF}0x02", nil),
        ] as [(String, RequestCause?)])
    func form(text: String, cause: RequestCause?) {
        #expect {
            _ = try RequestKinds.read(Array(text.utf8))
        } throws: { error in
            let problem = (error as? ProblemList)?.problems.first
            return problem?.cause as? RequestCause == cause
                && problem?.message.contains("neither JSON") == (cause == .unknownForm)
        }
    }

    @Test("of a rule is the rule's, unless there is better")
    func better() {
        let problem = Problem(JSONRule.empty)
        #expect(problem.hint == JSONRule.empty.next && problem.exit == .malformedInput)
        #expect(problem.because(JSONRule.unknownField).hint == JSONRule.unknownField.next)
        #expect(Problem(JSONRule.empty, hint: "look").hint == "look")
        #expect(Problem(JSONRule.empty, hint: "look").at("/b").hint == "look")
        #expect(Problem(JSONRule.empty, hint: nil).hint == JSONRule.empty.next)
        // The cause of this problem is another problem. The hint is that of the cause. The exit code is that of this
        // problem's own rule.
        let other = Problem(FileRule.noHome, because: Problem(JSONRule.empty, hint: "look"), at: "a")
        #expect(other.hint == "look" && other.exit == .usage)
    }

    @Test("of a rule that nobody has given any is a bug, and says so")
    func unknown() {
        let problem = Problem(Unknown.broken)
        #expect(problem.exit == .bug && problem.hint == InternalRule.unexpected.next)
    }

    @Test("of each of the contract's errors is one of its own")
    func contractErrors() {
        for error in RequestKinds.errors { #expect(error.hint?.isEmpty == false, "\(error.name)") }
    }

    @Test("a problem says its code, message, place and hint")
    func problem() {
        let problem = Problem(JSONRule.unknownField, at: "/a", hint: "look")
        #expect(
            problem.json.text == """
                {"code":"json.unknown-field","message":"\(JSONRule.unknownField.meaning)","field":"/a","hint":"look"}
                """)
        #expect(
            Problem(JSONRule.empty).json.text == """
                {"code":"json.empty","message":"\(JSONRule.empty.meaning)","hint":"\(JSONRule.empty.next)"}
                """)
    }
}

@Suite("The advice for a file")
struct FileAdviceTests {
    @Test("that others can read is mended by a command that can be typed")
    func command() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            #expect(unsafe chdir(scratch.path) == 0)
            let table = [
                ("key.json", "chmod 600 key.json"),
                ("my key", "chmod 600 'my key'"),
                ("it's;$(x)", "chmod 600 'it'\\''s;$(x)'"),
                ("-rf", "chmod 600 ./-rf"),
                ("- f", "chmod 600 './- f'"),
                ("schl\u{fc}ssel", "remove the rights of other users with chmod 600"),
                ("back\\slash", "remove the rights of other users with chmod 600"),
            ]
            for (name, hint) in table {
                scratch.file(name, mode: 0o644)
                let error = #expect(throws: FileError.self) { _ = try SecretFile.read(name).count }
                #expect(error?.problems.first?.hint == hint)
            }
        }
    }

    @Test(
        "of a descriptor of the shell says what to do instead", arguments: ["/dev/fd/1000000", "/proc/self/fd/1000000"])
    func shellDescriptor(path: String) {
        let error = #expect(throws: FileError.self) { try InputFile.read(path) }
        #expect(error?.problems.first?.hint.hasSuffix("name a file, or give - and pipe it in") == true)
    }
}
