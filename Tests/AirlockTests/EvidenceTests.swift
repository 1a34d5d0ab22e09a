import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockToolSupport
import Foundation
import Testing
import AirlockSamples

@Suite("Evidence of what was signed")
struct EvidenceTests {
    private static func codes(_ outcome: Outcome) throws -> [String] {
        try Refusal.problems(in: outcome.out).map(\.code)
    }

    @Test(
        "is gathered, and proved without a key, a ledger or a policy",
        arguments: EvidenceCase.charges + EvidenceCase.others)
    func kinds(one: EvidenceCase) throws {
        let workspace = try one.workspace()
        let made = try workspace.tool(one.words())
        try #require(made.exit == 0, "\(made.err)")
        let names = try FileManager.default.contentsOfDirectory(atPath: workspace.path("evidence"))
        #expect(
            Set([one.signed, "policy.json", "ledger.jsonl", "review.txt", "index.html", "manifest.json"]).isSubset(
                of: names))
        #expect(try workspace.content("evidence/\(one.signed)") == workspace.content("signed.json"))
        // `verify` runs in another folder and with an empty environment. So it finds only the files in the evidence
        // folder.
        let verified = try BuiltTool("airlock").run(["verify", workspace.path("evidence")], in: "/", environment: [:])
        #expect(verified.exit == 0, "\(verified.err)")
        #expect(verified.out.contains("files: all \(names.count - 1) files are those that the manifest names"))
        let said = verified.out.split { $0.isWhitespace }.joined(separator: " ")
        #expect(verified.out.contains("\nwarn") == (one.warning != nil), "\(verified.out)")
        if let warning = one.warning { #expect(said.contains("warn conditions: \(warning)"), "\(verified.out)") }
        let json = try document(workspace.tool("verify", "evidence", "--json").out)
        #expect(json["kind"]?.string == "evidence")
        #expect(json["of"]?.string == String(one.signed.dropLast(5)))
        let page = try workspace.content("evidence/index.html")
        #expect(page.utf8.allSatisfy { 0x20...0x7e ~= $0 || $0 == 0x0a })
        for tag in ["<script", "<img", "src=\"", "href=\"", "url(", "@import", "http://", "https://"] {
            #expect(!page.contains(tag), "\(tag)")
        }
        // `evidence` can also take an evidence folder as its input. It then makes the same files again.
        #expect(try workspace.tool("evidence", "evidence", "-o", "again").exit == 0)
        for name in names {
            #expect(try workspace.content("again/\(name)") == workspace.content("evidence/\(name)"), "\(name)")
        }
    }

    @Test("of a line of a payroll is of that line, with the conditions that all share")
    func line() throws {
        let workspace = try Workspace()
        let usdc = """
            {"address":"\(SamplePayment.usdc)","symbol":"USDC","decimals":"6","balance":"5000000","gas":"62000"}
            """
        try workspace.edit("conditions.json", "\"nativeBalance\"", "\"tokens\":[\(usdc)],\"nativeBalance\"")
        let conditions = try workspace.content("conditions.json")
        let start = try #require(conditions.range(of: ",\"token\":{")?.lowerBound)
        workspace.write("conditions.json", conditions[..<start] + "}")
        let lines = (1...3).map { number in
            """
            {"request":{"airlock":1,"kind":"transfer","chainId":"8453","from":"\(SamplePayment.payer)",\
            "to":"\(SamplePayment().recipient)","token":"\(SamplePayment.usdc)","amount":"\(number)00",\
            "reference":"salary \(number)"}}
            """
        }
        workspace.write("payroll.jsonl", lines.joined(separator: "\n") + "\n")
        workspace.input = .file(workspace.path("payroll.jsonl"))
        workspace.operands = []
        workspace.drop("--yes")
        workspace.set("--lines")
        let signed = try workspace.run()
        #expect(signed.exit == 0, "\(signed.err)")
        workspace.write("signed.jsonl", signed.out)
        let words = [
            "evidence", "signed.jsonl", "--request", "payroll.jsonl", "-c", "conditions.json", "--policy",
            "policy.json",
        ]
        let made = try workspace.tool(words + ["--line", "2", "-o", "second"])
        #expect(made.exit == 0, "\(made.err)")
        #expect(try workspace.content("second/line.json") == lines[1])
        let verified = try workspace.tool("verify", "second")
        #expect(verified.exit == 0 && !verified.out.contains("\nwarn"), "\(verified.err)")
        #expect(verified.out.contains("1 entry follows it"))
        workspace.write("one.json", lines[0])
        workspace.write("answer.json", String(signed.out.split(separator: "\n")[0]))
        let alone = [
            "evidence", "answer.json", "--request", "one.json", "-c", "conditions.json", "--policy", "policy.json",
        ]
        #expect(try workspace.tool(alone + ["-o", "first"]).exit == 0)
        #expect(try workspace.tool("verify", "first").exit == 0)
        #expect(try workspace.tool(words + ["--line", "4", "-o", "x"]).exit == 64)
        let unnamed = try workspace.tool(words + ["-o", "x", "--json"])
        #expect(try Refusal.problems(in: unnamed.out) == [.init("usage.missing-value", "--line")])
    }

