import AirlockTestSupport
import AirlockToolSupport
import Foundation
import Testing

extension EndToEnd {
    @Suite("A payroll")
    struct Payrolls {
        let devnet: Devnet
        let workspace: Workspace

        init() throws {
            devnet = try EndToEnd.devnet()
            workspace = try Workspace(devnet)
        }

        /// The number of payments: the value of the environment variable AIRLOCK_PAYROLL, or 40 if it is not set.
        private static let count = ProcessInfo.processInfo.environment["AIRLOCK_PAYROLL"].flatMap { Int($0) } ?? 40

        /// Returns requests for payments, one on each line. The currency changes with each line: one token, another
        /// token, native currency, and again from the start. Each payment has a different amount.
        private func lines(_ count: Int) -> [String] {
            (1...count).map { number in
                let token = [nil, devnet.token, devnet.secondToken][number % 3].map { "\"token\":\"\($0)\"," } ?? ""
                return """
                    {"request":{"airlock":1,"kind":"transfer","chainId":"\(devnet.chainID)","to":"\(devnet.merchant)",\
                    \(token)"amount":"\(number)","reference":"salary \(number)"}}
                    """
            }
        }

        private func prepare(_ more: String...) throws -> Outcome {
            let command = ["prepare", "payroll.jsonl", "--from", devnet.payer, "--rpc", devnet.url, "--force"]
            return try Tool.start(
                "airlock-relay", command + ["-o", "conditions.json"] + more, in: workspace.scratch.path
            ).finish(seconds: 600)
        }

        private func sign(_ lines: [String]) throws -> Outcome {
            let command = ["sign", "--lines", "-c", "conditions.json", "-k", "key", "--policy", "policy.json"]
            // Standard input is a file, because a pipe holds only 64 KiB, and a thousand lines need more than that.
            let input = workspace.scratch.file("lines.jsonl", lines.joined(separator: "\n") + "\n")
            return try Tool.start("airlock", command, in: workspace.scratch.path, from: input).finish(seconds: 600)
        }

        @Test("gets one conditions file, is signed by one command, and each payment is mined once, in order")
        func paid() async throws {
            let lines = lines(Self.count)
            workspace.scratch.file("payroll.jsonl", lines.joined(separator: "\n") + "\n")
            let run = try prepare()
            #expect(run.exit == 0, "\(run.err)")
            #expect(run.out.contains("payments      \(Self.count)\n"))
            let conditions = try JSON(workspace.scratch.content("conditions.json"))
            #expect(conditions["tokens"].count == 2)
            let first = try await devnet.nonce(devnet.payer)
            #expect(try conditions["nonce"].integer == first)
            // Signs the first half of the lines, and then all lines. The output of the second run must begin with the
            // output of the first run.
            let half = try sign(Array(lines.prefix(Self.count / 2)))
            let signed = try sign(lines)
            #expect(signed.exit == 0 && signed.out.hasPrefix(half.out), "\(signed.out.prefix(400))")
            workspace.scratch.file("signed.jsonl", signed.out)
            let checked = try workspace.relay("send", "signed.jsonl", "--rpc", devnet.url, "--check")
            #expect(checked.exit == 0 && Self.code(signed.err) != nil, "\(checked.err)")
            #expect(Self.code(signed.err) == Self.code(checked.out))
            let answers = try signed.out.split(separator: "\n").map { try JSON(String($0)) }
            #expect(answers.count == Self.count)
            var before: [Int] = []
            for token in [devnet.token, devnet.secondToken] {
                before.append(try await devnet.balance(devnet.merchant, of: token))
            }
            let native = try await devnet.balance(devnet.merchant)
            for (index, answer) in answers.enumerated() {
                let hash = try await devnet.rpc("eth_sendRawTransaction", [try answer["raw"].text]).text
                #expect(try hash == answer["hash"].text)
                let receipt = try await devnet.rpc("eth_getTransactionReceipt", [hash])
                #expect(try receipt["status"].text == "0x1", "line \(index + 1)")
            }
            #expect(try await devnet.nonce(devnet.payer) == first + Self.count)
            func sum(_ rest: Int) -> Int { (1...Self.count).filter { $0 % 3 == rest }.reduce(0, +) }
            #expect(try await devnet.balance(devnet.merchant) == native + sum(0))
            #expect(try await devnet.balance(devnet.merchant, of: devnet.token) == before[0] + sum(1))
            #expect(try await devnet.balance(devnet.merchant, of: devnet.secondToken) == before[1] + sum(2))
        }

