import Foundation
import Synchronization
import AirlockTestSupport
import Testing
import AirlockToolSupport

extension EndToEnd {
    /// Several relays share one journal. The node fails in many ways, and a relay may be killed at any moment. Each
    /// command is run again until it reports that its payment is settled.
    @Suite("Payments through a node that cannot be relied on")
    struct Faults {
        /// The number of payments. `make faults` sets it in the environment, to more payments than `make test` makes.
        static let count = setting("AIRLOCK_FAULTS").flatMap { Int($0) } ?? 24
        static let seed = setting("AIRLOCK_SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64(UInt32.max))
        static let relays = 8

        private static func setting(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

        /// A payment that a relay must make: its file, the hash of its transaction, and the expected intent, amount and
        /// currency.
        private struct Order: Sendable {
            let file: String
            let hash: String
            let intent: String
            let amount: Int
            let isNative: Bool
        }

        private let devnet: Devnet
        private let workspace: Workspace

        init() throws {
            // This suite starts its own devnet, because it sets an unlimited allowance. Other tests must not have this
            // allowance.
            devnet = try Devnet.start()
            workspace = try Workspace(devnet)
        }

        /// The kind of journal that the relays share.
        enum Store: CaseIterable { case file, server }

        @Test(
            "are each made once, whatever goes wrong, and the journal says what the chain says",
            arguments: Store.allCases)
        func once(store: Store) async throws {
            print("faults: \(Self.count) payments, seed \(Self.seed), journal in a \(store)")
            guard let journal = try journal(store) else { return }
            try await approve()
            let orders = try await sign()
            let last = try await devnet.number("eth_blockNumber", [])
            let before = try await holdings()
            let node = try FaultyNode(before: devnet, seed: Self.seed)
            let begin = ContinuousClock.now
            try await devnet.rpc("evm_setAutomine", [false])
            let mining = Task { [devnet] in try await Self.mine(devnet) }
            let exits = await pay(orders, by: node.url, journal)
            mining.cancel()
            try? await mining.value
            try await devnet.rpc("evm_setAutomine", [true])
            let faults = try await node.faults()
            print("faults: \(ContinuousClock.now - begin), exits \(exits.sorted { $0.key < $1.key })")
            print("faults: \(faults.sorted { $0.key < $1.key })")

            // On the chain, every payment must have transferred its amount exactly once. Nothing else must have been
            // transferred.
            let (native, tokens) = (orders.filter(\.isNative), orders.filter { !$0.isNative })
            #expect(
                try await holdings() - before
                    == Holdings(
                        nonce: orders.count, native: native.map(\.amount).reduce(0, +),
                        tokens: tokens.map(\.amount).reduce(0, +), fees: native.count * Workspace.fee,
                        tokenFees: tokens.count * Workspace.fee))
            #expect(try await paid(since: last).sorted() == orders.map(\.intent).sorted())
            // No command may report that a payment failed for good. So the exit codes for a reverted transaction (20),
            // a used nonce (21), an expired payment (24) and a cancelled payment (25) must not occur.
            #expect(Set(exits.keys).isSubset(of: [0, 10, 22, 69, 74, 75, 137]), "\(exits)")
            try await compareJournal(orders, journal)
            #expect(faults.values.reduce(0, +) - faults["pass", default: 0] >= Self.count)
            // With 200 payments or more, each kind of fault must have happened.
            if Self.count >= 200 { #expect(faults.filter { $0.value == 0 }.isEmpty) }
        }

        // MARK: Before

        /// Returns the value of `--journal`; `nil` if there is no database server for tests.
        private func journal(_ store: Store) throws -> String? {
            guard store == .server else { return "journal.sqlite" }
            guard let server = PostgreSQLServer.shared else { return nil }
            workspace.scratch.file("journal", server.uri())
            return "@journal"
        }

        /// Approves an unlimited allowance for the payment contract, so that token payments need no separate approval.
        private func approve() async throws {
            let spender = String(repeating: "0", count: 24) + devnet.transfers.dropFirst(2)
            let digits = Array("095ea7b3" + spender + String(repeating: "f", count: 64))
            let data = stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(digits[$0...$0 + 1]), radix: 16)
            }
            let raw = try workspace.signed(to: devnet.token, data: data, nonce: await devnet.nonce(devnet.payer))
            try await devnet.rpc("eth_sendRawTransaction", [raw])
        }

