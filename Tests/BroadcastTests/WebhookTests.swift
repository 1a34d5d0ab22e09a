import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockHTTP
import AirlockJSONRPC
import AirlockLoopbackServer
import AirlockSamples
import AirlockStrictJSON
import AirlockTransactions
import Foundation
import Synchronization
import Testing
import AirlockTestSupport

@testable import AirlockBroadcast

@Suite("A webhook")
struct WebhookTests {
    private let folder: Scratch

    init() throws { folder = try Scratch() }

    private func open(_ store: JournalStore) async throws -> SQLJournal {
        try #require(try await store.open(folder) { Timestamp(seconds: 7) } as? SQLJournal)
    }

    private static let pace: Webhook.Pace = {
        var pace = Webhook.Pace()
        (pace.first, pace.longest, pace.silence) = (.milliseconds(5), .milliseconds(20), .milliseconds(20))
        (pace.idle, pace.grace) = (.milliseconds(10), .milliseconds(50))
        return pace
    }()

    /// Runs the webhook until `isDone` returns true, and then stops the webhook. The test fails if this takes more than
    /// 120 seconds.
    private func run(
        _ journal: SQLJournal, _ url: String, _ pace: Webhook.Pace = Self.pace,
        tell: @escaping @Sendable (Webhook.Event) -> Void = { _ in },
        until isDone: @escaping @Sendable () async throws -> Bool
    ) async throws {
        let isEnding = Shared(false)
        let webhook = Webhook(
            WebhookReceiver(try HTTPURL(url)), HTTPClient(), journal, pace, sign: { "signed \($0.count)" }, tell: tell)
        async let work: Void = webhook.run { isEnding.value.withLock { $0 } }
        let end = ContinuousClock.now + .seconds(120)
        while try await !isDone(), .now < end { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try await isDone())
        isEnding.value.withLock { $0 = true }
        await work
    }

    /// Registers a receiver, as the webhook does at the start of each run.
    private func register(_ journal: SQLJournal, _ url: String) async throws {
        try await journal.register(WebhookReceiver(HTTPURL(url)))
    }

    private static func raw(_ nonce: UInt64) throws -> SignedPayment {
        try SignedPayment(raw: [SamplePayment.signed(nonce: nonce, to: .zero).raw])
    }

    private func undelivered(_ journal: SQLJournal) async throws -> Int {
        try await journal.rows(of: "webhook_deliveries").count { !$0.contains("delivered_at") }
    }

    @Test("tells what status says, signed and named, of what ends from then on", arguments: JournalStore.all)
    func told(store: JournalStore) async throws {
        let (journal, receiver) = (try await open(store), Receiver())
        let (old, new) = (
            try await journal.record(Self.raw(1)), try await journal.record(SamplePayment.signedPayment())
        )
        try await journal.move(old, to: .expired)
        try await register(journal, receiver.url)
        // The final state is recorded through another journal object, as another relay or the command `send` would
        // record it.
        let hash = try SamplePayment.signedPayment().steps[0].hash
        let chain = ScriptedChain(receipts: ["\(hash)": receipt(of: hash, logs: [SettlementTests.Event().log])])
        let receipt = try #require(try await chain.node().node.receipt(of: hash))
        try await open(store).ended(new, .settled, receipt)
        try await run(journal, receiver.url) { try await undelivered(journal) == 0 }
        let post = try #require(receiver.posts.first)
        #expect(receiver.posts.count == 1)
        let known = try #require(try await journal.payments().first)
        #expect(post.body == #"{"hash":"\#(hash)","# + known.json.text.dropFirst())
        #expect(post.body.contains(#""state":"settled""#) && post.body.contains(#""ended":"1970-01-01T00:00:07Z""#))
        #expect(post.header("Idempotency-Key") == "\(hash)-settled")
        #expect(post.header("X-Airlock-Signature") == "signed \(post.body.utf8.count)")
        #expect(post.header("Content-Type") == "application/json")
    }

