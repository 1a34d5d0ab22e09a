import AirlockEthereumTypes
import Foundation
import Glibc
import Testing
import AirlockToolSupport

@Suite("A disk that takes nothing", .enabled(if: geteuid() == 0, "mount and chown need the superuser"))
struct DiskTests {
    /// Mounts a separate file system on a folder of the workspace, and runs `body` with the path of this folder.
    private static func withDisk(_ workspace: Workspace, _ options: String, _ body: (String) throws -> Void) throws {
        let path = workspace.path("disk")
        #expect(unsafe mkdir(path, 0o700) == 0)
        try #require(unsafe mount("tmpfs", path, "tmpfs", 0, options) == 0)
        // MNT_DETACH unmounts the folder at once, even if a process that was just started still uses the folder for a
        // moment.
        defer { unsafe umount2(path, Int32(MNT_DETACH)) }
        try body(path)
    }

    /// Fills a disk of `all` pages with one file, so that only `pages` pages are left for other files. A page has 4096
    /// bytes.
    private static func fill(_ path: String, leaving pages: Int, of all: Int) throws {
        try Data(count: (all - pages) * 4096).write(to: URL(filePath: path + "/ballast"))
    }

    @Test("because it is full leaves no part of a ledger line, and no signature: exit 74")
    func fullLedger() throws {
        let workspace = try Workspace()
        try Self.withDisk(workspace, "size=64k") { disk in
            workspace.set("--ledger", "disk/ledger")
            #expect(try workspace.run().exit == 0)
            let before = try workspace.content("disk/ledger")
            // After this call, the disk has no free page. A new ledger line can be written only if it fits into the
            // rest of the page that the ledger already uses.
            try Self.fill(disk, leaving: 1, of: 16)
            for nonce in 8...20 {
                try workspace.charge { $0.id = .init { _ in UInt8(nonce) } }
                workspace.set("--nonce", "\(nonce)")
                let size = try workspace.content("disk/ledger").utf8.count
                let outcome = try workspace.run()
                guard outcome.exit != 0 else { continue }
                #expect(outcome.exit == 74 && outcome.out.isEmpty)
                #expect(outcome.err.contains("No space left on device"))
                #expect(try workspace.content("disk/ledger").utf8.count == size)
                #expect(try workspace.tool("ledger", "verify", "--ledger", "disk/ledger").exit == 0)
                try FileManager.default.removeItem(atPath: disk + "/ballast")
                #expect(try workspace.run().exit == 0)
                #expect(try workspace.content("disk/ledger").hasPrefix(before))
                return
            }
            Issue.record("the disk was never full")
        }
    }

    @Test("because it is full leaves no part of a payment file; it is recorded, and comes when there is room: exit 74")
    func fullOutput() throws {
        let workspace = try Workspace()
        try Self.withDisk(workspace, "size=64k") { disk in
            try Self.fill(disk, leaving: 0, of: 16)
            workspace.set("-o", "disk/payment.json")
            let outcome = try workspace.run()
            #expect(outcome.exit == 74 && outcome.out.isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: disk) == ["ballast"])
            #expect(workspace.entries.count == 1)
            try FileManager.default.removeItem(atPath: disk + "/ballast")
            #expect(try workspace.run().exit == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: disk) == ["payment.json"])
            #expect(workspace.entries.count == 1)
        }
    }

    @Test("because it is full leaves none of the pictures of codes, and no folder: exit 74")
    func fullPictures() throws {
        let workspace = try Workspace()
        workspace.write("long", String(repeating: "a line of text\n", count: 2000))
        try Self.withDisk(workspace, "size=64k") { disk in
            try Self.fill(disk, leaving: 8, of: 16)
            let outcome = try workspace.tool("qr", "long", "--qr-frames", "disk/frames")
            #expect(outcome.exit == 74 && outcome.err.contains("No space left on device"), "\(outcome.err)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: disk) == ["ballast"])
        }
    }

    @Test(
        "because it is read-only, for the payment or the ledger: exit 73, and nothing is signed",
        arguments: [
            ("-o", "disk/payment.json"), ("--ledger", "disk/ledger"), ("--ledger", "disk/folder/ledger"),
        ])
    func readOnly(option: String, path: String) throws {
        let workspace = try Workspace()
        try Self.withDisk(workspace, "size=64k") { disk in
            try #require(unsafe mount("tmpfs", disk, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), "") == 0)
            workspace.set(option, path)
            let outcome = try workspace.run()
            #expect(outcome.exit == 73 && outcome.out.isEmpty, "\(outcome.err)")
            #expect(workspace.entries == [])
            #expect(try FileManager.default.contentsOfDirectory(atPath: disk) == [])
        }
    }
}
