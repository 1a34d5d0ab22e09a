import AirlockDiagnostics
import AirlockTestSupport
import AirlockToolSupport
import Testing

@testable import AirlockEvidence

/// Anyone who keeps a folder of evidence can alter a file, and then write a new page and a new manifest that match the
/// altered file. These tests therefore alter the files that the user gave to the tool, not the page or the manifest.
@Suite("A byte of evidence that was altered, under a page and a manifest that were made anew")
struct AlteredBytesTests {
    /// Signs a transfer with the tool, and reads the folder of evidence that the tool writes.
    private static func files() throws -> EvidenceFiles {
        let workspace = try Workspace()
        workspace.write(
            "transfer.json",
            """
            {"airlock":1,"kind":"transfer","chainId":"8453","from":"\(SamplePayment.payer)",\
            "to":"\(SamplePayment().recipient)","token":"\(SamplePayment.usdc)","amount":"1050000",\
            "reference":"invoice 7","expires":"2026-03-11T08:30:49Z"}
            """)
        workspace.operands = ["transfer.json"]
        workspace.set("-o", "payment.json")
        try #require(workspace.run().exit == 0)
        workspace.command = "evidence"
        workspace.operands = ["payment.json"]
        workspace.drop("-k", "-o", "--now", "--yes")
        workspace.set("--request", "transfer.json")
        workspace.set("-o", "evidence")
        try #require(workspace.run().exit == 0)
        return try EvidenceFiles.read(workspace.path("evidence")).files
    }

    /// Returns the statements that the tool makes about the files. Returns `nil` if the tool refuses the files.
    private static func statements(_ files: EvidenceFiles) throws -> [Evidence.Statement]? {
        do { return try Evidence(files).statements } catch is any RuleBroken { return nil }
    }

    @Test("is refused in what was signed, in the request and in the ledger")
    func refused() throws {
        let files = try Self.files()
        let whole = try #require(try Self.statements(files))
        #expect(whole.contains { $0.standing == .proved && $0.subject == "request" })
        for name in ["payment.json", "request.json", "ledger.jsonl"] {
            let bytes = try #require(files[name])
            #expect(bytes.count > 200)
            for place in stride(from: 0, to: bytes.count, by: 2) {
                for bit in [0x01, 0x02] as [UInt8] {
                    var altered = files
                    altered.given[name]?[place] ^= bit
                    let found = try Self.statements(altered)
                    // An altered file can be accepted only if the change turns a letter into the same letter in the
                    // other case.
                    let isSame =
                        String(decoding: [bytes[place]], as: UTF8.self).lowercased()
                        == String(decoding: [bytes[place] ^ bit], as: UTF8.self).lowercased()
                    #expect(found == nil || isSame, "\(name) \(place): \(found?.map(\.text) ?? [])")
                }
            }
        }
    }

    @Test("of a policy is said plainly where it is not refused, and one of conditions changes nothing that is proved")
    func policy() throws {
        let files = try Self.files()
        let whole = try #require(try Self.statements(files))
        let policy = try #require(files["policy.json"])
        for place in stride(from: 0, to: policy.count, by: 3) {
            var altered = files
            altered.given["policy.json"]?[place] ^= 1
            guard let found = try Self.statements(altered) else { continue }
            #expect(found.contains { $0.standing == .differs && $0.subject == "policy" }, "\(place)")
        }
        let conditions = try #require(files["conditions.json"])
        for place in stride(from: 0, to: conditions.count, by: 3) {
            var altered = files
            altered.given["conditions.json"]?[place] ^= 1
            guard let found = try Self.statements(altered) else { continue }
            let proved = { (all: [Evidence.Statement]) in all.filter { $0.standing == .proved } }
            #expect(proved(found) == proved(whole), "\(place)")
        }
    }
}
