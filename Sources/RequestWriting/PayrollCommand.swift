import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockDiagnostics

/// `request payroll`: writes one transfer for each row of a table.
enum PayrollCommand {
    static let notes = """
        Reads a table whose first line names its columns: to, amount, currency and
        reference in any order, and name where you like:

          name,to,amount,currency,reference
          Alice,0x...,1500.50,USDC,salary 2026-03
          "Bob, Inc.",0x...,0.5,ETH,invoice 114

        Amounts are in whole tokens, and are never rounded. A currency is a symbol or an
        address that the policy lists on the chain. All rows are read before anything is
        written, and each that is wrong is named by its line and column. What the policy
        will refuse later is a warning here.

        Each line that is written is {"request":{...}}. airlock-relay prepare measures
        the conditions of all of them, and airlock sign --lines signs them.
        """

    static func make(_ console: Console, _ tool: String) -> Command {
        Command(
            "request payroll", "write a request for each row of a table", operands: ["FILE.csv"],
            options: [RequestOptions.chain, RequestOptions.from, RequestOptions.policy] + RequestOptions.puttingOut,
            notes: notes
        ) { arguments in
            let payroll = try read(arguments)
            return try RequestOptions.put(
                payroll.lines, payroll.members + payroll.warnings.asMember,
                notes: [payroll.text] + payroll.warnings.asWarnings(tool), arguments, console)
        }
    }

    private static func read(_ arguments: Arguments) throws(ProblemList) -> Payroll {
        var problems: [Problem] = []
        RequestOptions.require(
            [RequestOptions.chain, RequestOptions.from, RequestOptions.policy], arguments, &problems)
        let path = arguments.operands[0]
        if path == "-", arguments.value(RequestOptions.policy) == "-" {
            problems.append(
                Problem(
                    UsageRule.conflict, at: RequestOptions.policy.name, detail: "standard input can be read once"))
            throw ProblemList(problems) ?? ProblemList(Problem(UsageRule.conflict))
        }
        let chain = arguments.value(RequestOptions.chain, { try Chain($0) }, into: &problems)
        let from = arguments.value(RequestOptions.from, { try Address($0) }, into: &problems)
        let file = problems.collect { try InputFile.read(path) }
        let rules = chain.flatMap { RequestOptions.rules(arguments, on: $0, &problems) }
        if let file, let chain, let from, let rules, problems.isEmpty {
            return try Payroll(file.bytes, path: path, chain: chain, from: from, rules)
        }
        throw ProblemList(problems) ?? ProblemList(Problem(UsageRule.missingValue))
    }
}
