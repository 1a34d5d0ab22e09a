import Testing
import ToolSupport

@Suite("A person at a terminal")
struct TerminalTests {
    /// A desk at which somebody has to be asked.
    static func desk(pinned: Bool = true) throws -> Desk {
        let desk = try Desk()
        desk.drop("--yes")
        if !pinned { try desk.edit("policy.json", "\"\(SamplePayment().recipient)\":\"Example shop\"", "") }
        if !pinned { try desk.edit("policy.json", "\"recipients\":{},", "") }
        return desk
    }

    @Test("signs by typing the word, in whatever case and with spaces around", arguments: ["sign", "SIGN", "  sign "])
    func signs(word: String) throws {
        let terminal = try Self.desk().atTerminal()
        try terminal.wait(for: "Type sign to sign it: ")
        #expect(!Refusal.holdsTransaction(terminal.screen))
        terminal.type(word + "\n")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 0)
        #expect(outcome.out.hasPrefix("0x02f9"))
        #expect(terminal.isAsBefore)
    }

    @Test("declines by any other word", arguments: ["no", "", "y", "yes", "sig", "signs", "f72581"])
    func declines(word: String) throws {
        let desk = try Self.desk()
        desk.set("-o", "payment.json")
        let before = desk.files
        let terminal = try desk.atTerminal()
        try terminal.wait(for: "Type sign to sign it: ")
        terminal.type(word + "\n")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 11)
        #expect(outcome.err.contains("airlock: error: not signed, because the answer was another"))
        #expect(outcome.out.isEmpty && desk.files == before)
        #expect(!Refusal.holdsTransaction(outcome.err))
    }

    @Test(
        "types six digits of a recipient that no policy pins", arguments: [("f72581", 0), ("F72581", 0), ("sign", 11)])
    func unpinned(word: String, exit: Int32) throws {
        let terminal = try Self.desk(pinned: false).atTerminal()
        try terminal.wait(for: "Type the last six digits of its address to sign: ")
        #expect(terminal.screen.contains("which no policy"))
        terminal.type(word + "\n")
        #expect(try terminal.finish().exit == exit)
    }

    @Test("is told the worst fee in the question where no policy caps it")
    func uncappedFee() throws {
        let desk = try Self.desk()
        try desk.edit("policy.json", ",\"maxNetworkFee\":\"10000000000000000\"", "")
        let terminal = try desk.atTerminal()
        try terminal.wait(for: "Type sign to sign it: ")
        #expect(terminal.screen.contains("No policy caps the network fee, which can be 0.0000054 ETH."))
        terminal.type("sign\n")
        #expect(try terminal.finish().exit == 0)
    }

    @Test("is interrupted by Ctrl-C: exit 130, nothing signed, one document, and the terminal as it was")
    func interrupted() throws {
        let desk = try Self.desk()
        desk.set("-o", "payment.json")
        desk.set("--json")
        let before = desk.files
        let terminal = try desk.atTerminal()
        try terminal.wait(for: "Type sign to sign it: ")
        terminal.type("si\u{03}")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 130)
        #expect(try Refusal.problems(in: outcome.out) == [Refusal.Named(code: "question.interrupted", field: nil)])
        #expect(terminal.isAsBefore && desk.files == before)
    }

    @Test("ends the input by Ctrl-D, which is a no")
    func closed() throws {
        let terminal = try Self.desk().atTerminal()
        try terminal.wait(for: "Type sign to sign it: ")
        terminal.type("\u{04}")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 11 && outcome.out.isEmpty)
    }

    @Test("agrees to nothing by what was typed before the review was shown")
    func typedAhead() throws {
        let terminal = try Self.desk().atTerminal()
        terminal.type("sign\n")
        try terminal.wait(for: "Type sign to sign it: ")
        terminal.type("no\n")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 11 && outcome.out.isEmpty)
    }

    @Test("reads a review that is as wide as the terminal, without colour", arguments: [60, 80, 100] as [UInt16])
    func width(columns: UInt16) throws {
        let outcome = try Desk().atTerminal(columns: columns).finish()
        let widest = outcome.err.split(whereSeparator: \.isNewline).map(\.utf8.count).max() ?? 0
        #expect(outcome.exit == 0)
        #expect(Int(columns) - 12...Int(columns) ~= widest)
        #expect(!outcome.err.contains("\u{1B}"))
    }

    @Test("is asked nothing where something is refused, and nothing with --yes")
    func notAsked() throws {
        let desk = try Self.desk()
        desk.set("--now", "2026-03-12T00:00:00Z")
        let refused = try desk.atTerminal().finish()
        #expect(refused.exit == 10 && !refused.err.contains("Type"))
        let allowed = try Desk().atTerminal().finish()
        #expect(allowed.exit == 0 && !allowed.err.contains("Type"))
    }
}
