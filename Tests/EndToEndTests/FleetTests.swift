import AirlockEthereumTypes
import AirlockLoopbackServer
import AirlockSecretKeys
import AirlockTestSupport
import AirlockToolSupport
import Foundation
import Testing

extension EndToEnd {
    /// Several relays that share only a journal in PostgreSQL, as relays on several machines do.
    @Suite("Relays that share a journal", .enabled(if: PostgreSQLServer.shared != nil))
    struct Fleet {
        /// The number of runs; `nil` in `make test`, which makes one short run. `make fleet` sets the number in the
        /// environment, and its runs are longer.
        private static let runs = setting("AIRLOCK_FLEET").flatMap { Int($0) }
        private static let seed =
            setting("AIRLOCK_SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64(UInt32.max))
        private static var isLong: Bool { runs != nil }
        private static let relays = 3
        private static let senders = 6
        private static var count: Int { isLong ? 200 : 60 }

        private static func setting(_ name: String) -> String? {
            ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }

        /// A fault of one relay, or of the database server that all relays share.
        enum Fault: Hashable {
            case kill
            /// The relay is suspended for longer than a lease lasts.
            case stop
            case server
            case node(TCPProxy.State)
            case database(TCPProxy.State)

            static let all: [Fault] = [
                .kill, .stop, .server, .node(.silent), .node(.reset), .database(.silent), .database(.reset),
            ]
        }

        /// One step of the plan: a fault, the pause before it, and how long it lasts.
        struct Step {
            /// The pause before this fault, in seconds. It begins with the start of the previous fault.
            let pause: Double
            let fault: Fault
            let seconds: Double
        }

        private let devnet: Devnet
        private let workspace: Workspace
        private let server: PostgreSQLServer
        private let watch: LeaseWatch
        private let relays: [FleetRelay]
        /// The addresses of the senders, and the names of their key files.
        private let payers: [(address: String, key: String)]

        init() throws {
            let keys = (1..<Self.senders).map { String(repeating: "0\($0)", count: 32) }
            let others = try keys.map { try SecretKey(hex: Array($0.utf8).span).address.description }
            devnet = try Devnet.start(funding: others)
            workspace = try Workspace(devnet)
            for (number, key) in keys.enumerated() { workspace.scratch.file("key-\(number)", key, mode: 0o600) }
            payers = [(devnet.payer, "key")] + others.enumerated().map { ($1, "key-\($0)") }
            server = try PostgreSQLServer()
            watch = try LeaseWatch(server)
            let number = devnet.url.split(separator: ":").last?.prefix { $0.isNumber }
            guard let port = number.flatMap({ UInt16($0) }) else { throw Unexpected(devnet.url) }
            let (folder, server) = (workspace.scratch.path, server)
            relays = try (0..<Self.relays).map { try FleetRelay($0, in: folder, node: port, server) }
        }

        /// Returns the faults in an order that depends only on the seed. A short run has each kind of fault once.
        static func plan(_ chance: inout SeededChance) -> [Step] {
            var faults = Fault.all.shuffled(using: &chance)
            if isLong { faults += (0..<9).map { _ in Fault.all.randomElement(using: &chance) ?? .kill } }
            // A long run starts with a kill. The next fault comes 16 seconds later, so that nothing else happens during
            // the takeover of the killed relay's leases.
            if isLong { faults.insert(.kill, at: 0) }
            return faults.enumerated().map { number, fault in
                let pause = Double.random(in: 0.2..<(isLong ? 3 : 1.5), using: &chance)
                let seconds: Double =
                    switch fault {
                    case .kill: .random(in: 0.1..<4, using: &chance)
                    case .stop: .random(in: 11..<14, using: &chance)
                    case .server: 0
                    case .node, .database: .random(in: 0.5..<(isLong ? 9 : 5), using: &chance)
                    }
                return Step(pause: isLong && number == 1 ? 16 : pause, fault: fault, seconds: seconds)
            }
        }

        @Test(
            "pay everything once, whatever happens to them, to the server and to the ways between them",
            arguments: 0..<(runs ?? 1))
        func faults(run: Int) async throws {
            let seed = Self.seed &+ UInt64(run)
            var chance = SeededChance(seed)
            let plan = Self.plan(&chance)
            print("fleet: \(Self.count) payments of \(Self.senders) senders, seed \(seed)")
            if !FleetRelay.isApart { print("note: the relays see each other's processes: unshare(1) is not allowed") }
            let begin = ContinuousClock.now
            let first = try await start()
            let before = try await holdings()
            let files = try sign(first, &chance)
            try await devnet.rpc("evm_setAutomine", [false])
            for relay in relays { try await relay.start() }
            watch.begin()
            let length = plan.map(\.pause).reduce(0, +)
            let background = [
                Task { [devnet] in
                    while !Task.isCancelled {
                        try await Task.sleep(for: .milliseconds(700))
                        try await devnet.rpc("evm_mine")
                    }
                },
                Task { [relays] in
                    while !Task.isCancelled {
                        try await Task.sleep(for: .milliseconds(500))
                        for relay in relays { try await relay.watch() }
                    }
                },
            ]
            defer {
                for task in background { task.cancel() }
                watch.end()
            }
            let places = files.map { _ in relays.randomElement(using: &chance)?.number ?? 0 }
            let dropping = Task { [scratch = workspace.scratch.path] in
                try await Self.drop(files, into: places.map { "\(scratch)/inbox-\($0)" }, within: length * 0.7)
            }
            try await carryOut(plan, &chance)
            try await dropping.value
            let last = ContinuousClock.now + .seconds(240)
            while watch.payments.settled < Self.count {
                guard ContinuousClock.now < last else { break }
                try await Task.sleep(for: .milliseconds(200))
            }
            #expect(watch.payments == (Self.count, Self.count), "seed \(seed)")
            let seconds = (ContinuousClock.now - begin) / .seconds(1)
            print(
                "fleet: seed \(seed): \(watch.payments.settled) settled after \(Int(seconds)) s,",
                "takeovers \(watch.takeovers), leases looked at \(watch.looks) times")
            try await compare(with: before, first, seed)
            for task in background { task.cancel() }
            try await end(seed)
        }

        // MARK: Before

        /// Returns the first nonce of each sender.
        private func start() async throws -> [Int] {
            var nonces: [Int] = []
            for payer in payers { nonces.append(try await devnet.nonce(payer.address)) }
            return nonces
        }

        private func count(of sender: Int) -> Int {
            Self.count / Self.senders + (sender < Self.count % Self.senders ? 1 : 0)
        }

        /// Signs all payments. Returns the contents of the files for the inboxes, in random order. Each file has one to
        /// eight payments.
        private func sign(_ first: [Int], _ chance: inout SeededChance) throws -> [String] {
            var files: [String] = []
            for (sender, payer) in payers.enumerated() {
                let nonces = Array(first[sender]..<first[sender] + count(of: sender))
                let lines = try workspace.transfers(by: payer.address, payer.key, nonces: nonces)
                    .split(separator: "\n").map { $0 + "\n" }
                var rest = lines[...]
                while !rest.isEmpty {
                    let size = Int.random(in: 1...8, using: &chance)
                    files.append(rest.prefix(size).joined())
                    rest = rest.dropFirst(size)
                }
            }
            return files.shuffled(using: &chance)
        }

        private struct Holdings: Equatable {
            var native, tokens: Int
        }

        private func holdings() async throws -> Holdings {
            Holdings(
                native: try await devnet.balance(devnet.merchant),
                tokens: try await devnet.balance(devnet.merchant, of: devnet.token))
        }

        // MARK: Meanwhile

        /// Puts files into the inboxes, as a signer should: writes each file under a hidden name, which the relay
        /// ignores, and then renames it.
        private static func drop(_ files: [String], into folders: [String], within seconds: Double) async throws {
            for (number, (text, folder)) in zip(files, folders).enumerated() {
                let name = "\(folder)/.\(number).jsonl"
                try text.write(toFile: name, atomically: false, encoding: .utf8)
                guard unsafe rename(name, "\(folder)/\(number).jsonl") == 0 else { throw Unexpected(name) }
                try await Task.sleep(for: .seconds(seconds / Double(files.count)))
            }
        }

        /// Starts the faults of the plan in order, each after its pause. Each fault affects a relay that has no other
        /// fault at this moment. If there is no such relay, the function waits for one. A fault of the database server
        /// affects no particular relay.
        private func carryOut(_ plan: [Step], _ chance: inout SeededChance) async throws {
            var free = relays.shuffled(using: &chance)
            try await withThrowingTaskGroup(of: FleetRelay?.self) { group in
                for step in plan {
                    try await Task.sleep(for: .seconds(step.pause))
                    if step.fault == .server {
                        if let identifier = try? server.identifier { kill(identifier, SIGKILL) }
                        continue
                    }
                    while free.isEmpty, let relay = try await group.next() { free += relay.map { [$0] } ?? [] }
                    let relay = free.removeFirst()
                    group.addTask { [watch] in
                        try await Self.carryOut(step, on: relay, watch)
                        return relay
                    }
                }
                try await group.waitForAll()
            }
        }

        private static func carryOut(_ step: Step, on relay: FleetRelay, _ watch: LeaseWatch) async throws {
            let time = Duration.seconds(step.seconds)
            switch step.fault {
            case .kill:
                try await killWhileItSends(relay, watch)
                try await Task.sleep(for: time)
                try await relay.start()
            case .stop:
                await relay.signal(SIGSTOP)
                try await Task.sleep(for: time)
                await relay.signal(SIGCONT)
            case .node(let state): try await cut(relay.node, state, time)
            case .database(let state): try await cut(relay.database, state, time)
            case .server: break
            }
        }

        private static func cut(_ way: TCPProxy, _ state: TCPProxy.State, _ time: Duration) async throws {
            way.set(state)
            try await Task.sleep(for: time)
            way.set(.open)
        }

        /// Kills the relay at a moment when it holds leases. To find such a moment, suspends the relay, reads its
        /// leases, and lets the relay continue if it holds none. After some seconds without a lease, kills the relay
        /// anyway.
        private static func killWhileItSends(_ relay: FleetRelay, _ watch: LeaseWatch) async throws {
            for _ in 0..<200 {
                guard let owner = await relay.owner else { break }
                await relay.signal(SIGSTOP)
                if let leases = try? watch.leases(of: owner), !leases.isEmpty {
                    try await relay.die()
                    watch.expectTakeovers(of: leases)
                    return
                }
                await relay.signal(SIGCONT)
                try await Task.sleep(for: .milliseconds(20))
            }
            try await relay.die()
        }

        // MARK: After

        /// Checks that every amount was transferred once on the chain. Checks that the journal contains all payments,
        /// and that its receipts agree with the chain.
        private func compare(with before: Holdings, _ first: [Int], _ seed: UInt64) async throws {
            var moved = before
            for (sender, payer) in payers.enumerated() {
                let nonces = first[sender]..<first[sender] + count(of: sender)
                #expect(try await devnet.nonce(payer.address) == nonces.upperBound, "seed \(seed)")
                moved.native += nonces.filter { $0 % 2 == 0 }.map(Workspace.transferred).reduce(0, +)
                moved.tokens += nonces.filter { $0 % 2 != 0 }.map(Workspace.transferred).reduce(0, +)
            }
            #expect(try await holdings() == moved, "seed \(seed)")
            workspace.scratch.file("journal", server.uri())
            // If the last fault was a kill of the database server, the server may still be starting.
            var export = try workspace.relay("journal", "export", "--journal", "@journal")
            for _ in 0..<300 where export.exit == 69 {
                try await Task.sleep(for: .milliseconds(200))
                export = try workspace.relay("journal", "export", "--journal", "@journal")
            }
            #expect(export.exit == 0, "\(export.err)")
            let rows = try export.out.split(separator: "\n").map { try JSON(String($0)) }
            func table(_ name: String) -> [JSON] { rows.filter { (try? $0["table"].text) == name } }
            let payments = table("payments")
            #expect(payments.count == Self.count)
            let open = try payments.filter { try $0["state"].text != "settled" || !$0.has("ended_at") }
            #expect(open.isEmpty, "seed \(seed)")
            // The journal must record exactly once that a payment became settled, even if several relays followed the
            // payment.
            let ends = try table("transitions").filter { try $0["state"].text == "settled" }
            #expect(ends.count == Self.count, "seed \(seed)")
            let hashes = Set(try table("transactions").map { try $0["hash"].text })
            #expect(hashes.count == Self.count)
            #expect(Set(try table("attempts").map { try $0["hash"].text }) == hashes)
            let standing = table("receipts").filter { !$0.has("vanished_at") }
            #expect(try standing.map { try $0["hash"].text }.sorted() == hashes.sorted())
            for receipt in standing {
                let mined = try await devnet.rpc("eth_getTransactionReceipt", [receipt["hash"].text])
                #expect(try receipt["block_hash"].text == mined["blockHash"].text)
                #expect(try "0x" + String(receipt["block_number"].integer, radix: 16) == mined["blockNumber"].text)
                #expect(try receipt["succeeded"].integer == 1)
            }
            #expect(watch.mistakes.isEmpty, "seed \(seed): \(watch.mistakes)")
            if Self.isLong {
                // No other fault happened during the first takeover. So this takeover must take at most 15 seconds.
                let alone = watch.takeovers.first
                #expect(alone?.seconds ?? 0 <= 15, "seed \(seed): \(watch.takeovers)")
            }
        }

        /// Checks that each relay ends with exit code 0, and that each line of its log is a JSON document. Checks that
        /// the relays have accepted all files in the inboxes.
        private func end(_ seed: UInt64) async throws {
            for relay in relays {
                let ended = try await relay.end()
                #expect(ended.exit == 0, "seed \(seed): \(ended.log)")
                for line in try await relay.lines {
                    #expect(throws: Never.self, "\(line)") { try JSON(line) }
                }
                // A relay may end by itself only if it finds no database server when it starts. Its exit code is then
                // 69.
                for failure in await relay.failures {
                    #expect(failure.hasPrefix("exit 69:"), "seed \(seed): \(failure)")
                }
                let names = try FileManager.default.contentsOfDirectory(
                    atPath: workspace.scratch("inbox-\(relay.number)/"))
                #expect(names.sorted() == ["done", "refused"])
                #expect(
                    try FileManager.default.contentsOfDirectory(
                        atPath: workspace.scratch("inbox-\(relay.number)/refused")
                    ).isEmpty)
            }
        }
    }
}
