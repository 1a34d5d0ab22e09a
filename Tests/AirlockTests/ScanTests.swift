import AirlockStrictJSON
import AirlockTestSupport
import AirlockToolSupport
import AirlockUR
import Glibc
import Testing

@Suite("Codes that a scanner reads")
struct ScanTests {
    static let content = String(repeating: "{\"airlock\":1,\"kind\":\"conditions\"}\n", count: 40)
    static let ur = UR(bytes: Array(content.utf8))
    static let tools = ["airlock", "airlock-relay"]

    private static func parts(_ count: Int) -> [String] {
        let encoder = FountainEncoder(ur, maximumFragment: 120)
        return (1...count).map { encoder.part(UInt32($0)).text }
    }

    private static func scan(
        _ tool: String, _ lines: [String], _ words: [String] = ["-o", "out.json"], in scratch: Scratch
    ) throws -> Outcome {
        try BuiltTool(tool).run(
            ["scan"] + words, in: scratch.path, input: .text(lines.map { $0 + "\n" }.joined()))
    }

    @Test("make the file, with the habits of all scanners, and end the command", arguments: tools)
    func single(tool: String) throws {
        for line in [
            Self.ur.text, Self.ur.text.uppercased(), "QR-Code:" + Self.ur.text.uppercased(), "  \(Self.ur.text)\r",
            "qr-code:\(Self.ur.text)",
        ] {
            let scratch = try Scratch()
            let outcome = try Self.scan(tool, ["", line, "nothing after it is read"], in: scratch)
            #expect(outcome.exit == 0 && outcome.err == "\(tool): wrote out.json\n", "\(outcome.err)")
            #expect(try scratch.content("out.json") == Self.content)
        }
    }

    @Test("make the file of parts in any order, doubled, and with others between them", arguments: tools)
    func parts(tool: String) throws {
        let parts = Self.parts(40)
        for _ in 0..<5 {
            let scratch = try Scratch()
            var lines = (parts + parts).filter { _ in Int.random(in: 0..<10) >= 3 }.shuffled()
            lines.insert("https://example.org/", at: 1)
            lines.insert(lines[0].dropLast(2).description, at: 2)
            lines.insert("https://example.org/", at: 3)
            let outcome = try Self.scan(tool, lines, in: scratch)
            #expect(outcome.exit == 0, "\(outcome.err)")
            #expect(try scratch.content("out.json") == Self.content)
            #expect(outcome.err.components("passed over: the text does not have the form") == 1)
        }
    }

    @Test("that are foreign are named, and nothing is written", arguments: tools)
    func foreign(tool: String) throws {
        let scratch = try Scratch()
        let foreign = "ur:crypto-psbt/aeadaolazmjendeoti"
        let outcome = try Self.scan(tool, ["ethereum:0x00", foreign, "\u{1B}[2J"], in: scratch)
        #expect(outcome.exit == 66)
        #expect(outcome.err.contains("passed over: the uniform resource is of another type; saw crypto-psbt"))
        #expect(outcome.err.contains("error: no code that holds a file was scanned"))
        #expect(!outcome.err.contains("\u{1B}"))
        #expect(try scratch.names.isEmpty)
        let json = try Self.scan(tool, [], ["-o", "out.json", "--json"], in: scratch)
        #expect(try refusalDocument(json.out)["error"]?["code"]?.string == "scan.nothing")
    }

    @Test("of a payment URI with an amount make a request, as long as no part of another came", arguments: tools)
    func paymentURI(tool: String) throws {
        let uri = "ethereum:0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359@8453?value=1e18"
        let scratch = try Scratch()
        let outcome = try Self.scan(tool, ["ethereum:0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", uri], in: scratch)
        #expect(outcome.exit == 0 && outcome.err.contains("passed over"), "\(outcome.err)")
        #expect(try scratch.content("out.json") == uri + "\n")
        let among = try Self.scan(
            tool, [Self.parts(1)[0], uri] + Self.parts(40).dropFirst(), ["-o", "file.json"], in: scratch)
        #expect(among.exit == 0 && among.err.contains("passed over"), "\(among.err)")
        #expect(try scratch.content("file.json") == Self.content)
    }

    @Test("that are too few make nothing", arguments: tools)
    func incomplete(tool: String) throws {
        let scratch = try Scratch()
        let parts = Self.parts(12)
        let outcome = try Self.scan(tool, Array(parts.prefix(7)) + [parts[0]], in: scratch)
        #expect(outcome.exit == 65)
        #expect(outcome.err.contains("error: the scanner ended before all parts came: 7 of 12 parts came"))
        #expect(try scratch.names.isEmpty)
        let json = try Self.scan(tool, parts.dropLast(), ["-o", "out.json", "--json"], in: scratch)
        #expect(try refusalDocument(json.out)["error"]?["code"]?.string == "scan.incomplete")
    }

    @Test("that are damaged or foreign do not end the scan when one part is missing", arguments: tools)
    func damagedLast(tool: String) throws {
        let parts = Self.parts(12)
        let other = FountainEncoder(UR(bytes: [UInt8](repeating: 7, count: 2000)), maximumFragment: 120)
        // Each of these texts has a wrong checksum: the last part, a part of another message, and a whole message in
        // one code.
        for wrong in [Self.damaged(parts[11]), Self.damaged(other.part(3).text), "ur:bytes/aeadaolazmjendeowf"] {
            let scratch = try Scratch()
            let outcome = try Self.scan(tool, Array(parts.prefix(11)) + [wrong, parts[11]], in: scratch)
            #expect(outcome.exit == 0, "\(outcome.err)")
            #expect(outcome.err.contains("passed over: the checksum does not match"))
            #expect(try scratch.content("out.json") == Self.content)
        }
    }

