import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPostgreSQL
import AirlockSamples
import AirlockToolSupport
import Foundation
import Glibc
import Synchronization
import Testing
import AirlockTestSupport

@testable import AirlockBroadcast

@Suite("The address of a journal's server")
struct PostgreSQLAddressTests {
    static let shown = [
        ("postgresql://relay@db.example:5433/airlock", "postgresql://relay@db.example:5433/airlock", false),
        ("postgres://relay:s3cret@db.example/airlock", "postgresql://relay@db.example/airlock", true),
        (
            "postgresql://db.example/airlock?user=relay&password=s3cret&sslmode=require",
            "postgresql://relay@db.example/airlock", true
        ),
        ("postgresql://a,b:5433/airlock?target_session_attrs=read-write", "postgresql://a,b:5433/airlock", false),
        ("postgresql:///airlock?host=/run/postgresql", "postgresql://%2Frun%2Fpostgresql/airlock", false),
        ("postgresql://[::1]:5432/airlock", "postgresql://[::1]:5432/airlock", false),
        ("postgresql://h/d?sslpassword=s3cret", "postgresql://h/d", true),
        ("postgresql://relay:p%40ss%2Fw@h/d", "postgresql://relay@h/d", true),
    ]

    @Test("is shown without its password and settings", arguments: shown)
    func described(uri: String, description: String, hasPassword: Bool) throws {
        let address = try PostgreSQLAddress(uri)
        #expect("\(address)" == description)
        #expect(address.hasPassword == hasPassword)
        var dumped = ""
        dump(address, to: &dumped)
        for text in [dumped, String(reflecting: address)] {
            #expect(!text.contains("s3cret") && !text.contains("p@ss") && !text.contains("%40ss"))
        }
    }

    @Test(
        "is refused, and never quoted, where a password would be taken for a part that is shown",
        arguments: [
            "postgresql://relay:s3@cret@h/d", "postgresql://relay:s3/cret@h/d", "postgresql://h:s3cret/d",
            "postgresql://h/d?s3cret=1", "postgresql://[::1/s3cret", "postgresql://%zz/s3cret", "mysql://h/s3cret",
        ])
    func unreadable(uri: String) {
        let error = #expect(throws: PostgreSQLAddress.Unreadable.self) { try PostgreSQLAddress(uri) }
        #expect(error?.reason.contains("cret") == false)
    }
}

/// Tests of the behaviour that only the journal in PostgreSQL has. The tests for every store are in
/// ``PaymentJournalTests``.
@Suite("The journal in PostgreSQL", .enabled(if: PostgreSQLServer.shared != nil))
struct PostgreSQLJournalTests {
    private let folder: Scratch

    init() throws { folder = try Scratch() }

    private func shared() throws -> PostgreSQLServer {
        let server = try #require(PostgreSQLServer.shared)
        try server.make(folder.schema)
        return server
    }

