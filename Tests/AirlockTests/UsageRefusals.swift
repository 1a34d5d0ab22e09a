import Testing
import AirlockToolSupport

@Suite("A command line that is not understood")
struct UsageRefusals {
    @Test("is refused before anything is read", arguments: usage)
    func refused(refusal: RefusedRun) throws { try refusal.check() }

    @Test("names the numbers of rungs that can be signed", arguments: ["0", "17"])
    func rungs(count: String) throws {
        let workspace = try Workspace()
        workspace.set("--rungs", count)
        let outcome = try workspace.run()
        #expect(outcome.exit == 64)
        #expect(
            outcome.err == """
                airlock: error: the value of an option is invalid; saw \(count); expected 1 to 16 (--rungs)
                hint: the message says what is expected

                """)
    }
}

private let usage = [
    RefusedRun("an option that nobody knows", 64, ["usage.unknown-option": "--fee"]) { $0.add("--fee=1") },
    RefusedRun("an option of another command", 64, ["usage.unknown-option": "--yes"]) { workspace in
        workspace.command = "review"
        workspace.drop("-k", "-o")
    },
    RefusedRun("an abbreviated option", 64, ["usage.unknown-option": "--non"]) { $0.add("--non=1") },
    RefusedRun("an option given twice", 64, ["usage.repeated-option": "--nonce"]) { workspace in
        workspace.add("--nonce", "7")
        workspace.add("--nonce", "7")
    },
    RefusedRun("an option given twice, once by its short name", 64, ["usage.repeated-option": "--key"]) {
        $0.add("--key", "key.hex")
    },
    RefusedRun("a switch with a value", 64, ["usage.option-takes-no-value": "--force"]) { $0.add("--force=yes") },
    RefusedRun("no charge", 64, ["usage.missing-operand": "REQUEST | FOLDER"]) { $0.operands = [] },
    RefusedRun("two charges", 64, ["usage.surplus-operand": nil]) { $0.operands = ["charge.json", "charge.json"] },
    RefusedRun("no key", 64, ["usage.missing-value": "--key"]) { $0.drop("-k") },
    RefusedRun("a method that nobody knows", 64, ["usage.invalid-value": "--method"]) { $0.set("-m", "transfer") },
    RefusedRun("a method by another case", 64, ["usage.invalid-value": "--method"]) { $0.set("-m", "transfernative") },
    RefusedRun("a value in a unit of another chain", 64, ["usage.invalid-value": "--value"]) {
        $0.set("--value", "0.004pol")
    },
    RefusedRun("a value in a token", 64, ["usage.invalid-value": "--value"]) { $0.set("--value", "1USDC") },
    RefusedRun("a fraction of a wei", 64, ["usage.invalid-value": "--max-fee"]) { $0.set("--max-fee", "1.5wei") },
    RefusedRun("a fraction without a unit", 64, ["usage.invalid-value": "--max-fee"]) { $0.set("--max-fee", "1.5") },
    RefusedRun("a fee with a sign", 64, ["usage.invalid-value": "--priority-fee"]) { $0.set("--priority-fee", "-1") },
    RefusedRun("a nonce in hexadecimal digits", 64, ["usage.invalid-value": "--nonce"]) { $0.set("--nonce", "0x7") },
    RefusedRun("a nonce of 2^64", 64, ["usage.invalid-value": "--nonce"]) { $0.set("--nonce", "18446744073709551616") },
    RefusedRun("gas with a fraction", 64, ["usage.invalid-value": "--gas"]) { $0.set("--gas", "180000.0") },
    RefusedRun("a chain that nobody knows", 64, ["usage.invalid-value": "--chain"]) { $0.set("--chain", "solana") },
    RefusedRun("a time without a zone", 64, ["usage.invalid-value": "--now"]) {
        $0.set("--now", "2026-03-10T08:30:49")
    },
    RefusedRun("an hour that does not exist", 64, ["usage.invalid-value": "--now"]) {
        $0.set("--now", "2026-03-10T24:00:00Z")
    },
    RefusedRun(
        "the payment file and the document on one standard output", 64, ["usage.conflicting-options": "--output"]
    ) {
        $0.set("-o", "-")
    },
    RefusedRun(
        "several things at once", 64,
        ["usage.unknown-option": "--fee", "usage.repeated-option": "--yes", "usage.surplus-operand": nil]
    ) { workspace in
        workspace.operands.append("other.json")
        workspace.add("--fee")
        workspace.add("--yes")
    },
    RefusedRun(
        "several values at once", 64, ["usage.invalid-value": "--nonce", "usage.invalid-value": "--max-fee"]
    ) { workspace in
        workspace.set("--nonce", "x")
        workspace.set("--max-fee", "1finney")
    },
    RefusedRun("one drawing of a folder of charges", 64, ["usage.conflicting-options": "--qr"]) { workspace in
        workspace.operands = ["."]
        workspace.set("--qr")
    },
    RefusedRun("one drawing of many lines", 64, ["usage.conflicting-options": "--qr"]) { workspace in
        workspace.operands = []
        workspace.drop("-c", "-o")
        workspace.set("--lines")
        workspace.set("--qr")
    },
    RefusedRun("words for many lines", 64, ["usage.conflicting-options": "--descriptors"]) { workspace in
        workspace.operands = []
        workspace.drop("-c", "-o")
        workspace.set("--lines")
        workspace.set("--descriptors", ".")
    },
    RefusedRun("a command that nobody knows", 64, ["usage.unknown-command": nil]) { $0.command = "pay" },
]
