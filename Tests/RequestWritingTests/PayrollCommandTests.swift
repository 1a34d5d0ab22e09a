import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockStrictJSON
import AirlockTestSupport
import Testing
import AirlockTransfers

@Suite("request payroll")
struct PayrollCommandTests {
    private static let second = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"

    private static func run(_ table: String, _ more: [String] = [], policy: String = Writing.policy("null")) throws
        -> Writing
    {
        try Writing(
            ["payroll", "pay.csv", "--chain", "base", "--from", Writing.payer, "--policy", "policy.json"] + more,
            files: ["pay.csv": table], policy: policy)
    }

    private static let table = """
        name,to,amount,currency,reference
        Alice,\(Writing.payee),1000.50,USDC,salary 2026-03
        "Bob, Inc.",\(second),0.5,eth,invoice 114
        Alice,\(Writing.payee),0.000001,\(Writing.usdc),bonus

        """

    @Test("writes one transfer a row, in order, and says the totals of each currency")
    func writes() throws {
        let outcome = try Self.run(Self.table)
        #expect(outcome.exit == .done, "\(outcome.err)")
        let requests = try outcome.out.split(separator: "\n").map { line in
            let document = try JSONDocument(Array(line.utf8)).root
            #expect(document.members?.map(\.0) == ["request"])
            return try Transfer(#require(document["request"]))
        }
        #expect(requests.map { "\($0.amount)" } == ["1000500000", "500000000000000000", "1"])
        #expect(requests.map { $0.token.map { "\($0)" } } == [Writing.usdc, nil, Writing.usdc])
        #expect(requests.map(\.reference) == ["salary 2026-03", "invoice 114", "bonus"])
        #expect(requests.allSatisfy { $0.from.map { "\($0)" } == Writing.payer && $0.chain == .base })
        #expect(outcome.err.contains("line 3  Bob, Inc.  \(Self.second)  0.5 ETH  invoice 114\n"))
        #expect(outcome.err.contains("total  1000.500001 USDC in 2 transfers\ntotal  0.5 ETH in 1 transfer\n"))
        #expect(outcome.err.contains("warning: ") && outcome.err.contains("cap of 1000 USDC for each payment\n"))
    }

    @Test("takes the columns in any order, without names, and puts a file where it is told")
    func order() throws {
        let table = "reference,currency,amount,to\r\nx,USDC,1,\(Writing.payee)\r\n"
        let outcome = try Self.run(table, ["-o", "out", "--json"])
        #expect(outcome.exit == .done, "\(outcome.err)")
        let lines = try outcome.scratch.content("out").split(separator: "\n")
        let document = try JSONDocument(Array(outcome.out.utf8)).root
        let request = try #require(document["requests"]?.elements?.first)
        #expect(lines.count == 1 && request["line"]?.number == "2" && request["name"] == nil)
        #expect(try #require(request["request"]).json.text == lines[0].dropFirst(11).dropLast())
        #expect(document["totals"]?.elements?.first?["amount"]?.string == "1000000")
    }

    @Test(
        "says what to do next with the file",
        arguments: [(["-o", "out"], true), (["-o", "-"], false), ([], false)] as [([String], Bool)])
    func next(options: [String], isSaid: Bool) throws {
        let outcome = try Self.run(Self.table, options)
        #expect(outcome.exit == .done, "\(outcome.err)")
        #expect(outcome.err.contains("next, online: airlock-relay prepare ") == isSaid)
    }

    private static let warned: [(String, String, String)] = [
        (Writing.policy(), "\(second),1,USDC,a", "pay.csv, line 2: the policy does not list the recipient \(second)"),
        (Writing.policy("null"), "\(second.lowercased()),1,USDC,a", "pay.csv, line 2: the address has no checksum"),
        (
            Writing.policy("null"), "\(second),1000,USDC,a\n\(second),501,USDC,b",
            "the total of 1501 USDC is above the policy's cap of 1500 USDC in 24 hours"
        ),
    ]

    @Test("warns of what the policy will refuse, and of addresses without a checksum", arguments: warned)
    func warns(policy: String, rows: String, expected: String) throws {
        let outcome = try Self.run("to,amount,currency,reference\n\(rows)\n", policy: policy)
        #expect(outcome.exit == .done && outcome.err.replacing(outcome.scratch(""), with: "").contains(expected))
    }

    private static let refused: [(String, [String])] = [
        ("", ["csv.empty pay.csv, line 1, column 1"]),
        ("to,amount,currency,reference\n", ["payroll.no-rows pay.csv"]),
        (
            "to;amount;currency;reference\n",
            [
                "payroll.unknown-column pay.csv, line 1, column 1", "payroll.missing-column pay.csv, line 1",
                "payroll.missing-column pay.csv, line 1", "payroll.missing-column pay.csv, line 1",
                "payroll.missing-column pay.csv, line 1",
            ]
        ),
        ("to,amount,currency,reference,to\n", ["payroll.repeated-column pay.csv, line 1, column 30"]),
        (
            "to,amount,currency,memo\n",
            [
                "payroll.unknown-column pay.csv, line 1, column 20", "payroll.missing-column pay.csv, line 1",
            ]
        ),
        ("to,amount,currency,reference\n\(Writing.payee),1\n", ["csv.field-count pay.csv, line 2, column 1"]),
        (
            """
            to,amount,currency,reference
            0x54235780057cC828C92aA40e3b02053881990153,1,USDC,a
            \(Writing.payee),1.0000001,USDC,b
            \(Writing.payee),"1,000",USDC,c
            \(Writing.payee),1,USDT,d
            \(Writing.payee),1,DUP,e
            \(Writing.payee),1,\(Writing.payer),f
            \(Writing.payee),0,USDC,g
            \(Writing.payer),1,USDC,h
            \(Writing.usdc),1,USDC,i
            \(Writing.payee),1,USDC,
            \(Writing.payee),1,USDC,good
            \(Writing.payee),2,usdc,good
            \(Writing.payee),1,ETH,good
            vitalik.eth,x,,
            """,
            [
                "value.wrong-checksum pay.csv, line 2, column 1", "value.too-precise pay.csv, line 3, column 44",
                "value.not-an-amount pay.csv, line 4, column 44",
                "policy.currency-not-listed pay.csv, line 5, column 46",
                "request.ambiguous-currency pay.csv, line 6, column 46",
                "policy.currency-not-listed pay.csv, line 7, column 46",
                "transfer.zero-amount pay.csv, line 8, column 44", "transfer.to-the-payer pay.csv, line 9, column 1",
                "transfer.to-the-token pay.csv, line 10, column 1",
                "transfer.reference-length pay.csv, line 11, column 51",
                "payroll.repeated-reference pay.csv, line 13, column 51",
                "value.not-an-address pay.csv, line 15, column 1",
                "policy.currency-not-listed pay.csv, line 15, column 15",
                "transfer.reference-length pay.csv, line 15, column 16",
            ]
        ),
        (
            """
            to,amount,currency,reference
            \(Writing.payee),1,USDC,"a"x
            \(Writing.payee),0,USDC,b
            \(Writing.payee),1
            \(Writing.payee),1,USDT,d
            \(Writing.payee),1,USDC,"e
            \(Writing.payee),0,USDC,f
            """,
            [
                "csv.text-after-quote pay.csv, line 2, column 54", "transfer.zero-amount pay.csv, line 3, column 44",
                "csv.field-count pay.csv, line 4, column 1", "policy.currency-not-listed pay.csv, line 5, column 46",
                "csv.open-quote pay.csv, line 6, column 51",
            ]
        ),
        (
            "to,amount,currency,reference\n"
                + ["a", "b"].map {
                    "\(Writing.payee),\(UInt256.max),0x2222222222222222222222222222222222222222,\($0)\n"
                        .replacing("639935,", with: "6399.35,")
                }.joined(),
            ["value.too-large pay.csv, line 3"]
        ),
    ]

    @Test("names all that is wrong by line and column, and writes nothing", arguments: refused)
    func refuses(table: String, expected: [String]) throws {
        let outcome = try Self.run(table, ["--json"])
        #expect(try outcome.refusals == expected)
        #expect(outcome.exit == .malformedInput)
    }

    /// Each row has a table with more errors than the limit.
    private static let endless: [String] = [
        String(repeating: "\u{1},", count: 5000) + "to\n", String(repeating: "x,", count: 5000),
        payroll { _ in "\n" }, payroll { _ in "x,1,USDC,\n" }, payroll { _ in "x,1,USDC,a\n\n" },
        payroll { "\(Writing.payee),\(largest),0x2222222222222222222222222222222222222222,\($0)\n" },
    ]

    /// The largest amount of a currency with two decimals. The sum of two such amounts exceeds 256 bits.
    private static let largest = "\(UInt256.max)".replacing("639935", with: "6399.35")

    private static func payroll(_ row: (Int) -> String) -> String {
        "to,amount,currency,reference\n" + (0..<2000).map(row).joined()
    }

    @Test("names a limited number of errors", arguments: endless)
    func limits(table: String) throws {
        let outcome = try Self.run(table, ["--json"])
        let count = try outcome.refusals.count
        #expect((1000...1004).contains(count), "\(count)")
        #expect(outcome.exit == .malformedInput)
    }

    @Test("needs a policy that lists the chain")
    func policy() throws {
        let words = ["payroll", "pay.csv", "--chain", "1", "--from", Writing.payer, "--json"]
        let missing = try Writing(words, files: ["pay.csv": Self.table])
        #expect(try missing.refusals == ["usage.missing-value --policy"] && missing.exit == .usage)
        let unlisted = try Writing(words + ["--policy", "policy.json"], files: ["pay.csv": Self.table])
        #expect(try unlisted.refusals == ["policy.chain-not-listed --chain"])
    }
}
