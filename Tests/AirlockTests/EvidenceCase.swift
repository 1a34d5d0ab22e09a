import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockToolSupport
import Foundation
import Testing

/// A request that is signed, and the arguments with which `evidence` is run for it.
struct EvidenceCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The arguments of `sign` that name the request. They are also the values of the option --request of `evidence`.
    var request = ["charge.json"]
    /// Further options of `evidence`.
    var more = ["-c", "conditions.json"]
    /// The name of the signed file in the evidence folder.
    var signed = "payment.json"
    /// The beginning of the warning about the conditions. `nil` if there is no warning.
    var warning: String?
    let prepare: @Sendable (Workspace) throws -> Void

    init(
        _ name: String, _ request: [String], more: [String] = [], signed: String = "payment.json",
        warning: String? = nil, _ prepare: @escaping @Sendable (Workspace) throws -> Void
    ) {
        (testDescription, self.request, self.more, self.signed) = (name, request, more, signed)
        self.warning = warning
        self.prepare = prepare
    }

    /// Signs the request, and returns the workspace in which `evidence` is run.
    func workspace() throws -> Workspace {
        let workspace = try Workspace()
        try prepare(workspace)
        workspace.set("-o", "signed.json")
        let outcome = try workspace.run()
        try #require(outcome.exit == 0, "\(outcome.err)")
        return workspace
    }

    func words(to folder: String = "evidence") -> [String] {
        ["evidence", "signed.json", "--request"] + request + more + ["--policy", "policy.json", "-o", folder]
    }

    private static let transfer = """
        {"airlock":1,"kind":"transfer","chainId":"8453","from":"\(SamplePayment.payer)",\
        "to":"\(SamplePayment().recipient)","token":"\(SamplePayment.usdc)","amount":"1050000",\
        "reference":"<img src=x onerror=alert(1)>","expires":"2026-03-11T08:30:49Z"}
        """
    private static let uri =
        "ethereum:\(SamplePayment.usdc)@8453/transfer?address=\(SamplePayment().recipient)&uint256=1050000"

    static let transferFile = EvidenceCase("a transfer file", ["transfer.json"], more: ["-c", "conditions.json"]) {
        $0.write("transfer.json", transfer)
        $0.operands = ["transfer.json"]
    }

    static let safeTransaction = EvidenceCase("a Safe transaction", ["tx.json"], signed: "signature.json") {
        workspace in
        try safe(workspace, SafePayment())
    }

    static let typedData = EvidenceCase("typed data", ["permit.json"], signed: "signature.json") { workspace in
        workspace.write("permit.json", DescribeTests.permit)
        workspace.operands = ["permit.json"]
        workspace.drop("-c")
        try workspace.edit("policy.json", "\"recipients\"", "\"messages\":[],\"recipients\"")
    }

    /// Changes the workspace so that its request is a transaction of a Safe. The workspace's key is an owner of this
    /// Safe.
    private static func safe(_ workspace: Workspace, _ payment: SafePayment) throws {
        let other = try payment.workspace()
        for name in ["policy.json", "tx.json"] { workspace.write(name, try other.content(name)) }
        workspace.operands = ["tx.json"]
        workspace.drop("-c")
    }

    private static let byHand = [
        ("--nonce", "5"), ("--gas", "60000"), ("--max-fee", "1gwei"), ("--priority-fee", "0.01gwei"),
    ]

    private static let allByHand =
        "no conditions are here: nonce 5, gas 60000, maximum fee 1000000000 and priority fee 10000000 come from the "
        + "command line, or from conditions that were left out"

    /// One case for each payment method whose output is recorded for the tests.
    static let charges = RecordedCase.all.map { recorded in
        EvidenceCase(
            "a charge: \(recorded.name)", ["charge.json"], more: ["-c", "conditions.json"],
            warning: recorded.name.contains("swap") ? "value" : nil, recorded.prepare)
    }

    static let subsidized = charges.first { $0.testDescription == "a charge: subsidizedTransferToken" } ?? transferFile

    static let others: [EvidenceCase] = [
        transferFile,
        EvidenceCase("a payment URI with a reference", [uri], more: ["-c", "conditions.json"]) {
            $0.operands = [uri]
            $0.set("--reference", "coffee")
        },
        EvidenceCase("a payment URI in a file, by hand", ["uri.txt"], warning: allByHand) {
            $0.write("uri.txt", uri + "\n")
            $0.operands = ["uri.txt"]
            $0.drop("-c")
            for (name, value) in byHand { $0.set(name, value) }
        },
        EvidenceCase("a call file", ["call.json"], more: ["-c", "conditions.json"]) { workspace in
            workspace.write(
                "call.json",
                """
                {"airlock":1,"kind":"call","chainId":"8453","to":"\(SamplePayment.operator)","value":"0",\
                "function":"setOwner(address)","arguments":["\(SamplePayment().recipient)"],"reference":"new owner"}
                """)
            workspace.operands = ["call.json"]
            try workspace.edit(
                "policy.json", "\"contracts\":",
                """
                "calls":{"\(SamplePayment.operator)":{"name":"Vault","functions":{"setOwner(address)":{}}}},"contracts":
                """)
        },
        EvidenceCase("an unsigned transaction", ["tx.hex"]) { workspace in
            workspace.write(
                "fields.json",
                """
                {"type":"2","chainId":"8453","nonce":"7","to":"\(SamplePayment().recipient)","value":"700",\
                "gas":"21000","maxFeePerGas":"30000000","maxPriorityFeePerGas":"1000000","data":"0x","accessList":[]}
                """)
            workspace.write("tx.hex", try workspace.tool("tx", "encode", "fields.json").out)
            workspace.operands = ["tx.hex"]
            workspace.drop("-c")
        },
        safeTransaction,
        EvidenceCase("a Safe transaction that is approved on chain", ["tx.json"], warning: allByHand) { workspace in
            try safe(workspace, SafePayment())
            workspace.set("--approve-hash")
            for (name, value) in byHand { workspace.set(name, value) }
        },
        EvidenceCase("a Safe transaction that a Safe approves", ["tx.json"], signed: "signature.json") { workspace in
            try safe(workspace, SafePayment())
            try workspace.edit(
                "policy.json", "\"safes\":{",
                """
                "safes":{"\(SafePayment.second)":{"name":"Family","version":"1.4.1","threshold":"1",\
                "owners":{"\(SamplePayment.payer)":"me"}},
                """)
            workspace.set("--approve-hash")
            workspace.set("--owner-safe", SafePayment.second)
            workspace.set("--safe-nonce", "4")
        },
        EvidenceCase("a batch of a Safe", ["tx.json"], signed: "signature.json") { workspace in
            try safe(workspace, SafePayment())
            workspace.write("tx.json", SafePayment.batch(2))
            workspace.set("--safe", SafePayment.safe)
            workspace.set("--safe-nonce", "71")
        },
        typedData,
        EvidenceCase("a text", ["hello.txt"], signed: "signature.json") { workspace in
            workspace.write("hello.txt", "hello <script>alert(1)</script>\n\u{202E}olleh")
            workspace.operands = ["hello.txt"]
            workspace.drop("-c")
            try workspace.edit("policy.json", "\"kind\":\"policy\"", "\"kind\":\"policy\",\"text\":true")
        },
        EvidenceCase("a text that a Safe signs", ["hello.txt"], signed: "signature.json") { workspace in
            try safe(workspace, SafePayment())
            workspace.write("hello.txt", "hello")
            workspace.operands = ["hello.txt"]
            workspace.set("--safe", SafePayment.safe)
            try workspace.edit("policy.json", "\"kind\":\"policy\"", "\"kind\":\"policy\",\"text\":true")
        },
    ]
}
