import AirlockFiles
import Foundation
import Glibc
import AirlockDiagnostics
import Synchronization
import AirlockTestSupport
import Testing

/// Counts who is in it at once.
private final class Room: Sendable {
    private let inside = Mutex((now: 0, most: 0))

    func enter() { inside.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }
    func leave() { inside.withLock { $0.now -= 1 } }
    var most: Int { inside.withLock { $0.most } }
}

@Suite("A file lock")
struct FileLockTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func refusal() -> FileRule? {
        #expect(throws: FileError.self) { _ = try FileLock(scratch("lock"), waiting: false) }?.rule
    }

    @Test("is refused while another holds it, and free when the owner has ended")
    func exclusive() throws {
        do {
            let held = try FileLock(scratch("lock"))
            #expect(refusal() == .locked)
            _ = consume held
        }
        _ = try FileLock(scratch("lock"), waiting: false)
        #expect(try InputFile.read(scratch("lock")).facts.mode & 0o777 == 0o600)
    }

    @Test("lets one in at a time")
    func waiting() async throws {
        let path = scratch("lock")
        let room = Room()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let lock = try FileLock(path)
                    room.enter()
                    usleep(1000)
                    room.leave()
                    _ = consume lock
                }
            }
            try await group.waitForAll()
        }
        #expect(room.most == 1)
    }

    @Test("is never taken through a symbolic link, nor without a folder")
    func refused() {
        #expect(unsafe symlink(scratch.file("other"), scratch("lock")) == 0)
        #expect(refusal() == .cannotCreate)
        let error = #expect(throws: FileError.self) { _ = try FileLock(scratch("missing/lock")) }
        #expect(error?.rule == .cannotCreate)
    }
}
