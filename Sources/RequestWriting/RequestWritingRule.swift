package import AirlockCommandLineTool
import AirlockDiagnostics

/// What can be wrong with a request that is to be written.
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
        case .unknownDecimals: "without a policy nobody knows which token this is, and how many decimals it has"
        case .noColumn: "the head lacks a column"
        case .unknownColumn: "the head has a column that no payroll has"
        case .repeatedColumn: "the head has a column twice"
        case .noRows: "the payroll pays nobody"
        case .repeatedReference: "the payee has this reference twice in the same currency"
        }
    }

    package var next: String {
        switch self {
        case .ambiguousCurrency: "name the token by its address"
        case .unknownDecimals: "give --policy with a policy that lists the token, or --token and the smallest unit"
        case .noColumn, .unknownColumn, .repeatedColumn:
            "begin with a line such as to,amount,currency,reference; name may be a column too"
        case .noRows: "write a row for each payment under the head"
        case .repeatedReference: "give each payment a reference of its own, or take out the row that stands there twice"
        }
    }

    package var exit: ExitCode { .malformedInput }
}
