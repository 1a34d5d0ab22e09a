import Dispatch
import Foundation
import Testing
import AirlockTestSupport

@testable import AirlockBroadcast

@Suite("The journal's database")
struct SQLiteDatabaseTests: ~Copyable {
    private let scratch: Scratch
    private var path: String { scratch("journal") }

    init() throws { scratch = try Scratch() }

    @Test("is opened by many at once while it does not exist yet")
    func openedTogether() throws {
        for _ in 0..<20 {
            let scratch = try Scratch()
            let path = scratch("journal.sqlite")
            DispatchQueue.concurrentPerform(iterations: 8) { _ in
                #expect(throws: Never.self) { _ = try SQLiteDatabase(path: path) }
            }
        }
    }

    @Test("gives back every kind of value as it was put in")
    func values() throws {
        let database = try SQLiteDatabase(path: path)
        try database.execute("CREATE TABLE kept (a, b, c, d, e)")
        let values: [DatabaseValue] = [
            .null, .integer(.min), .text("naïve \u{0} text"), .blob([0, 255]), .blob([]),
        ]
        for _ in 1...2 { try database.execute("INSERT INTO kept VALUES (?, ?, ?, ?, ?)", values) }
        let row = Dictionary(uniqueKeysWithValues: zip(["a", "b", "c", "d", "e"], values))
        #expect(try database.execute("SELECT * FROM kept") == [row, row])
    }

    @Test("is opened so that a crash loses nothing, and others cannot read it")
    func settings() throws {
        let database = try SQLiteDatabase(path: path)
        #expect(try database.execute("PRAGMA journal_mode") == [["journal_mode": .text("wal")]])
        #expect(try database.execute("PRAGMA synchronous") == [["synchronous": .integer(2)]])
        #expect(try database.execute("PRAGMA foreign_keys") == [["foreign_keys": .integer(1)]])
        try database.execute("CREATE TABLE kept (a)")
        for file in [path, "\(path)-wal"] {
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test("does all of a transaction or nothing")
    func transaction() throws {
        let database = try SQLiteDatabase(path: path)
        try database.execute("CREATE TABLE kept (a UNIQUE)")
        let error = #expect(throws: JournalError.self) {
            try database.transaction { () throws(JournalError) in
                try database.execute("INSERT INTO kept VALUES (1)")
                try database.execute("INSERT INTO kept VALUES (1)")
            }
        }
        #expect(error == JournalError(rule: .failed, path: path, said: "UNIQUE constraint failed: kept.a"))
        #expect(try database.execute("SELECT * FROM kept").isEmpty)
        try database.transaction { () throws(JournalError) in try database.execute("INSERT INTO kept VALUES (2)") }
        #expect(try database.execute("SELECT * FROM kept") == [["a": .integer(2)]])
    }

    @Test("waits for another writer, then says that it is locked")
    func locked() throws {
        let (first, second) = (
            try SQLiteDatabase(path: path), try SQLiteDatabase(path: path, timeout: .milliseconds(20))
        )
        let error = try first.transaction { () throws(JournalError) in
            #expect(throws: JournalError.self) { try second.execute("BEGIN IMMEDIATE") }
        }
        #expect(error?.rule == .locked)
        #expect(throws: Never.self) { try second.transaction {} }
    }

    @Test("is not opened where nothing can be created")
    func cannotOpen() {
        let error = #expect(throws: JournalError.self) { try SQLiteDatabase(path: "\(path)/none") }
        #expect(error == JournalError(rule: .cannotOpen, path: "\(path)/none", said: "No such file or directory"))
    }

    @Test("is not taken for one when it is something else")
    func damaged() throws {
        try Data(String(repeating: "not a database ", count: 100).utf8).write(to: URL(fileURLWithPath: path))
        #expect(#expect(throws: JournalError.self) { try SQLiteDatabase(path: path) }?.rule == .damaged)
    }
}