    @Test(
        "tells it again until the answer is 2xx, through a restart, and goes to no other address",
        arguments: JournalStore.all)
    func again(store: JournalStore) async throws {
        let other = Receiver()
        let receiver = Receiver(
            ["500 Oops", "404 Not Found", "302 Found", "429 Too Many"],
            headers: "Location: \(other.url)/x\r\nRetry-After: 1\r\n")
        let journal = try await open(store)
        try await register(journal, receiver.url)
        let payment = try await journal.record(Self.raw(1))
        try await journal.move(payment, to: .expired)
        let events = Shared<[Webhook.Event]>([])
        try await run(journal, receiver.url, tell: { event in events.value.withLock { $0.append(event) } }) {
            receiver.posts.count >= 2
        }
        await journal.close()
        let next = try await open(store)
        try await run(next, receiver.url) { try await undelivered(next) == 0 }
        #expect(receiver.posts.count == 5 && other.posts.isEmpty)
        #expect(Set(receiver.posts.map(\.body)).count == 1)
        #expect(Set(receiver.posts.map { $0.header("Idempotency-Key") }).count == 1)
        let failures = events.value.withLock { $0 }.compactMap { event in
            if case .failed(_, let problems, _) = event { problems } else { nil }
        }
        #expect(failures.first?.map(\.code) == ["webhook.rejected"])
        #expect(failures.first?.first?.message.contains("500") == true)
    }

    @Test("tells the states of one payment in their order, and each once", arguments: JournalStore.all)
    func order(store: JournalStore) async throws {
        let receiver = Receiver(["500 Oops"])
        let journal = try await open(store)
        try await register(journal, receiver.url)
        let (first, second) = (try await journal.record(Self.raw(1)), try await journal.record(Self.raw(2)))
        // A payment can become open again after a final state, for example if its transaction is found in a block after
        // all.
        for state in [PaymentState.expired, .sent, .replaced, .sent, .expired] {
            try await journal.move(first, to: state)
        }
        try await journal.move(second, to: .cancelled)
        try await run(journal, receiver.url) { try await undelivered(journal) == 0 }
        let code = try Self.raw(1).code
        let own = receiver.posts.map(\.told).filter { $0.hasPrefix(code) }
        #expect(own.last == "\(code) replaced" && Set(own.dropLast()) == ["\(code) expired"])
        #expect(receiver.posts.count == 4)
    }

