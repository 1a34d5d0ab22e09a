import AirlockHTTP
import AirlockTestSupport
import AirlockToolSupport
import Foundation
import Testing

extension EndToEnd {
    @Suite("The page that a relay serves")
    struct ServedPage {
        private let devnet: Devnet
        private let workspace: Workspace
        private let client = HTTPClient()

        init() throws {
            devnet = try Devnet.start()
            workspace = try Workspace(devnet)
        }

        /// A running relay that serves the page, with the page's address and the token for POST requests.
        private struct Relay {
            let tool: RunningTool
            let address: String
            let token: String

            var port: UInt16 { UInt16(address.split(separator: ":").last ?? "") ?? 0 }
        }

        private func start(_ words: String...) async throws -> Relay {
            let tool = try Tool.start(
                "airlock-relay",
                ["run", "--listen", "127.0.0.1:0", "--metrics", "--log", "json", "--rpc", devnet.url] + words,
                in: workspace.scratch.path)
            let address = try JSON(tool.wait(for: #""event":"listening""#, on: .err))["address"].text
            let page = try await client.send(HTTPRequest(.get, HTTPURL("http://\(address)/")))
            let text = String(decoding: page.body, as: UTF8.self)
            let token = try #require(text.firstMatch(of: /<meta name="airlock-token" content="([0-9a-f]{64})">/)?.1)
            return Relay(tool: tool, address: address, token: String(token))
        }

        private func get(_ relay: Relay, _ path: String) async throws -> (status: Int, text: String) {
            let response = try await client.send(HTTPRequest(.get, HTTPURL("http://\(relay.address)\(path)")))
            return (response.status, String(decoding: response.body, as: UTF8.self))
        }

        private func json(_ relay: Relay, _ path: String) async throws -> JSON {
            let (status, text) = try await get(relay, path)
            guard status == 200 else { throw Unexpected("\(path): \(status) \(text)") }
            return try JSON(text)
        }

        private func post(
            _ relay: Relay, _ path: String, _ body: String = "", _ headers: [String: String] = [:]
        ) async throws -> (status: Int, json: JSON) {
            let all = headers.merging(["X-Airlock-Token": relay.token]) { own, _ in own }
            let response = try await client.send(
                HTTPRequest(
                    .post(Array(body.utf8)), HTTPURL("http://\(relay.address)\(path)"),
                    headers: all.map { try HTTPHeader($0.key, $0.value) }))
            return (response.status, try JSON(String(decoding: response.body, as: UTF8.self)))
        }

        private func end(_ relay: Relay) throws {
            kill(relay.tool.process, SIGTERM)
            let ended = try relay.tool.finish()
            #expect(ended.exit == 0, "\(ended.err)")
            #expect(!ended.err.contains(relay.token))
        }

        private func waitUntil(_ what: String, _ isTrue: () async throws -> Bool) async throws {
            let end = Date(timeIntervalSinceNow: 90)
            while try await !isTrue() {
                guard Date() < end else { throw Unexpected("never: \(what)") }
                try await Task.sleep(for: .milliseconds(50))
            }
        }

        private func lines(_ nonces: [Int]) throws -> [String] {
            try workspace.transfers(by: devnet.payer, "key", nonces: nonces).split(separator: "\n").map(String.init)
        }

        @Test("has another token in each run")
        func tokens() async throws {
            var tokens: Set<String> = []
            for _ in 0..<2 {
                let relay = try await start()
                tokens.insert(relay.token)
                try end(relay)
            }
            #expect(tokens.count == 2)
        }

        @Test("shows what a payment file does, takes it in by its code, and follows it until it is settled")
        func send() async throws {
            try await workspace.pay()
            let file = try workspace.scratch.content("payment.json")
            let relay = try await start()
            let events = try RawClient(relay.port)
            events.say("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let seen = try await post(relay, "/api/inspect", file)
            let code = try seen.json["code"].text
            #expect(seen.status == 200 && seen.json["problems"].count == 0)
            #expect(try seen.json["kind"].text == "charge" && seen.json["from"].text == devnet.payer)
            #expect(try seen.json["amount"]["value"].text == "\(Workspace.needed)")
            #expect(seen.json["known"].description == "0" && seen.json["steps"].description == "1")
            #expect(try await json(relay, "/api/payments")["payments"].count == 0)
            let group = try #require(code.split(separator: "-").last)
            for wrong in [nil, "", "0000", code] {
                let refused = try await post(
                    relay, "/api/send", file, wrong.map { ["X-Airlock-Code": $0.isEmpty ? " " : $0] } ?? [:])
                #expect(refused.status == 409)
                #expect(try refused.json["problems"][0]["code"].text == "page.code")
            }
            let sent = try await post(relay, "/api/send", file, ["X-Airlock-Code": group.lowercased()])
            #expect(sent.status == 202)
            let id = try sent.json["id"].text
            try await waitUntil("it is settled") {
                try await json(relay, "/api/payments/\(id)")["state"].text == "settled"
            }
            // The relay reports the new state on the open event stream. The page does not have to ask for it.
            #expect(events.hear(until: #""state":"settled""#).contains(#"event: payment"#))
            let payment = try await json(relay, "/api/payments/\(id)")
            #expect(try payment["code"].text == code && payment["hash"].text.count == 66)
            #expect(try payment["cost"]["text"].text.hasSuffix(" ETH"))
            let happened = try (0..<payment["timeline"].count).map { try payment["timeline"][$0]["event"].text }
            #expect(Set(happened).isSuperset(of: ["journaled", "asked", "answered", "mined", "confirmed", "state"]))
            #expect(happened.first == "journaled" && happened.last != "journaled")
            // If the same file is sent again, the relay treats it as the same payment.
            #expect(try await post(relay, "/api/inspect", file).json["id"].text == id)
            let again = try await post(relay, "/api/send", file, ["X-Airlock-Code": String(group)])
            #expect(try again.json["id"].text == id)
            for change in ["resume", "cancel"] {
                let refused = try await post(relay, "/api/payments/\(id)/\(change)")
                #expect(refused.status == 409)
                #expect(try refused.json["problems"][0]["code"].text == "page.ended")
            }
            let state = try await json(relay, "/api/state")
            #expect(try state["counts"]["settled"].integer == 1 && state["open"].integer == 0)
            #expect(try state["nodes"][0]["chainId"].text == "\(devnet.chainID)")
            let days = try await json(relay, "/api/charts?days=2")["days"]
            #expect(days.count == 2)
            #expect(try days[1]["settled"].integer == 1 && days[1]["fees"][0]["symbol"].text == "ETH")
            try end(relay)
        }

        @Test("finds payments by state, chain and text, page by page, and refuses what it does not know")
        func filters() async throws {
            let nonce = try await devnet.nonce(devnet.payer)
            workspace.scratch.file("all.jsonl", try lines(Array(nonce..<nonce + 7)).joined(separator: "\n"))
            let sending = try workspace.relay("send", "all.jsonl", "--rpc", devnet.url)
            #expect(sending.exit == 0, "\(sending.err)")
            let relay = try await start()
            func ids(_ query: String) async throws -> [Int] {
                let list = try await json(relay, "/api/payments?\(query)")["payments"]
                return try (0..<list.count).map { try list[$0]["id"].integer }
            }
            #expect(try await ids("limit=3") == [7, 6, 5])
            #expect(try await json(relay, "/api/payments?limit=3")["next"].text == "5")
            #expect(try await ids("limit=4&before=5") == [4, 3, 2, 1])
            #expect(try await !json(relay, "/api/payments?limit=4&before=5").has("next"))
            for all in ["state=settled", "chain=\(devnet.chainID)"] { #expect(try await ids(all).count == 7, "\(all)") }
            for none in ["state=sent", "chain=1", "q=%25"] { #expect(try await ids(none).isEmpty, "\(none)") }
            let first = try await json(relay, "/api/payments/1")
            #expect(try await ids("q=\(first["code"].text.lowercased().prefix(6))").contains(1))
            #expect(try await ids("q=\(first["hash"].text)") == [1])
            #expect(try await ids("q=\(devnet.payer.lowercased())").count == 7)
            #expect(try await ids("q=\(devnet.merchant)").count == 7)
            #expect(try await ids("q=key%20\(nonce + 6)") == [7])
            for wrong in [
                "state=lost", "chain=0", "chain=x", "q=", "before=x", "before=-1", "limit=0", "limit=201", "limit=x",
            ] {
                let refused = try await get(relay, "/api/payments?\(wrong)")
                #expect(refused.status == 400 && refused.text.contains("page.parameter"), "\(wrong)")
            }
            for (path, status) in [
                ("/api/payments?x=1", 400), ("/api/payments?limit=1&limit=2", 400), ("/api/payments/0", 404),
                ("/api/payments/8", 404), ("/api/payments/x", 404), ("/api/payments/9223372036854775807", 404),
                ("/api/charts?days=0", 400), ("/api/charts?days=367", 400), ("/api/nothing", 404),
            ] { #expect(try await get(relay, path).status == status, "\(path)") }
            try end(relay)
        }

        @Test("gives out the words of strangers as JSON that no browser takes for a page")
        func script() async throws {
            let script = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
            let request =
                #"{"airlock":1,"kind":"transfer","chainId":"\#(devnet.chainID)","to":"\#(devnet.merchant)","#
                + #""amount":"1000","reference":"\#(script)"}"#
            workspace.scratch.file("transfer.json", request)
            let prepared = try workspace.relay(
                "prepare", "transfer.json", "--rpc", devnet.url, "--from", devnet.payer, "-o", "conditions.json")
            #expect(prepared.exit == 0, "\(prepared.err)")
            let words = [
                "-c", "conditions.json", "-k", "key", "--policy", "policy.json", "--yes", "-o", "payment.json",
            ]
            let run = try Tool.start("airlock", ["sign", "transfer.json"] + words, in: workspace.scratch.path).finish()
            #expect(run.exit == 0, "\(run.err)")
            let relay = try await start()
            let file = try workspace.scratch.content("payment.json")
            let seen = try await post(relay, "/api/inspect", file)
            let group = try #require(try seen.json["code"].text.split(separator: "-").last)
            let id = try await post(relay, "/api/send", file, ["X-Airlock-Code": String(group)]).json["id"].text
            #expect(try await json(relay, "/api/payments/\(id)")["reference"].text == script)
            for path in ["/api/payments", "/api/payments/\(id)", "/api/state", "/api/payments?state=<script>"] {
                let answer = try RawClient.ask(relay.port, "GET \(path)", ["Host: localhost"])
                #expect(answer.contains("Content-Type: application/json\r\n"), "\(path)")
                #expect(answer.contains("X-Content-Type-Options: nosniff\r\n"), "\(path)")
            }
            try end(relay)
        }

        @Test("resumes what waits to be tried again, and cancels what has a cancel")
        func change() async throws {
            let nonce = try await devnet.nonce(devnet.payer)
            let balance = try await devnet.rpc("eth_getBalance", [devnet.payer, "latest"]).text
            try await devnet.rpc("evm_setBalance", [devnet.payer, "0x0"])
            let relay = try await start()
            let line = try lines([nonce])[0]
            let code = try await post(relay, "/api/inspect", line)
            // A line of the output of `airlock sign --lines` is not a payment file, so it is refused.
            #expect(code.json["problems"].count > 0)
            try await devnet.rpc("evm_setBalance", [devnet.payer, balance])
            try await workspace.charge()
            try workspace.prepare()
            try workspace.sign("payment.json", ["--cancel"])
            let file = try workspace.scratch.content("payment.json")
            try await devnet.rpc("evm_setBalance", [devnet.payer, "0x0"])
            let seen = try await post(relay, "/api/inspect", file)
            let group = try #require(try seen.json["code"].text.split(separator: "-").last)
            let id = try await post(relay, "/api/send", file, ["X-Airlock-Code": String(group)]).json["id"].text
            try relay.tool.wait(for: #""event":"postponed""#, on: .err)
            #expect(try await json(relay, "/api/payments/\(id)")["canCancel"].description == "1")
            #expect(try await post(relay, "/api/payments/\(id)/resume").status == 202)
            // After the next request to `resume`, the relay tries again at once. It does not wait until the scheduled
            // time.
            try await devnet.rpc("evm_setAutomine", [false])
            try await devnet.rpc("evm_setBalance", [devnet.payer, balance])
            #expect(try await post(relay, "/api/payments/\(id)/resume").status == 202)
            try await waitUntil("it is sent") {
                try await json(relay, "/api/payments/\(id)")["state"].text == "sent"
            }
            #expect(try await post(relay, "/api/payments/\(id)/cancel").status == 202)
            #expect(try await json(relay, "/api/payments/\(id)")["canCancel"].description == "0")
            let twice = try await post(relay, "/api/payments/\(id)/cancel")
            #expect(twice.status == 409)
            #expect(try twice.json["problems"][0]["code"].text == "page.no-cancel")
            try await waitUntil("the cancel is given to the node") {
                let payment = try await json(relay, "/api/payments/\(id)")
                let cancels = try payment["steps"].elements.filter { try $0["role"].text == "cancel" }
                let hashes = try cancels.map { try $0["hash"].text }
                return try payment["timeline"].elements.contains { moment in
                    guard try moment["event"].text == "answered" else { return false }
                    return try hashes.contains(moment["hash"].text)
                }
            }
            let events = try await json(relay, "/api/payments/\(id)")["timeline"].elements.map { try $0["event"].text }
            #expect(events.contains("cancel-asked"))
            try await devnet.rpc("evm_mine")
            try await devnet.rpc("evm_setAutomine", [true])
            try await waitUntil("it is cancelled") {
                try await json(relay, "/api/payments/\(id)")["state"].text == "cancelled"
            }
            try end(relay)
        }

        @Test("gives Prometheus figures that are the journal's, in a form that its own parser reads")
        func metrics() async throws {
            let nonce = try await devnet.nonce(devnet.payer)
            workspace.scratch.file("all.jsonl", try lines(Array(nonce..<nonce + 5)).joined(separator: "\n"))
            #expect(try workspace.relay("send", "all.jsonl", "--rpc", devnet.url).exit == 0)
            // This payment waits, because the payments with the nonces before it are missing.
            workspace.scratch.file("late.jsonl", try lines([nonce + 9]).joined())
            #expect(try workspace.relay("send", "late.jsonl", "--rpc", devnet.url, "--timeout", "1s").exit == 75)
            let relay = try await start()
            try await Task.sleep(for: .seconds(1))
            workspace.scratch.file("metrics", try await get(relay, "/metrics").text)
            let script = """
                import json, sys
                from prometheus_client.parser import text_string_to_metric_families
                print(json.dumps({s.name + "".join(f" {k}={v}" for k, v in sorted(s.labels.items())): s.value
                    for f in text_string_to_metric_families(open("metrics").read()) for s in f.samples}))
                """
            let python = try #require(BuiltTool.python)
            let parsed = try python.run(["-c", script], in: workspace.scratch.path)
            #expect(parsed.exit == 0, "\(parsed.err)")
            let values = try #require(
                try JSONSerialization.jsonObject(with: Data(parsed.out.utf8)) as? [String: Double])
            let rows = try workspace.relay("journal", "export").out.split(separator: "\n").map { try JSON(String($0)) }
            func count(_ table: String, _ isIt: (JSON) throws -> Bool = { _ in true }) throws -> Double {
                Double(try rows.count { try $0["table"].text == table && isIt($0) })
            }
            #expect(values["airlock_payments state=settled"] == 5)
            for state in ["recorded", "sent", "mined", "settled", "reverted", "replaced", "expired", "cancelled"] {
                let known = try count("payments") { try $0["state"].text == state }
                #expect(values["airlock_payments state=\(state)"] == known, "\(state)")
            }
            #expect(try values["airlock_payments_open"] == count("payments") { !$0.has("ended_at") })
            #expect((values["airlock_oldest_open_seconds chain=\(devnet.chainID)"] ?? -1) >= 0)
            func sum(_ prefix: String) -> Double {
                values.filter { $0.key.hasPrefix(prefix + " ") }.values.reduce(0, +)
            }
            #expect(try sum("airlock_node_attempts_total") == count("attempts"))
            #expect(try sum("airlock_node_answers_total") == count("attempts"))
            let taken = values["airlock_node_answers_total answer=taken node=\(devnet.url)"]
            #expect(try taken == count("attempts") { try $0.has("meaning") && $0["meaning"].text == "taken" })
            #expect(sum("airlock_node_call_seconds_count") > 0)
            #expect(values["airlock_rungs_climbed_total"] == 0 && values["airlock_leases_held"] != nil)
            try end(relay)
        }

        @Test("asks for the password of its file, shows it nowhere, and listens elsewhere only with one")
        func password() async throws {
            workspace.scratch.file("password", "correct horse battery\n", mode: 0o600)
            workspace.scratch.file("open", "correct horse battery\n", mode: 0o644)
            workspace.scratch.file("marked", "\u{FEFF}correct horse battery\r\n", mode: 0o600)
            workspace.scratch.file("short", "horse\n", mode: 0o600)
            workspace.scratch.file("lines", "correct horse\nbattery staple\n", mode: 0o600)
            workspace.scratch.file("return", "correct horse\rbattery staple", mode: 0o600)
            for (words, code, exit) in [
                (["--listen", "0.0.0.0:0"], "usage.missing-value", 64),
                (["--listen", "0.0.0.0:0", "--listen-anywhere"], "usage.missing-value", 64),
                (["--listen", "[::]:0", "--listen-password-file", "password"], "usage.missing-value", 64),
                (["--listen", "example.org:80"], "usage.invalid-value", 64),
                (["--listen", "127.0.0.1"], "usage.invalid-value", 64),
                (["--listen", ":80"], "usage.invalid-value", 64),
                (["--listen", "127.0.0.1:0", "--listen-name", "a/b"], "usage.invalid-value", 64),
                (["--metrics"], "usage.conflicting-options", 64),
                (["--listen", "127.0.0.1:0", "--listen-password-file", "open"], "file.readable-by-others", 77),
                (["--listen", "127.0.0.1:0", "--listen-password-file", "short"], "usage.invalid-value", 64),
                (["--listen", "127.0.0.1:0", "--listen-password-file", "lines"], "usage.invalid-value", 64),
                (["--listen", "127.0.0.1:0", "--listen-password-file", "return"], "usage.invalid-value", 64),
                (["--listen", "127.0.0.1:0", "--listen-password-file", "none"], "file.missing", 66),
                (
                    ["--listen", "192.0.2.1:0", "--listen-anywhere", "--listen-password-file", "password"],
                    "web.cannot-listen", 78
                ),
            ] as [([String], String, Int32)] {
                let outcome = try Tool.start(
                    "airlock-relay", ["run", "--rpc", devnet.url, "--json"] + words, in: workspace.scratch.path
                ).finish()
                #expect(outcome.exit == exit && outcome.out.contains(code), "\(words): \(outcome.out)\(outcome.err)")
            }
            for file in ["password", "marked"] {
                let tool = try Tool.start(
                    "airlock-relay",
                    [
                        "run", "--rpc", devnet.url, "--listen", "0.0.0.0:0", "--listen-anywhere",
                        "--listen-password-file", file, "--metrics", "--log", "json",
                    ], in: workspace.scratch.path)
                let address = try JSON(tool.wait(for: #""event":"listening""#, on: .err))["address"].text
                let port = try #require(UInt16(address.split(separator: ":").last ?? ""))
                let right = Data("me:correct horse battery".utf8).base64EncodedString()
                let wrong = Data("me:correct horse batterz".utf8).base64EncodedString()
                for path in ["/", "/api/state", "/metrics", "/app.js"] {
                    for (line, status) in [
                        ("X-None: 1", "401"), ("Authorization: Basic \(wrong)", "401"),
                        ("Authorization: Basic \(right)", "200"),
                    ] {
                        let answer = try RawClient.ask(port, "GET \(path)", ["Host: 127.0.0.1", line])
                        #expect(answer.status == status && answer.contains("WWW-Authenticate") == (status == "401"))
                        #expect(status == "200" || !answer.contains("airlock-token"))
                    }
                }
                kill(tool.process, SIGTERM)
                let ended = try tool.finish()
                #expect(ended.exit == 0 && !ended.err.contains("horse") && !ended.err.contains(right))
            }
        }

        @Test("keeps no payment waiting for a thousand connections, and ends at once with open streams")
        func crowd() async throws {
            let nonce = try await devnet.nonce(devnet.payer)
            workspace.scratch.folder("inbox")
            let relay = try await start("--inbox", "inbox")
            var crowd: [RawClient] = []
            for number in 0..<1000 {
                let client = try RawClient(relay.port)
                switch number % 3 {
                case 0: client.say("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                case 1: client.say("POST /api/send HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n")
                default: break
                }
                crowd.append(client)
            }
            workspace.scratch.file("inbox/.all.jsonl", try lines(Array(nonce..<nonce + 6)).joined(separator: "\n"))
            #expect(unsafe rename(workspace.scratch("inbox/.all.jsonl"), workspace.scratch("inbox/all.jsonl")) == 0)
            for _ in 0..<6 { try relay.tool.wait(for: #""state":"settled""#, on: .err) }
            crowd.removeAll { _ in Bool.random() }
            let begin = ContinuousClock.now
            try end(relay)
            #expect(ContinuousClock.now - begin < .seconds(60))
            crowd = []
        }
    }
}
