import AirlockEthereumTypes
import AirlockSecretKeys
import AirlockTestSupport
import AirlockToolSupport
import Foundation
import Testing

extension EndToEnd {
    @Suite("Many payments")
    struct ManyPayments {
        /// The total number of payments of the two senders.
        private static let count =
            ProcessInfo.processInfo.environment["AIRLOCK_PAYROLL"].flatMap(Int.init) ?? 60

        private static let otherKey = "0x" + String(repeating: "5a", count: 32)

        private let devnet: Devnet
        private let workspace: Workspace
        private let other: String

        init() throws {
            other = try SecretKey(hex: Array(Self.otherKey.utf8).span).address.description
            devnet = try Devnet.start("--fund", other)
            workspace = try Workspace(devnet)
            workspace.scratch.file("other", String(Self.otherKey.dropFirst(2)), mode: 0o600)
        }

        private func start(_ words: String...) throws -> RunningTool {
            try Tool.start("airlock-relay", words + ["--rpc", devnet.url], in: workspace.scratch.path)
        }

        private func waitUntil(_ mined: Int, from first: Int) async throws {
            let end = Date(timeIntervalSinceNow: 120)
            while try await devnet.nonce(devnet.payer) + devnet.nonce(other) < first + mined {
                guard Date() < end else { throw Unexpected("they were never mined") }
                try await Task.sleep(for: .milliseconds(50))
            }
        }

        @Test("of two senders are each paid once, whatever cuts the relay off")
        func all() async throws {
            let half = Self.count / 2
            let (first, second) = try await (devnet.nonce(devnet.payer), devnet.nonce(other))
            let lines =
                try workspace.transfers(by: devnet.payer, "key", nonces: Array(first..<first + half))
                + workspace.transfers(by: other, "other", nonces: Array(second..<second + half))
            workspace.scratch.file("payroll.jsonl", lines)
            let nonces = Array(first..<first + half) + Array(second..<second + half)
            let before = try await (
                devnet.balance(devnet.merchant), devnet.balance(devnet.merchant, of: devnet.token)
            )
            try await devnet.rpc("evm_setAutomine", [false])
            let miner = Task { [devnet] in
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(300))
                    try await devnet.rpc("evm_mine")
                }
            }
            defer { miner.cancel() }

            let interrupted = try start("send", "payroll.jsonl")
            try await waitUntil(Self.count / 5, from: first + second)
            kill(interrupted.process, SIGINT)
            #expect(try interrupted.finish().exit == 130)

            let killed = try start("send", "payroll.jsonl")
            try await waitUntil(Self.count / 2, from: first + second)
            kill(killed.process, SIGKILL)
            _ = try killed.finish()

            let resumed = try start("resume", "--timeout", "60s").finish()
            #expect(resumed.exit == 0, "\(resumed.err)")
            let again = try start("send", "payroll.jsonl", "--json", "--timeout", "60s").finish()
            #expect(again.exit == 0, "\(again.out) \(again.err)")
            let said = try again.json
            for index in 0..<2 * half { #expect(try said["payments"][index]["status"].text == "settled") }

            let native = nonces.filter { $0 % 2 == 0 }.map(Workspace.transferred).reduce(0, +)
            let tokens = nonces.filter { $0 % 2 != 0 }.map(Workspace.transferred).reduce(0, +)
            #expect(try await devnet.balance(devnet.merchant) == before.0 + native)
            #expect(try await devnet.balance(devnet.merchant, of: devnet.token) == before.1 + tokens)
            #expect(try await devnet.nonce(devnet.payer) == first + half)
            #expect(try await devnet.nonce(other) == second + half)
            let last = try start("send", "payroll.jsonl").finish()
            #expect(last.out == "\(2 * half) payments: \(2 * half) settled\n")
        }

        @Test("behind a missing nonce wait for it, which is said, and end with 75")
        func gap() async throws {
            let nonce = try await devnet.nonce(devnet.payer)
            let lines = try workspace.transfers(by: devnet.payer, "key", nonces: [nonce, nonce + 2, nonce + 3])
            workspace.scratch.file("payroll.jsonl", lines)
            let checked = try start("send", "payroll.jsonl", "--check", "--json").finish()
            #expect(try checked.exit == 75 && checked.json["error"]["code"].text == "send.held-back", "\(checked.out)")
            let run = try start("send", "payroll.jsonl", "--json", "--timeout", "1s").finish()
            #expect(run.exit == 75, "\(run.out)")
            #expect(run.err.contains("nonce \(nonce + 1) of "))
            #expect(run.err.contains(" is missing: 2 payments wait for a transaction with it\n"))
            #expect(try run.json["payments"][0]["status"].text == "settled")
            #expect(try run.json["payments"][1]["error"]["code"].text == "send.pending")
            // payroll.jsonl lacks the payment with one nonce. If standard input is empty, `send` fails. If standard
            // input contains the missing payment, `send` settles all payments.
            let missing = try workspace.transfers(by: devnet.payer, "key", nonces: [nonce + 1])
            let more = try start("send", "payroll.jsonl", "-", "--check").finish()
            #expect(more.exit == 65)
            let both = try Tool.start(
                "airlock-relay", ["send", "payroll.jsonl", "-", "--rpc", devnet.url], in: workspace.scratch.path,
                input: missing
            ).finish()
            #expect(both.exit == 0, "\(both.err)")
            #expect(both.out == "4 payments: 4 settled\n")
        }

        @Test("are not sent when a line is refused or malformed, and each such line is named")
        func refusedLine() async throws {
            let nonce = try await devnet.nonce(devnet.payer)
            let good = try workspace.transfers(by: devnet.payer, "key", nonces: [nonce])
            let bad = #"{"ok":false,"error":{"code":"policy.recipient","message":"no"}}"#
            workspace.scratch.file("payroll.jsonl", good + bad + "\n" + #"{"ok":true,"raw":"0x02"}"# + "\n")
            let run = try start("send", "payroll.jsonl").finish()
            #expect(run.exit == 10)
            #expect(run.err.contains("(payroll.jsonl:2#/error)"))
            #expect(run.err.contains("(payroll.jsonl:3#/hash)"))
            workspace.scratch.file("empty.jsonl", "\n")
            let empty = try start("send", "empty.jsonl").finish()
            #expect(empty.exit == 65)
            #expect(empty.err.contains("there is no transaction to send (empty.jsonl)"))
            #expect(try await devnet.nonce(devnet.payer) == nonce)
            #expect(try workspace.relay("status").out.isEmpty)
        }

        @Test("are looked at by --check, and nothing is sent")
        func check() async throws {
            let nonce = try await devnet.nonce(devnet.payer)
            workspace.scratch.file(
                "payroll.jsonl", try workspace.transfers(by: devnet.payer, "key", nonces: Array(nonce..<nonce + 12)))
            let run = try start("send", "payroll.jsonl", "--check").finish()
            #expect(run.exit == 0, "\(run.err)")
            #expect(run.out.hasPrefix("12 payments on "))
            #expect(run.out.contains("\ncode over all "))
            #expect(run.out.hasSuffix("nothing was sent\n"))
            #expect(try await devnet.nonce(devnet.payer) == nonce)
            #expect(try workspace.relay("status").out.isEmpty)
        }
    }
}
