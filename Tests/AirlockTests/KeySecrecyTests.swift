import Foundation
import Glibc
import AirlockTestSupport
import AirlockUR
import Testing
import AirlockToolSupport

@Suite("A secret")
struct KeySecrecyTests {
    let workspace: KeyWorkspace

    init() throws { workspace = try KeyWorkspace() }

    private static func holds(_ data: Data, _ secret: some Sequence<UInt8>) -> Bool {
        data.range(of: Data(secret)) != nil
    }

    @Test("is in neither the arguments nor the environment of the process that holds it, which is sealed by then")
    func process() throws {
        let terminal = try workspace.terminal("key", "import", "key.hex", "--light", "-o", "new.json")
        try terminal.wait(for: "New password: ")
        for part in ["cmdline", "environ"] {
            // Only the superuser can read the files `cmdline` and `environ` in /proc, because the process is not
            // dumpable.
            guard let seen = FileManager.default.contents(atPath: "/proc/\(terminal.process)/\(part)") else { continue }
            #expect(!Self.holds(seen, SamplePayment.payerKey.utf8) && !Self.holds(seen, KeyWorkspace.password.utf8))
        }
        // `Seccomp: 2` means that a filter of system calls is active. `NoNewPrivs: 1` means that the process cannot
        // gain new privileges. See proc(5).
        let status = try String(contentsOfFile: "/proc/\(terminal.process)/status", encoding: .utf8)
        #expect(status.contains("\nSeccomp:\t2\n") && status.contains("\nNoNewPrivs:\t1\n"))
        terminal.type("\u{03}")
        #expect(try terminal.finish().exit == 130)
    }

    /// A secret key whose bytes cannot be in the memory by chance.
    private static let key = "c0a1d5e84f7b92361e6d0b7f5a48c39127e4f6b80d5c3a91b2e7f04d68c51a3f"

    /// Commands that use secrets, each with the secrets that it uses.
    private static let commands: [(words: [String], secrets: [[UInt8]])] = [
        (["tx", "encode", "tx.json", "-k", "secret.hex", "--blind", "--yes"], [Array(key.utf8), bytes(key)]),
        (["key", "address", "secret.hex"], [Array(key.utf8), bytes(key)]),
        (["doctor", "-k", "secret.hex"], [Array(key.utf8), bytes(key)]),
        (["doctor", "-k", "words"], [Array(KeyWorkspace.mnemonic.utf8)]),
        (
            ["key", "import", "secret.hex", "--light", "--password-file", "password", "-o", "new.json"],
            [Array(key.utf8), bytes(key), Array(KeyWorkspace.password.utf8)]
        ),
        (
            ["key", "address", "new.json", "--password-file", "password"],
            [bytes(key), Array(KeyWorkspace.password.utf8)]
        ),
        (
            ["key", "address", "words", "--passphrase-file", "password"],
            [Array(KeyWorkspace.mnemonic.utf8), Array(KeyWorkspace.password.utf8)]
        ),
    ]

