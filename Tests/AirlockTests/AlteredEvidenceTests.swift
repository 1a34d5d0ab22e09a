import AirlockEthereumTypes
import AirlockSamples
import AirlockToolSupport
import Testing

/// An evidence folder in which a value of one file is altered. The manifest is then rewritten to match this file.
struct AlteredEvidence: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let one: EvidenceCase
    let file: String
    let old: String
    let new: String
    let problems: [Refusal]

    init(_ name: String, _ one: EvidenceCase, _ file: String, _ old: String, _ new: String, _ problems: [Refusal]) {
        testDescription = "\(one.testDescription), with \(name)"
        (self.one, self.file, self.old, self.new, self.problems) = (one, file, old, new, problems)
    }

    private static let nobody = "0x000000000000000000000000000000000000dEaD"

    /// The signature of a permit does not cover the call with which somebody else uses the permit.
    static let ofPermit = [
        permit(
            "another domain separator", "\"domainSeparator\":\"0x02fa7265", "\"domainSeparator\":\"0x02fa7266",
            at: "domainSeparator"),
        permit(
            "another contract to call", "\"to\":\"\(SamplePayment().contract)\"", "\"to\":\"\(nobody)\"", at: "to"),
        permit("another function to call", "\"data\":\"0x1d7f10ac", "\"data\":\"0x1d7f10ad", at: "data"),
    ]

    /// The ledger entry says what the signature was for, so every field must be what signing records.
    static let ofEntry = [
        entry("another kind", "{\"kind\":\"message\"", "{\"kind\":\"transfer\"", at: "/request"),
        entry("a reference", "\"},\"recipient\"", "\",\"reference\":\"invoice 7\"},\"recipient\"", at: "/request"),
        entry("a subject without a request", "\"subject\":\"payment\"", "\"subject\":\"blind\"", at: "/request"),
        entry("another recipient", "\(SamplePayment().recipient)", nobody, at: "/digest"),
        entry("another amount", "\"amount\":\"1050000\"", "\"amount\":\"1\"", at: "/digest"),
        entry("another role", "\"role\":\"permit\"", "\"role\":\"message\"", at: "/digest"),
        entry("another nonce", "\"nonce\":\"0\"", "\"nonce\":\"1\"", at: "/digest"),
        entry(
            "another reviewed hash", "\",\"hash\":\"", "\",\"reviewedHash\":\"\(hash)\",\"hash\":\"", at: "/digest"),
        entry(
            "a second message", "\"}]}",
            "\"},{\"role\":\"permit\",\"nonce\":\"1\",\"signingHash\":\"\(hash)\",\"hash\":\"\(hash)\"}]}",
            at: "/digest"),
    ]

    static let ofSafe = [
        AlteredEvidence(
            "another nonce", .safeTransaction, "signature.json", "\"nonce\":\"71\"", "\"nonce\":\"72\"",
            [Refusal("evidence.other-request", "/nonce")])
    ]

    private static let hash = "0x" + String(repeating: "5a", count: 32)

    private static func entry(_ name: String, _ old: String, _ new: String, at place: String) -> AlteredEvidence {
        AlteredEvidence(
            "\(name) in the ledger", .typedData, "ledger.jsonl", old, new, [Refusal("evidence.other-entry", place)])
    }

    private static func permit(_ name: String, _ old: String, _ new: String, at member: String) -> AlteredEvidence {
        AlteredEvidence(
            name, .subsidized, "payment.json", old, new,
            [Refusal("evidence.other-transactions", "/transactions/0/\(member)")])
    }
}

@Suite("Evidence in which a value was altered, under a manifest that was made anew")
struct AlteredEvidenceTests {
    @Test("is refused", arguments: AlteredEvidence.ofPermit + AlteredEvidence.ofEntry + AlteredEvidence.ofSafe)
    func refused(altered: AlteredEvidence) throws {
        let workspace = try altered.one.workspace()
        let made = try workspace.tool(altered.one.words())
        try #require(made.exit == 0, "\(made.err)")
        try workspace.edit("evidence/\(altered.file)", altered.old, altered.new)
        try EvidenceTests.rewriteManifest(workspace, "evidence")
        let outcome = try workspace.tool("verify", "evidence", "--json")
        #expect(outcome.exit == 10, "\(outcome.out)")
        #expect(try Refusal.problems(in: outcome.out) == altered.problems, "\(outcome.out)")
    }
}
