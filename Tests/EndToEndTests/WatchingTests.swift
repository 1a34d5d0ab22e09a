import AirlockTestSupport
import Testing
import AirlockToolSupport

extension EndToEnd {
    @Suite("A person who watches a payment")
    struct Watching {
        let devnet: Devnet
        let workspace: Workspace

        init() throws {
            devnet = try EndToEnd.devnet()
            workspace = try Workspace(devnet)
        }

        private func watch(_ arguments: String...) throws -> Terminal {
            let place = ["HOME": workspace.scratch.path, "XDG_STATE_HOME": workspace.scratch.path]
            return try Terminal(
                BuiltTool("airlock-relay"), arguments + ["--rpc", devnet.url], in: workspace.scratch.path,
                environment: place)
        }

        @Test("on a terminal sees how long it takes and how many blocks confirm it, and then the line is clear")
        func terminal() async throws {
            try await workspace.pay()
            let code = try JSON(workspace.scratch.content("payment.json"))["code"].text
            try await devnet.holdingMining {
                let terminal = try watch("send", "payment.json", "--yes", "--confirmations", "2")
                try terminal.wait(for: "\(code) not mined yet, ")
                try await devnet.rpc("evm_mine")
                try terminal.wait(for: "\(code) confirmations 1 of 2, ")
                try await devnet.rpc("evm_mine")
                let end = try terminal.finish()
                #expect(end.exit == 0, "\(end.err)")
                #expect(end.out.hasPrefix("settled 0x"))
                let block = try await devnet.number("eth_blockNumber", []) - 1
                #expect(end.err.hasSuffix(" \rmined in block \(block), confirmations 2\r\n"))
            }
        }

        @Test("on a terminal finds the line empty when the wait ends in vain")
        func cutOff() async throws {
            try await workspace.pay()
            try await devnet.holdingMining {
                let terminal = try watch("send", "payment.json", "--yes", "--timeout", "1s")
                let end = try terminal.finish()
                #expect(end.exit == 75)
                #expect(end.err.contains(" \rairlock-relay: error: sent, but not mined when the wait ended"))
            }
            try await devnet.rpc("evm_mine")
        }

        @Test("on a terminal compares the code before anything is sent, and says so")
        func asked() async throws {
            try await workspace.pay()
            let code = try JSON(workspace.scratch.content("payment.json"))["code"].text
            for (answer, exit) in [("no", 11), ("send", 0)] as [(String, Int32)] {
                let terminal = try watch("send", "payment.json")
                try terminal.wait(for: "pays 0.00000000000105 ETH to \(devnet.merchant)")
                try terminal.wait(for: "network fee at most 0.")
                try terminal.wait(for: "code \(code)")
                try terminal.wait(for: "Type send to send it: ")
                #expect(try workspace.relay("status", "--json").json["payments"].serialized == "[]")
                terminal.type("\(answer)\n")
                let end = try terminal.finish()
                #expect(end.exit == exit, "\(end.err)")
            }
        }

        @Test("sees all but the sending with --check, which writes nothing down")
        func checked() async throws {
            try await workspace.pay()
            let code = try JSON(workspace.scratch.content("payment.json"))["code"].text
            let run = try workspace.send("--check")
            #expect(run.exit == 0, "\(run.out) \(run.err)")
            let said = try run.json
            #expect(try said["status"].text == "checked")
            #expect(try said["code"].text == code)
            #expect(try said["recipient"].text == devnet.merchant)
            #expect(try said["nodes"][0]["known"].serialized == "[]")
            #expect(
                try workspace.relay("send", "payment.json", "--rpc", devnet.url, "--check").out.hasSuffix(
                    "nothing was sent\n"))
            #expect(try workspace.relay("status").out.isEmpty)
            let before = try await devnet.balance(devnet.merchant)
            #expect(try workspace.send().exit == 0)
            #expect(try await devnet.balance(devnet.merchant) == before + Workspace.amount)
            let after = try workspace.send("--check")
            #expect(after.exit == 0)
            #expect(try after.json["notes"].serialized.contains("is mined in block"))
        }

        @Test("sees foreign text of the journal as printable ASCII, whatever the form")
        func foreign() async throws {
            try await workspace.pay()
            let payment = try workspace.scratch.content("payment.json")
            let id = try JSON(payment)["chargeId"].text
            // The text consists of a terminal control sequence that begins with a C1 character, a character that
            // reverses the writing direction, and the control character DEL.
            let foreign = "\u{9B}2J\u{202E}\u{7F}"
            workspace.scratch.file("payment.json", payment.replacing("\"\(id)\"", with: "\"\(foreign)\""))
            #expect(try workspace.relay("send", "payment.json", "--rpc", "http://127.0.0.1:1").exit == 69)
            for command in ["status", "status --json", "journal export", "journal export --json"] {
                let words = command.split(separator: " ").map(String.init)
                let run = try Tool.start("airlock-relay", words, in: workspace.scratch.path).finish()
                #expect(run.exit == 0)
                #expect(!run.out.isEmpty)
                #expect(run.out.utf8.allSatisfy { 0x20..<0x7F ~= $0 || $0 == 0x0A }, "\(command)")
            }
            #expect(try workspace.relay("status", "--json").json["payments"][0]["chargeId"].text == foreign)
        }

