import Foundation
import Testing
import ToolSupport

/// Ways past the proof of a charge, the review or the person, each in one line that must not compile, and the one way
/// through, which must. None of them names what the tests may see and others may not.
private let attempts: [(line: String, because: String?)] = [
    (
        "func theWay(_ p: ReviewedPayment, _ k: borrowing SecretKey, _ c: Consent, _ l: LedgerFile) throws -> Payment "
            + "{ try p.sign(with: k, c, recordingIn: l) }", nil
    ),
    ("func proof(_ u: UnverifiedCharge) throws -> Charge { try Charge(verifying: u) }", nil),
    (
        "func forgedCharge(_ u: UnverifiedCharge, _ h: Hash) -> Charge { Charge(contents: u, intentHash: h) }",
        "extra argument"
    ),
    ("func changedCharge(_ c: inout Charge, _ u: UnverifiedCharge) { c.contents = u }", "'contents' is a 'let'"),
    (
        "func unprovedCall(_ u: UnverifiedCharge) throws -> PaymentCall "
            + "{ try PaymentCall(paying: u, by: .transferNative, value: nil, poolFee: nil, wrappedNative: nil) }",
        "cannot convert value of type 'UnverifiedCharge'"
    ),
    ("func changedCall(_ c: inout PaymentCall) { c.value = .max }", "'value' is a 'let'"),
    (
        "func unreviewed(_ c: PaymentCall, _ p: [PlannedTransaction], _ r: PaymentRequest) -> ReviewedPayment "
            + "{ ReviewedPayment(call: c, plan: p, request: r) }", "inaccessible due to 'internal'"
    ),
    ("func changedReview(_ r: inout Review, _ p: ReviewedPayment) { r.payment = p }", "'payment' is a 'let'"),
    ("func changedPlan(_ p: inout ReviewedPayment) { p.plan = [] }", "'plan' is a 'let'"),
    ("func nobodyAsked() -> Consent { Consent() }", "inaccessible due to 'private'"),
    (
        "func keyOfTheTool(_ k: borrowing KeyFile, _ h: Hash) throws { _ = try k.secret.sign(h) }",
        "not available due to missing import of defining module 'SecretKeys'"
    ),
]

@Suite("The one way to a signed payment")
struct DoorTests {
    @Test("goes through a proved charge, a review and a consent: every other way fails to compile")
    func doors() throws {
        guard let compiler = Self.compiler else {
            return print("note: there is no swiftc in PATH, and what must not compile was not compiled")
        }
        let modules = try URL(filePath: BuiltTool("airlock").path).deletingLastPathComponent()
            .appending(path: "Modules").path
        guard FileManager.default.fileExists(atPath: "\(modules)/Signing.swiftmodule") else {
            return print("note: the modules are not beside the tool, and what must not compile was not compiled")
        }
        // Only the last attempt is the tool's: it may not import what knows keys.
        let outsiders = ["EthereumTypes", "PaymentFiles", "Signing", "TransferProtocol"]
        var failures = try Self.errors(compiler, modules, outsiders + ["SecretKeys"], attempts.dropLast().map(\.line))
        failures += try Self.errors(compiler, modules, ["EthereumTypes", "Keys"], attempts.suffix(1).map(\.line))
        for (attempt, messages) in zip(attempts, failures) {
            if let because = attempt.because {
                #expect(messages.contains { $0.contains(because) }, "\(attempt.line): \(messages)")
            } else {
                #expect(messages.isEmpty, "\(attempt.line): \(messages)")
            }
        }
    }

    private static var compiler: BuiltTool? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").lazy
            .compactMap { BuiltTool(at: "\($0)/swiftc") }.first
    }

    /// What the compiler has against each line.
    private static func errors(
        _ compiler: BuiltTool, _ modules: String, _ imports: [String], _ lines: [String]
    ) throws -> [[String]] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "airlock-doors-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let head = imports.map { "import \($0)" }
        try (head + lines).joined(separator: "\n").write(
            to: folder.appending(path: "doors.swift"), atomically: true, encoding: .utf8)
        // Those of the system's libraries are ours; those of our own C are made by the build.
        let maps = try SourceTree.folders(in: "Sources").flatMap { name in
            [
                SourceTree.root.appending(path: "Sources/\(name)/module.modulemap").path,
                "\(modules)/../\(name).build/module.modulemap",
            ].filter { FileManager.default.fileExists(atPath: $0) }.flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
        }
        let words = ["-typecheck", "-swift-version", "6", "-enable-upcoming-feature", "MemberImportVisibility"]
        let outcome = try compiler.run(
            words + ["-module-cache-path", "cache", "-I", modules] + maps + ["doors.swift"], in: folder.path,
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "HOME": folder.path],
            seconds: 300)
        let said = (outcome.out + outcome.err).split(separator: "\n")
        // What is wrong elsewhere would hide what is wrong in the lines.
        #expect(outcome.exit == 1 && said.allSatisfy { !$0.contains(": error: ") || $0.contains("doors.swift:") })
        return lines.indices.map { index in
            said.filter { $0.contains("doors.swift:\(head.count + index + 1):") && $0.contains(": error: ") }
                .map(String.init)
        }
    }
}
