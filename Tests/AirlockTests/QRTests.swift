import AirlockStrictJSON
import AirlockToolSupport
import AirlockTestSupport
import AirlockUR
import Foundation
import Testing

/// Decodes the text of a scanned QR code as the other machine does. Returns the content of the file in it.
func file(in scanned: some StringProtocol) throws -> String {
    #expect(scanned.allSatisfy { !$0.isLowercase }, "letters in capitals take less room in a code")
    return String(decoding: try UR(scanned.split(separator: "\n")[0]).bytes(), as: UTF8.self)
}

@Suite("What is put out, as QR codes")
struct QRTests {
    @Test("a payment is drawn black on white with four light modules around, and read byte for byte")
    func drawn() throws {
        let workspace = try Workspace()
        workspace.set("--qr")
        workspace.set("-o", "payment.json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 0, "\(outcome.err)")
        let screen = try Screen(drawingIn: outcome.err)
        let side = screen.dots[0].count
        #expect((side - 8 - 17) % 4 == 0 && screen.dots.count == side + 1)
        #expect(screen.dots.allSatisfy { $0.count == side })
        // The four outer rows and columns (the quiet zone) are light. The first module inside them is dark.
        let edges = screen.dots.map { Array($0.prefix(4) + $0.suffix(4)) }
        let border = screen.dots.prefix(4) + screen.dots.suffix(5) + edges
        #expect(border.allSatisfy { $0.allSatisfy(\.self) })
        #expect(!screen.dots[4][4])
        if let scanned = try screen.scanned() { #expect(try file(in: scanned) == workspace.content("payment.json")) }
    }

    @Test("stands beside the raw transaction and the document, too", arguments: ["--raw", "--json"])
    func beside(option: String) throws {
        let workspace = try Workspace()
        workspace.set("--qr")
        workspace.set(option)
        let outcome = try workspace.run()
        #expect(outcome.exit == 0)
        let scanned = try Screen(drawingIn: outcome.err).scanned().map { try file(in: $0) }
        if option == "--json" {
            let payment = try #require(try document(outcome.out)["payment"])
            if let scanned { #expect(try JSONDocument(Array(scanned.utf8)).root.text == payment.text) }
        } else {
            #expect(outcome.out.hasPrefix("0x02f9"))
            let raw = outcome.out.split(separator: "\n")[0]
            if let scanned { #expect(scanned.contains(raw)) }
        }
    }

    @Test("a request is drawn by both tools", arguments: ["airlock", "airlock-relay"])
    func request(tool: String) throws {
        let workspace = try Workspace()
        let words = [
            "request", "transfer", "--chain", "base", "--from", "\(SamplePayment.payer)", "--to",
            "\(SamplePayment.operator)", "--amount", "5", "--reference", "r", "--qr",
        ]
        let outcome = try BuiltTool(tool).run(words, in: workspace.path("."))
        #expect(outcome.exit == 0, "\(outcome.err)")
        if let scanned = try Screen(drawingIn: outcome.err).scanned() { #expect(try file(in: scanned) == outcome.out) }
    }

    @Test("is drawn whole in a window that it fits into", arguments: [0, 1, 2])
    func window(missing: Int) throws {
        let workspace = try Workspace()
        workspace.set("--qr")
        let plain = try workspace.run().err
        #expect(!plain.contains("\u{1B}"))
        let dots = try Screen(drawingIn: plain).dots
        let (columns, rows) = (UInt16(dots[0].count), UInt16(dots.count / 2) + 1)
        let terminal = try workspace.atTerminal(
            columns: columns - (missing == 1 ? 1 : 0), rows: rows - (missing == 2 ? 1 : 0))
        if missing == 0 {
            let outcome = try terminal.finish()
            #expect(outcome.out.hasPrefix("0x02f9"))
            #expect(outcome.exit == 0 && outcome.err.contains("\u{1B}"))
            #expect(try Screen(drawingIn: outcome.err).dots == dots)
        } else {
            // If the window is smaller than the QR code, the tool shows the payment as a series of smaller QR codes.
            try terminal.wait(for: "part 2; 2 or more needed; q ends")
            terminal.type("q")
            #expect(try terminal.finish().exit == 0)
        }
    }

    @Test(
        "in a small window parts are shown in turn, until q or Ctrl-C, and the terminal is as it was",
        arguments: ["q", "\u{3}"])
    func inTurn(key: String) throws {
        let workspace = try Workspace()
        workspace.set("--qr")
        workspace.set("--qr-rate", "30")
        workspace.set("-o", "payment.json")
        let terminal = try workspace.atTerminal(columns: 80, rows: 30)
        try terminal.wait(for: "part 60; ")
        #expect(!terminal.isAsBefore)
        terminal.type(key)
        let outcome = try terminal.finish()
        #expect(outcome.exit == 0)
        #expect(terminal.isAsBefore)
        let shown = outcome.err
        #expect(shown.contains("\u{1B}[?1049h") && shown.contains("\u{1B}[?1049l") && shown.contains("\u{1B}[?25h"))
        // The test drops about three of ten frames, and shuffles the other frames.
        var decoder = URDecoder()
        var frames = shown.components(separatedBy: "\u{1B}[H").dropFirst().filter { _ in Int.random(in: 0..<10) >= 3 }
        frames.shuffle()
        for frame in frames where decoder.result == nil {
            let picture = frame.components(separatedBy: "part ")[0].replacing("\u{1B}[K", with: "")
            guard let text = try Screen(drawingIn: picture).scanned() else { return }
            try decoder.receive(URText(text.split(separator: "\n")[0]))
        }
        let whole = try #require(decoder.result, "\(frames.count) frames")
        #expect(String(decoding: try whole.bytes(), as: UTF8.self) == (try workspace.content("payment.json")))
    }

    @Test("a window that holds no part is said, and so is one that becomes so")
    func tooSmall() throws {
        let workspace = try Workspace()
        workspace.set("--qr")
        let outcome = try workspace.atTerminal(columns: 40, rows: 24).finish()
        #expect(outcome.exit == 74 && outcome.out.hasPrefix("0x02f9"))
        #expect(outcome.err.contains("error: the window or --qr-size is too small for a QR code, and none was made"))
        #expect(outcome.err.contains("saw 40 columns and 24 rows; expected at least 41 columns and 22 rows"))
    }

    @Test(
        "a size that holds no part is said, also where pictures are written", arguments: ["airlock", "airlock-relay"])
    func sizeTooSmall(tool: String) throws {
        let workspace = try Workspace()
        workspace.write("text", String(repeating: "a line of text\n", count: 100))
        let outcome = try BuiltTool(tool).run(
            ["qr", "text", "--qr-size", "29", "--qr-frames", "frames"], in: workspace.path("."))
        #expect(outcome.exit == 74)
        #expect(outcome.err.contains("error: the window or --qr-size is too small for a QR code, and none was made"))
        #expect(outcome.err.contains("saw 29 columns; expected at least 41 columns"))
        #expect(outcome.err.contains("hint: nothing is lost: give a larger --qr-size"))
        #expect(!workspace.files.keys.contains("frames"))
    }

    @Test("what does not fit is said in the one document, beside the payment")
    func inDocument() throws {
        let workspace = try Workspace()
        workspace.set("--qr")
        workspace.set("--json")
        let outcome = try workspace.atTerminal(rows: 20).finish()
        #expect(outcome.exit == 74)
        let said = try JSONDocument(Array(outcome.out.utf8)).root
        #expect(said["ok"]?.boolean == false && said["payment"]?["kind"]?.string == "payment")
        #expect(said["error"]?["code"]?.string == "qr.window-too-small")
    }

    @Test("where there is no terminal, what one code is too small for is not drawn, but written as pictures")
    func pictures() throws {
        let workspace = try Workspace()
        try workspace.edit("conditions.json", "\"allowance\":\"2000000\"", "\"allowance\":\"0\"")
        try workspace.edit("conditions.json", "\"gas\":\"180000\"", "\"gas\":\"180000\",\"approveGas\":\"60000\"")
        for option in ["--approve", "--cancel", "--qr", "--json"] { workspace.set(option) }
        workspace.set("--rungs", "4")
        let refused = try workspace.run()
        #expect(refused.exit == 74)
        #expect(try refusalDocument(refused.out)["error"]?["code"]?.string == "qr.no-terminal")
        workspace.drop("--qr", "--json")
        workspace.set("--qr-frames", "frames")
        workspace.set("-o", "payment.json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 0, "\(outcome.err)")
        guard let scanner = BuiltTool.installed("zbarimg") else { try Test.cancel("there is no zbarimg") }
        var decoder = URDecoder()
        let names = workspace.files.keys.filter { $0.hasSuffix(".png") }
        for name in names.shuffled().dropFirst(names.count / 4) + names where decoder.result == nil {
            let read = try scanner.run(["--raw", "-q", "--nodbus", name], in: workspace.path("."))
            try decoder.receive(URText(read.out.split(separator: "\n")[0]))
        }
        let whole = try #require(decoder.result)
        #expect(String(decoding: try whole.bytes(), as: UTF8.self) == (try workspace.content("payment.json")))
        // The output folder must be empty, so frames of two outputs are never mixed in one folder.
        let again = try workspace.run()
        #expect(again.exit == 73 && again.err.contains("the output folder is not empty"))
    }

    @Test(
        "options that cannot be followed are refused before anything is signed",
        arguments: [("--qr-size", "28"), ("--qr-size", "x"), ("--qr-rate", "0"), ("--qr-rate", "31")])
    func options(option: String, value: String) throws {
        let workspace = try Workspace()
        workspace.set("--json")
        workspace.set(option, value)
        #expect(try refusalDocument(workspace.run().out)["errors"]?.elements?.count == 2)
        workspace.set("--qr")
        let outcome = try workspace.run()
        #expect(outcome.exit == 64)
        #expect(try refusalDocument(outcome.out)["error"]?["code"]?.string == "usage.invalid-value")
        workspace.drop("--qr", option)
        workspace.folder("frames/full")
        workspace.set("--qr-frames", "frames")
        #expect(try refusalDocument(workspace.run().out)["error"]?["code"]?.string == "file.folder-not-empty")
        #expect(!workspace.files.keys.contains { $0.hasSuffix("ledger.jsonl") })
    }

    @Test("any file is drawn by qr of both tools, but none with a key", arguments: ["airlock", "airlock-relay"])
    func anyFile(tool: String) throws {
        let workspace = try Workspace()
        let policy = try BuiltTool("airlock").run(
            ["policy", "init", "--chain", "base", "-o", "new.json", "--qr-frames", "drawn"], in: workspace.path("."))
        #expect(policy.exit == 0, "\(policy.err)")
        let run = { (words: [String]) in try BuiltTool(tool).run(["qr"] + words, in: workspace.path(".")) }
        workspace.write("large", String(repeating: "a line of text\n", count: 1000))
        #expect(try run(["large"]).exit == 74, "one code is too small, and there is no terminal")
        let drawn = try run(["new.json", "--qr-frames", "frames", "--json"])
        #expect(try document(drawn.out)["ok"]?.boolean == true)
        for folder in ["drawn", "frames"] {
            guard let scanner = BuiltTool.installed("zbarimg") else { break }
            let names = workspace.files.keys.filter { $0.contains("\(folder)/") }
            let read = try scanner.run(["--raw", "-q", "--nodbus"] + names.shuffled(), in: workspace.path("."))
            var decoder = URDecoder()
            for line in read.out.split(separator: "\n") where decoder.result == nil {
                try decoder.receive(URText(line))
            }
            #expect(try decoder.result?.bytes() == Array(workspace.content("new.json").utf8))
        }
        let words = Array(repeating: "abandon", count: 11).joined(separator: " ") + " about\n"
        let keys = [
            "{\"version\":3,\"crypto\":{}}", "{\"Crypto\":{}}", words, words.uppercased(),
            String(repeating: "0f", count: 32) + "\n", String(repeating: "3", count: 64) + "\n",
            "0x" + String(repeating: "F0", count: 32),
            String(repeating: "0f", count: 32) + "\r\n" + String(repeating: "1e", count: 32) + "\r\n",
            "{}\n{\"version\":3,\"crypto\":{}}\n", words + words + words,
            String(repeating: "0f", count: 32) + "\n" + words,
        ]
        for key in keys + keys.map({ "\u{FEFF}" + $0 }) {
            workspace.write("secret", key)
            let refused = try run(["secret", "--qr-frames", "secret-frames", "--json"])
            #expect(refused.exit == 10 && refused.err.isEmpty)
            #expect(try refusalDocument(refused.out)["error"]?["code"]?.string == "qr.key-file")
            #expect(!workspace.files.keys.contains { $0.contains("secret-frames") })
        }
    }

    /// Each row has the content of a key file, and the option that names the file with its password or passphrase.
    private static let keyFiles: [(String, [String])] = [
        (SamplePayment.payerKey, []), ("0X" + SamplePayment.payerKey.uppercased() + " \r\n\n", []),
        (KeyWorkspace.mnemonic, ["--passphrase-file", "empty"]),
        (KeyWorkspace.mnemonic + " \r\n", ["--passphrase-file", "empty"]),
    ]

    @Test("a file that opens as a key is not drawn, also after a byte order mark", arguments: ["", "\u{FEFF}"])
    func keyFile(mark: String) throws {
        let workspace = try KeyWorkspace()
        try workspace.keystore()
        let keystore = try workspace.scratch.content("key.json")
        let keystores: [(String, [String])] = ["", "\r\n\t "].map { before in
            (before + keystore + "\n ", ["--password-file", "password"])
        }
        let run = { (tool: String, words: [String]) in
            try BuiltTool(tool).run(
                words, in: workspace.scratch.path, environment: ["HOME": workspace.scratch.path])
        }
        for (content, opening) in Self.keyFiles + keystores {
            workspace.scratch.file("secret", mark + content, mode: 0o600)
            #expect(try run("airlock", ["key", "address", "secret"] + opening).exit == 0, "\(content.count) letters")
            for tool in ["airlock", "airlock-relay"] {
                let refused = try run(tool, ["qr", "secret", "--json"])
                #expect(refused.exit == 10 && refused.err.isEmpty)
                #expect(try KeyWorkspace.refusal(refused) == ["qr.key-file at secret"])
            }
        }
    }
}