    /// Replaces the last byteword of a text, so that the checksum of its bytewords is wrong.
    private static func damaged(_ text: String) -> String {
        String(text.dropLast(2)) + (text.hasSuffix("ae") ? "ad" : "ae")
    }

    @Test("of a message whose own checksum is wrong end the scan with the last part", arguments: tools)
    func wrongMessage(tool: String) throws {
        // Two parts whose own checksums are right. The checksum of the message is wrong in both.
        let numbers: [UInt64] = [1, 2]
        let lines = numbers.map { number in
            let part = CBOR.list([.unsigned(number), .unsigned(2), .unsigned(2), .unsigned(0), .bytes([1])])
            return "ur:bytes/\(number)-2/" + Bytewords.encode(part.encoded)
        }
        let scratch = try Scratch()
        let outcome = try Self.scan(tool, lines + [Self.ur.text], ["-o", "out.json", "--json"], in: scratch)
        #expect(outcome.exit == 65)
        #expect(try refusalDocument(outcome.out)["error"]?["code"]?.string == "ur.wrong-checksum")
        #expect(try scratch.names.isEmpty)
    }

    @Test("of ur:bytes that hold no byte string are passed over, and end the scan only in parts", arguments: tools)
    func noByteString(tool: String) throws {
        let scratch = try Scratch()
        let text = UR(type: "bytes", .text("x"))
        // A message of a single part (1-1) is a single code, too.
        let onlyPart = FountainEncoder(text, maximumFragment: 120).part(1).text
        let singles = [text.text, onlyPart, "ur:bytes/aeadaolazmjendeoti"]
        let outcome = try Self.scan(tool, singles + [Self.ur.text], in: scratch)
        #expect(outcome.exit == 0, "\(outcome.err)")
        #expect(outcome.err.contains("passed over: a value is not of the kind that is expected here"))
        #expect(try scratch.content("out.json") == Self.content)
        let encoder = FountainEncoder(UR(type: "bytes", .text(Self.content)), maximumFragment: 120)
        let parts = (1...encoder.count).map { encoder.part(UInt32($0)).text }
        #expect(parts.count == 12)
        let ended = try Self.scan(tool, parts + [Self.ur.text], ["-o", "new.json", "--json"], in: scratch)
        #expect(ended.exit == 65)
        #expect(try refusalDocument(ended.out)["error"]?["code"]?.string == "cbor.wrong-type")
        #expect(try scratch.names == ["out.json"])
    }

    @Test("take no other file's place, and go to standard output where no file is named", arguments: tools)
    func output(tool: String) throws {
        let scratch = try Scratch()
        scratch.file("out.json", "mine")
        #expect(try Self.scan(tool, [Self.ur.text], in: scratch).exit == 73)
        #expect(try scratch.content("out.json") == "mine")
        #expect(try Self.scan(tool, [Self.ur.text], ["-o", "out.json", "--force"], in: scratch).exit == 0)
        #expect(try scratch.content("out.json") == Self.content)
        #expect(try Self.scan(tool, [Self.ur.text], [], in: scratch).out == Self.content)
        #expect(try Self.scan(tool, [Self.ur.text], ["--json"], in: scratch).exit == 64)
        let json = try Self.scan(tool, [Self.ur.text], ["--json", "-o", "new.json"], in: scratch)
        #expect(try document(json.out)["file"]?.string == "new.json")
    }

    @Test("show their progress at a terminal, a wrong one by name, and end by themselves", arguments: tools)
    func terminal(tool: String) throws {
        let scratch = try Scratch()
        let terminal = try Terminal(
            BuiltTool(tool), ["scan", "-o", "out.json"], in: scratch.path, columns: 200, keeping: scratch)
        let parts = Self.parts(12)
        for (index, part) in parts.dropLast().enumerated() {
            terminal.type("\(part)\n")
            try terminal.wait(for: "\(index + 1) of 12")
        }
        terminal.type("ur:crypto-psbt/aeadaolazmjendeoti\n")
        try terminal.wait(for: "passed over")
        terminal.type("\(parts[11])\n")
        let outcome = try terminal.finish()
        #expect(outcome.exit == 0, "\(outcome.err)")
        #expect(try scratch.content("out.json") == Self.content)
    }

    @Test("come from a scanner that the command starts, which has ended with it", arguments: tools)
    func camera(tool: String) throws {
        let scratch = try Scratch()
        scratch.folder("bin")
        let lines = Self.parts(12).map { "echo '\($0.uppercased())'\n" }.joined()
        scratch.file(
            "bin/zbarcam", "#!/bin/sh\necho $$ > pid\necho \"$@\" > words\n\(lines)exec sleep 100\n", mode: 0o755)
        let environment = ["PATH": scratch("bin") + ":/usr/bin:/bin"]
        let words = ["scan", "--camera", "-o", "out.json"]
        let outcome = try BuiltTool(tool).run(words, in: scratch.path, environment: environment)
        #expect(outcome.exit == 0, "\(outcome.err)")
        #expect(try scratch.content("out.json") == Self.content)
        #expect(try scratch.content("words") == "--raw --quiet -Sdisable -Sqrcode.enable\n")
        let process = try #require(Int32(scratch.content("pid").dropLast()))
        #expect(kill(process, 0) != 0)
        let none = try BuiltTool(tool).run(
            words + ["--json"], in: scratch.path, environment: ["PATH": scratch("nowhere")])
        #expect(none.exit == 66)
        #expect(try refusalDocument(none.out)["error"]?["code"]?.string == "scan.no-scanner")
    }
}

extension String {
    /// Returns how often a text occurs in this string.
    fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
