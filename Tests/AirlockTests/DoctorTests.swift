import Foundation
import AirlockStrictJSON
import AirlockTestSupport
import Testing
import AirlockToolSupport

@Suite("The doctor")
struct DoctorTests {
    let workspace: KeyWorkspace

    init() throws { workspace = try KeyWorkspace() }

    private func examine(_ words: [String], _ environment: [String: String] = [:]) throws -> (Outcome, [String: String])
    {
        let outcome = try BuiltTool("airlock").run(
            ["doctor", "--json"] + words, in: workspace.scratch.path,
            environment: environment.merging(["HOME": workspace.scratch.path]) { $1 })
        let findings = try #require(JSONDocument(Array(outcome.out.utf8)).root["findings"]?.elements)
        let pairs = findings.compactMap { finding in
            finding["subject"]?.string.flatMap { subject in finding["status"]?.string.map { (subject, $0) } }
        }
        return (outcome, Dictionary(pairs) { $1 })
    }

    /// Whether the kernel reports that a network interface other than the loopback is up.
    private var interfacesUp: Bool {
        let folder = "/sys/class/net"
        return (try? FileManager.default.contentsOfDirectory(atPath: folder))?.contains { name in
            let flags = try? String(contentsOfFile: "\(folder)/\(name)/flags", encoding: .utf8)
            return name != "lo" && flags?.split(separator: "\n").first?.last.map { "13579bdf".contains($0) } == true
        } ?? false
    }

    @Test("finds nothing bad here, and looks at eight things")
    func healthy() throws {
        workspace.scratch.file("policy.json", try Workspace().content("policy.json"))
        let (outcome, findings) = try examine(["-k", "key.hex", "--policy", "policy.json"])
        #expect(outcome.exit == 0)
        #expect(
            findings == [
                "clock": "ok", "network": interfacesUp ? "warn" : "ok", "key": "ok", "memory": "ok", "sandbox": "ok",
                "fips": "ok", "policy": "ok", "ledger": "ok",
            ])
    }

    @Test("finds each thing that is bad by itself, and ends as it does")
    func bad() throws {
        workspace.scratch.file("readable", SamplePayment.payerKey, mode: 0o640)
        workspace.scratch.file("policy.json", "{}")
        workspace.scratch.file("ledger.jsonl", "{}\n")
        let cases: [([String], [String: String], String)] = [
            (["-k", "readable"], [:], "key"), (["-k", "none"], [:], "key"),
            (["--policy", "policy.json"], [:], "policy"), (["--ledger", "ledger.jsonl"], [:], "ledger"),
            ([], ["LIBGCRYPT_FORCE_FIPS_MODE": "1"], "fips"),
        ]
        for (words, environment, subject) in cases {
            let (outcome, findings) = try examine(words, environment)
            #expect(outcome.exit != 0, "\(subject)")
            #expect(findings[subject] == "bad", "\(subject)")
            #expect(findings.filter { $0.value == "bad" }.keys.allSatisfy { [subject, "memory"].contains($0) })
        }
        #expect(try examine(["-k", "readable"]).0.exit == 77)
    }

    /// Each row has the content of a key file, and the rule that it breaks; `nil` if the file holds a key.
    private static let keyFiles: [(String, String?)] = [
        (SamplePayment.payerKey, nil), (KeyWorkspace.mnemonic, nil), ("\u{FEFF}" + KeyWorkspace.mnemonic + "\r\n", nil),
        ("", "key.not-hex"), ("hello", "key.not-hex"), (String(SamplePayment.payerKey.dropLast()), "key.not-hex"),
        (SamplePayment.payerKey + "\n" + SamplePayment.payerKey, "key.not-hex"),
        (String(repeating: "0", count: 64), "key.out-of-range"), ("hello dear world", "mnemonic.unknown-word"),
        ("test junk", "mnemonic.word-count"), (KeyWorkspace.mnemonic.uppercased(), "mnemonic.not-english"),
        (String(repeating: "test ", count: 11) + "test", "mnemonic.wrong-checksum"),
        (KeyWorkspace.mnemonic.replacing(" ", with: "\n"), "mnemonic.unknown-word"), ("{}", "json.missing-field"),
    ]

    @Test("finds a key file bad that holds no key, as every command that opens it", arguments: keyFiles)
    func keyFile(content: String, code: String?) throws {
        workspace.scratch.file("other.hex", content, mode: 0o600)
        let (outcome, findings) = try examine(["-k", "other.hex"])
        #expect(findings["key"] == (code == nil ? "ok" : "bad"))
        #expect(outcome.exit == (code == nil ? 0 : 65))
        guard let code else { return }
        #expect(try refusalDocument(outcome.out)["error"]?["code"]?.string == code)
        let opened = try workspace.run("key", "address", "other.hex", "--passphrase-file", "empty", "--json")
        let withoutPassphrase = try workspace.run("key", "address", "other.hex", "--json")
        let codes = try [opened, withoutPassphrase].map { try refusalDocument($0.out)["error"]?["code"]?.string }
        #expect(codes.contains(code))
    }

    @Test("says each thing in lines of 80 columns, with what to do under it")
    func text() throws {
        workspace.scratch.file("readable", SamplePayment.payerKey, mode: 0o640)
        let outcome = try BuiltTool("airlock").run(
            ["doctor", "-k", "readable"], in: workspace.scratch.path,
            environment: ["HOME": workspace.scratch.path, "COLUMNS": "80"])
        #expect(outcome.exit == 77 && outcome.err.isEmpty)
        #expect(outcome.out.contains("bad   key      other users can open the secret file (readable)\n"))
        #expect(outcome.out.contains("\n               hint: chmod 600 readable\n"))
        #expect(
            outcome.out.split(separator: "\n").allSatisfy { $0.count <= 80 || !$0.drop { $0 == " " }.contains(" ") })
    }
}
