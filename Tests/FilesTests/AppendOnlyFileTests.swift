import AirlockFiles
import Foundation
import Glibc
import AirlockDiagnostics
import Synchronization
import AirlockTestSupport
import Testing

@Suite("An append-only file")
struct AppendOnlyFileTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func refusal(_ path: String, creating: Bool = true) -> FileRule? {
        #expect(throws: FileError.self) { _ = try AppendOnlyFile(path, creating: creating) }?.rule
    }

    private static func append(_ text: String, to file: borrowing AppendOnlyFile) throws(FileError) {
        let bytes = text.bytes
        try file.append(bytes.span)
    }

    @Test("grows at its end, whatever was read of it, and is its owner's alone")
    func append() throws {
        let file = try AppendOnlyFile(scratch("log"), creating: true)
        #expect(try file.read() == [])
        try Self.append("one\n", to: file)
        #expect(try file.read() == "one\n".bytes)
        #expect(try file.read() == "one\n".bytes)
        try Self.append("two\n", to: file)
        #expect(try scratch.content("log") == "one\ntwo\n")
        #expect(file.facts.mode & 0o7777 == 0o600)
    }

    @Test("keeps what it holds when it is opened again")
    func again() throws {
        try Self.append("one\n", to: AppendOnlyFile(scratch("log"), creating: true))
        let file = try AppendOnlyFile(scratch("log"), creating: false)
        try Self.append("two\n", to: file)
        #expect(try file.read() == "one\ntwo\n".bytes)
    }

    @Test("is as it was after nothing was added")
    func nothing() throws {
        scratch.file("log", "one\n", mode: 0o600)
        try Self.append("", to: AppendOnlyFile(scratch("log"), creating: true))
        #expect(try scratch.content("log") == "one\n")
    }

    @Test("loses its end when that is asked for, and goes on from there", arguments: [0, 4, 7, 8])
    func truncate(size: Int) throws {
        scratch.file("log", "one\ntwo\n", mode: 0o600)
        let file = try AppendOnlyFile(scratch("log"), creating: false)
        try file.truncate(to: size)
        try Self.append("three\n", to: file)
        #expect(try scratch.content("log") == "one\ntwo\n".prefix(size) + "three\n")
    }

    @Test("is missing where nothing is to be created, in a folder or without one")
    func missing() {
        scratch.file("file")
        for name in ["log", "missing/log", "file/log"] {
            #expect(refusal(scratch(name), creating: false) == .missing)
        }
        for name in ["missing/log", "file/log", "", String(repeating: "n", count: 256)] {
            #expect(refusal(scratch(name)) == (name.isEmpty ? .noStream : .cannotCreate))
        }
    }

    @Test("is never a symbolic link, a fifo, a folder or a device", arguments: [false, true])
    func notRegular(creating: Bool) {
        #expect(unsafe symlink(scratch.file("file", mode: 0o600), scratch("symbolic")) == 0)
        #expect(unsafe symlink("nowhere", scratch("dangling")) == 0)
        #expect(unsafe mkfifo(scratch("fifo"), 0o600) == 0)
        #expect(unsafe mkdir(scratch("folder"), 0o700) == 0)
        for name in ["symbolic", "dangling"] { #expect(refusal(scratch(name), creating: creating) == .symbolicLink) }
        for path in [scratch("fifo"), scratch("folder"), "/dev/null"] {
            #expect(refusal(path, creating: creating) == .noStream)
        }
        #expect(refusal("-", creating: creating) == .noStream)
        #expect(unsafe access(scratch("nowhere"), F_OK) != 0)
    }

    @Test("is refused when others can write to it", arguments: [0o620, 0o602, 0o666] as [mode_t])
    func writable(mode: mode_t) throws {
        scratch.file("log", "one\n", mode: mode)
        for creating in [false, true] { #expect(refusal(scratch("log"), creating: creating) == .writableByOthers) }
        #expect(try scratch.content("log") == "one\n")
    }

    @Test("may be read by others: a ledger is no secret")
    func readable() throws {
        scratch.file("log", "one\n", mode: 0o644)
        #expect(try AppendOnlyFile(scratch("log"), creating: false).read() == "one\n".bytes)
    }

    @Test("of another user is refused", .enabled(if: geteuid() == 0, "chown needs the superuser"))
    func otherOwner() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            scratch.setMode(0o777)
            scratch.file("log", "", mode: 0o644)
            #expect(unsafe chown(scratch("log"), 1234, 1234) == 0)
            #expect(throws: FileError.self) { _ = try AppendOnlyFile(scratch("log"), creating: true) }
            scratch.file("mine", "", mode: 0o444)
            #expect(scratch.dropSuperuser())
            // Both files exist, but this user has no permission to write to them. So the error is `cannotCreate`, not
            // `missing`.
            for name in ["log", "mine"] {
                let error = #expect(throws: FileError.self) { _ = try AppendOnlyFile(scratch(name), creating: false) }
                #expect(error?.rule == .cannotCreate)
            }
        }
    }

    @Test("is one owner's at a time")
    func exclusive() async throws {
        let path = scratch("log")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10 {
                        let file = try AppendOnlyFile(path, creating: true)
                        let count = try file.read().count
                        try Self.append("\(count)\n", to: file)
                    }
                }
            }
            try await group.waitForAll()
        }
        // Each task read the size of the file, and appended this number as a line. So each line must state the number
        // of bytes before this line.
        var count = 0
        for line in try scratch.content("log").split(separator: "\n") {
            #expect(line == "\(count)")
            count += line.utf8.count + 1
        }
    }

    @Test("is read by many at a time, none of whom needs the right to write")
    func reading() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            scratch.file("log", "one\n", mode: 0o444)
            #expect(scratch.dropSuperuser())
            // The process is no longer the superuser. So the mode of this file allows the process to read it, but not
            // to write to it.
            scratch.file("mine", "two\n", mode: 0o400)
            let first = try AppendOnlyFile(reading: scratch("mine"), LockWait(seconds: 0))
            let second = try AppendOnlyFile(reading: scratch("mine"), LockWait(seconds: 0))
            #expect(try first.read() == "two\n".bytes && second.read(at: 1, 2) == "wo".bytes)
        }
    }

    @Test("is waited for while another holds it, and whoever waits is told so once")
    func waiting() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            let told = Mutex<[String]>([])
            let wait = LockWait(seconds: 0) { path in told.withLock { $0.append(path) } }
            let held = try AppendOnlyFile(scratch("log"), creating: true)
            for attempt in [
                { _ = try AppendOnlyFile(scratch("log"), creating: true, LockWait(seconds: 0)) },
                { _ = try AppendOnlyFile(reading: scratch("log"), LockWait(seconds: 0)) },
            ] as [() throws -> Void] {
                let error = #expect(throws: FileError.self) { try attempt() }
                #expect(error?.rule == .locked)
            }
            #expect(told.withLock { $0 } == [])
            #expect(throws: FileError.self) {
                _ = try AppendOnlyFile(reading: scratch("log"), LockWait(seconds: 1, tell: wait.tell))
            }
            #expect(told.withLock { $0 } == [scratch("log")])
            held.unlock()
            _ = try AppendOnlyFile(scratch("log"), creating: true, LockWait(seconds: 0))
        }
    }

    @Test("that was replaced while its lock was waited for is not written, but the one in its place is")
    func replaced() throws {
        for creating in [false, true] {
            let path = scratch.file("log", "old\n", mode: 0o600)
            let other = scratch.file("other", "new\n", mode: 0o600)
            let holder = unsafe open(path, O_RDWR | O_CLOEXEC)
            defer { close(holder) }
            #expect(flock(holder, LOCK_EX) == 0)
            let wait = LockWait { _ in
                #expect(unsafe rename(other, path) == 0)
                #expect(flock(holder, LOCK_UN) == 0)
            }
            try Self.append("more\n", to: AppendOnlyFile(path, creating: creating, wait))
            #expect(try scratch.content("log") == "new\nmore\n")
        }
    }

    @Test("that was removed while its lock was waited for is created again only where that is asked for")
    func removed() throws {
        for creating in [false, true] {
            let path = scratch.file("log", "old\n", mode: 0o600)
            let holder = unsafe open(path, O_RDWR | O_CLOEXEC)
            defer { close(holder) }
            #expect(flock(holder, LOCK_EX) == 0)
            let wait = LockWait { _ in
                #expect(unsafe unlink(path) == 0)
                #expect(flock(holder, LOCK_UN) == 0)
            }
            do {
                try Self.append("more\n", to: AppendOnlyFile(path, creating: creating, wait))
                #expect(try creating && scratch.content("log") == "more\n")
            } catch let error as FileError {
                #expect(!creating && error.rule == .missing)
                #expect(unsafe access(path, F_OK) != 0)
            }
        }
    }

    @Test("that is replaced each time before its lock is had is given up")
    func replacedAgain() throws {
        let path = scratch.file("log", mode: 0o600)
        let next = scratch("next")
        let folder = scratch
        let holder = Mutex<Int32>(unsafe open(path, O_RDWR | O_CLOEXEC))
        defer { holder.withLock { _ = close($0) } }
        #expect(holder.withLock { flock($0, LOCK_EX) } == 0)
        let wait = LockWait { _ in
            folder.file("next", mode: 0o600)
            let other = unsafe open(next, O_RDWR | O_CLOEXEC)
            #expect(flock(other, LOCK_EX) == 0)
            #expect(unsafe rename(next, path) == 0)
            holder.withLock {
                close($0)
                $0 = other
            }
        }
        let error = #expect(throws: FileError.self) { _ = try AppendOnlyFile(path, creating: true, wait) }
        #expect(error?.rule == .locked && error?.reason == "it was replaced 8 times")
        #expect(try scratch.content("log") == "")
    }

    @Test("is one process's at a time")
    func processes() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            let file = try AppendOnlyFile(scratch("log"), creating: true)
            // The lock is on the file itself, so a child process sees it too. A process that does not wait for the lock
            // gets an error.
            #expect(
                exitCodeOfChild {
                    let error = #expect(throws: FileError.self) {
                        _ = try AppendOnlyFile(scratch("log"), creating: true, LockWait(seconds: 0))
                    }
                    return error?.rule == .locked
                } == 0)
            _ = consume file
            #expect(
                exitCodeOfChild {
                    try Self.append("child\n", to: AppendOnlyFile(scratch("log"), creating: true))
                    return true
                } == 0)
            #expect(try scratch.content("log") == "child\n")
        }
    }

    @Test("holds nothing of what the disk did not confirm", arguments: [EIO, ENOSPC])
    func notSynced(code: Int32) async {
        await #expect(processExitsWith: .success) { [code] in
            let scratch = try Scratch()
            scratch.file("log", "one\n", mode: 0o600)
            let file = try AppendOnlyFile(scratch("log"), creating: true)
            #expect(deny("fsync", with: code))
            let error = #expect(throws: FileError.self) { try Self.append("two\n", to: file) }
            #expect(error?.rule == .cannotWrite)
            #expect(try scratch.content("log") == "one\n")
            for attempt in [{ try file.truncate(to: 0) }, { try file.sync() }] as [() throws -> Void] {
                #expect(throws: FileError.self) { try attempt() }
            }
            // The file cannot be created if the folder that contains it cannot be flushed to disk.
            let created = #expect(throws: FileError.self) { _ = try AppendOnlyFile(scratch("new"), creating: true) }
            #expect(created?.rule == .cannotWrite)
        }
    }

    @Test("holds nothing of a line for which the disk has no room", .enabled(if: geteuid() == 0, "mount needs it"))
    func diskFull() throws {
        #expect(unsafe mkdir(scratch("disk"), 0o700) == 0)
        try #require(unsafe mount("tmpfs", scratch("disk"), "tmpfs", 0, "size=16k") == 0)
        defer { unsafe umount(scratch("disk")) }
        let file = try AppendOnlyFile(scratch("disk/log"), creating: true)
        try Self.append("one\n", to: file)
        let error = #expect(throws: FileError.self) {
            try Self.append(String(repeating: "x", count: 1 << 15), to: file)
        }
        #expect(error?.rule == .cannotWrite)
        #expect(error?.reason == "No space left on device")
        #expect(try file.read() == "one\n".bytes)
        try Self.append("two\n", to: file)
        #expect(try file.read() == "one\ntwo\n".bytes)
    }

    @Test("needs a folder that one may write")
    func readOnlyFolder() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            scratch.setMode(0o555)
            #expect(scratch.dropSuperuser())
            let error = #expect(throws: FileError.self) { _ = try AppendOnlyFile(scratch("log"), creating: true) }
            #expect(error?.rule == .cannotCreate)
        }
    }

    @Test("is opened again by nobody while its lock cannot be had")
    func noLock() async {
        await #expect(processExitsWith: .success) {
            #expect(deny("flock", with: ENOLCK))
            let scratch = try Scratch()
            let error = #expect(throws: FileError.self) { _ = try AppendOnlyFile(scratch("log"), creating: true) }
            #expect(error?.rule == .cannotCreate)
        }
    }
}