    private func journal(
        _ server: PostgreSQLServer, timeout: Duration = .seconds(20),
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> SQLJournal {
        try SQLJournal(server.address(folder.schema), timeout: timeout, notice: notice)
    }

    @Test("is made in an empty database by who writes, by one of many, and not by who reads")
    func made() async throws {
        let server = try shared()
        #expect(try SQLJournal(reading: server.address(folder.schema)) == nil)
        let folder = folder
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try SQLJournal(server.address(folder.schema)) } }
            try await group.waitForAll()
        }
        let version = try server.run("SELECT version FROM airlock_schema", in: folder.schema)
        #expect(version == [["version": .integer(Int64(PostgreSQLSchema.migrations.count))]])
        #expect(try SQLJournal(reading: server.address(folder.schema)) != nil)
    }

    @Test("refuses the tables of a newer Airlock and of another program, and changes nothing in them")
    func foreign() throws {
        let server = try shared()
        try server.run("CREATE TABLE payments (a INTEGER)", in: folder.schema)
        func refused(_ code: String) throws {
            let address = try server.address(folder.schema)
            #expect(refusals { _ = try journal(server) } == [Refusal(code, "\(address)")])
            #expect(refusals { _ = try SQLJournal(reading: address) } == [Refusal(code, "\(address)")])
            #expect(refusals { _ = try SQLJournal.migrate(address) } == [Refusal(code, "\(address)")])
        }
        try refused("journal.not-a-journal")
        try server.run("DROP TABLE payments", in: folder.schema)
        _ = try journal(server)
        try server.run("UPDATE airlock_schema SET version = 99", in: folder.schema)
        try refused("journal.newer")
        #expect(try server.run("SELECT version FROM airlock_schema", in: folder.schema) == [["version": .integer(99)]])
    }

    @Test("leaves the tables of an older Airlock as they are until they are migrated")
    func older() async throws {
        let server = try shared()
        let address = try server.address(folder.schema)
        for statement in PostgreSQLSchema.migrations[0] { try server.run(statement, in: folder.schema) }
        try server.run("UPDATE airlock_schema SET version = 1", in: folder.schema)
        let refusal = [Refusal("journal.older", "\(address)")]
        #expect(refusals { _ = try journal(server) } == refusal)
        #expect(refusals { _ = try SQLJournal(reading: address) } == refusal)
        #expect(try server.run("SELECT version FROM airlock_schema", in: folder.schema) == [["version": .integer(1)]])
        let newest = PostgreSQLSchema.migrations.count
        #expect(try SQLJournal.migrate(address) == (1, newest))
        #expect(try SQLJournal.migrate(address) == (newest, newest))
        #expect(try await journal(server).record(SamplePayment.signedPayment()) == 1)
    }

    @Test("takes the server's time")
    func time() async throws {
        let journal = try journal(shared())
        let before = UInt64(Glibc.time(nil))
        _ = try await journal.record(SamplePayment.signedPayment())
        let at = try Timestamp(try #require(try await journal.payments().first).recordedAt)
        #expect(before...UInt64(Glibc.time(nil)) ~= at.seconds)
    }

    @Test("lets the server compile no query, which takes longer than to answer it")
    func uncompiled() async throws {
        let database = try await journal(shared()).opened()
        #expect(try database.execute("SELECT current_setting('jit') AS jit").first?.optionalText("jit") == "off")
    }

    @Test(
        "has each commit flushed to the server's disk, even if the server's setting is different",
        arguments: [("off", "on"), ("local", "local"), ("on", "on")])
    func flushed(given: String, used: String) async throws {
        let server = try shared()
        let address = try PostgreSQLAddress(server.uri(folder.schema) + "%20-csynchronous_commit%3D\(given)")
        // The server's URI changes the setting. A connection without the journal's own settings keeps the changed
        // value.
        let plain = try PostgreSQLConnection(address).run("SHOW synchronous_commit")
        #expect(plain == [["synchronous_commit": .text(given)]])
        let database = try await SQLJournal(address).opened()
        let said = try database.execute("SHOW synchronous_commit").first?.optionalText("synchronous_commit")
        #expect(said == used)
    }

    @Test("says who cannot be reached and why, and not the password")
    func unreachable() throws {
        let server = try shared()
        let socket = "\(server.folder.replacing("/", with: "%2F")):\(server.port)"
        for (uri, reason) in [
            ("relay:s3cret@127.0.0.1:1/postgres", "Connection refused"),
            (
                "relay:s3cret@127.0.0.1:\(server.port)/postgres",
                #"FATAL: password authentication failed for user "relay""#
            ),
            (
                "nobody:s3cret@127.0.0.1:\(server.port)/s3cret",
                #"FATAL: password authentication failed for user "nobody""#
            ),
            ("relay:s3cret@\(socket)/none", #"FATAL: database "none" does not exist"#),
            ("relay@127.0.0.1:1,\(socket)/none", #"Connection refused FATAL: database "none" does not exist"#),
        ] {
            let found = problems { _ = try SQLJournal(PostgreSQLAddress("postgresql://\(uri)")) }
            #expect(found.map(\.code) == ["journal.unreachable"])
            #expect(found.first?.message.contains("s3cret") == false)
            #expect(found.first?.saw == reason)
        }
        _ = try SQLJournal(
            PostgreSQLAddress(
                "postgresql://relay:top%2Fsecret%40word@127.0.0.1:\(server.port)/postgres?options=-csearch_path%3D\(folder.schema)"
            ))
    }

    /// Every attempt must be written exactly once. Each attempt names a different node, so a missing or duplicated
    /// attempt is found.
    @Test("loses nothing and writes nothing twice while the server is killed again and again, and says it once")
    func killed() async throws {
        let server = try PostgreSQLServer()
        try server.make(folder.schema)
        let said = Shared<[String]>([])
        let journal = try journal(server, notice: { text in said.value.withLock { $0.append(text) } })
        let signedPayment = try SamplePayment.signedPayment()
        let payment = try await journal.record(signedPayment)
        let killer = Task {
            for _ in 0..<4 {
                try await Task.sleep(for: .milliseconds(.random(in: 100...400)))
                if let identifier = try? server.identifier { kill(identifier, SIGKILL) }
                try await Task.sleep(for: .milliseconds(1500))
            }
        }
        var count = 0
        var done = false
        while !done {
            done = said.value.withLock { $0.count } >= 8
            let numbers = try await journal.beginAttempts(signedPayment.steps[0].hash, of: payment, ["node \(count)"])
            #expect(numbers.count == 1)
            count += 1
            if count > 200_000 { break }
        }
        try await killer.value
        let rows = try await journal.rows(of: "attempts")
        #expect(rows.count == count)
        for (number, row) in rows.enumerated() { #expect(row.contains("\"node \(number)\"")) }
        let sentences = said.value.withLock { $0 }
        #expect(sentences.count == 8)
        for (index, sentence) in sentences.enumerated() {
            #expect(
                sentence.hasPrefix(
                    index % 2 == 0 ? "the journal's server does not take it (" : "the journal's server is back"))
        }
    }

    @Test("goes on when connections are ended at any moment")
    func terminated() async throws {
        let server = try shared()
        let journal = try journal(server)
        let signedPayment = try SamplePayment.signedPayment()
        let payment = try await journal.record(signedPayment)
        let schema = folder.schema
        let breaker = Task {
            while !Task.isCancelled {
                _ = try? server.run(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
                    AND application_name = 'airlock-relay' AND query LIKE '%' AND state IS NOT NULL
                    AND pid IN (SELECT pid FROM pg_locks JOIN pg_class ON pg_class.oid = relation
                        JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = '\(schema)')
                    """, in: schema)
            }
        }
        for number in 0..<300 {
            _ = try await journal.beginAttempts(signedPayment.steps[0].hash, of: payment, ["node \(number)"])
        }
        breaker.cancel()
        await breaker.value
        let rows = try await journal.rows(of: "attempts")
        #expect(rows.count == 300)
        for (number, row) in rows.enumerated() { #expect(row.contains("\"node \(number)\"")) }
    }

    @Test("waits while the server takes no writes, and refuses such a server and a standby by name")
    func readOnly() async throws {
        let server = try PostgreSQLServer()
        try server.make(folder.schema)
        let journal = try journal(server)
        let signedPayment = try SamplePayment.signedPayment()
        let payment = try await journal.record(signedPayment)
        let connection = try PostgreSQLConnection(server.address("public"))
        for sql in ["ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"] {
            try connection.run(sql)
        }
        let question = "SELECT current_setting('default_transaction_read_only') AS state"
        while try PostgreSQLConnection(server.address("public")).run(question).first?["state"] != .text("on") {
            try await Task.sleep(for: .milliseconds(20))
        }
        let address = try server.address(folder.schema)
        let refusal = Refusal("journal.read-only", "\(address)")
        #expect(refusals { _ = try self.journal(server) } == [refusal])
        #expect(refusals { _ = try SQLJournal(reading: address) } == [refusal])
        // After half a second, a separate thread makes the server accept writes again. A task in Swift's thread pool
        // could start too late, because other tests may keep the pool busy for longer than the journal waits.
        let opened = Mutex<Result<Void, any Error>?>(nil)
        Thread.detachNewThread {
            usleep(500_000)
            let result = Result {
                try connection.run("SET transaction_read_only = off")
                try connection.run("SET default_transaction_read_only = off")
                for sql in ["ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()"] {
                    try connection.run(sql)
                }
            }
            opened.withLock { $0 = result }
        }
        try await journal.move(payment, to: .sent)
        try opened.withLock { $0 }?.get()
        #expect(try await journal.state(of: payment) == .sent)
        let standby = try PostgreSQLServer("standby")
        let place = try standby.address("public")
        #expect(refusals { _ = try SQLJournal(place) } == [Refusal("journal.read-only", "\(place)")])
    }

    @Test("gives up a server that stays away, and says so")
    func away() async throws {
        let server = try PostgreSQLServer("once")
        try server.make(folder.schema)
        let journal = try journal(server, timeout: .milliseconds(200))
        let payment = try await journal.record(SamplePayment.signedPayment())
        kill(try server.identifier, SIGKILL)
        let place = journal.place
        // The server process of this connection may complete one more transaction before it exits.
        var found: [Refusal] = []
        for state in [PaymentState.sent, .mined] where found.isEmpty {
            found = await refusals { try await journal.move(payment, to: state) }
            if found.isEmpty { try await Task.sleep(for: .seconds(3)) }
        }
        #expect(found == [Refusal("journal.unreachable", place)])
        #expect(await refusals { _ = try await journal.payments() } == [Refusal("journal.unreachable", place)])
    }

    @Test("finds payments by an index, whatever they are looked up by")
    func indexed() throws {
        let server = try shared()
        _ = try journal(server)
        let questions = [
            "SELECT meaning FROM attempts WHERE hash = 'x'", "SELECT id FROM payments WHERE code = 'x'",
            "SELECT id FROM payments WHERE charge_id = 'x'", "SELECT id FROM payments WHERE intent_id = 'x'",
            "SELECT payment FROM steps WHERE hash = 'x'", "SELECT id FROM payments WHERE changed_at >= '9'",
            "SELECT id FROM payments WHERE ended_at IS NULL ORDER BY id",
            "SELECT ledger_head FROM payments WHERE sender = 'x' AND chain_id = '1' ORDER BY id DESC LIMIT 1",
            "SELECT * FROM payments WHERE state IN ('reverted') ORDER BY id DESC LIMIT 500",
            "SELECT * FROM payments ORDER BY id DESC LIMIT 500",
            "SELECT state, at FROM transitions WHERE payment = 1 ORDER BY id",
            """
            SELECT id FROM webhook_deliveries WHERE receiver = 'x' AND delivered_at IS NULL AND due <= 1
            ORDER BY id LIMIT 8
            """,
        ]
        let connection = try PostgreSQLConnection(server.address(folder.schema))
        try connection.run("SET enable_seqscan = off")
        for question in questions {
            let plan = try connection.run("EXPLAIN \(question)").compactMap { $0["QUERY PLAN"] }
            #expect("\(plan)".contains("Index") && !"\(plan)".contains("Seq Scan"), "\(plan)")
        }
    }
}
