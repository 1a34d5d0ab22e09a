import Foundation
import Testing
import AirlockToolSupport

/// Functions that open or use a network connection, or find the address for one. The list leaves out socketpair and
/// getsockopt: in a release, the Swift runtime needs them, and they cannot connect to another machine.
private let network: Set = [
    "accept", "accept4", "bind", "connect", "freeaddrinfo", "getaddrinfo", "gethostbyaddr", "gethostbyname",
    "gethostbyname2", "gethostbyname_r", "getnameinfo", "getpeername", "getservbyname", "getsockname",
    "if_nametoindex", "listen", "recv", "recvfrom", "recvmmsg", "recvmsg", "res_query", "res_search", "send",
    "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "socket",
]

@Suite("The offline tool as it was built")
struct BinaryTests {
    /// Returns the names of the functions that a program needs from shared libraries.
    static func undefined(_ path: String) throws -> Set<String> {
        let nm = try #require(BuiltTool.installed("nm"))
        let outcome = try nm.run(["-D", "--undefined-only", path], in: "/")
        try #require(outcome.exit == 0, "\(outcome.err)")
        return Set(
            outcome.out.split(separator: "\n").compactMap { line in
                line.split(separator: " ").last.map { String($0.prefix { $0 != "@" }) }
            })
    }

    @Test("asks no library for anything that opens a connection", .needs("nm"))
    func imports() throws {
        let symbols = try Self.undefined(BuiltTool("airlock").path)
        #expect(symbols.contains("secp256k1_ecdsa_sign_recoverable"))
        // This function blinds a context of libsecp256k1.
        #expect(symbols.contains("secp256k1_context_randomize"))
        #expect(symbols.isDisjoint(with: network), "\(symbols.intersection(network).sorted())")
        // The test program itself needs some of these functions. This shows that the check can fail.
        let own = try Self.undefined("/proc/self/exe".resolved)
        #expect(!own.isDisjoint(with: network))
    }

    @Test("loads neither Foundation nor curl, nor anything that they stand on", .needs("ldd"))
    func libraries() throws {
        let ldd = try #require(BuiltTool.installed("ldd"))
        let tool = try ldd.run([BuiltTool("airlock").path], in: "/").out.lowercased()
        #expect(tool.contains("libsecp256k1") && tool.contains("libseccomp"))
        for name in [
            "foundation", "curl", "sqlite", "libpq", "microhttpd", "libssl", "gnutls", "libresolv", "libnss", "libicu",
        ] {
            #expect(!tool.contains(name), "\(name)")
        }
        #expect(try ldd.run(["/proc/self/exe".resolved], in: "/").out.contains("Foundation"))
    }

    @Test("stands under seccomp, and can gain nothing, while it asks whether to sign")
    func sealed() throws {
        let workspace = try Workspace()
        workspace.drop("--yes")
        let terminal = try workspace.atTerminal()
        try terminal.wait(for: "Type sign: ")
        let status = try String(contentsOfFile: "/proc/\(terminal.process)/status", encoding: .utf8)
        let says = Dictionary(
            status.split(separator: "\n").map { $0.split(separator: "\t") }.filter { $0.count == 2 }
                .map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
        #expect(says["Name:"] == "airlock")
        #expect(says["Seccomp:"] == "2")
        #expect(says["NoNewPrivs:"] == "1")
        #expect(says["Threads:"] == "1")
        terminal.type("no\n")
        #expect(try terminal.finish().exit == 11)
    }

    @Test("forbids core files and debuggers, and never allows them again", .needsTracer)
    func undumpable() throws {
        let strace = try #require(BuiltTool.tracer)
        let workspace = try Workspace()
        let words = ["-f", "-qq", "-e", "trace=prctl,prlimit64,setrlimit", "-e", "signal=none", "-o", "calls.txt"]
        let outcome = try strace.run(
            words + [BuiltTool("airlock").path] + workspace.words, in: workspace.path("."),
            environment: workspace.environment)
        #expect(outcome.exit == 0, "\(outcome.err)")
        let calls = try workspace.content("calls.txt").split(separator: "\n").map { line in
            line.drop { $0.isNumber || $0 == " " }
        }
        #expect(
            calls.filter { $0.contains("RLIMIT_CORE") || $0.contains("PR_SET_DUMPABLE") } == [
                "prlimit64(0, RLIMIT_CORE, {rlim_cur=0, rlim_max=0}, NULL) = 0",
                "prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE) = 0",
            ])
    }

    @Test("makes no system call of the network while it signs", .needsTracer)
    func systemCalls() throws {
        let strace = try #require(BuiltTool.tracer)
        let workspace = try Workspace()
        let words = ["-f", "-qq", "-e", "trace=%network,openat", "-e", "signal=none", "-o", "calls.txt"]
        let outcome = try strace.run(
            words + [BuiltTool("airlock").path] + workspace.words, in: workspace.path("."),
            environment: workspace.environment)
        #expect(outcome.exit == 0 && outcome.out.hasPrefix("0x02"), "\(outcome.err)")
        let calls = try workspace.content("calls.txt").split(separator: "\n")
        // The tool is not dumpable. So strace cannot read the name of the file that the tool opens, unless the
        // superuser runs strace.
        #expect(calls.contains { $0.contains("openat(") })
        #expect(calls.filter { !$0.contains("openat(") } == [])
    }
}

extension String {
    fileprivate var resolved: String { URL(filePath: self).resolvingSymlinksInPath().path }
}