    @Test("of a line that is typed data is of its signature, and there is none of an empty line or a refused one")
    func messageLine() throws {
        let workspace = try Workspace()
        try workspace.edit("policy.json", "\"recipients\"", "\"messages\":[],\"recipients\"")
        let message = DescribeTests.permit.replacing("\n", with: "")
        workspace.write("lines.jsonl", "\n{\"request\":\(message)}\n{\"request\":{}}\n")
        workspace.input = .file(workspace.path("lines.jsonl"))
        workspace.operands = []
        workspace.drop("--yes", "-c")
        workspace.set("--lines")
        let signed = try workspace.run()
        #expect(signed.exit == 10, "the other lines are refused: \(signed.err)")
        workspace.write("answers.jsonl", signed.out)
        let words = ["evidence", "answers.jsonl", "--request", "lines.jsonl", "--policy", "policy.json"]
        let made = try workspace.tool(words + ["--line", "2", "-o", "second"])
        #expect(made.exit == 0, "\(made.err)")
        #expect(try workspace.tool("verify", "second").out.contains("that is the digest of the message in line.json"))
        for number in ["1", "3"] {
            let refused = try workspace.tool(words + ["--line", number, "-o", "refused", "--json"])
            #expect(try Refusal.problems(in: refused.out).first == .init("evidence.no-place", "/ok"))
        }
        #expect(try workspace.tool(words + ["--line", "4", "-o", "beyond"]).exit == 64)
    }

    @Test("of a batch of a Safe whose hash was approved is refused, since nothing names the nonce")
    func batch() throws {
        let workspace = try SafePayment().workspace()
        workspace.write("tx.json", SafePayment.batch(2))
        for (name, value) in [
            ("--safe", SafePayment.safe), ("--safe-nonce", "71"), ("--nonce", "5"), ("--gas", "60000"),
            ("--max-fee", "1gwei"), ("--priority-fee", "0.01gwei"), ("-o", "signed.json"),
        ] {
            workspace.set(name, value)
        }
        workspace.set("--approve-hash")
        let signed = try workspace.run()
        #expect(signed.exit == 0, "\(signed.err)")
        let refused = try workspace.tool(
            "evidence", "signed.json", "--request", "tx.json", "--policy", "policy.json", "-o", "x", "--json")
        #expect(try Refusal.problems(in: refused.out) == [.init("evidence.no-place", "tx.json")])
    }

    // MARK: What is altered

    private static let altered = ["a transfer file": EvidenceCase.transferFile, "a Safe transaction": .safeTransaction]

