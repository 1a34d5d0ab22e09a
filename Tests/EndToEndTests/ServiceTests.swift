import AirlockLoopbackServer
import AirlockTestSupport
import AirlockToolSupport
import Foundation
import Synchronization
import Testing

extension EndToEnd {
    @Suite("A relay that runs as a service")
    struct Service {
        private let devnet: Devnet
        private let workspace: Workspace

        init() throws {
            devnet = try Devnet.start()
            workspace = try Workspace(devnet)
            try FileManager.default.createDirectory(
                atPath: workspace.scratch.path + "/inbox", withIntermediateDirectories: false)
        }

        private func start(_ words: String..., at url: String? = nil) throws -> RunningTool {
            try Tool.start(
                "airlock-relay", ["run", "--inbox", "inbox", "--rpc", url ?? devnet.url] + words,
                in: workspace.scratch.path)
        }

        /// Puts a file into the inbox, as a signer should: writes the file under a hidden name, which the relay
        /// ignores, and then renames it.
        private func drop(_ name: String, _ text: String) throws {
            workspace.scratch.file("inbox/.\(name)", text)
            guard
                unsafe rename(workspace.scratch.path + "/inbox/.\(name)", workspace.scratch.path + "/inbox/\(name)")
                    == 0
            else {
                throw Unexpected("\(name) could not be renamed")
            }
        }

        private func names(in folder: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: workspace.scratch.path + "/" + folder).sorted()
        }

        private func waitUntil(_ what: String, _ isTrue: () async throws -> Bool) async throws {
            let end = Date(timeIntervalSinceNow: 60)
            while try await !isTrue() {
                guard Date() < end else { throw Unexpected("never: \(what)") }
                try await Task.sleep(for: .milliseconds(50))
            }
        }

        private func settled() throws -> Int {
            let status = try workspace.relay("status", "--state", "settled", "--json").json
            return status["payments"].count
        }

