import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPostgreSQL
import AirlockSamples
import AirlockToolSupport
import Foundation
import Synchronization
import Testing
import AirlockTestSupport

@testable import AirlockBroadcast

/// A file system in memory. The test chooses its size.
private final class SmallDisk {
    let path: String
    private let folder: Scratch

    /// - Parameter size: the size in the form that mount(8) accepts, such as `1m`.
    init(_ size: String) throws {
        folder = try Scratch()
        path = folder.path + "/disk"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try Self.run("mount", "-t", "tmpfs", "-o", "size=\(size),mode=777", "tmpfs", path)
    }

    deinit { try? Self.run("umount", "-l", path) }

    /// Whether the tests are allowed to mount a file system in memory.
    static let isAllowed: Bool = {
        if (try? SmallDisk("64k")) != nil { return true }
        print("note: no disk can be mounted here, and a journal on a full one was not tested: run the tests as root")
        return false
    }()

    func resize(_ size: String) throws { try Self.run("mount", "-o", "remount,size=\(size)", path) }

    func setReadOnly() throws { try Self.run("mount", "-o", "remount,ro", path) }

    /// Fills the disk with one file. Returns the path of this file.
    func fill() throws -> String {
        let filler = path + "/filler"
        let file = unsafe open(filler, O_WRONLY | O_CREAT, 0o600)
        guard file >= 0 else { throw ToolFailure(filler) }
        let block = [UInt8](repeating: 1, count: 4096)
        while unsafe write(file, block, block.count) == block.count {}
        close(file)
        return filler
    }

    private static func run(_ words: String...) throws {
        guard let tool = BuiltTool.installed(words[0]) ?? BuiltTool(at: "/usr/sbin/\(words[0])") else {
            throw ToolFailure("there is no \(words[0])")
        }
        let run = try tool.run(Array(words.dropFirst()), in: "/")
        guard run.exit == 0 else { throw ToolFailure(run.err) }
    }
}

