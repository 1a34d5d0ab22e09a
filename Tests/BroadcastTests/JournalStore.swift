import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockSamples
import AirlockPostgreSQL
import AirlockStrictJSON
import AirlockToolSupport
import Synchronization
import Testing
import AirlockTestSupport

@testable import AirlockBroadcast

/// A kind of database that stores journals, such as SQLite. All stores must pass the same tests, which are in
/// ``PaymentJournalTests``.
struct JournalStore: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// A function that opens the journal of a folder. It creates the journal if there is none.
    let open: @Sendable (Scratch, _ now: @escaping @Sendable () -> Timestamp) async throws -> any PaymentJournal
    /// A function that opens the journal of a folder read-only. It returns `nil` if the database is empty.
    let read: @Sendable (Scratch) async throws -> (any PaymentJournal)?

    static let all = [sqlite] + (PostgreSQLServer.shared.map { [postgreSQL($0)] } ?? [])

    static let sqlite = JournalStore(
        testDescription: "SQLite", open: { try SQLJournal($0.path + "/journal.sqlite", now: $1) },
        read: { try SQLJournal(reading: $0.path + "/journal.sqlite") })

    static func postgreSQL(_ server: PostgreSQLServer) -> JournalStore {
        JournalStore(
            testDescription: "PostgreSQL",
            open: { folder, now in
                try server.make(folder.schema)
                return try SQLJournal(server.address(folder.schema), timeout: .seconds(20), now: now)
            }, read: { try SQLJournal(reading: server.address($0.schema)) })
    }
}

extension PaymentJournal {
    func record(_ signedPayment: SignedPayment) async throws(JournalError) -> Int64 {
        guard let payment = try await record([signedPayment]).first else {
            throw JournalError(rule: .failed, path: place, said: nil)
        }
        return payment
    }

    func move(_ payment: Int64, to state: PaymentState) async throws(JournalError) {
        try await move(payment, to: state, nil)
    }

    func mined(_ payment: Int64, _ receipt: Receipt) async throws(JournalError) {
        try await mined(payment, receipt, after: [])
    }

    /// Returns all rows of all tables.
    func rows() async throws -> [JSONOutput] {
        let all = Shared<[JSONOutput]>([])
        try await rows { row in all.value.withLock { $0.append(row) } }
        return all.value.withLock { $0 }
    }

    /// Returns the rows of one table, each as JSON text.
    func rows(of table: String) async throws -> [String] {
        try await rows().map(\.text).filter { $0.hasPrefix("{\"table\":\"\(table)\"") }
    }

    /// Returns the journal as CSV: all lines in one string.
    func spreadsheet() async throws -> String {
        let all = Shared("")
        try await spreadsheet { line in all.value.withLock { $0 += line } }
        return all.value.withLock { $0 }
    }
}

/// Returns the refusals in the error that `body` throws, in order. The result is empty if `body` throws no error.
func refusals(of body: () async throws -> Void) async -> [Refusal] { await problems(of: body).map { Refusal($0) } }

/// Returns the problems that `body` throws. The result is empty if `body` throws no error.
func problems(of body: () async throws -> Void) async -> [Problem] {
    let result: Result<Void, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    return problems { try result.get() }
}
