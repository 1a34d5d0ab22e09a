import AirlockFiles
import Glibc
import AirlockDiagnostics
import AirlockTestSupport
import Testing

extension SecretFile {
    fileprivate borrowing func text() -> String {
        withBytes { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
    }
}

@Suite("A secret file")
struct SecretFileTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func refusal(_ path: String, limit: Int = 1 << 16) -> FileError? {
        #expect(throws: FileError.self) { _ = try SecretFile.read(path, limit: limit).count }
    }

    @Test("is read when it is the user's alone", arguments: [0o600, 0o400] as [mode_t])
    func read(mode: mode_t) throws {
        let secret = try SecretFile.read(scratch.file("key", "secret", mode: mode))
        let text = secret.text()
        #expect(text == "secret")
        #expect(secret.count == 6)
        #expect(secret.facts.mode & 0o777 == UInt32(mode))
    }

    @Test(
        "is refused when others have any right to it",
        arguments: [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o444, 0o660] as [mode_t])
    func readableByOthers(mode: mode_t) throws {
        let path = scratch.file("key", "secret", mode: mode)
        let error = refusal(path)
        #expect(error?.rule == .readableByOthers)
    }

    @Test("is refused with a mode besides 600 and 400", arguments: [0o700, 0o500, 0o4600, 0o1400] as [mode_t])
    func otherMode(mode: mode_t) throws {
        let path = scratch.file("key", "secret", mode: mode)
        #expect(unsafe chmod(path, mode) == 0)
        let error = refusal(path)
        #expect(error?.rule == .secretMode && error?.path == path)
        #expect(error?.problems.first?.cause as? FileError == error)
    }

    @Test("of another user is refused", .enabled(if: geteuid() == 0, "chown needs the superuser"))
    func otherOwner() throws {
        let path = scratch.file("key", mode: 0o600)
        #expect(unsafe chown(path, 65534, 0) == 0)
        #expect(refusal(path)?.rule == .otherOwner)
    }

    @Test("is refused through a symbolic link, and when it is missing, a folder, a fifo, a device or too large")
    func refused() throws {
        let path = scratch.file("key", "12345", mode: 0o600)
        #expect(unsafe symlink(path, scratch("symbolic")) == 0)
        #expect(unsafe mkfifo(scratch("fifo"), 0o600) == 0)
        #expect(refusal(scratch("symbolic"))?.rule == .symbolicLink)
        #expect(refusal(scratch("missing"))?.rule == .missing)
        #expect(refusal(scratch.path)?.rule == .noStream)
        #expect(refusal(scratch("fifo"))?.rule == .noStream)
        #expect(refusal("/dev/null")?.rule == .noStream)
        #expect(refusal(path, limit: 4)?.rule == .tooLarge)
        #expect(refusal("-")?.rule == .noStream)
    }

    @Test("is refused when its own rights forbid reading")
    func unreadable() async {
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            scratch.setMode(0o777)
            let path = scratch.file("key", mode: 0o200)
            #expect(unsafe geteuid() != 0 || chown(path, 65534, 0) == 0)
            #expect(scratch.dropSuperuser())
            let error = #expect(throws: FileError.self) { _ = try SecretFile.read(path).count }
            #expect(error?.rule == .unreadable)
        }
    }
}
