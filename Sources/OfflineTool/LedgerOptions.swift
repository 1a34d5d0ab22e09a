import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSigning

/// The options by which the ledger is found, and how long it is waited for.
enum LedgerOptions {
    static let ledger = PaymentOptions.ledger
    static let lockTimeout = Option(
        "--lock-timeout", value: "SECONDS",
        help: "how long to wait while another process holds the ledger (default 10)")
    static let all = [ledger, lockTimeout]

    /// The ledger that is named, or the person's own. Who has to wait for it is told so.
    static func file(_ arguments: Arguments, _ console: Console) throws -> LedgerFile {
        var problems: [Problem] = []
        let seconds = arguments.value(lockTimeout, Quantity.uint64, into: &problems)
        if let all = ProblemList(problems) { throw all }
        let wait = LockWait(seconds: min(seconds ?? 10, 86_400)) { path in
            console.note("airlock: waiting for \(escaped(path, limit: 256)), which another process holds\n")
        }
        return LedgerFile(try PaymentOptions.ledgerPath(arguments), wait)
    }
}
