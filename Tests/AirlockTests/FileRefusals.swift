import AirlockEthereumTypes
import Foundation
import Testing
import AirlockToolSupport

private let callData = "/data/web3_data/transfer_intent/call_data"
private let metadata = "/data/web3_data/transfer_intent/metadata"

/// Replaces the key file by two files: one with a mnemonic, and one with an empty passphrase. Changes the payer in the
/// charge and in the conditions file to the address of the mnemonic's key.
private func mnemonic(_ workspace: Workspace) throws {
    let words = String(repeating: "test ", count: 11) + "junk"
    workspace.write("words", words + "\n", mode: 0o600)
    workspace.write("passphrase", "", mode: 0o600)
    workspace.set("-k", "words")
    workspace.set("--passphrase-file", "passphrase")
    let payer = try Address("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
    try workspace.charge { $0.sender = payer }
    try workspace.edit("conditions.json", "\(SamplePayment.payer)", "\(payer)")
}

@Suite("A file that is not used")
struct FileRefusals {
    @Test("is a charge that cannot be read", arguments: charges)
    func charge(refusal: RefusedRun) throws { try refusal.check() }

    @Test("is another file than is expected: one sentence says what it is, by its name, and nothing is taken apart")
    func otherKind() throws {
        let cases: [(change: (Workspace) -> Void, exit: Int32, says: String)] = [
            (
                { $0.operands = ["conditions.json"] }, 65,
                """
                conditions.json is a conditions file; a request (such as a charge, a transfer file or a call file) is \
                expected
                """
            ),
            ({ $0.set("-c", "charge.json") }, 65, "charge.json is a charge; a conditions file is expected"),
            ({ $0.set("-c", "policy.json") }, 65, "policy.json is a policy file; a conditions file is expected"),
            ({ $0.set("--policy", "conditions.json") }, 78, "conditions.json is a conditions file; a policy file is"),
            (
                { $0.judge("conditions.json") }, 65,
                """
                is a conditions file; a request (such as a charge, a transfer file or a call file) or a payment file \
                is expected
                """
            ),
        ]
        for (change, exit, says) in cases {
            let workspace = try Workspace()
            change(workspace)
            let outcome = try workspace.run()
            #expect(outcome.exit == exit && outcome.err.contains(says), "\(outcome.err)")
            #expect(outcome.err.components(separatedBy: "airlock: error:").count == 2, "\(outcome.err)")
        }
    }

    @Test("is named by every problem that is found in it")
    func named() throws {
        let workspace = try Workspace()
        try workspace.edit("conditions.json", "\"nonce\":\"7\"", "\"nonce\":\"seven\"")
        try workspace.edit("policy.json", "\"maxNetworkFee\"", "\"maxNetworkFees\"")
        try workspace.edit("charge.json", "\"deadline\"", "\"deadlines\"")
        let outcome = try workspace.run()
        for place in ["(charge.json#\(callData)/deadline)", "(conditions.json#/nonce)", "(policy.json#/chains/8453/"] {
            #expect(outcome.err.contains(place), "\(outcome.err)")
        }
        workspace.set("--json")
        #expect(try workspace.run().out.contains(#""field":"/nonce","file":"conditions.json""#))
    }

    @Test("is a key that is not the payer's alone", arguments: keys)
    func key(refusal: RefusedRun) throws { try refusal.check() }

    @Test("is a policy that cannot be trusted", arguments: policies)
    func policy(refusal: RefusedRun) throws { try refusal.check() }

    @Test("is a policy that does not allow the payment", arguments: policyRefusals)
    func listed(refusal: RefusedRun) throws { try refusal.check() }

    @Test("is an output that would take another file's place", arguments: outputs)
    func output(refusal: RefusedRun) throws { try refusal.check() }

    @Test("is a key that others can read, until the hint is obeyed to the letter")
    func hint() throws {
        let workspace = try Workspace()
        workspace.write("a key's file", SamplePayment.payerKey, mode: 0o604)
        workspace.set("-k", "a key's file")
        let outcome = try workspace.run()
        #expect(outcome.exit == 77)
        let hint = try #require(outcome.err.split(separator: "\n").first { $0.hasPrefix("hint: ") })
        let shell = try #require(BuiltTool.installed("sh"))
        let obeyed = try shell.run(
            ["-c", String(hint.dropFirst(6))], in: workspace.path("."), environment: ["PATH": "/usr/bin:/bin"])
        #expect(obeyed.exit == 0, "\(obeyed.err)")
        #expect(try workspace.run().exit == 0)
    }
}

private let charges = [
    RefusedRun("there is none", 66, ["file.missing": "other.json"]) { $0.operands = ["other.json"] },
    RefusedRun("there is no folder of its", 66, ["file.missing": "charge.json/other.json"]) {
        $0.operands = ["charge.json/other.json"]
    },
    RefusedRun("it is a folder without charges", 66, ["folder.no-charges": "folder"]) { workspace in
        try FileManager.default.createDirectory(atPath: workspace.path("folder"), withIntermediateDirectories: false)
        workspace.operands = ["folder"]
    },
    RefusedRun("it is a folder with the charges of two payers", 10, ["folder.several-payers": "folder"]) { workspace in
        try FileManager.default.createDirectory(atPath: workspace.path("folder"), withIntermediateDirectories: false)
        workspace.write("folder/1.json", try workspace.content("charge.json"))
        try workspace.charge { $0.sender = SamplePayment.operator }
        workspace.write("folder/2.json", try workspace.content("charge.json"))
        workspace.operands = ["folder"]
    },
    RefusedRun("it is a fifo", 66, ["file.not-regular": "fifo"]) { workspace in
        #expect(unsafe mkfifo(workspace.path("fifo"), 0o600) == 0)
        workspace.operands = ["fifo"]
    },
    RefusedRun("it is a device", 66, ["file.not-regular": "/dev/zero"]) { $0.operands = ["/dev/zero"] },
    RefusedRun("it has a byte more than 1 MiB", 65, ["file.too-large": "charge.json"]) { workspace in
        let text = try workspace.content("charge.json")
        workspace.write("charge.json", text + String(repeating: " ", count: 1 << 20 + 1 - text.utf8.count))
    },
    RefusedRun("there is no standard input", 66, ["file.unreadable": "-"]) { workspace in
        workspace.operands = ["-"]
        workspace.input = .closed
    },
    RefusedRun("the standard input is empty", 65, ["json.empty": "-"]) { $0.operands = ["-"] },
    RefusedRun("the standard input never ends", 65, ["file.too-large": "-"]) { workspace in
        workspace.operands = ["-"]
        workspace.input = .file("/dev/zero")
    },
    RefusedRun("the standard input is asked for twice", 64, ["usage.conflicting-options": "--conditions"]) {
        workspace in
        workspace.operands = ["-"]
        workspace.set("-c", "-")
        workspace.input = .text(try workspace.content("charge.json"))
    },
    RefusedRun("the policy is asked of it too", 64, ["usage.conflicting-options": "--policy"]) { workspace in
        workspace.set("-c", "-")
        workspace.set("--policy", "-")
    },
    RefusedRun("the conditions are missing too", 66, ["file.missing": "a.json", "file.missing": "b.json"]) {
        workspace in
        workspace.operands = ["a.json"]
        workspace.set("-c", "b.json")
    },
]

private let keys = [
    RefusedRun("others can read it", 77, ["file.readable-by-others": "key.hex"]) {
        $0.write("key.hex", SamplePayment.payerKey, mode: 0o644)
    },
    RefusedRun("the group can write to it", 77, ["file.readable-by-others": "key.hex"]) {
        $0.write("key.hex", SamplePayment.payerKey, mode: 0o620)
    },
    RefusedRun("it could be run", 77, ["file.secret-mode": "key.hex"]) {
        $0.write("key.hex", SamplePayment.payerKey, mode: 0o700)
    },
    RefusedRun("it is a symbolic link", 77, ["file.symbolic-link": "link"]) { workspace in
        try FileManager.default.createSymbolicLink(atPath: workspace.path("link"), withDestinationPath: "key.hex")
        workspace.set("-k", "link")
    },
    RefusedRun("there is none", 66, ["file.missing": "other.hex"]) { $0.set("-k", "other.hex") },
    RefusedRun("it is a folder", 66, ["file.no-stream": "."]) { $0.set("-k", ".") },
    RefusedRun("the standard input is no file", 66, ["file.no-stream": "-"]) { workspace in
        workspace.set("-k", "-")
        workspace.input = .text(SamplePayment.payerKey)
    },
    RefusedRun("it has a digit too few", 65, ["key.not-hex": nil]) {
        $0.write("key.hex", String(SamplePayment.payerKey.dropLast()), mode: 0o600)
    },
    RefusedRun("it has a letter that is no digit", 65, ["key.not-hex": nil]) {
        $0.write("key.hex", "g" + SamplePayment.payerKey.dropFirst(), mode: 0o600)
    },
    RefusedRun("it has a second line", 65, ["key.not-hex": nil]) {
        $0.write("key.hex", SamplePayment.payerKey + "\n" + SamplePayment.payerKey, mode: 0o600)
    },
    RefusedRun("it is empty", 65, ["key.not-hex": nil]) { $0.write("key.hex", "", mode: 0o600) },
    RefusedRun("it is zero", 65, ["key.out-of-range": nil]) {
        $0.write("key.hex", String(repeating: "0", count: 64), mode: 0o600)
    },
    RefusedRun("it is the curve's order", 65, ["key.out-of-range": nil]) {
        $0.write("key.hex", "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", mode: 0o600)
    },
    RefusedRun("it is another's", 10, ["key.not-the-payer": "\(metadata)/sender"]) {
        $0.write("key.hex", SamplePayment.strangerKey, mode: 0o600)
    },
]

private let policies = [
    RefusedRun("there is none", 66, ["file.missing": "other.json"]) { $0.set("--policy", "other.json") },
    RefusedRun("it is no JSON", 78, ["policy.malformed": ""]) { $0.write("policy.json", "chains: []") },
    RefusedRun("it has a member that nobody knows", 78, ["policy.malformed": "/chains/8453/recipient"]) {
        try $0.edit("policy.json", "\"recipients\"", "\"recipient\"")
    },
    RefusedRun("it has a member twice", 78, ["policy.malformed": "/chains/8453/operators"]) {
        try $0.edit("policy.json", "\"operators\":", "\"operators\":[],\"operators\":")
    },
    RefusedRun("it is of another kind", 78, ["policy.malformed": "/kind"]) {
        try $0.edit("policy.json", "\"policy\"", "\"conditions\"")
    },
    RefusedRun("it lists an address twice", 78, ["policy.repeated-address": "/chains/8453/currencies/0x0"]) {
        try $0.edit(
            "policy.json", "\"0x0\":",
            "\"\(Address.zero)\":{\"symbol\":\"ETH\",\"decimals\":\"18\"},\"0x0\":")
    },
    RefusedRun("it has an address with a wrong checksum", 78, ["policy.malformed": "/chains/8453/operators/0"]) {
        try $0.edit("policy.json", "0x1563915e", "0x1563915E")
    },
    RefusedRun(
        "it has a cap with more decimals than the token", 78,
        ["policy.malformed": "/chains/8453/currencies/\(SamplePayment.usdc)/perPayment"]
    ) {
        try $0.edit("policy.json", "\"100\"", "\"100.0000001\"")
    },
    RefusedRun("the group can write to it", 78, ["policy.writable-by-others": "policy.json"]) { workspace in
        workspace.write("policy.json", try workspace.content("policy.json"), mode: 0o664)
    },
    RefusedRun("everyone can write to it", 78, ["policy.writable-by-others": "policy.json"]) { workspace in
        workspace.write("policy.json", try workspace.content("policy.json"), mode: 0o646)
    },
    RefusedRun("the person's own is malformed", 78, ["policy.malformed": ""]) { workspace in
        try ownPolicy(workspace, "{")
    },
]

/// Writes a policy to the path where `airlock` finds it without --policy, and removes --policy from the command line.
private func ownPolicy(_ workspace: Workspace, _ text: String) throws {
    workspace.drop("--policy")
    let folder = workspace.path(".config/airlock")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    workspace.write(".config/airlock/policy.json", text)
}

private let policyRefusals = [
    RefusedRun("its chain", 10, ["policy.chain-not-listed": "\(metadata)/chain_id"]) {
        try $0.edit("policy.json", "\"8453\"", "\"1\"")
    },
    RefusedRun("its contract", 10, ["policy.contract-not-listed": "\(metadata)/contract_address"]) {
        try $0.edit("policy.json", "\"contracts\":[\"\(SamplePayment().contract)\"]", "\"contracts\":[]")
    },
    RefusedRun("its operator", 10, ["policy.operator-not-listed": "\(callData)/operator"]) {
        try $0.edit("policy.json", "\"operators\":[\"\(SamplePayment.operator)\"],", "")
    },
    RefusedRun("its recipient", 10, ["policy.recipient-not-listed": "\(callData)/recipient"]) {
        try $0.edit("policy.json", "\(SamplePayment().recipient)", "\(SamplePayment.payer)")
    },
    RefusedRun("any recipient", 10, ["policy.recipient-not-listed": "\(callData)/recipient"]) {
        try $0.edit("policy.json", "\"\(SamplePayment().recipient)\":\"Example shop\"", "")
    },
    RefusedRun("its currency", 10, ["policy.currency-not-listed": "\(callData)/recipient_currency"]) {
        try $0.edit("policy.json", "\"\(SamplePayment.usdc)\":", "\"\(SamplePayment.payer)\":")
    },
    RefusedRun("so much", 10, ["policy.over-payment-cap": "\(callData)/recipient_amount"]) {
        try $0.edit("policy.json", "\"100\"", "\"1.049999\"")
    },
    RefusedRun("so much native money", 10, ["policy.over-native-cap": "\(callData)/recipient_amount"]) {
        try $0.charge {
            $0.recipientCurrency = Address.zero
            $0.recipientAmount = 5_000_000_000_000_000
        }
    },
    RefusedRun("so much of its fee", 10, ["policy.over-network-fee-cap": "/maxFeePerGas"]) {
        try $0.edit("policy.json", "\"maxNetworkFee\":\"10000000000000000\"", "\"maxNetworkFee\":\"5399999999999\"")
    },
    RefusedRun(
        "any of it: it is another's contract under the built-in pins", 10,
        ["policy.operator-not-listed": "\(callData)/operator"]
    ) { $0.drop("--policy") },
    RefusedRun("to go unasked: no recipient is pinned", 10, ["sign.policy-not-enough": "--policy"]) {
        try $0.edit("policy.json", "\"recipients\":{\"\(SamplePayment().recipient)\":\"Example shop\"},", "")
    },
    RefusedRun("to go unasked: nothing caps the payment", 10, ["sign.policy-not-enough": "--policy"]) {
        try $0.edit("policy.json", ",\"perPayment\":\"100\"", "")
    },
    RefusedRun("to go unasked: nothing caps the native money", 10, ["sign.policy-not-enough": "--policy"]) {
        try $0.charge { $0.recipientCurrency = SamplePayment.wrappedNative }
        try $0.edit("policy.json", "\"maxNativeValue\":\"5000000000000000\",", "")
        try $0.edit("policy.json", "\"ETH\",\"decimals\":\"18\",\"perPayment\":\"0.01\"", "\"ETH\",\"decimals\":\"18\"")
    },
    RefusedRun("to go unasked: nothing caps the network fee", 10, ["sign.policy-not-enough": "--policy"]) {
        try $0.edit("policy.json", ",\"maxNetworkFee\":\"10000000000000000\"", "")
    },
    RefusedRun("to go unasked: nobody is at a terminal", 64, ["sign.nobody-to-ask": nil]) { $0.drop("--yes") },
]

private let outputs = [
    RefusedRun("it has other content", 73, ["file.exists": "payment.json"]) { $0.write("payment.json", "mine") },
    RefusedRun("it is the charge", 73, ["file.is-input": "charge.json"]) { $0.set("-o", "charge.json") },
    RefusedRun("it is the charge, by force", 73, ["file.is-input": "charge.json"]) { workspace in
        workspace.set("-o", "charge.json")
        workspace.set("--force")
    },
    RefusedRun("it is the key by another name, by force", 73, ["file.is-input": "./key.hex"]) { workspace in
        workspace.set("-o", "./key.hex")
        workspace.set("--force")
    },
    RefusedRun("it is the conditions by another link, by force", 73, ["file.is-input": "link"]) { workspace in
        try FileManager.default.linkItem(atPath: workspace.path("conditions.json"), toPath: workspace.path("link"))
        workspace.set("-o", "link")
        workspace.set("--force")
    },
    RefusedRun("it is the policy, by force", 73, ["file.is-input": "policy.json"]) { workspace in
        workspace.set("-o", "policy.json")
        workspace.set("--force")
    },
    RefusedRun("it is a symbolic link, by force", 73, ["file.cannot-replace": "link"]) { workspace in
        workspace.write("other", "mine")
        try FileManager.default.createSymbolicLink(atPath: workspace.path("link"), withDestinationPath: "other")
        workspace.set("-o", "link")
        workspace.set("--force")
    },
    RefusedRun("it is a folder", 73, ["file.cannot-replace": "folder"]) { workspace in
        try FileManager.default.createDirectory(atPath: workspace.path("folder"), withIntermediateDirectories: false)
        workspace.set("-o", "folder")
        workspace.set("--force")
    },
    RefusedRun("its folder is missing", 73, ["file.cannot-create": "folder/payment.json"]) {
        $0.set("-o", "folder/payment.json")
    },
    RefusedRun("it is the ledger that the payment is recorded in, by force", 73, ["file.is-input": "ledger"]) {
        workspace in
        workspace.write("ledger", "", mode: 0o600)
        workspace.set("--ledger", "ledger")
        workspace.set("-o", "ledger")
        workspace.set("--force")
    },
    RefusedRun("it is the ledger that the payment would begin, by force", 73, ["file.is-input": "./ledger"]) {
        workspace in
        workspace.set("--ledger", "ledger")
        workspace.set("-o", "./ledger")
        workspace.set("--force")
    },
    RefusedRun("it is the standard input's file, by force", 73, ["file.is-input": "charge.json"]) { workspace in
        workspace.operands = ["-"]
        workspace.input = .file(workspace.path("charge.json"))
        workspace.set("-o", "charge.json")
        workspace.set("--force")
    },
    RefusedRun("it is the file with the passphrase, by force", 73, ["file.is-input": "link"]) { workspace in
        try mnemonic(workspace)
        try FileManager.default.linkItem(atPath: workspace.path("passphrase"), toPath: workspace.path("link"))
        workspace.set("-o", "link")
        workspace.set("--force")
    },
    RefusedRun("its name is empty", 73, ["file.cannot-create": ""]) { $0.set("-o", "") },
]