        /// Returns the comparison code over all payments from the output of `airlock` or `airlock-relay`. Returns `nil`
        /// if the output has no such code.
        private static func code(_ text: String) -> String? {
            text.firstMatch(of: /code over all ([0-9A-Z-]{14})\n/).map { String($0.1) }
        }

        @Test("that is signed as a folder has one code over all payments in both tools")
        func folder() async throws {
            try FileManager.default.createDirectory(
                atPath: workspace.scratch("requests"), withIntermediateDirectories: false)
            for (number, name) in [(2, "requests/a.json"), (1, "requests/b.json"), (3, "requests/c.json")] {
                workspace.scratch.file(
                    name,
                    """
                    {"airlock":1,"kind":"transfer","chainId":"\(devnet.chainID)","to":"\(devnet.merchant)",\
                    "amount":"\(number)","reference":"bonus \(number)","expires":"203\(number)-01-01T00:00:00Z"}
                    """)
            }
            let uri = "ethereum:\(devnet.merchant)@\(devnet.chainID)?value=1"
            let prepared = try workspace.relay(
                "prepare", uri, "--from", devnet.payer, "--rpc", devnet.url, "-o", "conditions.json")
            #expect(prepared.exit == 0, "\(prepared.err)")
            let command = [
                "sign", "requests", "-c", "conditions.json", "-k", "key", "--policy", "policy.json", "--yes",
            ]
            let signed = try Tool.start("airlock", command + ["-o", "payments"], in: workspace.scratch.path).finish()
            #expect(signed.exit == 0 && Self.code(signed.err) != nil, "\(signed.err)")
            let checked = try workspace.relay("send", "payments", "--rpc", devnet.url, "--check")
            #expect(Self.code(checked.out) == Self.code(signed.err), "\(checked.out) \(checked.err)")
        }

        @Test("that the payer cannot pay leaves no file, and one transfer is prepared, signed and paid")
        func single() async throws {
            var lines = lines(3)
            lines[2] = lines[2].replacingOccurrences(of: "\"amount\":\"3\"", with: "\"amount\":\"9000000000000000000\"")
            workspace.scratch.file("payroll.jsonl", lines.joined(separator: "\n") + "\n")
            let run = try prepare("--json")
            #expect(run.exit == 10)
            #expect(try run.json["error"]["code"].text == "prepare.insufficient-funds")
            #expect(try !workspace.scratch.names.contains("conditions.json"))
            let uri = "ethereum:\(devnet.token)@\(devnet.chainID)/transfer?address=\(devnet.merchant)&uint256=1050000"
            let prepared = try workspace.relay(
                "prepare", uri, "--from", devnet.payer, "--rpc", devnet.url, "-o", "conditions.json")
            #expect(prepared.exit == 0, "\(prepared.err)")
            let signed = try Tool.start(
                "airlock",
                [
                    "sign", uri, "-c", "conditions.json", "-k", "key", "--policy", "policy.json", "--yes", "-o",
                    "p.json",
                ],
                in: workspace.scratch.path
            ).finish()
            #expect(signed.exit == 0, "\(signed.err)")
            let sent = try workspace.relay("send", "p.json", "--rpc", devnet.url, "--json", "--yes")
            #expect(sent.exit == 0, "\(sent.out)")
        }
    }
}
