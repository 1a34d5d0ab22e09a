import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockPaymentFiles
import AirlockSigning
import AirlockTestSupport
import Testing

@testable import AirlockEvidence

@Suite("Entries that were taken out of a ledger")
struct LedgerExcerptTests {
    /// Returns a ledger of payments that are one second apart, and the entries of the ledger.
    private static func ledger(_ count: UInt64, _ scratch: Scratch) -> (file: LedgerFile, entries: [LedgerEntry]) {
        var entries: [LedgerEntry] = []
        for second in 0..<count {
            let time = Timestamp(seconds: 1_773_131_449 + second)
            var entry = LedgerEntry(
                .payment, previous: entries.last?.hash ?? .zero, time: time, claimedTime: time)
            entry.request = .request(kind: "transfer", key: Hash { UInt8($0) }, reference: "invoice \(second)")
            entries.append(entry)
        }
        let text = entries.map { String(decoding: $0.line, as: UTF8.self) + "\n" }.joined()
        return (LedgerFile(scratch.file("ledger.jsonl", text)), entries)
    }

    private static func rule(_ body: () throws -> Void) -> (any Rule)? {
        do {
            try body()
            return nil
        } catch { return (error as? any RuleBroken)?.problems.first?.rule }
    }

    @Test("begin with the one that is asked for, end with the head or the one that is named, and read as they were")
    func ends() throws {
        let scratch = try Scratch()
        let (file, entries) = Self.ledger(5, scratch)
        let second = entries[1]
        let whole = try #require(try LedgerExcerpt(of: file) { $0.time == second.time })
        #expect(whole.entries.map(\.hash) == entries[1...].map(\.hash) && whole.head == entries[4].hash)
        let short = try #require(try LedgerExcerpt(of: file, to: entries[2].hash) { $0.time == second.time })
        #expect(short.entries.map(\.hash) == entries[1...2].map(\.hash))
        #expect(try LedgerExcerpt(whole.bytes).entries.map(\.hash) == whole.entries.map(\.hash))
        #expect(try LedgerExcerpt(of: file) { _ in false } == nil)
        #expect(try LedgerExcerpt(of: LedgerFile(scratch("none"))) { _ in true } == nil)
        // The excerpt must contain the second entry. So it cannot end at the first entry, which is earlier.
        let before = Self.rule { _ = try LedgerExcerpt(of: file, to: entries[0].hash) { $0.time == second.time } }
        #expect(before as? EvidenceRule == .headUnknown)
    }

    @Test("are refused where they are too many for one folder")
    func tooMany() throws {
        let scratch = try Scratch()
        let (file, entries) = Self.ledger(5, scratch)
        let size = entries.reduce(0) { $0 + $1.line.count + 1 }
        #expect(try LedgerExcerpt(of: file, atMost: size) { _ in true } != nil)
        let refused = Self.rule { _ = try LedgerExcerpt(of: file, atMost: size - 1) { _ in true } }
        #expect(refused as? EvidenceRule == .tooManyEntries)
    }

    @Test("are refused where one was altered, moved, doubled or taken out, and where the end of a line is missing")
    func broken() throws {
        let scratch = try Scratch()
        let lines = Self.ledger(3, scratch).entries.map { $0.line + [0x0a] }
        func rule(_ lines: [[UInt8]]) -> (any Rule)? { Self.rule { _ = try LedgerExcerpt(lines.flatMap(\.self)) } }
        #expect(rule(lines) == nil && rule([lines[1], lines[2]]) == nil)
        for changed in [[lines[0], lines[2]], [lines[1], lines[0]], [lines[0], lines[0]]] {
            #expect(rule(changed) as? EvidenceRule == .brokenChain)
        }
        #expect(rule([lines[0], lines[1].dropLast()]) as? LedgerRule == .malformed)
        #expect(rule([lines[0], [0x0a], lines[1]]) as? LedgerRule == .malformed)
        #expect(rule([]) as? LedgerRule == .malformed)
        let spaced = Array(
            String(decoding: lines[1], as: UTF8.self).replacing(":", with: ": ", maxReplacements: 1).utf8)
        #expect(rule([lines[0], spaced]) as? LedgerRule == .malformed)
    }
}

@Suite("The text of a page of evidence")
struct HTMLTests {
    @Test(
        "stays text, and shows what could not be seen",
        arguments: [
            ("a & b", "a &amp; b"), ("<script>", "&lt;script&gt;"), ("\" onload='x'", "&quot; onload=&#39;x&#39;"),
            ("\u{202E}evil", "\\u{202e}evil"), ("a\u{0}\u{7F}\u{9B}b", "a\\u{0}\\u{7f}\\u{9b}b"),
            ("\u{200B}\u{FEFF}", "\\u{200b}\\u{feff}"), ("p\u{430}ypal", "p\\u{430}ypal"),
            ("one\ntwo\ttab\r", "one\ntwo\\u{9}tab\\u{d}"),
        ])
    func text(foreign: String, shown: String) {
        var html = HTML()
        html.add(foreign)
        #expect(html.text == shown)
        var table = HTML()
        table.table(foreign, [foreign], [[foreign], ["0x\(foreign)"]])
        #expect(table.text.split(separator: shown, omittingEmptySubsequences: false).count == 7, "also in an attribute")
    }

    @Test(
        "is Base64 where a hash of the style stands",
        arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func base64(text: String, encoded: String) { #expect(EvidencePage.base64(Array(text.utf8)) == encoded) }
}