    @Test("is told once by several relays that all live", arguments: JournalStore.all)
    func several(store: JournalStore) async throws {
        let receiver = Receiver()
        let journal = try await open(store)
        try await register(journal, receiver.url)
        for nonce in 0..<40 as Range<UInt64> {
            try await journal.move(journal.record(Self.raw(nonce)), to: .expired)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    let own = try await open(store)
                    try await run(own, receiver.url) { try await undelivered(own) == 0 }
                }
            }
            try await group.waitForAll()
        }
        #expect(receiver.posts.count == 40)
        #expect(Set(receiver.posts.map(\.told)).count == 40)
    }

    @Test("is told by another relay when the one that was to tell it does not", arguments: JournalStore.all)
    func takenOver(store: JournalStore) async throws {
        let receiver = Receiver()
        let (journal, other) = (try await open(store), try await open(store))
        try await register(journal, receiver.url)
        try await journal.move(journal.record(Self.raw(1)), to: .expired)
        let address = WebhookReceiver(try HTTPURL(receiver.url))
        let claimed = try await journal.claim(for: address, atMost: 8, lasting: .seconds(3600))
        #expect(claimed.count == 1)
        #expect(try await other.claim(for: address, atMost: 8, lasting: .seconds(60)).isEmpty)
        // Moves the due time of the delivery into the past, as if the first relay's claim had expired.
        try await change("UPDATE webhook_deliveries SET due = due - 3600000", journal)
        try await run(other, receiver.url) { try await undelivered(other) == 0 }
        #expect(receiver.posts.count == 1)
        // Meanwhile, the other relay has delivered the notification. Now the first relay reports that its own attempt
        // failed. The notification must not become due again.
        try await journal.finish([(claimed[0].id, .zero)])
        #expect(try await undelivered(other) == 0)
        // The claim of a relay process that has exited is released at once.
        try await journal.move(journal.record(Self.raw(2)), to: .expired)
        _ = try await journal.claim(for: address, atMost: 8, lasting: .seconds(3600))
        let ended = RelayIdentity(process: 0x7FFF_FFFE)
        try await change("UPDATE webhook_deliveries SET owner = '\(ended)' WHERE delivered_at IS NULL", journal)
        try await run(other, receiver.url) { try await undelivered(other) == 0 }
        #expect(receiver.posts.count == 2)
    }

    private func change(_ statement: String, _ journal: SQLJournal) async throws {
        try await journal.change { database, _ throws(JournalError) in _ = try database.execute(statement) }
    }

    @Test("ends in a moment beside a receiver that never answers, and tells it the next time")
    func silent() async throws {
        let (journal, silent) = (try await open(.sqlite), LoopbackServer.silent())
        try await register(journal, silent.url)
        try await journal.move(journal.record(Self.raw(1)), to: .expired)
        let failed = Shared(false)
        try await run(
            journal, silent.url,
            tell: { if case .failed = $0 { failed.value.withLock { $0 = true } } },
            until: { silent.connections == 1 })
        #expect(!failed.value.withLock { $0 })
        #expect(try await undelivered(journal) == 1)
        let address = WebhookReceiver(try HTTPURL(silent.url))
        #expect(try await journal.claim(for: address, atMost: 8, lasting: .seconds(1)).map(\.attempts) == [2])
    }

    @Test("says by which rule a receiver could not be told")
    func failures() async throws {
        let journal = try await open(.sqlite)
        var pace = Self.pace
        pace.timeout = .milliseconds(300)
        let silent = LoopbackServer.silent()
        let codes = Shared<[String]>([])
        try await register(journal, silent.url)
        try await journal.move(journal.record(Self.raw(1)), to: .expired)
        try await run(
            journal, silent.url, pace,
            tell: { event in
                if case .failed(_, let all, _) = event { codes.value.withLock { $0 += all.map(\.code) } }
            }, until: { codes.value.withLock { $0.count } >= 2 })
        #expect(Set(codes.value.withLock { $0 }) == ["http.timeout"])
    }

    @Test("keeps no address in the journal that may hold a key")
    func address() async throws {
        let journal = try await open(.sqlite)
        try await register(journal, "https://hooks.example/services/T0000000000/s3cret-of-ours?token=alsosecret")
        let rows = try await journal.rows(of: "webhooks")
        #expect(rows.count == 1)
        #expect(rows[0].contains("https://hooks.example/services/.../...?..."))
        #expect(!rows[0].contains("s3cret") && !rows[0].contains("alsosecret"))
    }
}

/// A server that receives the webhook's requests. It answers the first requests with the given statuses, and all later
/// requests with the status 204.
private final class Receiver: Sendable {
    struct Post: Sendable {
        let head: String
        let body: String

        func header(_ name: String) -> String? {
            let start = "\(name.lowercased()): "
            let line = head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(start) }
            return line.map { String($0.dropFirst(name.count + 2)) }
        }

        /// The payment's code and state, as the body of the request states them.
        var told: String {
            let document = try? JSONDocument(Array(body.utf8)).root
            return "\(document?["code"]?.string ?? "") \(document?["state"]?.string ?? "")"
        }
    }

    private let got: Shared<[Post]>
    private let server: LoopbackServer

    var posts: [Post] { got.value.withLock { $0 } }
    var url: String { server.url }

    init(_ statuses: [String] = [], headers: String = "") {
        let got = Shared<[Post]>([])
        self.got = got
        server = LoopbackServer { connection in
            while let request = connection.request() {
                let parts = request.components(separatedBy: "\r\n\r\n")
                let count = got.value.withLock { posts in
                    posts.append(Post(head: parts[0], body: parts.dropFirst().joined(separator: "\r\n\r\n")))
                    return posts.count
                }
                guard count <= statuses.count else {
                    connection.answer("", status: "204 No Content")
                    continue
                }
                connection.answer("", status: statuses[count - 1], headers: headers)
            }
        }
    }
}
