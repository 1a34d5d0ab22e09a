import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockStrictJSON
import AirlockTestSupport
import Testing
import AirlockTransfers

@Suite("request transfer")
struct TransferCommandTests {
    private static func words(_ changes: [String: String?] = [:]) -> [String] {
        var options: [(String, String?)] = [
            ("--chain", "base"), ("--from", Writing.payer), ("--to", Writing.payee), ("--amount", "12.5USDC"),
            ("--policy", "policy.json"),
        ]
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
            options.removeAll { $0.0 == name }
            options.append((name, value))
        }
        return ["transfer"] + options.flatMap { name, value in value.map { [name, $0] } ?? [] }
    }

    private static let written: [(String, [String: String?], token: String?, amount: String)] = [
        ("a token by its symbol", [:], Writing.usdc, "12500000"),
        ("a token by its symbol in another case", ["--amount": "12.5 usdc"], Writing.usdc, "12500000"),
        ("a token by its address", ["--token": Writing.usdc], Writing.usdc, "12500000"),
        (
            "a token of which nothing is known, in its smallest unit",
            ["--token": Writing.usdc, "--amount": "7", "--policy": nil], Writing.usdc, "7"
        ),
        ("a token by --token, in its smallest unit", ["--token": "USDC", "--amount": "7"], Writing.usdc, "7"),
        ("native currency", ["--amount": "0.5eth", "--policy": nil], nil, "500000000000000000"),
        ("native currency under a policy", ["--amount": "0.5ETH"], nil, "500000000000000000"),
        ("native currency in ether", ["--amount": "0.5ether"], nil, "500000000000000000"),
        ("wei", ["--amount": "7", "--policy": nil], nil, "7"),
        (
            "one of two tokens with a symbol", ["--amount": "2DUP", "--token": Writing.other], Writing.other,
            "2000000000000000000"
        ),
    ]

    @Test("writes a transfer file that is read as it was written", arguments: written)
    func writes(name: String, changes: [String: String?], token: String?, amount: String) throws {
        let outcome = try Writing(Self.words(changes))
        #expect(outcome.exit == .done && outcome.err.hasPrefix("request: pay "), "\(outcome.err)")
        let transfer = try Transfer(JSONDocument(Array(outcome.out.utf8)).root)
        #expect(transfer.chain == .base && "\(transfer.amount)" == amount)
        #expect(transfer.token.map { "\($0)" } == token && "\(transfer.to)" == Writing.payee)
        #expect(transfer.from.map { "\($0)" } == Writing.payer && transfer.requester == nil)
        #expect(outcome.out == transfer.json.text + "\n")
    }

    @Test("writes reference and expiry, says whom it pays, and puts a file where it is told")
    func file() throws {
        let changes: [String: String?] = [
            "--reference": "invoice 7", "--expires": "2026-12-31T00:00:00Z", "-o": "out",
        ]
        let outcome = try Writing(Self.words(changes))
        #expect(outcome.exit == .done && outcome.out.isEmpty)
        #expect(outcome.err == "request: pay 12.5 USDC on base (8453) to \(Writing.payee) (Supplier)\n")
        let transfer = try Transfer(JSONDocument(Array(outcome.scratch.content("out").utf8)).root)
        #expect(transfer.reference == "invoice 7" && transfer.expires?.description == "2026-12-31T00:00:00Z")
        let document = try Writing(Self.words() + ["--json"]).out
        #expect(try JSONDocument(Array(document.utf8)).root["request"]?["amount"]?.string == "12500000")
    }

    @Test("warns of a recipient that the policy does not list")
    func unlisted() throws {
        let outcome = try Writing(Self.words(), policy: Writing.policy("{}"))
        #expect(outcome.exit == .done && outcome.err.contains("warning: the policy does not list the recipient"))
    }

    private static let refused: [(String, [String: String?], [String])] = [
        (
            "nothing", ["--chain": nil, "--from": nil, "--to": nil, "--amount": nil],
            [
                "usage.missing-value --chain", "usage.missing-value --from", "usage.missing-value --to",
                "usage.missing-value --amount",
            ]
        ),
        ("a wrong checksum", ["--to": "0x54235780057cC828C92aA40e3b02053881990153"], ["usage.invalid-value --to"]),
        ("a fraction without a unit", ["--amount": "12.5"], ["usage.invalid-value --amount"]),
        ("too many decimals", ["--amount": "1.0000001USDC"], ["usage.invalid-value --amount"]),
        ("a decimal comma", ["--amount": "1,05USDC"], ["usage.invalid-value --amount"]),
        ("a minus sign", ["--amount": "-1USDC"], ["usage.invalid-value --amount"]),
        ("an exponent", ["--amount": "1e3USDC"], ["usage.invalid-value --amount"]),
        ("a number in hexadecimal", ["--amount": "0x10"], ["usage.invalid-value --amount"]),
        (
            "a decimal comma without a policy", ["--amount": "1,5eth", "--policy": nil],
            ["usage.invalid-value --amount"]
        ),
        ("another token's symbol", ["--amount": "1USDT"], ["policy.currency-not-listed --amount"]),
        ("a symbol that two tokens have", ["--amount": "1DUP"], ["request.ambiguous-currency --amount"]),
        ("a token that is called as a unit is", ["--amount": "1gwei"], ["request.ambiguous-currency --amount"]),
        ("a symbol without a policy", ["--policy": nil], ["request.unknown-decimals --amount"]),
        (
            "a symbol of a token that no policy lists", ["--policy": nil, "--token": Writing.usdc],
            ["request.unknown-decimals --amount"]
        ),
        (
            "native money beside a token", ["--amount": "0.5eth", "--token": Writing.usdc],
            ["usage.invalid-value --amount"]
        ),
        ("a token that is not listed", ["--token": Writing.payer], ["policy.currency-not-listed --token"]),
        ("a chain that is not listed", ["--chain": "ethereum"], ["policy.chain-not-listed --chain"]),
        ("a policy that is not there", ["--policy": "missing.json"], ["file.missing missing.json"]),
        ("nothing of a token", ["--amount": "0USDC"], ["transfer.zero-amount --amount"]),
        ("the payer", ["--to": Writing.payer], ["transfer.to-the-payer --to"]),
        ("the token's contract", ["--to": Writing.usdc], ["transfer.to-the-token --to"]),
        ("nobody", ["--to": "0x0000000000000000000000000000000000000000"], ["transfer.null-recipient --to"]),
        ("an empty reference", ["--reference": ""], ["transfer.reference-length --reference"]),
        ("a time without a zone", ["--expires": "2026-12-31T00:00:00"], ["usage.invalid-value --expires"]),
        ("two forms on standard output", ["-o": "-"], ["usage.conflicting-options --output"]),
    ]

    @Test("refuses just this, at just this option, and writes nothing", arguments: refused)
    func refuses(name: String, changes: [String: String?], expected: [String]) throws {
        let outcome = try Writing(Self.words(changes) + ["--json"])
        #expect(outcome.exit != .done && outcome.exit != .bug)
        #expect(try outcome.refusals == expected)
    }
}
