import AirlockToolSupport
import AirlockUR
import Glibc
import Testing

/// Tests of the order of system calls, as strace reports them. The tool is not dumpable. So strace cannot read the
/// names of files and the data that is written, unless the superuser runs strace.
@Suite(
    "The order of system calls", .needsTracer,
    .enabled(if: geteuid() == 0, "strace needs the superuser to read names of files"))
struct SystemCallOrderTests {
    private static let review = ["--policy", "policy.json", "--now", SamplePayment.now]
    private static let wallet = ["-k", "words", "--passphrase-file", "none"]

    private static func signing(_ words: String...) -> [String] { words + ["-k", "key.hex", "--yes"] + review }

    private static func blind(_ words: String...) -> [String] { words + ["-k", "key.hex", "--blind", "--yes"] }

    private static func answering(_ request: String) -> [String] { ["sign", request, "--yes"] + wallet + review }

    /// Commands that sign, each with the file that is its standard input. The ledger records what they sign.
    private static let signers: [([String], String?)] = [
        (signing("sign", "charge.json", "-c", "conditions.json"), nil),
        (signing("sign", "charge.json", "-c", "conditions.json", "-o", "payment.json"), nil),
        (signing("sign", "charges", "-c", "conditions.json", "-o", "payments"), nil),
        (signing("sign", "permit.json"), nil),
        (["sign", "--lines", "-k", "key.hex", "--policy", "policy.json", "--now", SamplePayment.now], "charges.jsonl"),
        (answering(WalletTests.request(.typedTransaction, WalletTests.typedTransaction)), nil),
        (blind("tx", "encode", "tx.json"), nil),
        (blind("tx", "encode", "--lines"), "tx.json"),
        (blind("typed-data", "sign", "permit.json"), nil),
    ]

    /// Commands that use a key or a password, but sign nothing.
    private static let others: [([String], String?)] = [
        (["account", "-k", "words", "--passphrase-file", "none"], nil),
        (["doctor", "-k", "key.hex"], nil),
        (["key", "new", "--light", "--password-file", "password", "-o", "new.json"], nil),
        (["key", "import", "key.hex", "--light", "--password-file", "password", "-o", "new.json"], nil),
        (
            [
                "key", "change-password", "key.json", "--light", "--password-file", "password", "--new-password-file",
                "other",
            ], nil
        ),
        (["key", "address", "key.hex"], nil),
        (["key", "list"], nil),
    ]

    /// The ending of the name of each secret file, as a line of strace shows it.
    private static let secrets = ["key.hex\"", "key.json\"", "words\"", "none\"", "password\""]

    private static func workspace() throws -> Workspace {
        let workspace = try WalletTests.workspace("")
        workspace.write("permit.json", DescribeTests.permit)
        workspace.write(
            "tx.json",
            """
            {"type":"2","chainId":"8453","nonce":"7","to":"\(SamplePayment().recipient)","value":"5","gas":"21000",\
            "maxFeePerGas":"30000000","maxPriorityFeePerGas":"1000000","accessList":[],"data":"0x"}

            """)
        let (charge, conditions) = try (workspace.content("charge.json"), workspace.content("conditions.json"))
        workspace.folder("charges")
        workspace.write("charges/a.json", charge)
        let line = charge.split(separator: "\n").joined()
        workspace.write("charges.jsonl", "{\"request\":\(line),\"conditions\":\(conditions)}\n")
        workspace.write("password", KeyWorkspace.password + "\n", mode: 0o600)
        workspace.write("other", "another Password\n", mode: 0o600)
        let made = try workspace.tool(
            "key", "import", "key.hex", "--light", "--password-file", "password", "-o", "key.json")
        try #require(made.exit == 0, "\(made.err)")
        return workspace
    }

    /// Returns the system calls that a command makes to open, write and flush files and to install a filter. Each is a
    /// line of strace, without the number of the thread.
    private static func calls(_ words: [String], _ input: String?) throws -> [Substring] {
        let strace = try #require(BuiltTool.tracer)
        let workspace = try Self.workspace()
        let options = ["-f", "-qq", "-e", "signal=none", "-e", "trace=seccomp,openat,write,fsync", "-o", "calls.txt"]
        let outcome = try strace.run(
            options + [BuiltTool("airlock").path] + words, in: workspace.path("."),
            input: input.map { BuiltTool.Input.file(workspace.path($0)) } ?? .nothing,
            environment: workspace.environment)
        try #require(outcome.exit == 0, "\(outcome.err)")
        return try workspace.content("calls.txt").split(separator: "\n").map { line in
            line.drop { $0.isNumber || $0 == " " }
        }
    }

    @Test("has the filter installed before the first file with a secret is opened", arguments: signers + others)
    func sealed(words: [String], input: String?) throws {
        let calls = try Self.calls(words, input)
        // libseccomp first makes calls without a filter, which fail, to find out what the kernel supports.
        let sealed = try #require(
            calls.firstIndex { $0.hasPrefix("seccomp(SECCOMP_SET_MODE_FILTER,") && $0.hasSuffix(" = 0") })
        let opened = try #require(
            calls.firstIndex { call in
                call.hasPrefix("openat(") && Self.secrets.contains { call.contains($0) }
            })
        #expect(sealed < opened)
    }

    @Test("has the entry of the ledger flushed to disk before anything that was signed is written", arguments: signers)
    func flushed(words: [String], input: String?) throws {
        let calls = try Self.calls(words, input)
        let entry = #"{\"airlock\":1,\"kind\":\"ledger\""#
        let recorded = try #require(calls.firstIndex { $0.hasPrefix("write(") && $0.contains(entry) })
        let ledger = calls[recorded].dropFirst("write(".count).prefix { $0.isNumber }
        let flushed = try #require(
            calls[recorded...].firstIndex { $0.hasPrefix("fsync(\(ledger))") || $0.hasPrefix("fsync(\(ledger) ") })
        // Standard error, which is descriptor 2, gets the review. The review is written before the signature exists.
        let written = try #require(
            calls.firstIndex { $0.hasPrefix("write(") && !$0.hasPrefix("write(2,") && !$0.contains(entry) })
        #expect(flushed < written)
    }
}
