import AirlockStrictJSON
import Testing
import AirlockToolSupport

@Suite("A payment as a QR code")
struct QRTests {
    /// What a scanner gives of a raw transaction.
    private static func scan(of raw: some StringProtocol) -> String { raw.dropFirst(2).uppercased() + "\n" }

    private static func lines(_ text: String) -> [Substring] { text.split(whereSeparator: \.isNewline) }

    @Test("is drawn beside the raw transaction, black on white with four light modules around, and read byte for byte")
    func drawn() throws {
        let desk = try Desk()
        desk.set("--qr")
        let outcome = try desk.run()
        #expect(outcome.exit == 0 && outcome.out.hasPrefix("0x02f9"))
        let screen = try Screen(drawingIn: outcome.err)
        let side = screen.dots[0].count
        #expect((side - 8 - 17) % 4 == 0 && screen.dots.count == side + 1)
        #expect(screen.dots.allSatisfy { $0.count == side })
        // The quiet zone, and the first dark module behind it.
        let edges = screen.dots.map { Array($0.prefix(4) + $0.suffix(4)) }
        let border = screen.dots.prefix(4) + screen.dots.suffix(5) + edges
        #expect(border.allSatisfy { $0.allSatisfy(\.self) })
        #expect(!screen.dots[4][4])
        if let scanned = try screen.scanned() { #expect(scanned == outcome.out.dropFirst(2).uppercased()) }
    }

    @Test("stands beside the file and the document, too", arguments: ["-o", "--json"])
    func beside(option: String) throws {
        let desk = try Desk()
        let raw = try Desk().run().out
        desk.set("--qr")
        desk.set(option, option == "-o" ? "payment.json" : nil)
        let outcome = try desk.run()
        #expect(outcome.exit == 0)
        if option == "--json" { #expect(try document(outcome.out)["ok"]?.boolean == true) }
        if let scanned = try Screen(drawingIn: outcome.err).scanned() {
            #expect(scanned == raw.dropFirst(2).uppercased())
        }
    }

    @Test("is the transaction that pays at its first price, and says what else has to travel")
    func several() throws {
        let desk = try Desk()
        try desk.edit("conditions.json", "\"allowance\":\"2000000\"", "\"allowance\":\"0\"")
        try desk.edit("conditions.json", "\"gas\":\"180000\"", "\"gas\":\"180000\",\"approveGas\":\"60000\"")
        for option in ["--approve", "--cancel", "--qr"] { desk.set(option) }
        desk.set("--rungs", "2")
        let outcome = try desk.run()
        #expect(outcome.exit == 0, "\(outcome.err)")
        #expect(
            outcome.err.contains(
                """
                airlock: note: the code holds pay 8 alone; not in it: approve 7, approve 7 rung 1, pay 8 rung 1, \
                cancel 7, cancel 8
                hint: carry the payment file too: the payment waits for the nonces before it

                """))
        let raws = Self.lines(outcome.out)
        let tool = try BuiltTool("airlock")
        let pays = try raws.filter {
            try document(tool.run(["inspect", String($0), "--json"], in: "/").out)["nonce"]?.string == "8"
        }
        if let scanned = try Screen(drawingIn: outcome.err).scanned() { #expect(scanned == Self.scan(of: pays[0])) }
    }

    @Test("is drawn whole in a window that it fits into, and not at all in a smaller one", arguments: [0, 1, 2])
    func window(missing: Int) throws {
        let desk = try Desk()
        desk.set("--qr")
        let plain = try desk.run().err
        #expect(!plain.contains("\u{1B}"))
        let dots = try Screen(drawingIn: plain).dots
        let (columns, rows) = (UInt16(dots[0].count), UInt16(dots.count / 2) + 1)
        let terminal = try desk.atTerminal(
            columns: columns - (missing == 1 ? 1 : 0), rows: rows - (missing == 2 ? 1 : 0))
        let outcome = try terminal.finish()
        #expect(outcome.out.hasPrefix("0x02f9"))
        if missing == 0 {
            #expect(outcome.exit == 0 && outcome.err.contains("\u{1B}"))
            #expect(try Screen(drawingIn: outcome.err).dots == dots)
        } else {
            #expect(outcome.exit == 74)
            #expect(!outcome.err.contains("\u{1B}") && !outcome.err.contains("\u{2588}"))
            #expect(outcome.err.contains("error: the window is too small for the QR code, and it was not drawn"))
            #expect(outcome.err.contains("expected at least \(columns) columns and \(rows) rows"))
        }
    }

    @Test("that does not fit is said in the one document, beside the payment")
    func inDocument() throws {
        let desk = try Desk()
        desk.set("--qr")
        desk.set("--json")
        let outcome = try desk.atTerminal().finish()
        #expect(outcome.exit == 74)
        let said = try JSONDocument(Array(outcome.out.utf8)).root
        #expect(said["ok"]?.boolean == false && said["payment"]?["kind"]?.string == "payment")
        #expect(said["error"]?["code"]?.string == "qr.window-too-small")
    }
}