        /// Signs all payments with one command. The currency alternates between native currency and the token.
        private func sign() async throws -> [Order] {
            let nonce = try await devnet.nonce(devnet.payer)
            var lines = ""
            for index in 0..<Self.count {
                let isNative = index % 2 == 0
                var members: [String: Any] = ["recipientAmount": amount(index), "feeAmount": Workspace.fee]
                if !isNative { members["recipientCurrency"] = devnet.token }
                let charge = try await devnet.rpc("devnet_createCharge", [members]).serialized
                let token = """
                    ,"token":{"address":"\(devnet.token)","symbol":"USDC","decimals":"6","balance":"1000000000"},\
                    "approval":{"spender":"\(devnet.transfers)","allowance":"1000000000","resetFirst":false}
                    """
                lines += """
                    {"charge":\(charge),"conditions":{"chainId":"\(devnet.chainID)","sender":"\(devnet.payer)",\
                    "nonce":"\(nonce + index)","gas":"200000","maxFeePerGas":"2000000000",\
                    "maxPriorityFeePerGas":"1000000"\(isNative ? "" : token)}}\n
                    """
            }
            workspace.scratch.file("charges.jsonl", lines)
            let command = ["sign", "--lines", "--policy", "policy.json", "-k", "key", "--yes"]
            let run = try BuiltTool("airlock").run(
                command, in: workspace.scratch.path, input: .file(workspace.scratch("charges.jsonl")),
                environment: environment)
            guard run.exit == 0 else { throw Unexpected(run.out + run.err) }
            return try run.out.split(separator: "\n").enumerated().map { index, line in
                let (signed, charge) = (try JSON(String(line)), try JSON(String(lines.split(separator: "\n")[index])))
                let data = charge["charge"]["data"]["web3_data"]["transfer_intent"]["call_data"]
                workspace.scratch.file("payment-\(index)", try signed["raw"].text)
                return Order(
                    file: "payment-\(index)", hash: try signed["hash"].text, intent: try data["id"].text,
                    amount: amount(index), isNative: index % 2 == 0)
            }
        }

        /// Returns the amount of a payment. All amounts are different. So if one payment is made twice and another is
        /// missing, the sum is wrong.
        private func amount(_ index: Int) -> Int { 1_000_000 + index * index }

        private var environment: [String: String] {
            [
                "HOME": workspace.scratch.path, "XDG_STATE_HOME": workspace.scratch.path,
                "XDG_CONFIG_HOME": workspace.scratch.path,
            ]
        }

        // MARK: Meanwhile

        /// Mines a block every tenth of a second. Sometimes drops the last block first. The transactions of this block
        /// are then pending again.
        private static func mine(_ devnet: Devnet) async throws {
            var chance = SeededChance(seed)
            while true {
                try await Task.sleep(for: .milliseconds(100))
                if Int.random(in: 0..<8, using: &chance) == 0 { try await devnet.rpc("evm_dropBlock") }
                try await devnet.rpc("evm_mine")
            }
        }

