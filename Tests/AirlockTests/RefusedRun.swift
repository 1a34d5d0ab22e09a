import Foundation
import AirlockSamples
import AirlockStrictJSON
import Testing
import AirlockToolSupport

/// A change that makes the tool refuse, and all problems that the tool must report.
struct RefusedRun: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let exit: Int32
    let problems: [Refusal]
    let change: @Sendable (Workspace) throws -> Void

    init(
        _ name: String, _ exit: Int32, _ problems: KeyValuePairs<String, String?>,
        _ change: @escaping @Sendable (Workspace) throws -> Void
    ) {
        testDescription = name
        self.exit = exit
        self.problems = problems.map { Refusal($0.key, $0.value) }
        self.change = change
    }

    /// Runs the case. Checks the exit code and the JSON document. Checks that the output contains neither a signed
    /// transaction nor the payer's key. Checks that no file was changed or created.
    func check() throws {
        let workspace = try Workspace()
        workspace.set("-o", "payment.json")
        try change(workspace)
        workspace.add("--json")
        let before = workspace.files
        let outcome = try workspace.run()
        let said = try Refusal.problems(in: outcome.out)
        #expect(outcome.exit == exit, "\(outcome.err)")
        #expect(said == problems)
        #expect(workspace.files == before)
        #expect(!Self.holdsTransaction(outcome.out) && !Self.holdsTransaction(outcome.err))
        #expect(!(outcome.out + outcome.err).contains(SamplePayment.payerKey))
    }

    /// Whether a text can contain a signed transaction. The function looks for hexadecimal digits that begin with 0x02f
    /// and do not have the length of a hash. It also looks for more than 130 hexadecimal digits in a row.
    static func holdsTransaction(_ text: String) -> Bool {
        text.lowercased().matches(of: /0x02f[0-9a-f]*/).contains { $0.0.count != 66 }
            || text.split { !$0.isHexDigit }.contains { $0.count > 130 }
    }
}

extension Refusal {
    /// Returns the problems in the only document on standard output. Also checks the form of the document.
    static func problems(in text: String) throws -> [Refusal] {
        let document = try JSONDocument(Array(text.utf8)).root
        try #require(document["ok"]?.boolean == false)
        let errors = try document["errors"]?.elements ?? [#require(document["error"])]
        #expect(errors.first?["message"]?.string == document["error"]?["message"]?.string)
        #expect(errors.count > 1 || document["errors"] == nil)
        return try errors.map { error in
            #expect(error["message"]?.string?.isEmpty == false)
            #expect(error["hint"]?.string?.isEmpty == false)
            return Refusal(try #require(error["code"]?.string), error["field"]?.string)
        }
    }
}
