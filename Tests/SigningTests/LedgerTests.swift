import AirlockPolicies
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSigning
import Testing

@Suite("The ledger's file")
struct LedgerTests {
    /// Returns a workspace with three payments, signed one minute apart.
    private static func signed() throws -> SigningWorkspace {
        let workspace = try SigningWorkspace()
        for number: UInt8 in 1...3 {
            try workspace.sign(workspace.request(number, nonce: 6 + UInt64(number), after: UInt64(number) * 60))
        }
        return workspace
    }

    private static func read(_ text: String) throws -> Ledger { try Ledger(Array(text.utf8)) }

    @Test("holds a line for each payment, with the hash of the line before")
    func chain() throws {
        let workspace = try Self.signed()
        let ledger = try #require(try workspace.ledger.read())
        let lines = try workspace.lines
        #expect(ledger.entries.map { String(decoding: $0.line, as: UTF8.self) } == lines)
        var before = Hash.zero
        for (number, line) in lines.enumerated() {
            #expect(ledger.entries[number].previous == before)
            before = .keccak(Array(line.utf8))
            #expect(ledger.entries[number].hash == before)
            #expect(try ledger.knows(before))
        }
        #expect(ledger.head == before)
        #expect(try workspace.text.hasSuffix("}\n"))
    }

    @Test("says of a payment what was signed, for whom, when by both clocks, and under which policy")
    func contents() throws {
        let workspace = try SigningWorkspace()
        var request = try workspace.request(after: 60)
        request.rungs = 2
        let payment = try workspace.sign(request)
        let entry = try #require(try workspace.ledger.read()?.entries.first)
        #expect(entry.subject == .payment)
        #expect(entry.chain == .base && entry.from == SampleKey.payer.address)
        #expect(entry.time == request.clock && entry.claimedTime == SigningWorkspace.start)
        guard case .first(let name, _, let method) = entry.request else {
            Issue.record("it is of another form")
            return
        }
        #expect(name == "9f1f6ab8-0000-4000-8000-000000000001" && entry.request == payment.subject)
        #expect(entry.recipient == SampleCharge.recipient && method == "transferTokenPreApproved")
        #expect(entry.spends.map(\.amount) == [1_050_000])
        #expect(entry.policyHash == request.policy.hash && payment.policyHash == entry.policyHash)
        #expect(entry.transactions.map(\.hash) == payment.transactions.map(\.hash))
        #expect(entry.transactions.map(\.nonce) == [7, 7])
        #expect(payment.ledgerHead == entry.hash)
    }

    /// A change of the ledger's lines, with the rule and the line that must be reported.
    struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: LedgerRule
        let place: String
        let change: @Sendable ([String]) -> [String]

