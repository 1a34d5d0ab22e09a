import AirlockTestSupport
import AirlockToolSupport
import Foundation
import Testing

@Suite("journal prune")
struct JournalPruneTests {
    private let folder: Scratch

    /// Creates a journal with two payments: one ended years ago, and the other is still open. Each payment has two
    /// attempts.
    init() throws {
        folder = try Scratch()
        #expect(try relay("journal", "migrate").exit == 0)
        let program = """
            import sqlite3
            journal = sqlite3.connect("journal.sqlite")
            for number, state, ended in (1, "settled", "2020-01-01T00:00:00Z"), (2, "sent", None):
                journal.execute("INSERT INTO transactions VALUES (?, '7', '0x02')", (f"0x{number}",))
                journal.execute(
                    "INSERT INTO payments (id, code, chain_id, sender, state, recorded_at, changed_at, ended_at)"
                    " VALUES (?, 'code', '1', 'payer', ?, 'then', 'then', ?)", (number, state, ended))
                journal.execute("INSERT INTO steps VALUES (?, 0, 'pay', '0', ?)", (number, f"0x{number}"))
                for node in "ab":
                    journal.execute("INSERT INTO attempts (hash, node, asked_at) VALUES (?, ?, 'then')", (f"0x{number}", node))
            journal.commit()
            """
        let python = try #require(BuiltTool.python)
        let made = try python.run(["-c", program], in: folder.path)
        #expect(made.exit == 0, "\(made.err)")
    }

    private var environment: [String: String] { ["HOME": folder.path, "AIRLOCK_JOURNAL": "journal.sqlite"] }

    private func relay(_ words: String...) throws -> Outcome {
        try BuiltTool("airlock-relay").run(words, in: folder.path, environment: environment)
    }

    private var attempts: Int {
        get throws { try relay("journal", "export").out.components(separatedBy: #""attempts""#).count - 1 }
    }

    @Test("says what it would remove, asks for --yes where nobody can be asked, and removes it")
    func removes() throws {
        let words = "from 1 payments: 2 attempts, 0 transactions that were outbid"
        let trial = try relay("journal", "prune", "--older-than", "90d", "--dry-run")
        #expect(trial.out.hasPrefix("would remove \(words)"))
        let refused = try relay("journal", "prune", "--older-than", "90d", "--json")
        #expect(refused.exit == 64 && refused.out.contains(#""code":"usage.missing-value""#))
        #expect(try attempts == 4)
        let none = try relay("journal", "prune", "--older-than", "36500d", "--yes", "--json")
        #expect(none.out.hasPrefix(#"{"ok":true,"removed":true,"payments":0,"attempts":0,"transactions":0,"#))
        #expect(try relay("journal", "prune", "--older-than", "2160h", "--yes").out.hasPrefix("removed \(words)"))
        #expect(try attempts == 2)
    }

    @Test("beside status, which shows the latest thousand payments unless it is told otherwise, and says so")
    func latest() throws {
        let program = """
            import sqlite3
            journal = sqlite3.connect("journal.sqlite")
            for number in range(3, 1003):
                journal.execute(
                    "INSERT INTO payments (id, code, chain_id, sender, state, recorded_at, changed_at)"
                    " VALUES (?, ?, '1', 'payer', 'settled', 'then', 'then')", (number, f"code {number}"))
                journal.execute("INSERT INTO steps VALUES (?, 0, 'pay', '0', '0x1')", (number,))
            journal.commit()
            """
        let python = try #require(BuiltTool.python)
        #expect(try python.run(["-c", program], in: folder.path).exit == 0)
        func shown(_ words: String...) throws -> (count: Int, isNoted: Bool) {
            let run = try BuiltTool("airlock-relay").run(["status"] + words, in: folder.path, environment: environment)
            return (run.out.components(separatedBy: "then").count - 1, run.err.contains("latest 1000 payments"))
        }
        #expect(try shown() == (1000, true))
        #expect(try shown("--limit", "all") == (1002, false))
        #expect(try shown("--limit", "1001") == (1001, false))
        #expect(try shown("--state", "settled") == (1001, false))
        #expect(try shown("code 7") == (1, false))
        let document = try relay("status", "--json").out
        #expect(document.components(separatedBy: #""code":"#).count == 1001 && document.hasSuffix("],\"ok\":true}\n"))
    }

    @Test("asks at a terminal, and removes nothing unless yes is typed")
    func asks() throws {
        for (answer, left) in [("no", 4), ("yes", 2)] {
            let terminal = try Terminal(
                BuiltTool("airlock-relay"), ["journal", "prune", "--older-than", "90d", "--json"], in: folder.path,
                environment: environment)
            try terminal.wait(for: "Type yes: ")
            terminal.type(answer + "\n")
            let end = try terminal.finish()
            #expect(end.exit == (left == 4 ? 11 : 0))
            #expect(end.out.contains(left == 4 ? #""code":"journal.prune-declined""# : #""attempts":2"#))
            #expect(try attempts == left)
        }
    }

    @Test(
        "refuses a time that is none, is too short, or has no unit",
        arguments: ["90", "90s", "1d2h", "0d", "23h", "-1d", "d", "", "1.5d", "99999999999999999999d", "\u{661}d"])
    func refused(text: String) throws {
        let run = try relay("journal", "prune", "--older-than", text, "--yes", "--json")
        #expect(run.exit == 64 && run.out.contains(#""code":"usage.invalid-value""#), "\(run.out)")
        #expect(try relay("journal", "prune", "--yes").exit == 64)
        #expect(try attempts == 4)
    }
}
