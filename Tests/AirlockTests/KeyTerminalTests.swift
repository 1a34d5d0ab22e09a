import Foundation
import Glibc
import AirlockTestSupport
import Testing
import AirlockToolSupport

@Suite("A person who types a password")
struct KeyTerminalTests {
    let workspace: KeyWorkspace

    init() throws { workspace = try KeyWorkspace() }

    private func isThere(_ name: String) -> Bool { FileManager.default.fileExists(atPath: workspace.scratch(name)) }

    @Test("types a new one twice, and nothing of it is shown")
    func new() throws {
        let terminal = try workspace.terminal("key", "new", "--light", "-o", "new.json")
        try terminal.wait(for: "New password: ")
        #expect(!terminal.isAsBefore)
        terminal.type(KeyWorkspace.password + "\n")
        try terminal.wait(for: "The same again: ")
        terminal.type("wrong\u{15}" + KeyWorkspace.password + "\n")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 0, "\(outcome.err)")
        #expect(!outcome.err.contains("Password for") && !outcome.err.contains("wrong"))
        #expect(outcome.err.contains("Working on the password...") && terminal.isAsBefore)
        #expect(try workspace.run("key", "address", "new.json", "--password-file", "password").out == outcome.out)
    }

    @Test(
        "is refused when the two differ, when there is none, and when it is short",
        arguments: [
            ("long enough", "long enouhg", "password.mismatch"), ("", nil, "password.empty"),
            ("seven 7", nil, "password.too-short"),
        ] as [(String, String?, String)])
    func refused(first: String, second: String?, code: String) throws {
        let terminal = try workspace.terminal("key", "new", "--light", "-o", "new.json", "--json")
        try terminal.wait(for: "New password: ")
        terminal.type(first + "\n")
        if let second {
            try terminal.wait(for: "The same again: ")
            terminal.type(second + "\n")
        }
        let outcome = try terminal.finish()
        #expect(outcome.exit == 64)
        #expect(try KeyWorkspace.refusal(outcome) == ["\(code) at no place"])
        #expect(!isThere("new.json") && terminal.isAsBefore)
    }

    @Test("is interrupted by Ctrl-C: exit 130, the terminal as it was, and half a secret left to nobody")
    func interrupted() throws {
        let terminal = try workspace.terminal("key", "new", "--light", "-o", "new.json", "--json")
        try terminal.wait(for: "New password: ")
        terminal.type("half a sec\u{03}")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 130)
        #expect(try KeyWorkspace.refusal(outcome) == ["question.interrupted at no place"])
        #expect(!isThere("new.json") && terminal.isAsBefore && !outcome.err.contains("half"))
    }

    @Test("is stopped by Ctrl-Z at once, with the terminal as it was and half a secret left to nobody, and asked anew")
    func stopped() throws {
        try workspace.keystore()
        let shell = try #require(BuiltTool(at: "/bin/bash"))
        let script = """
            set -m; "$0" key address key.json; echo STOPPED; read -r line; echo "<$line>"; fg; echo "ended with $?"
            """
        let terminal = try Terminal(
            shell, ["-c", script, BuiltTool("airlock").path], in: workspace.scratch.path,
            environment: ["HOME": workspace.scratch.path])
        try terminal.wait(for: "Password of the key: ")
        terminal.type("half a sec\u{1a}")
        // The shell's standard output is not the terminal, so the test cannot wait for the word STOPPED on the
        // terminal. It waits until the terminal has its earlier settings. Then it types a line for the shell, and waits
        // until the terminal echoes this line.
        var tries = 0
        while !terminal.isAsBefore, tries < 200 { usleep(50_000); tries += 1 }
        #expect(terminal.isAsBefore)
        terminal.type("for the shell\n")
        try terminal.wait(for: "for the shell")
        try terminal.wait(for: "Password of the key: ", count: 2)
        terminal.type(KeyWorkspace.password + "\n")
        let outcome = try terminal.finish()
        #expect(outcome.out.contains("STOPPED\n<for the shell>\n"), "\(outcome)")
        #expect(outcome.out.contains("\(SamplePayment.payer)\nended with 0\n"), "\(outcome)")
        #expect(!outcome.err.contains("half") && terminal.isAsBefore)
    }

    @Test("is ended by a signal, which waits until the terminal is as it was", arguments: [SIGTERM, SIGHUP, SIGQUIT])
    func ended(signal: Int32) throws {
        let terminal = try workspace.terminal("key", "new", "--light", "-o", "new.json")
        try terminal.wait(for: "New password: ")
        kill(terminal.process, signal)
        #expect(try terminal.finish().exit == -signal)
        #expect(!isThere("new.json") && terminal.isAsBefore)
    }

    @Test("closes the terminal with Ctrl-D")
    func closed() throws {
        try workspace.keystore()
        let terminal = try workspace.terminal("key", "address", "key.json", "--json")
        try terminal.wait(for: "Password of the key: ")
        terminal.type("\u{04}")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 64 && terminal.isAsBefore)
        #expect(try KeyWorkspace.refusal(outcome) == ["password.no-terminal at no place"])
    }

    @Test("types a mnemonic's passphrase, or none")
    func passphrase() throws {
        let terminal = try workspace.terminal("key", "address", "words")
        try terminal.wait(for: "Passphrase of the mnemonic (empty for none): ")
        terminal.type("\n")
        #expect(try terminal.finish().out == KeyWorkspace.mnemonicAddress + "\n")
    }

    /// Returns a workspace whose payment is signed with a keystore.
    private func signing() throws -> Workspace {
        try workspace.keystore()
        let signing = try TerminalTests.workspace()
        signing.write("key.json", try workspace.scratch.content("key.json"), mode: 0o600)
        signing.set("-k", "key.json")
        return signing
    }

    @Test("is asked to sign, and then unlocks the keystore to sign with")
    func signs() throws {
        let terminal = try signing().atTerminal()
        try terminal.wait(for: "Type sign: ")
        #expect(!terminal.screen.contains("Password"))
        terminal.type("sign\n")
        try terminal.wait(for: "Password of the key: ")
        terminal.type(KeyWorkspace.password + "\n")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 0 && outcome.out.hasPrefix("0x02f9"))
        #expect(!outcome.err.contains(KeyWorkspace.password))
    }

    /// Changes that make the tool refuse before it needs the key, each with the exit code.
    private static let refusals: [(change: @Sendable (Workspace) throws -> Void, exit: Int32)] = [
        ({ $0.set("--now", "2026-03-12T00:00:00Z") }, 10),
        ({ try $0.edit("policy.json", "\"perPayment\":\"100\"", "\"perPayment\":\"1\"") }, 10),
        (
            { workspace in
                workspace.write("payment.json", "of another payment")
                workspace.set("-o", "payment.json")
            }, 73
        ),
        ({ $0.set("--path", "m/0") }, 64),
        ({ $0.set("--password-file", "nowhere") }, 66),
        ({ try $0.charge { $0.sender = SamplePayment().recipient } }, 10),
    ]

    @Test("types no password for what is refused without the key", arguments: refusals.indices)
    func refusedFirst(index: Int) throws {
        let signing = try signing()
        let (change, exit) = Self.refusals[index]
        try change(signing)
        let outcome = try signing.atTerminal().finish()
        #expect(outcome.exit == exit && !outcome.err.contains("Password") && !outcome.err.contains("Type"))
    }

    @Test("signs with the payer's key alone, whoever a mnemonic's passphrase makes it be")
    func otherKey() throws {
        let signing = try TerminalTests.workspace()
        signing.write("words", KeyWorkspace.mnemonic, mode: 0o600)
        signing.set("-k", "words")
        let terminal = try signing.atTerminal()
        try terminal.wait(for: "Type sign: ")
        terminal.type("sign\n")
        try terminal.wait(for: "Passphrase of the mnemonic (empty for none): ")
        terminal.type("\n")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 10 && outcome.out.isEmpty && signing.entries == [], "\(outcome.err)")
        #expect(outcome.err.contains("; saw \(KeyWorkspace.mnemonicAddress); expected \(SamplePayment.payer)"))
    }

    // MARK: PolicyFormatter

    /// Runs `key new --mnemonic` up to the first question for a word. Returns the terminal, and the words that it
    /// showed.
    private func written() throws -> (Terminal, [String]) {
        let terminal = try workspace.terminal(
            "key", "new", "--mnemonic", "--words", "12", "--light", "--password-file", "password", "-o", "new.json")
        try terminal.wait(for: "When they are written down, press Enter")
        let words = terminal.screen.matches(of: /[0-9]+\. ([a-z]+)/).map { String($0.1) }
        try #require(words.count == 12)
        terminal.type("\n")
        return (terminal, words)
    }

    /// Waits for the next question for a word. Returns the number of the word that is asked for.
    private func place(_ terminal: Terminal, after text: String) throws -> Int {
        try terminal.wait(for: text + "Word ")
        try terminal.wait(for: ": ")
        return try #require(terminal.screen.matches(of: #/Word ([0-9]+): /#).last.flatMap { Int($0.1) })
    }

    @Test("writes words down, gives three of them back, and has the key that they make")
    func words() throws {
        let (terminal, words) = try written()
        var before = ""
        var places: [Int] = []
        for _ in 1...3 {
            let place = try place(terminal, after: before)
            places.append(place)
            terminal.type(words[place - 1] + "\n")
            before = "Word \(place): \r\n"
        }
        let outcome = try terminal.finish()
        #expect(outcome.exit == 0, "\(outcome.err)")
        #expect(Set(places).count == 3 && places.sorted() == places)
        // After the tool has left the alternate screen, the terminal must show none of the mnemonic's words. Only whole
        // lines are compared, because the tool's own messages can contain words of the list, such as "again".
        let after = try #require(outcome.err.components(separatedBy: "\u{1B}[?1049l").last)
        #expect(after.matches(of: /[0-9]+\. [a-z]/).isEmpty)
        let lines = after.components(separatedBy: "\r\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(!words.contains { lines.contains($0) })
        workspace.scratch.file("made", words.joined(separator: " "), mode: 0o600)
        #expect(try workspace.run("key", "address", "made", "--passphrase-file", "empty").out == outcome.out)
        #expect(try workspace.run("key", "address", "new.json", "--password-file", "password").out == outcome.out)
    }

    @Test(
        "shows its words no more when a signal ends it, or a person does",
        arguments: [SIGTERM, SIGHUP, SIGQUIT, SIGINT])
    func wordsEnded(signal: Int32) throws {
        let terminal = try workspace.terminal(
            "key", "new", "--mnemonic", "--words", "12", "--light", "--password-file", "password", "-o", "new.json")
        try terminal.wait(for: "When they are written down, press Enter")
        if signal == SIGQUIT { terminal.type("\u{1c}") } else { kill(terminal.process, signal) }
        let outcome = try terminal.finish()
        #expect(outcome.exit == (signal == SIGINT ? 130 : -signal))
        // At the end, the tool clears and leaves the alternate screen. After that, the terminal must show none of the
        // numbered words.
        let after = try #require(outcome.err.components(separatedBy: "\u{1B}[2J\u{1B}[?1049l").last)
        #expect(outcome.err.contains("\u{1B}[2J\u{1B}[?1049l") && after.matches(of: /[0-9]+\. [a-z]/).isEmpty)
        #expect(terminal.isAsBefore && !isThere("new.json"))
    }

    @Test("gives a wrong word back, and has no key")
    func wrongWord() throws {
        let (terminal, _) = try written()
        _ = try place(terminal, after: "")
        terminal.type("money\u{20}\n")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 11 && outcome.err.contains("airlock: error: that is not the word: word "))
        #expect(!isThere("new.json") && !outcome.err.contains("money "))
    }
}