        init(_ name: String, _ code: LedgerRule, _ place: String, _ change: @escaping @Sendable ([String]) -> [String])
        {
            testDescription = name
            self.code = code
            self.place = place
            self.change = change
        }
    }

    private static func altered(_ line: String, _ old: String, _ new: String) -> String {
        guard let range = line.firstRange(of: old) else { return "there is no \(old)" }
        return line[..<range.lowerBound] + new + line[range.upperBound...]
    }

    private static let tamperings = [
        Tampering("an amount of the first line", .brokenChain, "line 2") {
            [altered($0[0], "\"1050000\"", "\"1050001\""), $0[1], $0[2]]
        },
        Tampering("an amount of the second line", .brokenChain, "line 3") {
            [$0[0], altered($0[1], "\"1050000\"", "\"1050001\""), $0[2]]
        },
        Tampering("the first line's predecessor", .brokenChain, "line 1") {
            [altered($0[0], "\(Hash.zero)", "\(Hash.keccak([1]))"), $0[1], $0[2]]
        },
        Tampering("two lines changed places", .brokenChain, "line 2") { [$0[0], $0[2], $0[1]] },
        Tampering("the first is missing", .brokenChain, "line 1") { [$0[1], $0[2]] },
        Tampering("the second is missing", .brokenChain, "line 2") { [$0[0], $0[2]] },
        Tampering("a line stands twice", .brokenChain, "line 3") { [$0[0], $0[1], $0[1], $0[2]] },
        Tampering("a beginning stands in the middle", .brokenChain, "line 2") { lines in
            let begin = LedgerEntry(
                .begin, previous: .keccak(Array(lines[0].utf8)), time: SigningWorkspace.start,
                claimedTime: SigningWorkspace.start)
            return [lines[0], String(decoding: begin.line, as: UTF8.self)]
        },
        Tampering("an empty line", .malformed, "line 2") { [$0[0], "", $0[1]] },
        Tampering("no JSON", .malformed, "line 1") { ["nonsense", $0[1]] },
        Tampering("nothing but nonsense", .notALedger, "line 1") { _ in ["nonsense", "more of it"] },
        Tampering("a member is missing", .malformed, "line 3") {
            [$0[0], $0[1], altered($0[2], ",\"method\":\"transferTokenPreApproved\"", "")]
        },
        Tampering("a member that nobody knows", .malformed, "line 1") {
            [altered($0[0], "\"airlock\":1", "\"airlock\":1,\"note\":\"x\""), $0[1]]
        },
        Tampering("a member of a transaction that nobody knows", .malformed, "line 1") {
            [altered($0[0], "{\"role\"", "{\"note\":\"x\",\"role\"")]
        },
        Tampering("a member twice", .malformed, "line 1") {
            [altered($0[0], "\"airlock\":1", "\"airlock\":1,\"airlock\":1"), $0[1]]
        },
        Tampering("another kind", .malformed, "line 1") { [altered($0[0], "\"ledger\"", "\"payment\""), $0[1]] },
        Tampering("a later version", .malformed, "line 1") {
            [altered($0[0], "\"airlock\":1", "\"airlock\":2"), $0[1]]
        },
        Tampering("a subject that nobody knows", .unknownSubject, "line 1") {
            [altered($0[0], "\"subject\":\"payment\"", "\"subject\":\"gift\"")]
        },
        Tampering("a space", .otherForm, "line 2") { [$0[0], altered($0[1], ",", ", "), $0[2]] },
        Tampering("a carriage return", .otherForm, "line 1") { [$0[0] + "\r", $0[1]] },
        Tampering("another order of members", .otherForm, "line 1") {
            [altered($0[0], "\"airlock\":1,\"kind\":\"ledger\"", "\"kind\":\"ledger\",\"airlock\":1")] + [$0[1]]
        },
        Tampering("an escape that needs not be", .otherForm, "line 1") { [altered($0[0], "\"pay\"", "\"p\\u0061y\"")] },
        Tampering("an address in lower case", .otherForm, "line 1") {
            [altered($0[0], "\(SampleCharge.recipient)", "\(SampleCharge.recipient)".lowercased())]
        },
    ]

    @Test("is refused when it was tampered with, and the line is named", arguments: tamperings)
    func tampered(tampering: Tampering) throws {
        let workspace = try Self.signed()
        let text = tampering.change(try workspace.lines).map { $0 + "\n" }.joined()
        #expect(refusals { _ = try Self.read(text) } == [Refusal(tampering.code.rawValue, tampering.place)])
        workspace.write(text)
        #expect(refusals { _ = try workspace.ledger.read() } == [Refusal(tampering.code.rawValue, tampering.place)])
    }

    @Test("is refused at the moment of signing too, and stays as it is")
    func tamperedMeanwhile() throws {
        let workspace = try Self.signed()
        let request = try workspace.request(4, nonce: 10, after: 240)
        let text = try workspace.lines.reversed().map { $0 + "\n" }.joined()
        workspace.write(text)
        #expect(refusals { try workspace.sign(request) } == [Refusal("ledger.broken-chain", "line 1")])
        #expect(try workspace.text == text)
    }

    @Test("of which the last line was altered or cut off is known by its head alone")
    func tail() throws {
        let workspace = try Self.signed()
        let head = try #require(try workspace.ledger.read()?.head)
        let lines = try workspace.lines
        let last = Self.altered(lines[2], "\"1050000\"", "\"1050001\"")
        for text in [lines[..<2].joined(separator: "\n") + "\n", (lines[..<2] + [last]).joined(separator: "\n") + "\n"]
        {
            #expect(try !Self.read(text).knows(head))
        }
        #expect(try Self.read(workspace.text).knows(head))
    }

    @Test("may end anywhere, as a crash leaves it: a line counts but for its end, and no part of one")
    func cut() throws {
        let text = Array(try Self.signed().text.utf8)
        let end = UInt8(ascii: "\n")
        for count in 0...text.count {
            let lines = text[..<count].split(separator: end, omittingEmptySubsequences: false)
            let isWhole = count < text.count && count > 0 && text[count] == end
            let ledger = try Ledger(Array(text[..<count]))
            #expect(ledger.entries.count == lines.count - (isWhole ? 0 : 1))
            #expect(ledger.unfinishedBytes == (isWhole ? 0 : lines.last?.count))
            #expect((ledger.unfinished == nil) == (ledger.unfinishedBytes == 0))
        }
    }

    @Test("is refused where something else than the beginning of a line stands at its end")
    func foreignEnd() throws {
        let text = try Self.signed().text
        for rest in ["x", "{}", "\u{0}x", "{}\u{0}", "x\u{0}", "{\"airlock\":1,\"kind\":\"policy\""] {
            let refused = refusals { _ = try Self.read(text + rest) }
            #expect(!refused.isEmpty && refused.allSatisfy { "\($0)".contains("line 4") })
            #expect(refusals { _ = try Self.read(rest) }.map(\.code) == ["ledger.not-a-ledger"])
        }
    }

    @Test("is refused where zero bytes follow a whole line that lacks its end, or fill all of it")
    func zeros() throws {
        let text = try Self.signed().text
        let withZero = String(text.dropLast()) + "\u{0}"
        #expect(refusals { _ = try Self.read(withZero) } == [Refusal("ledger.malformed", "line 3")])
        #expect(refusals { _ = try Self.read("\u{0}\u{0}") }.map(\.code) == ["ledger.not-a-ledger"])
    }

    @Test("holds a last line without its end, which the next writer gives it")
    func lineEnd() throws {
        let workspace = try Self.signed()
        let text = try workspace.text
        workspace.write(String(text.dropLast()))
        #expect(try workspace.ledger.read()?.entries.count == 3)
        // The last line has no line end. Nevertheless, its intent counts as signed.
        let other = try workspace.request(3, nonce: 10, after: 240)
        #expect(refusals { try workspace.sign(other) }.map(\.code) == ["ledger.intent-already-signed"])
        try workspace.sign(workspace.request(3, nonce: 9, after: 180))
        #expect(try workspace.text == text)
        workspace.write(String(text.dropLast()))
        try workspace.sign(workspace.request(4, nonce: 10, after: 240))
        #expect(try workspace.lines.count == 4 && workspace.text.hasPrefix(text))
    }

    @Test("is refused where a whole last line without its end does not follow the one before")
    func otherEnd() throws {
        let workspace = try Self.signed()
        let lines = try workspace.lines
        #expect(
            refusals { _ = try Self.read(lines[0] + "\n" + lines[2]) } == [Refusal("ledger.broken-chain", "line 2")])
    }

    @Test(
        "loses an unfinished line, and zero bytes after it or in its place, when the next is written",
        arguments: [(1, 0), (100, 0), (700, 0), (0, 1), (0, 4096), (1, 1), (700, 512)])
    func unfinished(count: Int, zeros: Int) throws {
        let workspace = try Self.signed()
        let lines = try workspace.lines
        let whole = lines[..<2].map { $0 + "\n" }.joined()
        workspace.write(whole + lines[2].prefix(count) + String(repeating: "\u{0}", count: zeros))
        #expect(try workspace.ledger.read()?.unfinishedBytes == count + zeros)
        let review = try Review(workspace.request(3, nonce: 9, after: 180))
        let warnings = review.checks.filter { $0.subject == .ledger }.flatMap(\.warnings)
        #expect(warnings.filter { $0.contains("unfinished") }.count == 1)
        let payment = try workspace.sign(workspace.request(3, nonce: 9, after: 180))
        #expect(try workspace.lines == lines)
        #expect(try payment.ledgerHead == workspace.ledger.read()?.head)
    }

    @Test("goes on from the head of a lost one, which counts as known")
    func begin() throws {
        let workspace = try SigningWorkspace()
        let lost = Hash.keccak([1])
        try workspace.ledger.create(accepting: lost, time: SigningWorkspace.start, claimedTime: SigningWorkspace.start)
        let ledger = try #require(try workspace.ledger.read())
        #expect(ledger.entries.map(\.subject) == [.begin] && ledger.entries[0].previous == lost)
        #expect(try ledger.knows(lost) && ledger.knows(ledger.head) && !ledger.knows(.zero))
        var request = try workspace.request()
        request.conditions = Conditions(chain: .base, sender: SampleKey.payer.address)
        request.conditions?.ledgerHead = lost
        #expect(Review(request).refusals(.ledger) == [])
        try workspace.sign(request)
        #expect(try workspace.ledger.read()?.entries.map(\.subject) == [.begin, .payment])
    }

    @Test("begins once: over an empty one, never over one that holds a line")
    func beginAgain() throws {
        let workspace = try SigningWorkspace()
        let (time, lost) = (SigningWorkspace.start, Hash.keccak([1]))
        #expect(try workspace.ledger.read() == nil)
        try workspace.ledger.create(accepting: nil, time: time, claimedTime: time)
        #expect(try workspace.text == "")
        // The file has only the beginning of its first line, as after a crash.
        workspace.write("{\"airlock\":1")
        try workspace.ledger.create(accepting: lost, time: time, claimedTime: time)
        #expect(try workspace.lines.count == 1 && workspace.ledger.read()?.knows(lost) == true)
        for head in [nil, lost] {
            #expect(
                refusals { try workspace.ledger.create(accepting: head, time: time, claimedTime: time) }
                    == [Refusal("ledger.already-there", workspace.ledger.path)])
        }
        #expect(try workspace.lines.count == 1)
    }

    @Test("is no ledger when others can write to it", arguments: [0o620, 0o602, 0o666] as [UInt32])
    func writable(mode: UInt32) throws {
        let workspace = try Self.signed()
        try workspace.setMode(mode)
        #expect(
            refusals { _ = try workspace.ledger.read() } == [Refusal("file.writable-by-others", workspace.ledger.path)])
    }
}
