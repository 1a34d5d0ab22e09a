import AirlockEthereumTypes
import Testing
import AirlockToolSupport

private let id = "/data/web3_data/transfer_intent/call_data/id"

@Suite("A payment that the ledger stands against")
struct LedgerRefusals {
    @Test("is refused, and nothing is recorded", arguments: afterAnother)
    func refused(refusal: RefusedRun) throws { try refusal.check() }

    @Test("is signed instead of the one that it names")
    func replaced() throws {
        let workspace = try Workspace()
        workspace.set("-o", "first.json")
        let first = try workspace.run()
        workspace.set("--max-fee", "0.04gwei")
        workspace.set("-o", "second.json")
        #expect(try workspace.run().exit == 10)
        let hash = try #require(first.out.split { $0.isWhitespace }.last)
        workspace.set("--replace", String(hash))
        #expect(try workspace.run().exit == 0)
        #expect(try workspace.run().exit == 0)
    }
}

/// Returns a change that first signs the workspace's request, and then makes the given change.
private func again(_ change: @escaping @Sendable (Workspace) throws -> Void) -> @Sendable (Workspace) throws -> Void {
    { workspace in
        workspace.drop("-o")
        #expect(try workspace.run().exit == 0)
        workspace.set("-o", "payment.json")
        try change(workspace)
    }
}

private let afterAnother = [
    RefusedRun(
        "the same intent at another fee", 10, ["ledger.intent-already-signed": id],
        again { $0.set("--max-fee", "0.04gwei") }),
    RefusedRun(
        "the same intent with another nonce", 10, ["ledger.intent-already-signed": id], again { $0.set("--nonce", "8") }
    ),
    RefusedRun(
        "another intent with the same nonce", 10, ["ledger.nonce-already-signed": "--nonce"],
        again { try $0.charge { $0.id = .zero } }),
    RefusedRun(
        "what it replaces was never signed", 10,
        ["ledger.intent-already-signed": id, "ledger.nothing-to-replace": "--replace"],
        again { workspace in
            workspace.set("--max-fee", "0.04gwei")
            workspace.set("--replace", "0x\(String(repeating: "1", count: 64))")
        }),
    RefusedRun(
        "too much in a day", 10,
        ["policy.over-day-cap": "/data/web3_data/transfer_intent/call_data/recipient_amount"]
    ) { workspace in
        try workspace.edit("policy.json", "\"perPayment\":\"100\"", "\"perPayment\":\"100\",\"perDay\":\"2\"")
        try again { workspace in
            try workspace.charge { $0.id = .zero }
            workspace.set("--nonce", "8")
        }(workspace)
    },
    RefusedRun("a line of the ledger was altered", 10, ["ledger.malformed": "line 1"]) { workspace in
        workspace.set("--ledger", "ledger")
        try again { try $0.edit("ledger", "\"nonce\":\"7\"", "\"nonce\":7") }(workspace)
    },
    RefusedRun("the ledger is lost", 10, ["ledger.missing": "/ledgerHead"]) { workspace in
        let head = "0x\(String(repeating: "1", count: 64))"
        try workspace.edit("conditions.json", "\"nativeBalance\":", "\"ledgerHead\":\"\(head)\",\"nativeBalance\":")
    },
    RefusedRun(
        "the ledger is an older copy", 10, ["ledger.head-unknown": "/ledgerHead"],
        again { workspace in
            let head = "0x\(String(repeating: "1", count: 64))"
            try workspace.edit("conditions.json", "\"nativeBalance\":", "\"ledgerHead\":\"\(head)\",\"nativeBalance\":")
        }),
]