        @Test("in a file sees each thing once, and no time")
        func file() async throws {
            try await workspace.pay()
            try await devnet.holdingMining {
                let run = try workspace.send("--timeout", "1s")
                #expect(run.exit == 75)
                #expect(!run.err.contains("not mined yet,") && !run.err.contains("\r"))
                let hint = try run.json["error"]["hint"].text
                #expect(hint.hasPrefix("run the same command again, or airlock-relay resume"))
            }
            try await devnet.rpc("evm_mine")
            #expect(try workspace.relay("resume", "--rpc", devnet.url).exit == 0)
        }

        @Test("asks for its status and sees every rung, and what became of each")
        func rungs() async throws {
            try await workspace.charge()
            #expect(try workspace.prepare().exit == 0)
            try workspace.sign("payment.json", "--rungs", "2", "--cancel")
            let transactions = try JSON(workspace.scratch.content("payment.json"))["transactions"]
            let hashes = try (0..<3).map { try transactions[$0]["hash"].text }
            let nonce = try await devnet.nonce(devnet.payer)
            func status() throws -> [Substring] {
                try workspace.relay("status").out.split(separator: "\n").suffix(3)
            }
            try await devnet.holdingMining {
                let run = try workspace.send("--no-wait")
                #expect(run.exit == 0, "\(run.err)")
            }
            let lines = try status()
            #expect(lines[0].hasPrefix("  pay rung 0 \(nonce) \(hashes[0]) taken (at most "))
            #expect(lines[1].hasPrefix("  pay rung 1 \(nonce) \(hashes[1]) not sent (at most "))
            #expect(lines[2] == "  cancel \(nonce) \(hashes[2]) not sent")
            #expect(lines[0].split(separator: "(").last != lines[1].split(separator: "(").last)
            #expect(try workspace.relay("status").out.contains("\n  0.00000000000105 ETH to \(devnet.merchant)\n"))
            try await devnet.rpc("evm_mine")
            #expect(try workspace.send().exit == 0)
            #expect(try status()[0].hasPrefix("  pay rung 0 \(nonce) \(hashes[0]) in block "))
            let said = try workspace.relay("status", "--json").json["payments"][0]["transactions"]
            #expect(try said[1]["rung"].text == "1")
            #expect(try said[0]["answer"].text == "taken")
            #expect(!said[1].has("answer"))
        }

        /// SQL queries that a user can run on the journal without Airlock, and the expected answers.
        static let questions: [(sql: String, answer: String)] = [
            ("SELECT state, method, chain_id FROM payments", "settled transferNative CHAIN"),
            ("SELECT role, rung, nonce FROM steps JOIN transactions USING (hash)", "pay 0 NONCE"),
            ("SELECT answer, words IS NULL, asked_at <= answered_at, node FROM attempts", "taken 1 1 NODE"),
            ("SELECT succeeded, vanished_at IS NULL FROM receipts", "1 1"),
            ("SELECT spent_amount, intent_id FROM events JOIN receipts ON receipts.id = receipt", "1050000 INTENT"),
            ("SELECT group_concat(state, ' ') FROM transitions", "recorded sent mined settled"),
            ("PRAGMA integrity_check", "ok"), ("PRAGMA foreign_key_check", ""),
        ]

        @Test("can ask the journal with plain SQL: the payment, its transactions, what nodes said, and its end")
        func plainSQL() async throws {
            let intent = try await workspace.pay()
            let nonce = try await devnet.nonce(devnet.payer)
            try await devnet.holdingMining {
                let run = try workspace.send("--no-wait")
                #expect(run.exit == 0, "\(run.err)")
            }
            try await devnet.rpc("evm_mine")
            #expect(try workspace.send().exit == 0)
            let program = """
                import sqlite3, sys
                for row in sqlite3.connect("file:airlock/journal.sqlite?mode=ro", uri=True).execute(sys.argv[1]):
                    print(*row)
                """
            let python = try #require(BuiltTool.python)
            for (sql, answer) in Self.questions {
                let said = try python.run(["-c", program, sql], in: workspace.scratch.path)
                let expected = answer.replacing("CHAIN", with: "\(devnet.chainID)").replacing("NONCE", with: "\(nonce)")
                    .replacing("NODE", with: devnet.url).replacing("INTENT", with: intent)
                #expect(said.out == (answer.isEmpty ? "" : expected + "\n"), "\(sql) \(said.err)")
            }
        }
    }
}
