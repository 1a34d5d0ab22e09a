import AirlockTestSupport
import Testing
import AirlockToolSupport

@Suite("The command line of airlock-relay")
struct CommandLineTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        scratch.file("charge.json", try SamplePayment().charge())
        scratch.file("there.json", "{}")
        scratch.file("transfer.json", "{\"airlock\":1,\"kind\":\"transfer\"}")
        scratch.file("empty.jsonl", "")
        scratch.file("payroll.jsonl", "{\"charge\":{}}\n\n")
        scratch.file("nodes", "# mine\r\n\n  http://127.0.0.1:1/v2/secretsecret\r\nhttp://127.0.0.1:2 \n")
        scratch.file("bad-nodes", "http://127.0.0.1:1\nsecretsecret\nhttp://node.example/secretsecret\n#\n")
        scratch.file("no-nodes", "\n # https://node.example/secretsecret\n")
    }

    private func run(_ words: String, _ environment: [String: String] = [:]) throws -> Outcome {
        let words = words.split(separator: " ").map(String.init)
        return try Tool.start("airlock-relay", words, in: scratch.path, environment: environment).finish()
    }

    private static let shop = "0x5eA054aEea285Ebc3A92eCB1f722f44304F72581"

    /// Command lines that `airlock-relay` must refuse. Each has the expected exit code, and the expected error codes
    /// with their fields.
    static let refusals: [(String, Int32, [String])] = [
        ("prepare charge.json", 64, ["usage.missing-value --rpc"]),
        ("prepare charge.json --rpc https://", 64, ["usage.invalid-value --rpc"]),
        (
            "prepare charge.json --rpc http://node.example/secretsecret --header nonsense", 64,
            ["usage.invalid-value --rpc", "usage.invalid-value --header"]
        ),
        (
            "prepare charge.json -m steal --value 1usd --pool-fee ten", 64,
            ["usage.invalid-value --method", "usage.invalid-value --value", "usage.invalid-value --pool-fee"]
        ),
        (
            "prepare charge.json --rpc @nodes --rpc http://127.0.0.1:3", 69,
            [
                "http.unreachable http://127.0.0.1:1/v2/...", "http.unreachable http://127.0.0.1:2",
                "http.unreachable http://127.0.0.1:3",
            ]
        ),
        (
            "prepare charge.json --rpc @bad-nodes", 64,
            ["usage.invalid-value bad-nodes, line 2", "usage.invalid-value bad-nodes, line 3"]
        ),
        ("prepare charge.json --rpc @no-nodes", 64, ["usage.missing-value --rpc"]),
        ("prepare charge.json --rpc @nowhere", 66, ["file.missing nowhere"]),
        ("prepare charge.json --rpc http://127.0.0.1:1 --timeout soon", 64, ["usage.invalid-value --timeout"]),
        ("prepare charge.json --rpc http://127.0.0.1:1", 69, ["http.unreachable http://127.0.0.1:1"]),
        ("prepare nowhere.json --rpc http://127.0.0.1:1", 66, ["file.missing nowhere.json"]),
        ("prepare", 64, ["usage.missing-operand REQUEST | PAYROLL"]),
        (
            "prepare transfer.json --rpc http://127.0.0.1:1", 65,
            ["json.missing-field /chainId", "json.missing-field /to", "json.missing-field /amount"]
        ),
        ("prepare ethereum:\(shop)@8453?value=1 --rpc http://127.0.0.1:1", 64, ["request.no-payer --from"]),
        (
            "prepare ethereum:\(shop)@8453?value=1 --from \(shop) --approve --rpc http://127.0.0.1:1", 64,
            ["request.option-without-effect --approve", "transfer.to-the-payer target"]
        ),
        ("prepare charge.json --from \(shop) --rpc http://127.0.0.1:1", 10, ["prepare.other-payer --from"]),
        ("prepare empty.jsonl --rpc http://127.0.0.1:1", 65, ["prepare.no-lines empty.jsonl"]),
        (
            "prepare payroll.jsonl -m auto --rpc http://127.0.0.1:1", 64,
            ["request.option-without-effect --method"]
        ),
        (
            "prepare payroll.jsonl --rpc http://127.0.0.1:1", 65,
            ["prepare.not-of-a-payroll /charge", "json.empty payroll.jsonl:2"]
        ),
        ("send transfer.json --rpc http://127.0.0.1:1", 65, ["format.unknown-kind /kind"]),
        ("send there.json", 65, ["json.missing-field /airlock"]),
        ("send nowhere.json", 66, ["file.missing nowhere.json"]),
        (
            "send there.json charge.json --transaction 0x12 --check", 64,
            [
                "usage.invalid-value --transaction", "usage.conflicting-options --transaction",
                "usage.surplus-operand ",
            ]
        ),
        (
            "send charge.json --transaction 0x\(String(repeating: "0", count: 64))", 65,
            ["format.unknown-kind charge.json"]
        ),
        (
            "send nowhere.json empty.jsonl/ neither.jsonl", 66,
            ["file.missing nowhere.json", "file.missing empty.jsonl/", "file.missing neither.jsonl"]
        ),
        ("send - -", 64, ["usage.conflicting-options -"]),
        (
            "send - --confirmations many --timeout never", 64,
            [
                "usage.invalid-value --confirmations", "usage.invalid-value --timeout",
            ]
        ),
        ("send -", 65, ["send.nothing-to-send "]),
        (
            "send - --climb-after soon", 64, ["usage.invalid-value --climb-after"]
        ),
        (
            "prepare charge.json --token usdc --quoter 0x1", 64,
            ["usage.invalid-value --token", "usage.invalid-value --quoter"]
        ),
        ("cancel 0xabc", 66, ["journal.unknown-payment "]),
        ("cancel", 64, ["usage.missing-operand ID"]),
        ("journal", 64, ["usage.no-command "]),
        ("status 0xabc", 66, ["journal.unknown-payment "]),
        ("status --journal there.json", 65, ["journal.damaged there.json"]),
        ("status --journal typo.sqlite", 66, ["file.missing typo.sqlite"]),
        ("resume --journal typo.sqlite", 66, ["file.missing typo.sqlite"]),
        ("journal export --journal typo.sqlite", 66, ["file.missing typo.sqlite"]),
        ("cancel 0xabc --journal typo.sqlite", 66, ["file.missing typo.sqlite"]),
        ("status --journal charge.json/none", 66, ["journal.unreadable charge.json/none"]),
        ("status --journal .", 66, ["journal.unreadable ."]), ("resume --journal .", 66, ["journal.unreadable ."]),
        (
            "status --journal postgresql://relay:secretsecret@127.0.0.1:1/d", 64,
            ["journal.password-in-argument --journal"]
        ),
        ("resume --journal postgresql://relay:secretsecret@b@c/d", 64, ["journal.no-address --journal"]),
        (
            "journal migrate --journal postgresql://127.0.0.1:1/d", 69,
            ["journal.unreachable postgresql://127.0.0.1:1/d"]
        ),
        ("status --journal @no-nodes", 64, ["usage.invalid-value --journal"]),
        ("status --journal @typo", 66, ["file.missing typo"]),
        ("journal copy one.sqlite", 64, ["usage.missing-operand TO"]),
        ("journal copy none.sqlite two.sqlite", 66, ["journal.unreadable none.sqlite"]),
        ("journal copy postgresql://relay:secretsecret@127.0.0.1:1/d x", 64, ["journal.password-in-argument FROM"]),
        ("explain send.nonsense", 64, ["usage.unknown-code "]),
        ("pay", 64, ["usage.unknown-command "]),
    ]

    @Test("names what is wrong, all at once, as one JSON document", arguments: refusals)
    func refused(words: String, exit: Int32, codes: [String]) throws {
        let run = try run(words + " --json")
        #expect(run.exit == exit)
        let said = try run.json
        let errors = said.has("errors") ? (0..<said["errors"].count).map { said["errors"][$0] } : [said["error"]]
        let found = try errors.map { "\(try $0["code"].text) \($0.has("field") ? try $0["field"].text : "")" }
        #expect(Array(found.prefix(codes.count)).elementsEqual(codes) { $0.hasPrefix($1) }, "\(found)")
        #expect(!run.out.contains("secretsecret"))
    }

    @Test("takes nodes from the environment, and shows no key that is in their addresses")
    func environment() throws {
        let urls = "http://127.0.0.1:1/v2/0123456789abcdef,http://127.0.0.1:2"
        let run = try run("prepare charge.json --json", ["AIRLOCK_RPC_URL": urls])
        #expect(run.exit == 69)
        #expect(try run.json["errors"].count == 2)
        #expect(try run.json["errors"][0]["field"].text == "http://127.0.0.1:1/v2/...")
        #expect(!run.out.contains("0123456789abcdef"))
    }

    @Test("takes the journal from the environment or a file, and shows no password that is in its address")
    func journalAddress() throws {
        let address = "postgresql://relay:secretsecret@127.0.0.1:1/airlock"
        scratch.file("place", "# the journal\n\n\(address)\n")
        for (words, environment) in [("status", ["AIRLOCK_JOURNAL": address]), ("status --journal @place", [:])] {
            let run = try run(words + " --json", environment)
            #expect(run.exit == 69)
            #expect(try run.json["error"]["field"].text == "postgresql://relay@127.0.0.1:1/airlock")
            #expect(!(run.out + run.err).contains("secretsecret"))
        }
        #expect(try run("journal migrate", ["AIRLOCK_JOURNAL": "own.sqlite"]).out == "own.sqlite: version 0 to 6\n")
        #expect(try run("journal migrate --journal own.sqlite").out == "own.sqlite has version 6 already\n")
        let copied = try run("journal copy own.sqlite other.sqlite")
        #expect(copied.exit == 0 && copied.out == "copied and compared 0 rows: other.sqlite\n")
    }

    @Test("says its version, explains its codes, and knows nothing where there is no journal")
    func small() throws {
        #expect(try run("--version").out.hasPrefix("airlock-relay "))
        let explained = try run("explain send.nonce-taken")
        #expect(explained.exit == 0)
        #expect(explained.out.contains("Exit     21"))
        for command in ["status", "resume", "journal export", "journal export --csv"] {
            let run = try run(command)
            #expect(run.exit == 0)
            #expect(run.out.isEmpty)
        }
        #expect(
            try scratch.names == [
                "bad-nodes", "charge.json", "empty.jsonl", "no-nodes", "nodes", "payroll.jsonl", "there.json",
                "transfer.json",
            ])
    }

    @Test("takes a journal that it cannot reach for one that may hold payments")
    func unreachable() throws {
        // The path to the journal uses a regular file as a folder, so the journal cannot be read.
        let environment = ["XDG_STATE_HOME": scratch("charge.json")]
        for command in ["status", "status 0xabc", "resume", "journal export", "cancel 0xabc", "prepare charge.json"] {
            let run = try run("\(command) --json", environment)
            #expect(run.exit == 66)
            #expect(try run.json["error"]["code"].text == "journal.unreadable")
            #expect(try run.json["error"]["message"].text == "the journal cannot be read: Not a directory")
            #expect(try run.json["error"]["field"].text == scratch("charge.json/airlock/journal.sqlite"))
        }
    }
}
