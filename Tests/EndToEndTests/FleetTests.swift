import AirlockTestSupport
import AirlockToolSupport
import Foundation
import Testing

extension EndToEnd {
    /// As relays on several machines do, they share a journal in PostgreSQL and nothing else.
    @Suite("Relays that share a journal", .enabled(if: PostgreSQLServer.shared != nil))
    struct Fleet {
        private let devnet: Devnet
        private let desk: Desk
        private let server: PostgreSQLServer

        init() throws {
            devnet = try Devnet.start()
            desk = try Desk(devnet)
            server = try PostgreSQLServer()
            desk.scratch.file("journal", server.uri())
        }

        private static let count = 60

        private func start() throws -> RunningTool {
            let words = ["run", "--journal", "@journal", "--rpc", devnet.url, "--log", "json"]
            let relay = try Tool.start("airlock-relay", words, in: desk.scratch.path)
            try relay.wait(for: #""event":"began""#, on: .err)
            return relay
        }

        private func settled() throws -> Int {
            let words = ["status", "--journal", "@journal", "--state", "settled", "--json"]
            let run = try Tool.start("airlock-relay", words, in: desk.scratch.path).finish()
            // The server may be away.
            return run.exit == 0 ? try run.json["payments"].count : 0
        }

        @Test("pay everything once when one is killed, one is stopped beyond its lease, and the server is killed")
        func faults() async throws {
            let nonce = try await devnet.nonce(devnet.payer)
            let before = try await devnet.balance(devnet.merchant, of: devnet.token)
            try await devnet.rpc("evm_setAutomine", [false])
            let nonces = Array(nonce..<nonce + Self.count)
            desk.scratch.file("all.jsonl", try desk.transfers(by: devnet.payer, "key", nonces: nonces))
            let relays = try (0..<3).map { _ in try start() }
            let sent = try desk.relay(
                "send", "all.jsonl", "--journal", "@journal", "--rpc", devnet.url, "--timeout", "1s", "--json")
            #expect(sent.exit == 75, "\(sent.out) \(sent.err)")
            let miner = Task { [devnet] in
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(500))
                    try await devnet.rpc("evm_mine")
                }
            }
            defer { miner.cancel() }
            kill(relays[0].process, SIGSTOP)
            try await Task.sleep(for: .milliseconds(700))
            kill(relays[1].process, SIGKILL)
            kill(try server.identifier, SIGKILL)
            try await Task.sleep(for: .seconds(12))
            kill(relays[0].process, SIGCONT)
            let end = Date(timeIntervalSinceNow: 120)
            while try settled() < Self.count {
                guard Date() < end else { throw Unexpected("only \(try settled()) of \(Self.count) were settled") }
                try await Task.sleep(for: .milliseconds(500))
            }
            #expect(try await devnet.nonce(devnet.payer) == nonce + Self.count)
            let moved = nonces.filter { $0 % 2 != 0 }.map(Desk.transferred).reduce(0, +)
            #expect(try await devnet.balance(devnet.merchant, of: devnet.token) == before + moved)
            for relay in [relays[0], relays[2]] {
                kill(relay.process, SIGTERM)
                let ended = try relay.finish()
                #expect(ended.exit == 0, "\(ended.err)")
                #expect(!ended.err.contains("journal.lease-lost"), "\(ended.err)")
                for line in ended.err.split(separator: "\n") { #expect(throws: Never.self) { try JSON(String(line)) } }
            }
        }
    }
}
