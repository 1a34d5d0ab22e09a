import AirlockEthereumTypes
import Testing
import AirlockToolSupport
import AirlockSamples

/// The same operator signs the charges of all merchants. The charge in these tests has a valid signature of this
/// operator, but it pays the attacker.
@Suite("The attacker's own genuine charge")
struct AttackerTests {
    private static let attacker = Address(known: "0x00000000000000000000000000000000badc0de1")

    private static func swapped(_ workspace: Workspace) throws -> Workspace {
        try workspace.charge { $0.recipient = attacker }
        return workspace
    }

    @Test("is refused for its recipient alone, where a policy pins recipients")
    func pinned() throws {
        let place = "/data/web3_data/transfer_intent/call_data/recipient"
        for command in ["sign", "review", "verify"] {
            let workspace = try Self.swapped(Workspace())
            workspace.command = command
            if command != "sign" { workspace.drop("-k", "--yes") }
            if command == "verify" { workspace.judge("charge.json") }
            workspace.set("--json")
            let outcome = try workspace.run()
            #expect(outcome.exit == 10)
            #expect(
                try Refusal.problems(in: outcome.out)
                    == [Refusal("policy.recipient-not-listed", place)])
        }
    }

    @Test("is never signed without a question, where none does: only after that recipient's digits were typed")
    func unpinned() throws {
        let unattended = try Self.swapped(TerminalTests.workspace(pinned: false))
        unattended.set("--yes")
        unattended.set("--json")
        #expect(try Refusal.problems(in: unattended.run().out).map(\.code) == ["sign.policy-not-enough"])
        // The tool signs only if the user types the last six digits of the attacker's address. It signs nothing if the
        // user types `sign` by habit, or types the digits of the merchant whom the user wants to pay.
        for (word, exit) in [("sign", 11), ("f72581", 11), ("", 11), ("dc0de1", 0)] as [(String, Int32)] {
            let workspace = try Self.swapped(TerminalTests.workspace(pinned: false))
            let terminal = try workspace.atTerminal()
            try terminal.wait(for: "Type the last six digits of its address to sign: ")
            #expect(terminal.screen.contains("no policy pins the recipient"))
            terminal.type(word + "\n")
            let outcome = try terminal.finish()
            #expect(outcome.exit == exit)
            #expect(RefusedRun.holdsTransaction(outcome.out) == (exit == 0))
        }
    }
}