    private static func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
    }

    /// Whether the memory contains a part of the secret. The function searches for pieces of 8 bytes, which is the size
    /// of a register. If the secret contains spaces, it is a mnemonic, and the function searches for pieces of 12
    /// bytes. Such a piece is longer than a single word. Single words prove nothing, because the tool's word list is
    /// always in the memory.
    private static func holdsPart(of secret: [UInt8], _ memory: Data) -> Bool {
        let length = secret.contains(UInt8(ascii: " ")) ? 12 : 8
        return stride(from: 0, through: secret.count - length, by: length).contains {
            holds(memory, secret[$0..<$0 + length])
        }
    }

    @Test("is nowhere in the memory of a process that has used it, as a debugger sees all of it", .needs("gdb"))
    func memory() throws {
        let debugger = try #require(BuiltTool.installed("gdb"))
        workspace.scratch.file("secret.hex", Self.key, mode: 0o600)
        workspace.scratch.file(
            "tx.json",
            """
            {"type":"2","chainId":"1","nonce":"0","to":"\(SamplePayment.payer)","value":"0","gas":"21000",\
            "maxFeePerGas":"1","maxPriorityFeePerGas":"1","accessList":[],"data":"0x"}
            """)
        for (words, secrets) in Self.commands {
            let script = [
                "set confirm off", "set use-coredump-filter off", "set dump-excluded-mappings on",
                "catch syscall exit_group", "run", "generate-core-file core",
            ]
            let outcome = try debugger.run(
                ["-batch", "-nx"] + script.flatMap { ["-ex", $0] } + ["--args", try BuiltTool("airlock").path]
                    + words, in: workspace.scratch.path, environment: ["HOME": workspace.scratch.path])
            let core = try #require(FileManager.default.contents(atPath: workspace.scratch("core")), "\(outcome.err)")
            // Checks that the search works: it must find a text that is certainly in the memory.
            #expect(Self.holdsPart(of: Array("airlock-relay prepare charge.json".utf8), core))
            for secret in secrets { #expect(!Self.holdsPart(of: secret, core), "\(words)") }
            try FileManager.default.removeItem(atPath: workspace.scratch("core"))
        }
    }

    @Test("is in no message of scan when it is held before the camera", arguments: ["airlock", "airlock-relay"])
    func scanned(tool: String) throws {
        let words = Bytewords.encode(Self.bytes(Self.key))
        let secrets = [Self.key, KeyWorkspace.mnemonic, words]
        let codes =
            secrets + [
                "0x\(Self.key)", "QR-Code:\(Self.key)", "\u{FEFF}\(KeyWorkspace.mnemonic)", "{\"key\":\"\(Self.key)\"}",
                "ur:\(Self.key)", "ur:crypto-seed/\(words)", "ur:crypto-seed/\(words)/", "ur:crypto-seed/\(words)/a/b",
            ]
        for code in codes {
            let outcome = try BuiltTool(tool).run(
                ["scan", "-o", "out"], in: workspace.scratch.path, input: .text("\(code)\n"))
            #expect(outcome.exit == 66 && outcome.err.contains("passed over"))
            for secret in secrets {
                #expect(!(outcome.out + outcome.err).contains(secret.prefix(12)), "\(outcome.err)")
            }
        }
    }

    @Test("is in no file, or in one that opens, whenever key new is killed")
    func killed() throws {
        for pause in 0..<24 {
            let name = "new\(pause).json"
            let tool = try RunningTool(
                BuiltTool("airlock"), ["key", "new", "--light", "--password-file", "password", "-o", name],
                in: workspace.scratch.path)
            usleep(UInt32(pause) * 6000)
            kill(tool.process, SIGKILL)
            _ = try tool.finish()
            guard FileManager.default.fileExists(atPath: workspace.scratch(name)) else { continue }
            #expect(try workspace.run("key", "address", name, "--password-file", "password").exit == 0)
        }
    }

    /// Returns a keystore with these scrypt parameters. Its ciphertext, MAC, IV and salt are zeros.
    private static func hostile(_ n: String, _ p: String = "1") -> String {
        let zeros = String(repeating: "00", count: 32)
        return """
            {"version":3,"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"\(zeros.prefix(32))"},\
            "ciphertext":"\(zeros)","mac":"\(zeros)","kdf":"scrypt",\
            "kdfparams":{"dklen":32,"n":\(n),"r":8,"p":\(p),"salt":"\(zeros)"}}}
            """
    }

    @Test(
        "is not looked for in a keystore that asks for too much: refused with little time and little memory",
        arguments: [
            ("1099511627776", "1", "keystore.scrypt-n at /crypto/kdfparams/n"),
            ("1000", "1", "keystore.scrypt-n at /crypto/kdfparams/n"),
            ("-1", "1", "keystore.scrypt-n at /crypto/kdfparams/n"),
            ("262144", "2147483648", "keystore.scrypt-p at /crypto/kdfparams/p"),
            ("1048576", "16", "keystore.too-much-work at /crypto/kdfparams/n"),
        ])
    func hostile(n: String, p: String, refusal: String) throws {
        workspace.scratch.file("hostile.json", Self.hostile(n, p), mode: 0o600)
        #expect(try KeyWorkspace.refusal(confined("hostile.json")) == [refusal])
    }

    @Test("is not looked for in a file of 100 MB")
    func large() throws {
        let path = workspace.scratch.file("large.json", "{", mode: 0o600)
        #expect(unsafe truncate(path, 100_000_000) == 0)
        #expect(try KeyWorkspace.refusal(confined("large.json")) == ["file.too-large at large.json"])
    }

    /// Runs the tool with at most one second of CPU time and 96 MiB of memory for data. scrypt with the usual
    /// parameters needs more.
    private func confined(_ file: String) throws -> Outcome {
        let command = "ulimit -t 1; ulimit -d 98304; exec \"$0\" key address \(file) --password-file password --json"
        return try #require(BuiltTool(at: "/bin/sh")).run(
            ["-c", command, BuiltTool("airlock").path], in: workspace.scratch.path,
            environment: ["HOME": workspace.scratch.path])
    }

    @Test("is looked for in an honest keystore only with memory enough: the confinement above is one")
    func confinement() throws {
        workspace.scratch.file("honest.json", Self.hostile("262144"), mode: 0o600)
        #expect(try KeyWorkspace.refusal(confined("honest.json")) == ["gcrypt.failed at no place"])
    }
}
