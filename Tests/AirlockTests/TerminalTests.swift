import Foundation
import Testing
import AirlockToolSupport
import AirlockEthereumTypes
import AirlockSamples

@Suite("A person at a terminal")
struct TerminalTests {
    /// Returns a workspace in which the tool must ask the user for consent. If `pinned` is false, the policy lists no
    /// recipients.
    static func workspace(pinned: Bool = true) throws -> Workspace {
        let workspace = try Workspace()
        workspace.drop("--yes")
        if !pinned { try workspace.edit("policy.json", "\"\(SamplePayment().recipient)\":\"Example shop\"", "") }
        if !pinned { try workspace.edit("policy.json", "\"recipients\":{},", "") }
        return workspace
    }

    @Test("signs by typing the word, in whatever case and with spaces around", arguments: ["sign", "SIGN", "  sign "])
    func signs(word: String) throws {
        let terminal = try Self.workspace().atTerminal()
        try terminal.wait(for: "Type sign: ")
        #expect(!RefusedRun.holdsTransaction(terminal.screen))
        terminal.type(word + "\n")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 0)
        #expect(outcome.out.hasPrefix("0x02f9"))
        #expect(terminal.isAsBefore)
    }

    @Test("declines by any other word", arguments: ["no", "", "y", "yes", "sig", "signs", "f72581"])
    func declines(word: String) throws {
        let workspace = try Self.workspace()
        workspace.set("-o", "payment.json")
        let before = workspace.files
        let terminal = try workspace.atTerminal()
        try terminal.wait(for: "Type sign: ")
        terminal.type(word + "\n")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 11)
        #expect(outcome.err.contains("airlock: error: not signed: the confirmation was not typed"))
        #expect(outcome.out.isEmpty && workspace.files == before)
        #expect(!RefusedRun.holdsTransaction(outcome.err))
    }

    @Test(
        "types six digits of a recipient that no policy pins", arguments: [("f72581", 0), ("F72581", 0), ("sign", 11)])
    func unpinned(word: String, exit: Int32) throws {
        let terminal = try Self.workspace(pinned: false).atTerminal()
        try terminal.wait(for: "Type the last six digits of its address to sign: ")
        #expect(terminal.screen.contains("which no policy"))
        terminal.type(word + "\n")
        #expect(try terminal.finish().exit == exit)
    }

    @Test("is told the worst fee in the question where no policy caps it")
    func uncappedFee() throws {
        let workspace = try Self.workspace()
        try workspace.edit("policy.json", ",\"maxNetworkFee\":\"10000000000000000\"", "")
        let terminal = try workspace.atTerminal()
        try terminal.wait(for: "Type sign: ")
        #expect(terminal.screen.contains("No policy caps the network fee, which can be 0.0000054 ETH."))
        terminal.type("sign\n")
        #expect(try terminal.finish().exit == 0)
    }

    @Test("is interrupted by Ctrl-C: exit 130, nothing signed, one document, and the terminal as it was")
    func interrupted() throws {
        let workspace = try Self.workspace()
        workspace.set("-o", "payment.json")
        workspace.set("--json")
        let before = workspace.files
        let terminal = try workspace.atTerminal()
        try terminal.wait(for: "Type sign: ")
        terminal.type("si\u{03}")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 130)
        #expect(try Refusal.problems(in: outcome.out) == [Refusal("question.interrupted", nil)])
        #expect(terminal.isAsBefore && workspace.files == before)
    }

    @Test("ends the input by Ctrl-D, which is a no")
    func closed() throws {
        let terminal = try Self.workspace().atTerminal()
        try terminal.wait(for: "Type sign: ")
        terminal.type("\u{04}")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 11 && outcome.out.isEmpty)
    }

    @Test("agrees to nothing by what was typed before the review was shown")
    func typedAhead() throws {
        let terminal = try Self.workspace().atTerminal(typedAhead: "sign\n")
        try terminal.wait(for: "Type sign: ")
        terminal.type("no\n")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 11 && outcome.out.isEmpty)
    }

    @Test("reads a review that is as wide as the terminal, without colour", arguments: [60, 80, 100] as [UInt16])
    func width(columns: UInt16) throws {
        let workspace = try Workspace()
        workspace.set("--verbose")
        let outcome = try workspace.atTerminal(columns: columns).finish()
        #expect(outcome.exit == 0)
        let lines = outcome.err.split(whereSeparator: \.isNewline)
        // The policy's hash is wider than the narrowest terminal. It is still shown on one line of its own.
        #expect(lines.contains { $0.wholeMatch(of: #/ *0x[0-9a-f]{64}/#) != nil })
        let widest =
            lines.filter { $0.contains { $0 != " " } && $0.split(separator: " ").count > 1 }
            .map(\.utf8.count).max() ?? 0
        #expect(Int(columns) - 12...Int(columns) ~= widest)
        #expect(!outcome.err.contains("\u{1B}"))
    }

    @Test("sees in a window of 24 lines what is asked, with the payment in it and one line for the checks that hold")
    func question() throws {
        let workspace = try Self.workspace()
        let terminal = try workspace.atTerminal()
        try terminal.wait(for: "Type sign: ")
        let seen = terminal.screen.components(separatedBy: "\r\n").suffix(24).joined(separator: "\n")
        let recipient = "\(SamplePayment().recipient)"
        let short = "\(recipient.prefix(6))\u{2026}\(recipient.suffix(4))"
        #expect(
            seen.hasSuffix(
                "Pay 1.05 USDC on base to Example shop (\(short)), fee at most 0.0000054 ETH.\nType sign: "),
            "\(seen)")
        #expect(seen.contains("\n8 checks ok\n") && !seen.contains("\nok  "))
        terminal.type("no\n")
        #expect(try terminal.finish().exit == 11)
    }

    @Test("sees each check with --verbose, and without it each that does not hold, without what is in order")
    func checks() throws {
        let workspace = try Self.workspace()
        workspace.set("--nonce", "9")
        workspace.set("--verbose")
        func screen() throws -> String {
            let terminal = try workspace.atTerminal()
            try terminal.wait(for: "Type ")
            terminal.type("no\n")
            return try terminal.finish().err
        }
        #expect(try screen().components(separatedBy: "\r\n").count { $0.hasPrefix("ok  ") } == 8)
        workspace.drop("--verbose")
        workspace.set("--now", "2026-03-12T00:00:00Z")
        let refused = try workspace.run()
        #expect(refused.exit == 10 && refused.err.contains("\n7 checks ok\n\nrefused      time: "), "\(refused.err)")
        #expect(!refused.err.contains("\nok  "))
    }

    @Test("is shown the review on the terminal that asks, wherever standard error goes")
    func hiddenErrors() throws {
        let workspace = try Self.workspace()
        let shell = try #require(BuiltTool(at: "/bin/sh"))
        let line = (["\"$0\""] + workspace.words).joined(separator: " ") + " 2>errors.txt"
        let terminal = try Terminal(
            shell, ["-c", line, BuiltTool("airlock").path], in: workspace.path("."), environment: workspace.environment)
        try terminal.wait(for: "Type sign: ")
        for shown in ["worst total cost", "\(SamplePayment().recipient)", "8 checks ok", "valid until"] {
            #expect(terminal.screen.contains(shown))
        }
        terminal.type("sign\n")
        #expect(try terminal.finish().exit == 0)
        #expect(try workspace.content("errors.txt").contains("worst total cost"))
    }

    /// A command that asks the user before it signs, and the question.
    struct Question: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let prompt: String
        let prepare: @Sendable (Workspace) throws -> Void
    }

    private static let questions = [
        Question(testDescription: "a request", prompt: "Type sign: ") { _ in },
        Question(testDescription: "a folder", prompt: "Type sign: ") { workspace in
            workspace.folder("charges")
            workspace.write("charges/a.json", try workspace.content("charge.json"))
            workspace.operands = ["charges"]
            workspace.set("-o", "payments")
        },
        Question(testDescription: "a transaction, blind", prompt: "Type sign to sign it blind: ") { workspace in
            workspace.write(
                "tx.json",
                """
                {"type":"2","chainId":"8453","nonce":"8","to":"\(SamplePayment().recipient)","value":"5",\
                "gas":"21000","maxFeePerGas":"30000000","maxPriorityFeePerGas":"1000000","accessList":[],"data":"0x"}
                """)
            (workspace.command, workspace.operands) = ("tx", ["encode", "tx.json"])
            workspace.drop("-c", "--policy", "--now", "--nonce")
            workspace.set("--blind")
        },
    ]

    @Test(
        "signs nothing if the ledger is moved away, or becomes an older copy, while the question waits",
        arguments: questions)
    func lostLedger(question: Question) throws {
        for isOlder in [false, true] {
            let workspace = try Workspace()
            workspace.set("--ledger", "ledger")
            #expect(try workspace.run().exit == 0)
            let older = try workspace.content("ledger")
            for (number, nonce) in [(1, "8"), (2, "9")] as [(UInt8, String)] {
                try workspace.charge { $0.id = .init { _ in number } }
                workspace.set("--nonce", nonce)
                if number == 1 { #expect(try workspace.run().exit == 0) }
            }
            workspace.drop("--yes")
            try question.prepare(workspace)
            let terminal = try workspace.atTerminal()
            try terminal.wait(for: question.prompt)
            try FileManager.default.moveItem(atPath: workspace.path("ledger"), toPath: workspace.path("moved"))
            if isOlder { workspace.write("ledger", older, mode: 0o600) }
            terminal.type("sign\n")
            let outcome = try terminal.finish()
            let refusal =
                isOlder
                ? "the ledger does not know an entry that was in it before"
                : "the ledger is missing, though payments were signed before"
            #expect(outcome.exit == 10 && outcome.out.isEmpty)
            #expect(outcome.err.contains(refusal), "\(outcome.err)")
            #expect(workspace.files.keys.contains("ledger") == isOlder)
            if isOlder { #expect(try workspace.content("ledger") == older) }
        }
    }

    @Test("is asked nothing where something is refused, and nothing with --yes")
    func notAsked() throws {
        let workspace = try Self.workspace()
        workspace.set("--now", "2026-03-12T00:00:00Z")
        let refused = try workspace.atTerminal().finish()
        #expect(refused.exit == 10 && !refused.err.contains("Type"))
        let allowed = try Workspace().atTerminal().finish()
        #expect(allowed.exit == 0 && !allowed.err.contains("Type"))
    }
}
