package import AirlockCommandLineTool
import AirlockDiagnostics
package import AirlockEthereumTypes
import AirlockFiles
import AirlockPolicies
import AirlockQRCodes
import AirlockStrictJSON

/// `request`: writes request files. `airlock` can review and sign them. The command needs no key and no network.
package enum RequestCommands {
    /// Advice for a user who gives the arguments of a function as several operands, as other tools take them.
    package static let argumentsAdvice = #"the arguments are one JSON array, such as '["0x...","1000"]'"#

    /// Returns the commands that write requests. Both tools have these commands.
    ///
    /// - Parameters:
    ///   - console: the console for results and warnings.
    ///   - tool: the name of the tool, which appears in warnings.
    ///   - now: a function that returns the time of this machine's clock.
    package static func all(
        _ console: Console, tool: String, now: @escaping @Sendable () -> Timestamp
    ) -> [Command] {
        [
            TransferCommand.make(console, tool, now),
            CallCommand.make(console, tool, now).advising(onSurplus: argumentsAdvice),
            PayrollCommand.make(console, tool),
        ]
    }
}

extension RequestCommands {
    /// The examples for the commands that write requests. The help and the manual show these examples.
    package static let examples: [String: [String]] = {
        let payer = "--chain base --from 0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB"
        let payee = "--to 0x9858EfFD232B4033E47d90003D41EC34EcaEda94"
        return [
            "request transfer": [
                "request transfer \(payer) \(payee) --amount 0.5eth --reference 'invoice 7' -o transfer.json",
                "request transfer \(payer) \(payee) --amount 12.5USDC --policy policy.json -o transfer.json",
            ],
            "request call": [
                "request call \(payer) \(payee) 'setLimit(uint256)' '[\"1000\"]' -o call.json"
            ],
            "request payroll": ["request payroll march.csv \(payer) --policy policy.json -o march.jsonl"],
        ]
    }()
}

/// The options that the commands for writing requests share.
enum RequestOptions {
    static let chain = Option(
        "--chain", value: "CHAIN", choices: Chain.named.map(\.name), help: "the chain to pay on: a name or an id")
    static let from = Option("--from", value: "ADDRESS", help: "the account that will pay")
    static let reference = Option(
        "--reference", value: "TEXT",
        help: "such as an invoice number; the same request with the same reference is signed only once")
    static let expires = Option(
        "--expires", value: "TIME", help: "the last moment to sign it, such as 2026-12-31T00:00:00Z")
    static let policy = Option(
        "--policy", value: "FILE", help: "the policy that knows the token, its symbol and its decimals")
    static let output = Option("--output", "-o", value: "FILE", help: "write to a file; - for standard output")
    static let force = Option("--force", help: "replace an output file that has other content")

    static let puttingOut = [output, force] + QROutput.options

    /// Appends a problem for each listed option that is missing. Also checks the options for the output.
    static func require(_ options: [Option], _ arguments: Arguments, _ problems: inout [Problem]) {
        for option in options where !arguments.has(option) {
            problems.append(Problem(UsageRule.missingValue, at: option.name, detail: option.help))
        }
        problems.collect { try QROutput.check(arguments) }
        if arguments.value(output) == "-", arguments.has(.json) {
            problems.append(
                Problem(UsageRule.conflict, at: output.name, detail: "standard output can have only one form"))
        }
    }

    /// Returns the policy's rules for a chain. Returns `nil` if the user specified no policy. If the policy cannot be
    /// read or has no rules for the chain, appends a problem to `problems` and returns `nil`.
    static func rules(
        _ arguments: Arguments, on chain: Chain, _ problems: inout [Problem]
    ) -> Policy.ChainRules? {
        guard let path = arguments.value(policy) else { return nil }
        guard let policy = problems.collect({ try Policy(InputFile.read(path)) }) else { return nil }
        guard let rules = policy.chains[chain] else {
            problems.append(Problem(PolicyRule.chain, at: Self.chain.name, saw: "\(chain)"))
            return nil
        }
        return rules
    }

    /// Returns a warning if the request has already expired, because the user probably meant a later time.
    static func warnings(expires: Timestamp?, now: Timestamp) -> [String] {
        guard let expires, expires <= now else { return [] }
        return ["\(Self.expires.name) \(expires) has passed, it is \(now): airlock will refuse to sign the request"]
    }

    /// Writes the request to the output file, or to standard output. With `--json` a JSON document goes to standard
    /// output. After that, shows notes, warnings and QR codes.
    static func put(
        _ text: String, _ document: [(String, JSONOutput)], notes: [String], _ arguments: Arguments, _ console: Console
    ) throws -> ExitCode {
        if let path = arguments.value(output) {
            _ = try OutputFile.write(Array(text.utf8).span, to: path, replacing: arguments.has(force))
        } else if !arguments.has(.json) {
            try console.write(text)
        }
        var problems: [Problem] = []
        let drawing = problems.collect { try QROutput.make(of: Array(text.utf8), arguments, console) } ?? nil
        if arguments.has(.json) { try console.write(Console.document(problems, beside: document)) }
        for note in notes { console.note(note) }
        drawing?.show(console)
        guard let all = ProblemList(problems) else { return .done }
        guard arguments.has(.json) else { throw all }
        return all.problems[0].exit
    }
}

extension [String] {
    /// Formats each string as a warning, on a line of its own.
    func asWarnings(_ tool: String) -> [String] { map { "\(tool): warning: \($0)\n" } }

    /// The warnings as a JSON member; empty if there are no warnings.
    var asMember: [(String, JSONOutput)] { isEmpty ? [] : [("warnings", .array(map { .string($0) }))] }
}

/// The error codes of the commands that write requests.
package enum RequestWritingRule: String, Advised {
    case ambiguousCurrency = "request.ambiguous-currency"
    case unknownDecimals = "request.unknown-decimals"
    case noColumn = "payroll.missing-column"
    case unknownColumn = "payroll.unknown-column"
    case repeatedColumn = "payroll.repeated-column"
    case noRows = "payroll.no-rows"
    case repeatedReference = "payroll.repeated-reference"

    package var meaning: String {
        switch self {
        case .ambiguousCurrency: "several currencies have this symbol"
        case .unknownDecimals: "without a policy the token and its decimals are unknown"
        case .noColumn: "the header row lacks a column"
        case .unknownColumn: "the header row has a column that no payroll has"
        case .repeatedColumn: "the header row has a column twice"
        case .noRows: "the payroll has no rows"
        case .repeatedReference: "the payee has this reference twice in the same currency"
        }
    }

    package var next: String {
        switch self {
        case .ambiguousCurrency: "name the token by its address"
        case .unknownDecimals: "give --policy with a policy that lists the token, or --token and the smallest unit"
        case .noColumn, .unknownColumn, .repeatedColumn:
            "begin with a line such as to,amount,currency,reference; name may be a column too"
        case .noRows: "write a row for each payment under the header row"
        case .repeatedReference: "give each payment its own reference, or remove the row that is there twice"
        }
    }

    package var exit: ExitCode { .malformedInput }
}