        /// Runs the command of each payment until it succeeds. Several commands run at the same time. Meanwhile another
        /// relay resumes all open payments. Every relay may be killed.
        ///
        /// - Returns: how often each exit code occurred.
        private func pay(_ orders: [Order], by url: String, _ journal: String) async -> [Int32: Int] {
            let progress = Progress(count: orders.count)
            let (folder, environment) = (workspace.scratch.path, environment)
            let options = [
                "--timeout", "2s", "--confirmations", "2", "--rpc", url, "--journal", journal, "--json",
            ]
            @Sendable func run(_ command: [String], _ chance: inout SeededChance) -> Int32 {
                let exit = Self.relay(command + options, in: folder, environment, &chance)
                progress.note(exit)
                return exit
            }
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    DispatchQueue.concurrentPerform(iterations: Self.relays) { worker in
                        var chance = SeededChance(Self.seed &+ UInt64(worker))
                        if worker == 0 {
                            while progress.isUnderWay {
                                // `resume` fails if the journal file does not exist yet. The first `send` creates the
                                // file.
                                if journal.hasPrefix("@")
                                    || FileManager.default.fileExists(atPath: folder + "/" + journal)
                                {
                                    _ = run(["resume"], &chance)
                                }
                                Thread.sleep(forTimeInterval: 0.3)
                            }
                        }
                        while let index = progress.next() {
                            for _ in 0..<200 where run(["send", orders[index].file], &chance) == 0 { break }
                            progress.end()
                        }
                    }
                    // A relay may have been killed while it checked a settled payment again. Then this payment may
                    // still be open.
                    var chance = SeededChance(Self.seed)
                    for _ in 0..<200 where run(["resume"], &chance) == 0 { break }
                    continuation.resume()
                }
            }
            return progress.exits
        }

        /// Runs a relay, and returns its exit code. Kills about every third relay, at a moment between its start and
        /// its usual end.
        private static func relay(
            _ command: [String], in folder: String, _ environment: [String: String], _ chance: inout SeededChance
        ) -> Int32 {
            let isKilled = Int.random(in: 0..<3, using: &chance) == 0
            let seconds = isKilled ? Double.random(in: 0.01..<0.4, using: &chance) : 60
            let words = ["--signal=KILL", "\(seconds)", "\(BuiltTool.folder)/airlock-relay"] + command
            let run = try? BuiltTool(at: "/usr/bin/timeout")?.run(
                words, in: folder, environment: environment, seconds: 120)
            let exit = run?.exit ?? -1
            return exit == -SIGKILL ? 137 : exit
        }

        /// The progress of all relays together: the next payment to start, the number of payments that have ended, and
        /// how often each exit code occurred.
        private final class Progress: Sendable {
            private let state = Mutex((next: 0, ended: 0, exits: [Int32: Int]()))
            private let count: Int

            init(count: Int) { self.count = count }

            var isUnderWay: Bool { state.withLock { $0.ended < count } }
            var exits: [Int32: Int] { state.withLock { $0.exits } }

            func note(_ exit: Int32) { state.withLock { $0.exits[exit, default: 0] += 1 } }
            func end() { state.withLock { $0.ended += 1 } }

            /// Returns the index of the next payment that no relay has started; `nil` if there is none.
            func next() -> Int? {
                state.withLock { state in
                    defer { state.next += 1 }
                    return state.next < count ? state.next : nil
                }
            }
        }

        // MARK: After

        private struct Holdings: Equatable {
            var nonce, native, tokens, fees, tokenFees: Int

            static func - (left: Holdings, right: Holdings) -> Holdings {
                Holdings(
                    nonce: left.nonce - right.nonce, native: left.native - right.native,
                    tokens: left.tokens - right.tokens, fees: left.fees - right.fees,
                    tokenFees: left.tokenFees - right.tokenFees)
            }
        }

        private func holdings() async throws -> Holdings {
            Holdings(
                nonce: try await devnet.nonce(devnet.payer), native: try await devnet.balance(devnet.merchant),
                tokens: try await devnet.balance(devnet.merchant, of: devnet.token),
                fees: try await devnet.balance(devnet.feeDestination),
                tokenFees: try await devnet.balance(devnet.feeDestination, of: devnet.token))
        }

        /// Returns the intent of each payment event that the contract emitted in the block `block` or later. `block` is
        /// the last block before the payments. The events of this block are included, because the devnet can drop it
        /// and give its number to a new block with payments.
        private func paid(since block: Int) async throws -> [String] {
            let filter = ["address": devnet.transfers, "fromBlock": "0x" + String(block, radix: 16)]
            let logs = try await devnet.rpc("eth_getLogs", [filter])
            return try (0..<logs.count).map { "0x" + (try logs[$0]["data"].text).dropFirst(2).prefix(32) }
        }

        /// Compares the journal's records of every payment with the chain.
        private func compareJournal(_ orders: [Order], _ journal: String) async throws {
            let rows = try workspace.relay("journal", "export", "--journal", journal).out.split(separator: "\n")
                .map { try JSON(String($0)) }
            func table(_ name: String) -> [JSON] { rows.filter { (try? $0["table"].text) == name } }
            #expect(table("payments").count == orders.count)
            #expect(Set(try table("payments").map { try $0["state"].text }) == ["settled"])
            #expect(try table("transactions").map { try $0["hash"].text }.sorted() == orders.map(\.hash).sorted())
            #expect(
                Set(try table("transitions").map { try $0["state"].text })
                    .isSubset(of: ["recorded", "sent", "mined", "settled"]))
            let standing = table("receipts").filter { !$0.has("vanished_at") }
            #expect(standing.count == orders.count)
            let numbers = Set(try standing.map { try $0["id"].integer })
            let events = try table("events").filter { numbers.contains(try $0["receipt"].integer) }
            #expect(try events.map { try $0["intent_id"].text }.sorted() == orders.map(\.intent).sorted())
            for receipt in standing {
                let mined = try await devnet.rpc("eth_getTransactionReceipt", [receipt["hash"].text])
                #expect(try receipt["block_hash"].text == mined["blockHash"].text)
                #expect(try "0x" + String(receipt["block_number"].integer, radix: 16) == mined["blockNumber"].text)
                #expect(try receipt["succeeded"].integer == 1)
            }
            // The journal lists every transaction that a relay has sent. These must be exactly the transactions of the
            // test's payments.
            let asked = Set(try table("attempts").map { try $0["hash"].text })
            #expect(asked == Set(orders.map(\.hash)))
        }
    }
}
