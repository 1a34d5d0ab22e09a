import AirlockPostgreSQL
import AirlockToolSupport
import Foundation
import Synchronization

/// A monitor of the leases in a journal. It reads the leases about ten times a second. It records mistakes in the
/// leases, and how long each takeover takes.
final class LeaseWatch: Sendable {
    /// The lease of a sender in the journal.
    struct Lease: Hashable, Sendable {
        let owner: String
        let fence: Int64
        /// Whether the lease is still valid, by the database's clock.
        let isValid: Bool
    }

    /// A takeover: a relay has died, and another relay acquires the lease of one of its senders.
    struct Takeover: Sendable, CustomStringConvertible {
        let sender: String
        let fence: Int64
        let begin: ContinuousClock.Instant
        var end: ContinuousClock.Instant?

        var seconds: Double? { end.map { ($0 - begin) / .seconds(1) } }
        var description: String { seconds.map { String(format: "%.1f s", $0) } ?? "none" }
    }

    private struct State {
        var last: [String: Lease] = [:]
        var mistakes: [String] = []
        var takeovers: [Takeover] = []
        var (payments, settled, looks) = (0, 0, 0)
        var isOver = false
    }

    private let address: PostgreSQLAddress
    private let state = Mutex(State())

    init(_ server: PostgreSQLServer) throws { address = try PostgreSQLAddress(server.uri()) }

    /// Starts to read the leases on a separate thread, until ``end()`` is called.
    func begin() {
        Thread.detachNewThread { [self] in
            var connection: PostgreSQLConnection?
            while !state.withLock({ $0.isOver }) {
                // If the server is down or the tables do not exist yet, nothing is read this time. The thread tries
                // again a tenth of a second later.
                if connection?.isOpen != true { connection = try? PostgreSQLConnection(address) }
                if let connection { try? look(connection) }
                usleep(100_000)
            }
        }
    }

    func end() { state.withLock { $0.isOver = true } }

    var payments: (all: Int, settled: Int) { state.withLock { ($0.payments, $0.settled) } }
    var looks: Int { state.withLock { $0.looks } }
    /// The mistakes that were found in the fencing tokens of the leases. A mistake is a token that decreased, or a
    /// token that did not increase when the lease got a new owner.
    var mistakes: [String] { state.withLock { $0.mistakes } }
    var takeovers: [Takeover] { state.withLock { $0.takeovers } }

    /// Returns the valid leases of a relay, keyed by sender. Leaves out senders without open payments.
    func leases(of owner: String) throws -> [String: Lease] {
        let connection = try PostgreSQLConnection(address)
        let open = try connection.run("SELECT DISTINCT sender FROM payments WHERE ended_at IS NULL")
        let senders = Set(open.compactMap { $0["sender"].flatMap(Self.text) })
        return try Self.leases(connection).filter {
            $1.owner.contains(owner) && $1.isValid && senders.contains($0)
        }
    }

    /// Starts to measure the takeovers of these leases. Call this function when their relay has died.
    func expectTakeovers(of leases: [String: Lease]) {
        state.withLock { state in
            state.takeovers += leases.map { Takeover(sender: $0, fence: $1.fence, begin: .now) }
        }
    }

    private func look(_ connection: PostgreSQLConnection) throws {
        let leases = try Self.leases(connection)
        let counts = try connection.run(
            "SELECT count(*) AS all, count(*) FILTER (WHERE state = 'settled') AS settled FROM payments")
        state.withLock { state in
            state.looks += 1
            for (sender, lease) in leases {
                if let last = state.last[sender] {
                    let isWrong = lease.fence < last.fence || lease.owner != last.owner && lease.fence <= last.fence
                    if isWrong { state.mistakes.append("\(sender): \(last), then \(lease)") }
                }
                state.last[sender] = lease
                for index in state.takeovers.indices
                where state.takeovers[index].sender == sender && state.takeovers[index].end == nil {
                    if lease.fence > state.takeovers[index].fence { state.takeovers[index].end = .now }
                }
            }
            if case .integer(let all) = counts.first?["all"], case .integer(let settled) = counts.first?["settled"] {
                (state.payments, state.settled) = (Int(all), Int(settled))
            }
        }
    }

    private static func leases(_ connection: PostgreSQLConnection) throws -> [String: Lease] {
        let rows = try connection.run(
            """
            SELECT sender, owner, fence,
                (until > (extract(epoch FROM clock_timestamp()) * 1000)::bigint)::int AS valid FROM leases
            """)
        var leases: [String: Lease] = [:]
        for row in rows {
            guard let sender = row["sender"].flatMap(text), let owner = row["owner"].flatMap(text),
                case .integer(let fence) = row["fence"]
            else { continue }
            leases[sender] = Lease(owner: owner, fence: fence, isValid: row["valid"] == .integer(1))
        }
        return leases
    }

    private static func text(_ value: PostgreSQLValue) -> String? {
        if case .text(let text) = value { text } else { nil }
    }
}