/// Checks that the journal has exactly this number of attempts. Each attempt names a different node, so the check finds
/// a missing or duplicated attempt.
private func requireAttempts(_ count: Int, in journal: any PaymentJournal) async throws {
    let rows = try await journal.rows(of: "attempts")
    #expect(rows.count == count)
    for (number, row) in rows.enumerated() { #expect(row.contains("\"node \(number)\"")) }
}

/// Whether these tests run alone. `make test` runs them twice: first at the same time as other tests, and then alone.
private let runsAlone = ProcessInfo.processInfo.environment["AIRLOCK_ALONE"] != nil

@Suite("A journal on a disk that is full", .enabled(if: SmallDisk.isAllowed))
struct FullDiskTests {
    private let said = Shared<[String]>([])

    private var sentences: [String] { said.value.withLock { $0 } }

    private func isSaid(_ words: String) async throws {
        let end = ContinuousClock.now + .seconds(300)
        while !sentences.contains(where: { $0.hasPrefix(words) }) {
            guard ContinuousClock.now < end else { throw ToolFailure("it was never said: \(words)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The number of attempts in one write. A write may have to wait for other tests, so each write contains many
    /// attempts.
    private static let batch = 300

    /// Writes attempts to the journal in batches until `isOver` returns true, or until a write fails because the disk
    /// is full. `first` is the number of attempts that the journal already contains. Returns the number that it
    /// contains at the end.
    private func write(
        _ journal: any PaymentJournal, from first: Int, until isOver: @Sendable (Int) -> Bool
    ) async throws -> Int {
        let signedPayment = try SamplePayment.signedPayment()
        let payment = try await journal.record(signedPayment)
        var count = first
        while !isOver(count) {
            do throws(JournalError) {
                let nodes = (count..<count + Self.batch).map { "node \($0)" }
                let numbers = try await journal.beginAttempts(signedPayment.steps[0].hash, of: payment, nodes)
                #expect(numbers.count == nodes.count)
            } catch {
                #expect(error.rule == .failed && error.said?.contains("full") == true, "\(error)")
                return count
            }
            count += Self.batch
        }
        return count
    }

    @Test("refuses what has no room, whole, keeps what it has, and takes more when there is room")
    func refused() async throws {
        let disk = try SmallDisk("400k")
        let path = disk.path + "/journal.sqlite"
        let journal = try SQLJournal(path, now: { Timestamp(seconds: 0) })
        let count = try await write(journal, from: 0) { $0 > 100_000 }
        #expect(count > 0 && count < 100_000)
        // The failed write has left no rows. This journal and another journal that opens the same file must both show
        // this.
        try await requireAttempts(count, in: journal)
        try disk.resize("4m")
        try await requireAttempts(count, in: SQLJournal(path, now: { Timestamp(seconds: 0) }))
        let more = try await write(journal, from: count) { $0 == count + 2 * Self.batch }
        try await requireAttempts(more, in: journal)
        #expect(try SQLiteDatabase(path: path).execute("PRAGMA integrity_check") == [["integrity_check": .text("ok")]])
    }

    @Test(
        "says so once, waits where it is asked to, and goes on by itself when there is room",
        .enabled(if: runsAlone, "make test runs it by itself: other tests keep Swift's threads busy"))
    func waited() async throws {
        let disk = try SmallDisk("400k")
        let said = said
        let journal = try SQLJournal(
            disk.path + "/journal.sqlite", diskFullTimeout: .seconds(600), now: { Timestamp(seconds: 0) },
            notice: { text in said.value.withLock { $0.append(text) } })
        let writer = Task { try await write(journal, from: 0) { _ in said.value.withLock { $0.count } > 1 } }
        try await isSaid("the disk of the journal is full (")
        try disk.resize("4m")
        let count = try await writer.value
        try await requireAttempts(count, in: journal)
        #expect(sentences.count == 2 && sentences[1] == "there is room for the journal again")
    }

    @Test("is refused when it is opened on a disk that is read-only, and nothing is sent")
    func readOnly() async throws {
        let disk = try SmallDisk("1m")
        let path = disk.path + "/journal.sqlite"
        do {
            let journal = try SQLJournal(path, now: { Timestamp(seconds: 0) })
            _ = try await journal.record(SamplePayment.signedPayment())
            await journal.close()
        }
        try disk.setReadOnly()
        #expect(
            refusals { _ = try SQLJournal(path, now: { Timestamp(seconds: 0) }) }.map(\.code) == ["journal.cannot-open"]
        )
    }

    @Test(
        "of PostgreSQL's server says so once, and goes on by itself when there is room",
        .enabled(if: PostgreSQLServer.shared != nil),
        .enabled(if: runsAlone, "make test runs it by itself: other tests keep Swift's threads busy"))
    func server() async throws {
        let disk = try SmallDisk("2m")
        let server = try PostgreSQLServer()
        let tables = disk.path + "/tables"
        try FileManager.default.createDirectory(atPath: tables, withIntermediateDirectories: false)
        // Lets other users open the test's folder, because the PostgreSQL server runs as another user.
        unsafe chmod(URL(filePath: disk.path).deletingLastPathComponent().path, 0o755)
        if geteuid() == 0 { unsafe chown(tables, 65534, 65534) }
        try server.run("CREATE TABLESPACE small LOCATION '\(tables)'", in: "public")
        try server.run("ALTER ROLE relay SET default_tablespace = small", in: "public")
        let said = said
        let journal = try SQLJournal(
            server.address("public"), notice: { text in said.value.withLock { $0.append(text) } })
        let filler = try disk.fill()
        let writer = Task { try await write(journal, from: 0) { _ in said.value.withLock { $0.count } > 1 } }
        try await isSaid("the journal's server does not take it (")
        try FileManager.default.removeItem(atPath: filler)
        let count = try await writer.value
        try await requireAttempts(count, in: journal)
        #expect(sentences.count == 2 && sentences[0].contains("No space left on device"), "\(sentences)")
        #expect(sentences[1] == "the journal's server is back")
    }
}
