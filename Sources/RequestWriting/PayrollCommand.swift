import AirlockCSV
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockPolicies
import AirlockRequests
import AirlockStrictJSON
import AirlockTransfers

/// `request payroll`: reads a table, and writes one transfer for each row.
enum PayrollCommand {
    static let notes = """
        Reads a table whose first line names its columns: to, amount, currency and
        reference in any order, and name where you like:

          name,to,amount,currency,reference
          Alice,0x...,1500.50,USDC,salary 2026-03
          "Bob, Inc.",0x...,0.5,ETH,invoice 114

        Amounts are in whole tokens, and are never rounded. A currency is a symbol or an
        address that the policy lists on the chain. All rows are read before anything is
        written, and each that is wrong is named by its line and column, up to \(CSVTable.problemLimit)
        errors. What the policy will refuse later is a warning here.

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
            var notes = [payroll.text] + payroll.warnings.asWarnings(tool)
            if let path = arguments.value(RequestOptions.output), path != "-", !arguments.has(.json) {
                let file = escaped(path, limit: 4096)
                notes.append(
                    "\(tool): wrote \(file); next, online: airlock-relay prepare \(file) -o conditions.json\n")
            }
            return try RequestOptions.put(
                payroll.lines, payroll.members + payroll.warnings.asMember, notes: notes, arguments, console)
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

/// A payroll: a CSV table in which each row is a transfer.
struct Payroll {
    struct Row {
        /// The number of the line on which the row begins.
        let line: Int
        /// The payee's name in the table; empty if the table gives no name.
        let name: String
        let transfer: Transfer
        let currency: ListedCurrency
    }

    /// The sum of all transfers in one currency.
    struct Total {
        let currency: ListedCurrency
        var amount: UInt256
        var count: Int
    }

    let rows: [Row]
    /// The totals, in the order in which the currencies first occur in the table.
    let totals: [Total]
    /// Warnings about rows that the user should check. An example is a row whose recipient is not listed in the policy,
    /// because `airlock` would refuse this payment.
    let warnings: [String]

    private enum Column: String, CaseIterable {
        case to, amount, currency, reference, name
    }

    /// Reads a table. If anything is wrong, throws all problems together, up to `CSVTable.problemLimit`. Each problem
    /// names the line and the column.
    ///
    /// - Parameters:
    ///   - bytes: the content of the table.
    ///   - path: the name of the table's file.
    ///   - chain: the chain of the transfers.
    ///   - from: the payer.
    ///   - rules: the policy's rules for the chain.
    init(_ bytes: [UInt8], path: String, chain: Chain, from: Address, _ rules: Policy.ChainRules) throws(ProblemList) {
        func placed(_ list: ProblemList) -> [Problem] { list.problems.map { $0.at("\(path), \($0.field ?? "")") } }
        let table: (head: [CSVTable.Field], rows: [CSVTable.Row])
        do throws(ProblemList) { table = try CSVTable.eachRow(of: bytes) } catch {
            throw ProblemList(placed(error)) ?? error
        }
        let columns = try Self.columns(table.head, path)
        guard !table.rows.isEmpty else { throw ProblemList(Problem(RequestWritingRule.noRows, at: path)) }
        var reader = PayrollReader(path: path, chain: chain, from: from, rules: rules)
        var rows: [Row] = []
        for row in table.rows where !reader.isFull {
            let fields: [CSVTable.Field]
            do throws(ProblemList) { fields = try row.get() } catch {
                reader.problems += placed(error)
                continue
            }
            func field(_ column: Column) -> CSVTable.Field? { columns[column].map { fields[$0] } }
            guard let to = field(.to), let amount = field(.amount), let currency = field(.currency),
                let reference = field(.reference)
            else { continue }
            let name = field(.name)?.text ?? ""
            if let row = reader.row(to: to, amount: amount, currency: currency, reference: reference, name: name) {
                rows.append(row)
            }
        }
        let totals = reader.totals(rows)
        if let all = ProblemList(Array(reader.problems.prefix(CSVTable.problemLimit))) { throw all }
        self.rows = rows
        self.totals = totals
        warnings = reader.warnings
    }

    /// Finds the index of each column in the header row.
    private static func columns(_ head: [CSVTable.Field], _ path: String) throws(ProblemList) -> [Column: Int] {
        var columns: [Column: Int] = [:]
        var problems: [Problem] = []
        for (index, field) in head.enumerated() where problems.count < CSVTable.problemLimit {
            let place = "\(path), \(field.place)"
            guard let column = Column(rawValue: field.text) else {
                let names = Column.allCases.map(\.rawValue).joined(separator: ",")
                problems.append(
                    Problem(
                        RequestWritingRule.unknownColumn, at: place, saw: field.text.isEmpty ? "nothing" : field.text,
                        expected: names))
                continue
            }
            if columns.updateValue(index, forKey: column) != nil {
                problems.append(Problem(RequestWritingRule.repeatedColumn, at: place, saw: field.text))
            }
        }
        for column in Column.allCases where column != .name && columns[column] == nil {
            problems.append(Problem(RequestWritingRule.noColumn, at: "\(path), line 1", expected: column.rawValue))
        }
        if let all = ProblemList(problems) { throw all }
        return columns
    }

    /// The transfers as lines of JSON. Each line is `{"request":{…}}`.
    var lines: String { rows.map { JSONOutput.object([("request", $0.transfer.json)]).text + "\n" }.joined() }

    /// The rows and the totals as text for the user.
    var text: String {
        var text = ""
        for row in rows {
            let name = row.name.isEmpty ? "" : "\(escaped(row.name, limit: 40))  "
            text += "line \(row.line)  \(name)\(row.transfer.to)  \(row.currency.words(row.transfer.amount))  "
            text += "\(Reference.shown(row.transfer.reference ?? ""))\n"
        }
        for total in totals {
            let count = total.count == 1 ? "1 transfer" : "\(total.count) transfers"
            text += "total  \(total.currency.words(total.amount)) in \(count)\n"
        }
        return text
    }

    /// The rows and the totals as JSON members.
    var members: [(String, JSONOutput)] {
        let requests = rows.map { row in
            JSONOutput.object(
                [("line", .number("\(row.line)"))] + (row.name.isEmpty ? [] : [("name", .string(row.name))])
                    + [("request", row.transfer.json)])
        }
        let sums = totals.map { total -> JSONOutput in
            [
                "currency": .string("\(total.currency.address)"), "symbol": .string(total.currency.symbol),
                "decimals": .string("\(total.currency.decimals)"), "amount": .string("\(total.amount)"),
                "transfers": .number("\(total.count)"),
            ]
        }
        return [("requests", .array(requests)), ("totals", .array(sums))]
    }
}

/// Reads rows of the table, and collects their problems.
private struct PayrollReader {
    let path: String
    let chain: Chain
    let from: Address
    let rules: Policy.ChainRules
    var problems: [Problem] = []
    var warnings: [String] = []
    /// For each combination of payee, currency and reference, the number of the last line that contains it, among the
    /// lines read so far. A repeated combination is reported as a problem.
    private var seen: [Payment: Int] = [:]

    private struct Payment: Hashable {
        let to: Address
        let currency: Address
        let reference: String
    }

    /// Whether there are so many problems that no further rows are read.
    var isFull: Bool { problems.count >= CSVTable.problemLimit }

    init(path: String, chain: Chain, from: Address, rules: Policy.ChainRules) {
        self.path = path
        self.chain = chain
        self.from = from
        self.rules = rules
    }

    /// Converts a row to a transfer. Returns `nil` if the row has a problem.
    mutating func row(
        to: CSVTable.Field, amount: CSVTable.Field, currency: CSVTable.Field, reference: CSVTable.Field, name: String
    ) -> Payroll.Row? {
        let before = problems.count
        let payee = read(to) { try Address($0.text) }
        let rules = rules
        let listed = read(currency) { try ListedCurrency(named: $0.text, in: rules, at: "") }
        let owed = listed.flatMap { listed in
            read(amount) { try Amount.parse($0.text, decimals: listed.decimals) }
        }
        // If the payee or the amount is invalid, no `Transfer` is made, so nothing else would check the reference. It
        // is checked here, so that its problems are reported too.
        if payee == nil || owed == nil { problems += Reference.problems(of: reference.text, at: place(reference)) }
        guard let payee, let listed, let owed else { return nil }
        let transfer: Transfer
        do throws(ProblemList) {
            transfer = try Transfer(
                chain: chain, from: from, to: payee, token: listed.token, amount: owed, reference: reference.text)
        } catch {
            let fields = ["/to": to, "/amount": amount, "/token": currency, "/reference": reference]
            problems += error.problems.map { $0.at(place(fields[$0.field ?? ""] ?? to)) }
            return nil
        }
        let payment = Payment(to: payee, currency: listed.address, reference: reference.text)
        if let first = seen.updateValue(to.place.line, forKey: payment) {
            problems.append(
                Problem(
                    RequestWritingRule.repeatedReference, at: place(reference), saw: reference.text,
                    expected: "a reference other than that of line \(first)"))
        }
        guard problems.count == before else { return nil }
        warn(transfer, listed, to)
        return Payroll.Row(line: to.place.line, name: name, transfer: transfer, currency: listed)
    }

    private func place(_ field: CSVTable.Field) -> String { "\(path), \(field.place)" }

    private mutating func read<Value>(_ field: CSVTable.Field, _ body: (CSVTable.Field) throws -> Value) -> Value? {
        var found: [Problem] = []
        let value = found.collect { try body(field) }
        problems += found.map { $0.at(place(field)) }
        return value
    }

    private mutating func warn(_ transfer: Transfer, _ currency: ListedCurrency, _ to: CSVTable.Field) {
        let line = "\(path), line \(to.place.line)"
        if let recipients = rules.recipients {
            if recipients[transfer.to] == nil {
                warnings.append("\(line): the policy does not list the recipient \(transfer.to)")
            }
        } else if to.text != "\(transfer.to)" {
            warnings.append("\(line): the address has no checksum, so that a wrong digit in it would not be noticed")
        }
        if let cap = currency.caps.perPayment, transfer.amount > cap {
            warnings.append("\(line): above the policy's cap of \(currency.words(cap)) for each payment")
        }
    }

    /// Returns the sum of all transfers in each currency. A sum that exceeds 256 bits is reported as a problem.
    mutating func totals(_ rows: [Payroll.Row]) -> [Payroll.Total] {
        var totals: [Payroll.Total] = []
        for row in rows where !isFull {
            guard let index = totals.firstIndex(where: { $0.currency.address == row.currency.address }) else {
                totals.append(Payroll.Total(currency: row.currency, amount: row.transfer.amount, count: 1))
                continue
            }
            guard let sum = totals[index].amount.adding(row.transfer.amount) else {
                problems.append(Problem(ValueRule.tooLarge, at: "\(path), line \(row.line)", detail: "the total"))
                continue
            }
            totals[index].amount = sum
            totals[index].count += 1
        }
        for total in totals {
            if let cap = total.currency.caps.perDay, total.amount > cap {
                let words = total.currency.words
                warnings.append(
                    "the total of \(words(total.amount)) is above the policy's cap of \(words(cap)) in 24 hours")
            }
        }
        return totals
    }
}