    @Test(
        "refuses every file of which a byte was altered, whether the manifest says so or not",
        arguments: altered.keys.sorted())
    func bytes(name: String) throws {
        let one = try #require(Self.altered[name])
        let workspace = try one.workspace()
        try #require(workspace.tool(one.words()).exit == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: workspace.path("evidence")).sorted()
        for file in names {
            let whole = try workspace.content("evidence/\(file)")
            // One digit in the second half of the file is increased by 1. In a JSON file, this changes a value.
            var bytes = Array(whole.utf8)
            let half = bytes.count / 2
            let place = try #require(bytes[half...].firstIndex { (UInt8(ascii: "0")...UInt8(ascii: "8")).contains($0) })
            bytes[place] += 1
            workspace.write("evidence/\(file)", String(decoding: bytes, as: UTF8.self))
            let outcome = try workspace.tool("verify", "evidence", "--json")
            let problems = try Refusal.problems(in: outcome.out)
            if file == "manifest.json" {
                #expect(outcome.exit == 10 || outcome.exit == 65, "\(outcome.out)")
            } else {
                #expect(outcome.exit == 10)
                #expect(problems == [.init("evidence.altered-file", "evidence/\(file)")])
                // `verify` also finds the altered file if the manifest has been rewritten to match this file.
                try Self.rewriteManifest(workspace, "evidence")
                let second = try workspace.tool("verify", "evidence", "--json")
                #expect([10, 65, 78].contains(second.exit), "\(file): \(second.out)")
                #expect(try Refusal.problems(in: second.out).allSatisfy { $0.field?.isEmpty == false }, "\(second.out)")
            }
            workspace.write("evidence/\(file)", whole)
            try Self.rewriteManifest(workspace, "evidence")
        }
        #expect(try workspace.tool("verify", "evidence").exit == 0)
    }