        @Test("takes payments from its inbox, refuses what is none with the reason beside, and ends at SIGTERM")
        func inbox() async throws {
            let nonce = try await devnet.nonce(devnet.payer)
            let before = try await devnet.balance(devnet.merchant, of: devnet.token)
            let service = try start("--log", "json")
            try service.wait(for: #""event":"began""#, on: .err)
            let lines = try workspace.transfers(by: devnet.payer, "key", nonces: Array(nonce..<nonce + 4))
            try drop("payroll.jsonl", lines)
            try drop("broken.json", "{\"airlock\":1}")
            workspace.scratch.file("inbox/.unfinished.json", "{")
            try FileManager.default.createSymbolicLink(
                atPath: workspace.scratch.path + "/inbox/link.json", withDestinationPath: "../payment.json")
            for _ in 0..<4 { try service.wait(for: #""state":"settled""#, on: .err) }
            // The second file has the same name and the same payments as the first file, so the relay already knows its
            // payments. In the folder `done`, the second file gets a different name, so that it does not replace the
            // first file.
            try drop("payroll.jsonl", lines)
            try service.wait(for: #""event":"taken""#, on: .err)
            try await waitUntil("the file is in done") { try names(in: "inbox/done").count == 2 }
            #expect(try names(in: "inbox/done") == ["payroll.jsonl", "payroll.jsonl.2"])
            #expect(try names(in: "inbox/refused") == ["broken.json", "broken.json.reason"])
            let reason = try JSON(
                String(
                    decoding: Data(
                        contentsOf: URL(filePath: workspace.scratch.path + "/inbox/refused/broken.json.reason")),
                    as: UTF8.self))
            #expect(try reason["error"]["code"].text == "json.missing-field")
            #expect(try names(in: "inbox") == [".unfinished.json", "done", "link.json", "refused"])
            // SIGTERM is sent twice, because timeout(1) also sends its signal twice.
            for _ in 0..<2 { kill(service.process, SIGTERM) }
            let ended = try service.finish()
            #expect(ended.exit == 0 && ended.out.isEmpty, "\(ended.err)")
            for line in ended.err.split(separator: "\n") {
                #expect(try !JSON(String(line))["event"].text.isEmpty, "\(line)")
            }
            #expect(ended.err.contains(#""event":"ending","open":"0""#))
            // The inbox contains the symbolic link link.json. The relay sees it each time that it reads the inbox, but
            // reports it only once.
            #expect(ended.err.components(separatedBy: "file.not-regular").count == 2)
            #expect(try settled() == 4)
            let moved = (nonce..<nonce + 4).filter { $0 % 2 != 0 }.map(Workspace.transferred).reduce(0, +)
            #expect(try await devnet.balance(devnet.merchant, of: devnet.token) == before + moved)
        }

        @Test("takes the payments of a file that cannot be moved once, and moves it as soon as it can")
        func unmovable() async throws {
            let nonce = try await devnet.nonce(devnet.payer)
            let service = try start("--log", "json")
            try service.wait(for: #""event":"began""#, on: .err)
            try FileManager.default.removeItem(atPath: workspace.scratch("inbox/done"))
            try drop("one.jsonl", try workspace.transfers(by: devnet.payer, "key", nonces: [nonce]))
            try service.wait(for: #""state":"settled""#, on: .err)
            // The relay reports the symbolic link when it looks into the inbox again, after it has looked at the file.
            try FileManager.default.createSymbolicLink(
                atPath: workspace.scratch("inbox/two.jsonl"), withDestinationPath: "nowhere")
            try service.wait(for: "file.not-regular", on: .err)
            workspace.scratch.folder("inbox/done")
            try service.wait(for: #""event":"taken""#, on: .err)
            #expect(try names(in: "inbox/done") == ["one.jsonl"])
            kill(service.process, SIGTERM)
            let ended = try service.finish()
            #expect(ended.exit == 0, "\(ended.err)")
            for text in ["file.cannot-create", #""event":"taken""#, #""event":"ended""#] {
                #expect(ended.err.components(separatedBy: text).count == 2, "\(text): \(ended.err)")
            }
        }

        @Test("pays everything once, however often it is killed, and takes up what others wrote into the journal")
        func killed() async throws {
            let nonce = try await devnet.nonce(devnet.payer)
            try await devnet.rpc("evm_setAutomine", [false])
            var service = try start()
            try service.wait(for: "following 0 payments", on: .err)
            for number in 0..<4 {
                let nonces = Array(nonce + number * 3..<nonce + number * 3 + 3)
                try drop("\(number).jsonl", try workspace.transfers(by: devnet.payer, "key", nonces: nonces))
                // In each round, the relay is killed later than in the round before. This can be before, while or after
                // it takes the file from the inbox.
                try await Task.sleep(for: .milliseconds(number * 70))
                kill(service.process, SIGKILL)
                _ = try service.finish()
                service = try start()
                try service.wait(for: "following", on: .err)
            }
            workspace.scratch.file("last.jsonl", try workspace.transfers(by: devnet.payer, "key", nonces: [nonce + 12]))
            #expect(try workspace.relay("send", "last.jsonl", "--rpc", devnet.url, "--no-wait").exit == 0)
            let miner = Task { [devnet] in
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(200))
                    try await devnet.rpc("evm_mine")
                }
            }
            defer { miner.cancel() }
            try await waitUntil("all are settled") { try settled() == 13 }
            #expect(try await devnet.nonce(devnet.payer) == nonce + 13)
            #expect(try names(in: "inbox") == ["done", "refused"])
            kill(service.process, SIGINT)
            #expect(try service.finish().exit == 0)
        }

        @Test("tries again what nodes do not take, and waits for a node that is away")
        func patience() async throws {
            let nonce = try await devnet.nonce(devnet.payer)
            let away = try start(at: "http://127.0.0.1:9")
            try drop("one.jsonl", try workspace.transfers(by: devnet.payer, "key", nonces: [nonce]))
            try away.wait(for: "wait for a node", on: .err)
            kill(away.process, SIGTERM)
            let ended = try away.finish()
            #expect(ended.exit == 0 && ended.err.contains("ending with 1 payment open"), "\(ended.err)")
            // The payer has no ether to pay for the transaction.
            let balance = try await devnet.rpc("eth_getBalance", [devnet.payer, "latest"]).text
            try await devnet.rpc("evm_setBalance", [devnet.payer, "0x0"])
            let service = try start()
            try service.wait(for: "is tried again in 10 s", on: .err)
            try await devnet.rpc("evm_setBalance", [devnet.payer, balance])
            try service.wait(for: "settled", on: .err)
            kill(service.process, SIGTERM)
            #expect(try service.finish().exit == 0)
        }

        @Test("tells a webhook of each payment that ends, whoever ended it, until the receiver has it")
        func webhook() async throws {
            let secret = "a secret of thirty-two bytes, or so"
            let posts = Posts()
            let receiver = LoopbackServer { connection in
                while let request = connection.request() {
                    connection.answer("", status: posts.add(request) <= 2 ? "503 Not Now" : "200 OK")
                }
            }
            let words = ["--inbox", "inbox", "--rpc", devnet.url, "--log", "json", "--webhook", receiver.url + "/pay"]
            func start() throws -> RunningTool {
                try Tool.start(
                    "airlock-relay", ["run"] + words, in: workspace.scratch.path,
                    environment: ["AIRLOCK_WEBHOOK_SECRET": secret])
            }
            let nonce = try await devnet.nonce(devnet.payer)
            // This payment ends before the relay runs with a webhook, so the relay sends no message about it.
            workspace.scratch.file("first.jsonl", try workspace.transfers(by: devnet.payer, "key", nonces: [nonce]))
            #expect(try workspace.relay("send", "first.jsonl", "--rpc", devnet.url).exit == 0)
            var service = try start()
            try drop("one.jsonl", try workspace.transfers(by: devnet.payer, "key", nonces: [nonce + 1]))
            try service.wait(for: #""event":"webhook-failed""#, on: .err)
            try service.wait(for: #""event":"webhook-delivered""#, on: .err)
            // Only the superuser can read the environment of the service in /proc. For other users, `environment` is
            // empty.
            let environment = (try? Data(contentsOf: URL(filePath: "/proc/\(service.process)/environ"))) ?? Data()
            kill(service.process, SIGTERM)
            let first = try service.finish()
            #expect(first.exit == 0, "\(first.err)")
            #expect(posts.all.count == 3 && Set(posts.all.map(\.body)).count == 1)
            // While the service is stopped, another command settles this payment.
            workspace.scratch.file("other.jsonl", try workspace.transfers(by: devnet.payer, "key", nonces: [nonce + 2]))
            #expect(try workspace.relay("send", "other.jsonl", "--rpc", devnet.url).exit == 0)
            service = try start()
            try service.wait(for: #""event":"webhook-delivered""#, on: .err)
            kill(service.process, SIGTERM)
            let second = try service.finish()
            #expect(second.exit == 0 && posts.all.count == 4, "\(second.err)")
            let status = try workspace.relay("status", "--json").json["payments"]
            for (post, payment) in [(posts.all[2], 1), (posts.all[3], 0)] {
                let body = try JSON(post.body)
                #expect(try body["code"].text == status[payment]["code"].text)
                #expect(try body["state"].text == "settled" && body["chainId"].text == status[payment]["chainId"].text)
                #expect(try body["hash"].text == status[payment]["transactions"][0]["hash"].text)
                #expect(try post.header("idempotency-key") == "\(body["hash"].text)-settled")
                let program = """
                    import hmac, sys
                    print(hmac.new(sys.argv[1].encode(), sys.argv[2].encode(), "sha256").hexdigest())
                    """
                let python = try #require(BuiltTool.python)
                let code = try python.run(["-c", program, secret, post.body], in: "/").out.trimmingCharacters(
                    in: .whitespacesAndNewlines)
                #expect(post.header("x-airlock-signature") == "sha256=\(code)")
            }
            let seen =
                try first.err + second.err + String(decoding: environment, as: UTF8.self)
                + workspace.relay("journal", "export").out + posts.all.map(\.head).joined()
            #expect(!seen.contains("thirty-two"))
        }

        @Test(
            "refuses a webhook without a secret, with a short one, and at an address that is not its own or safe",
            arguments: [
                (nil, "https://hooks.example/x", "usage.missing-value"),
                ("s3cret", "https://hooks.example/x", "usage.invalid-value"),
                ("a s3cret of some length", "http://hooks.example/k3y-of-ours", "usage.invalid-value"),
                ("a s3cret of some length", "ftp://hooks.example/k3y-of-ours", "usage.invalid-value"),
                ("a s3cret of some length", "@empty", "usage.missing-value"),
            ])
        func refused(secret: String?, url: String, code: String) throws {
            workspace.scratch.file("empty", "# nothing\n")
            let words = ["run", "--rpc", devnet.url, "--webhook", url, "--json"]
            let environment = secret.map { ["AIRLOCK_WEBHOOK_SECRET": $0] } ?? [:]
            let run = try Tool.start("airlock-relay", words, in: workspace.scratch.path, environment: environment)
                .finish()
            #expect(run.exit == 64)
            #expect(try run.json["error"]["code"].text == code)
            #expect(!(run.out + run.err).contains("s3cret") && !(run.out + run.err).contains("k3y"))
        }

        /// The requests that the webhook's receiver got, in the order of their arrival.
        private final class Posts: Sendable {
            struct Post: Sendable {
                let head: String
                let body: String

                func header(_ name: String) -> String? {
                    let line = head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix("\(name): ") }
                    return line.map { String($0.dropFirst(name.count + 2)) }
                }
            }

            private let list = Mutex<[Post]>([])

            var all: [Post] { list.withLock { $0 } }

            func add(_ request: String) -> Int {
                let parts = request.components(separatedBy: "\r\n\r\n")
                return list.withLock { list in
                    list.append(Post(head: parts[0], body: parts.dropFirst().joined(separator: "\r\n\r\n")))
                    return list.count
                }
            }
        }

        @Test("and its doctor says what stands in its way")
        func doctor() async throws {
            func codes(_ words: String...) throws -> [String] {
                let run = try Tool.start("airlock-relay", ["doctor", "--json"] + words, in: workspace.scratch.path)
                    .finish()
                let findings = try run.json["findings"]
                let codes = (0..<findings.count).flatMap { finding in
                    let problems = findings[finding]["problems"]
                    return (0..<problems.count).map { (try? problems[$0]["code"].text) ?? "" }
                }
                #expect(run.exit == (codes.allSatisfy { $0 == "doctor.node-behind" } ? 0 : run.exit == 69 ? 69 : 78))
                return codes
            }
            #expect(try codes("--rpc", devnet.url) == [])
            let text = try workspace.relay("doctor", "--rpc", devnet.url)
            #expect(
                text.exit == 0
                    && text.out.split(separator: "\n").allSatisfy { $0.hasPrefix("ok ") || $0.hasPrefix(" ") })
            #expect(try codes("--rpc", devnet.url, "--journal", "/proc/journal.sqlite") == ["doctor.little-room"])
            #expect(try codes("--rpc", "http://127.0.0.1:9") == ["http.unreachable"])
            let head =
                #""hash":"0x\#(String(repeating: "ab", count: 32))","parentHash":"0x\#(String(repeating: "cd", count: 32))""#
            let asleep = LoopbackServer { connection in
                guard let asked = connection.request() else { return }
                let result =
                    asked.contains("eth_chainId")
                    ? #""0x2105""# : #"{"number":"0x1",\#(head),"timestamp":"0x1","gasLimit":"0x1"}"#
                let id = asked.firstMatch(of: /"id":(\d+)/)?.1 ?? "1"
                connection.answer(
                    #"{"jsonrpc":"2.0","id":\#(id),"result":\#(result)}"#, headers: "Connection: close\r\n")
            }
            #expect(try codes("--rpc", asleep.url) == ["doctor.node-behind"])
            let later = Int(Date().timeIntervalSince1970) + 3600
            try await devnet.rpc("evm_setNextBlockTimestamp", [later])
            try await devnet.rpc("evm_mine")
            #expect(try codes("--rpc", devnet.url) == ["doctor.clock-behind"])
        }
    }
}
