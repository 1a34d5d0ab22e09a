import Foundation
import Testing
import AirlockTestSupport

/// docs/files.md names all fields that the tools read, and no others.
@Suite("The page of files")
struct FieldTests {
    static let readers: [(heading: String, sources: [String])] = [
        ("Charge", ["Charges/UnverifiedCharge"]), ("Transfer", ["Transfers/Transfer"]),
        ("Call", ["Calls/UnverifiedCall"]),
        ("Conditions", ["PaymentFiles/Conditions"]),
        ("Payment", ["PaymentFiles/Payment", "PaymentFiles/PaymentSubject", "Requests/Reference"]),
        (
            "Policy",
            [
                "Policies/Policy+JSON", "Calls/CallRules", "Charges/UnverifiedCharge+Request",
                "Safes/SafeRules", "Transfers/Transfer+Request",
            ]
        ),
        ("Signature", ["PaymentFiles/SignatureFile"]), ("Relay evidence", ["PaymentFiles/RelayEvidence"]),
        ("Ledger", ["Signing/LedgerEntry+JSON", "PaymentFiles/PaymentSubject", "Requests/Reference"]),
    ]

    @Test("names every field, each where it is", arguments: readers)
    func fields(heading: String, sources: [String]) throws {
        var read: Set<String> = []
        for source in sources {
            let file = PackageRoot.url.appending(path: "Sources/\(source).swift")
            let text = try String(contentsOf: file, encoding: .utf8)
            // `asked` finds the calls that read a field through a reader or a helper function, for example
            // reader.string("id"), cap("perDay") and address(&reader, "sender").
            let readers = #"\w+\.(?:optional)?(?:[sS]trings?|[nN]umber|[oO]bjects?|[vV]alue|[bB]oolean)"#
            let asked = try Regex(
                #"\b(?:\#(readers)|cap|number|amount|address)\((?:&reader, )?\s*"(\w+)""#,
                as: (Substring, Substring).self)
            for match in text.matches(of: asked) { read.insert(String(match.1)) }
            // `named` finds other names of fields: lists and sections of the policy, and the members `chargeId` and
            // `intentId`, which payment files and ledger entries of charges contain.
            let named = /Policy(?:List|Section)\(\s*"(\w+)"|\blabels\(&reader, "(\w+)"|static let (?:name|id) = "(\w+)"/
            for match in text.matches(of: named) {
                if let name = match.1 ?? match.2 ?? match.3 { read.insert(String(name)) }
            }
        }
        #expect(read.count > 5)
        let page = try Page("docs/files.md").text
        let section = try #require(page.components(separatedBy: "\n## ").first { $0.hasPrefix(heading + "\n") })
        var named: Set<String> = []
        for line in section.split(separator: "\n") where line.hasPrefix("| `") {
            let cell = line.split(separator: "|")[0]
            for match in cell.matches(of: /`([\w.]+)`/) {
                named.formUnion(match.1.split(separator: ".").map(String.init))
            }
        }
        #expect(named == read, "only on the page: \(named.subtracting(read)), only read: \(read.subtracting(named))")
    }

    @Test("and the page of the interface names every member that the relay's page is told")
    func members() throws {
        let page = try Page("docs/api.md").text
        let named = Set(page.matches(of: /`([\w.]+)`/).map { String($0.1) })
        var written: Set<String> = []
        for source in ["PageJSON", "PageService"] {
            let file = PackageRoot.url.appending(path: "Sources/RelayTool/\(source).swift")
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /(?:\(|add\()"(\w+)",|"(\w+)": (?:\.|")/) {
                if let name = match.1 ?? match.2 { written.insert(String(name)) }
            }
        }
        #expect(written.count > 40)
        #expect(written.subtracting(named) == [])
    }
}