    /// Writes a manifest that matches the files. A person who alters a file could do this to hide the change.
    static func rewriteManifest(_ workspace: Workspace, _ folder: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: workspace.path(folder)).sorted()
        let files = try names.filter { $0 != "manifest.json" }.map { name in
            let sum = try #require(BuiltTool.installed("sha256sum")).run([name], in: workspace.path(folder)).out.prefix(
                64)
            let size = try workspace.content("\(folder)/\(name)").utf8.count
            return "{\"name\":\"\(name)\",\"size\":\"\(size)\",\"sha256\":\"0x\(sum)\"}"
        }
        workspace.write(
            "\(folder)/manifest.json",
            "{\"airlock\":1,\"kind\":\"evidence\",\"version\":\"0.1.0\",\"files\":[\(files.joined(separator: ","))]}")
    }

    @Test("refuses a file too many, one too few, a folder, a link, and a name that evidence does not have")
    func names() throws {
        let one = EvidenceCase.transferFile
        let workspace = try one.workspace()
        try #require(workspace.tool(one.words()).exit == 0)
        func refused(_ expected: [Refusal], exit: Int32 = 10) throws {
            let outcome = try workspace.tool("verify", "evidence", "--json")
            #expect(outcome.exit == exit, "\(outcome.out)")
            #expect(try Refusal.problems(in: outcome.out) == expected)
        }
        let files = FileManager.default
        workspace.write("evidence/notes.txt", "hello")
        workspace.folder("evidence/.hidden")
        try refused([
            .init("evidence.unknown-file", "evidence/.hidden"),
            .init("evidence.unknown-file", "evidence/notes.txt"),
        ])
        try Self.rewriteManifestNaming("notes.txt", workspace)
        try refused([.init("evidence.unknown-file", "/files/7/name")])
        for name in ["notes.txt", ".hidden"] { try files.removeItem(atPath: workspace.path("evidence/\(name)")) }
        try Self.rewriteManifest(workspace, "evidence")
        try files.moveItem(atPath: workspace.path("evidence/conditions.json"), toPath: workspace.path("away"))
        try refused([.init("evidence.missing-file", "evidence/conditions.json")])
        try files.createSymbolicLink(
            atPath: workspace.path("evidence/conditions.json"), withDestinationPath: workspace.path("away"))
        try refused([.init("file.symbolic-link", "evidence/conditions.json")], exit: 77)
        try files.removeItem(atPath: workspace.path("evidence/conditions.json"))
        workspace.folder("evidence/conditions.json")
        try refused([.init("file.not-regular", "evidence/conditions.json")], exit: 66)
        try files.removeItem(atPath: workspace.path("evidence/conditions.json"))
        // Without the conditions file, Airlock can still check the transactions against the request. But then it makes
        // a different review and a different page, which do not match those in the folder.
        try Self.rewriteManifest(workspace, "evidence")
        let outcome = try workspace.tool("verify", "evidence", "--json")
        #expect(try Self.codes(outcome) == ["evidence.other-page", "evidence.other-page"])
        try files.removeItem(atPath: workspace.path("evidence/manifest.json"))
        try refused([.init("evidence.no-manifest", "evidence/manifest.json")], exit: 65)
    }

    private static func rewriteManifestNaming(_ name: String, _ workspace: Workspace) throws {
        let text = try workspace.content("evidence/manifest.json")
        let end = try #require(text.range(of: "]", options: .backwards)?.lowerBound)
        let zero = "0x" + String(repeating: "0", count: 64)
        workspace.write(
            "evidence/manifest.json",
            text[..<end] + ",{\"name\":\"\(name)\",\"size\":\"5\",\"sha256\":\"\(zero)\"}" + text[end...])
    }

    // MARK: What does not fit together

    @Test("refuses another request, other conditions, another policy, and a ledger that does not know it")
    func others() throws {
        let one = EvidenceCase.transferFile
        let workspace = try one.workspace()
        let before = workspace.files
        func refused(_ words: [String], _ expected: [Refusal], exit: Int32 = 10) throws {
            let outcome = try workspace.tool(words + ["--json"])
            #expect(outcome.exit == exit, "\(outcome.out)\(outcome.err)")
            #expect(try Refusal.problems(in: outcome.out) == expected, "\(outcome.out)")
            #expect(!FileManager.default.fileExists(atPath: workspace.path("evidence")))
        }
        let transfer = try workspace.content("transfer.json")
        let conditions = try workspace.content("conditions.json")
        workspace.write("transfer.json", transfer.replacing("onerror", with: "onload"))
        try refused(one.words(), [.init("evidence.other-request", "/request/reference")])
        workspace.write("transfer.json", transfer.replacing("1050000", with: "1050001"))
        try refused(
            one.words(), [.init("evidence.other-transactions", "/transactions/0/raw")])
        workspace.write("transfer.json", transfer)
        workspace.write("conditions.json", conditions.replacing("\"8453\"", with: "\"1\""))
        try refused(one.words(), [.init("conditions.other-chain", "/chainId")])
        workspace.write("conditions.json", conditions)
        try refused(
            one.words() + ["--ledger", "none.jsonl"], [.init("evidence.not-in-ledger", "none.jsonl")])
        try refused(
            one.words().map { $0 == "policy.json" ? "transfer.json" : $0 },
            [.init("policy.malformed", "/kind")], exit: 78)
        try refused(
            ["evidence", "signed.json", "-o", "evidence"], [.init("usage.missing-value", "--request")],
            exit: 64)
        try refused(
            ["evidence", "transfer.json", "--request", "transfer.json", "-o", "evidence"],
            [.init("format.unknown-kind", "/kind")], exit: 65)
        workspace.write("raw.hex", "0x02f8")
        try refused(
            ["evidence", "raw.hex", "--request", "transfer.json", "-o", "evidence"],
            [.init("evidence.no-place", "raw.hex")])
        #expect(Set(workspace.files.keys) == Set(before.keys).union(["raw.hex"]), "nothing is left behind")
    }

    @Test("says plainly where the policy is not that of the time of signing, and what was given by hand")
    func differs() throws {
        let one = EvidenceCase.transferFile
        let workspace = try one.workspace()
        try workspace.edit("policy.json", "Example shop", "Other shop")
        try workspace.edit("conditions.json", "\"nonce\":\"7\",\"gas\":\"180000\"", "\"nonce\":\"9\"")
        #expect(try workspace.tool(one.words()).exit == 0)
        let outcome = try workspace.tool("verify", "evidence")
        #expect(outcome.exit == 0)
        let words = outcome.out.split { $0.isWhitespace }.joined(separator: " ")
        #expect(words.contains("warn policy: the policy here is not the one of the time of signing"))
        #expect(words.contains("warn conditions: nonce 7 was signed, and the conditions say 9"))
        #expect(words.contains("warn conditions: gas 180000 was signed, and the conditions do not name it"))
        #expect(try workspace.content("evidence/index.html").contains("Other shop"))
    }

    @Test("takes no other folder's place, and is made whole or not at all")
    func place() throws {
        let one = EvidenceCase.transferFile
        let workspace = try one.workspace()
        workspace.folder("evidence")
        workspace.write("evidence/mine", "mine")
        let outcome = try workspace.tool(one.words() + ["--json"])
        #expect(outcome.exit == 73)
        #expect(try Self.codes(outcome) == ["file.folder-not-empty"])
        #expect(try workspace.tool(one.words(to: "transfer.json")).exit == 73)
        #expect(try FileManager.default.contentsOfDirectory(atPath: workspace.path("evidence")) == ["mine"])
        #expect(!workspace.files.keys.contains { $0.contains(".airlock-") })
    }

    @Test("holds the ledger's entries to its head, or to one that is named")
    func head() throws {
        let one = EvidenceCase.transferFile
        let workspace = try one.workspace()
        let own = try #require(JSONDocument(Array(workspace.content("signed.json").utf8)).root["ledgerHead"]?.string)
        workspace.write("second.json", try workspace.content("transfer.json").replacing("onerror", with: "second"))
        workspace.operands = ["second.json"]
        workspace.set("--nonce", "8")
        workspace.set("-o", "second-signed.json")
        #expect(try workspace.run().exit == 0)
        #expect(try workspace.tool(one.words()).exit == 0)
        #expect(try workspace.content("evidence/ledger.jsonl").split(separator: "\n").count == 2)
        #expect(try workspace.tool(one.words(to: "short") + ["--head", own]).exit == 0)
        #expect(try workspace.content("short/ledger.jsonl").split(separator: "\n").count == 1)
        #expect(try workspace.tool("verify", "short").out.contains("head \(own)"))
        let known = try workspace.tool("verify", "evidence", "--head", own).out.split { $0.isWhitespace }.joined(
            separator: " ")
        #expect(known.contains("ok ledger: \(own), which you know, is entry 1 of those here"))
        let stranger = try workspace.tool(
            "verify", "evidence", "--head", "0x" + String(repeating: "1", count: 64), "--json")
        #expect(
            try Refusal.problems(in: stranger.out) == [
                .init("evidence.head-unknown", "evidence/ledger.jsonl")
            ])
        #expect(try workspace.tool("verify", "signed.json", "--head", own).exit == 64)
        let unknown = try workspace.tool(
            one.words(to: "x") + ["--head", "0x" + String(repeating: "1", count: 64), "--json"])
        #expect(unknown.exit == 10)
        #expect(try Self.codes(unknown) == ["evidence.head-unknown"])
        // Three altered ledgers: in the first, the second entry is a copy of the first entry; in the second, the two
        // entries are swapped; in the third, the first entry is missing.
        let lines = try workspace.content("evidence/ledger.jsonl").split(separator: "\n").map(String.init)
        for changed in [[lines[0], lines[0]], [lines[1], lines[0]], [lines[1]]] {
            workspace.write("evidence/ledger.jsonl", changed.joined(separator: "\n") + "\n")
            try Self.rewriteManifest(workspace, "evidence")
            let outcome = try workspace.tool("verify", "evidence", "--json")
            #expect(outcome.exit == 10, "\(outcome.out)")
            #expect(
                try Self.codes(outcome).contains { ["evidence.broken-chain", "evidence.other-entry"].contains($0) })
        }
    }

    // MARK: Approvals

    @Test("holds approvals whose signatures are the approvers', and refuses the others")
    func approvals() throws {
        let one = EvidenceCase.transferFile
        let workspace = try one.workspace()
        let hash = "0x" + String(repeating: "5a", count: 32)
        workspace.write("text.txt", "airlock approval 1\n\(hash)")
        workspace.write("approver.hex", SamplePayment.strangerKey, mode: 0o600)
        workspace.write("text-policy.json", "{\"airlock\":1,\"kind\":\"policy\",\"text\":true,\"chains\":{}}")
        let signature = try workspace.tool(
            "sign", "text.txt", "-k", "approver.hex", "--policy", "text-policy.json", "--yes", "--ledger", "other.jsonl"
        )
        try #require(signature.exit == 0, "\(signature.err)")
        let approver = try workspace.tool("key", "address", "approver.hex").out.trimmingCharacters(
            in: .whitespacesAndNewlines)
        let yes = """
            {"airlock":1,"kind":"approval","hash":"\(hash)","approver":"\(approver)",\
            "signature":"\(signature.out.trimmingCharacters(in: .whitespacesAndNewlines))"}
            """
        workspace.write("yes.json", yes)
        #expect(try workspace.tool(one.words() + ["--approval", "yes.json"]).exit == 0)
        let outcome = try workspace.tool("verify", "evidence")
        #expect(outcome.exit == 0, "\(outcome.err)")
        #expect(outcome.out.contains("approval: \(approver) signed the approval of \(hash)"))
        workspace.write("no.json", yes.replacing("0x5a5a", with: "0x5a5b"))
        let refused = try workspace.tool(
            one.words(to: "x") + ["--approval", "yes.json", "--approval", "no.json", "--json"])
        #expect(refused.exit == 10)
        #expect(try Self.codes(refused) == ["signature.other-signer"])
    }

    // MARK: The page

    private static let chromium = BuiltTool.installed("chromium")

    /// Opens a page in a browser. Returns the page as the browser shows it, and the messages in the browser's console.
    private static func show(_ file: String, _ workspace: Workspace) throws -> (page: String, complaints: [String]) {
        let outcome = try #require(chromium).run(
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
                "--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=\(workspace.path("profile"))",
                "--enable-logging=stderr", "--dump-dom", "file://\(workspace.path(file))",
            ], in: workspace.path("."), environment: ["HOME": workspace.path("."), "PATH": "/usr/bin:/bin"],
            seconds: 180)
        #expect(outcome.exit == 0, "\(outcome.err)")
        return (outcome.out, outcome.err.split(separator: "\n").filter { $0.contains(":CONSOLE:") }.map(String.init))
    }

    @Test(
        "has a page that a browser shows in its own style, without a complaint and without running anything",
        .enabled(if: chromium != nil, "there is no chromium"))
    func browser() throws {
        let one = EvidenceCase.transferFile
        let workspace = try one.workspace()
        #expect(try workspace.tool(one.words()).exit == 0)
        let (page, complaints) = try Self.show("evidence/index.html", workspace)
        #expect(complaints == [])
        #expect(page.contains("&lt;img src=x onerror=alert(1)&gt;") && !page.contains("<img"))
        // The page's Content Security Policy allows only the style that Airlock wrote, and no script. So it blocks a
        // style that somebody changed and a script that somebody added.
        let text = try workspace.content("evidence/index.html")
        workspace.write("style.html", text.replacing("--ground: #f8f7f4", with: "--ground: #f8f7f5"))
        workspace.write("script.html", text.replacing("</main>", with: "<script>document.title = 1</script></main>"))
        for file in ["style.html", "script.html"] {
            let (_, complaints) = try Self.show(file, workspace)
            #expect(complaints.count == 1 && complaints[0].contains("Content Security Policy"), "\(complaints)")
        }
    }

    // MARK: The relay's part

    @Test("takes what the relay wrote of this payment, as something that is believed, and nothing of another")
    func relay() throws {
        let one = EvidenceCase.transferFile
        let workspace = try one.workspace()
        #expect(try workspace.tool(one.words()).exit == 0)
        let relay = try BuiltTool("airlock-relay")
        let journal = ["--journal", "journal.sqlite"]
        func online(_ words: [String]) throws -> Outcome {
            try relay.run(words + journal, in: workspace.path("."), environment: workspace.environment)
        }
        // No node listens at this address. The relay writes the payment into the journal, and tries to send it.
        _ = try online(["send", "signed.json", "--yes", "--rpc", "http://127.0.0.1:1", "--no-wait", "--retry", "none"])
        let code = try #require(JSONDocument(Array(workspace.content("signed.json").utf8)).root["code"]?.string)
        let written = try online(["evidence", code, "-o", "relay.json"])
        #expect(written.exit == 0, "\(written.err)")
        let shown = try online(["evidence", code]).out
        #expect(shown.hasPrefix("{\"airlock\":1,\"kind\":\"relay-evidence\",\"made\":"))
        #expect(try document(online(["evidence", code, "--json"]).out)["evidence"]?["code"]?.string == code)
        #expect(try online(["evidence", "nobody"]).exit == 66)
        let file = try JSONDocument(Array(workspace.content("relay.json").utf8)).root
        #expect(file["state"]?.string == "recorded" && file["transactions"]?.elements?.count == 1)
        let added = try workspace.tool("evidence", "evidence", "--relay", "relay.json", "-o", "sent")
        #expect(added.exit == 0, "\(added.err)")
        let verified = try workspace.tool("verify", "sent")
        #expect(verified.exit == 0 && verified.out.contains("\nbelieved     relay: "), "\(verified.err)")
        #expect(try workspace.content("sent/relay.json") == workspace.content("relay.json"))

        // The answer of a node can contain any text, so Airlock must not trust it.
        let hostile = try workspace.content("relay.json").replacing(
            "\"attempts\":[",
            with: """
                "attempts":[{"hash":"\(try #require(file["transactions"]?[0]?["hash"]?.string))",\
                "node":"\u{202E}evil","asked":"then","words":"</pre><script>alert(1)</script>\u{0}\u{1B}[31m"},
                """.replacing("\u{0}\u{1B}", with: "\\u0000\\u001b")
        ).replacing(",\n]", with: "]").replacing(",]", with: "]")
        workspace.write("hostile.json", hostile)
        let shownToo = try workspace.tool("evidence", "evidence", "--relay", "hostile.json", "-o", "hostile")
        #expect(shownToo.exit == 0, "\(shownToo.err)")
        let page = try workspace.content("hostile/index.html")
        #expect(
            !page.contains("<script")
                && page.contains("&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\u{0}\\u{1b}[31m"))
        #expect(page.contains("\\u{202e}evil") && page.utf8.allSatisfy { 0x20...0x7e ~= $0 || $0 == 0x0a })
        #expect(try workspace.tool("verify", "hostile").exit == 0)

        let payer = "\(SamplePayment.payer)"
        for (old, new) in [(code, "0000-0000-0000"), (payer, "\(SamplePayment.operator)"), ("\"8453\"", "\"1\"")] {
            workspace.write("other.json", try workspace.content("relay.json").replacing(old, with: new))
            let refused = try workspace.tool("evidence", "evidence", "--relay", "other.json", "-o", "x", "--json")
            #expect(refused.exit == 10)
            #expect(try Self.codes(refused) == ["evidence.other-relay"])
        }
        let signature = try EvidenceCase.safeTransaction.workspace()
        signature.write("relay.json", try workspace.content("relay.json"))
        let refused = try signature.tool(
            EvidenceCase.safeTransaction.words() + ["--relay", "relay.json", "--json"])
        #expect(try Refusal.problems(in: refused.out) == [.init("evidence.no-place", "relay.json")])
    }
}
