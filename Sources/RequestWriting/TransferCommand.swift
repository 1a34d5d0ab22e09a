import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockPolicies
import AirlockDiagnostics
import AirlockStrictJSON
import AirlockTransfers

/// `request transfer`: writes a request file for a transfer.
enum TransferCommand {
    static let to = Option("--to", value: "ADDRESS", help: "the account to be paid")
    static let amount = Option(
        "--amount", value: "AMOUNT", help: "such as 12.5USDC or 0.5eth; a plain integer is the smallest unit")
    static let token = Option(
        "--token", value: "TOKEN", help: "the token's address, or its symbol in the policy (default: native currency)")

    static let notes = """
        Writes a request file, which airlock review and airlock sign read. It signs nothing
        and pays nothing.

        An amount with the symbol of a token, such as 12.5USDC, needs --policy: only a
        policy says which contract that is, and how many decimals it has.

        Two transfers with the same payer, payee, token and reference are the same
        request, and airlock signs only one of them.
        """

    static func make(_ console: Console, _ tool: String, _ now: @escaping @Sendable () -> Timestamp) -> Command {
        Command(
            "request transfer", "write a request to send native currency or a token",
            options: [RequestOptions.chain, RequestOptions.from, to, amount, token, RequestOptions.reference]
                + [RequestOptions.expires, RequestOptions.policy] + RequestOptions.puttingOut,
            notes: notes
        ) { arguments in
            let (transfer, words, warnings) = try read(arguments, now())
            return try RequestOptions.put(
                transfer.json.text + "\n", [("request", transfer.json)] + warnings.asMember,
                notes: ["request: pay \(words)\n"] + warnings.asWarnings(tool), arguments, console)
        }
    }

    private static func read(
        _ arguments: Arguments, _ now: Timestamp
    ) throws(ProblemList) -> (transfer: Transfer, words: String, warnings: [String]) {
        var problems: [Problem] = []
        RequestOptions.require([RequestOptions.chain, RequestOptions.from, to, amount], arguments, &problems)
        let chain = arguments.value(RequestOptions.chain, { try Chain($0) }, into: &problems)
        let from = arguments.value(RequestOptions.from, { try Address($0) }, into: &problems)
        let payee = arguments.value(to, { try Address($0) }, into: &problems)
        let expires = arguments.value(RequestOptions.expires, { try Timestamp($0) }, into: &problems)
        let before = problems.count
        let rules = chain.flatMap { RequestOptions.rules(arguments, on: $0, &problems) }
        var written: WrittenAmount?
        // The amount is read only if nothing was wrong with the policy. A wrong policy could cause a misleading second
        // error.
        if let chain, let text = arguments.value(amount), problems.count == before {
            written = problems.collect {
                try WrittenAmount(
                    text, token: arguments.value(token), on: chain, rules, options: (amount.name, token.name))
            }
        }
        if let all = ProblemList(problems) { throw all }
        guard let chain, let from, let payee, let written else { throw ProblemList(Problem(UsageRule.missingValue)) }
        let transfer: Transfer
        do throws(ProblemList) {
            transfer = try Transfer(
                chain: chain, from: from, to: payee, token: written.token, amount: written.amount,
                reference: arguments.value(RequestOptions.reference), expires: expires)
        } catch {
            // In a transfer file, each member has the same name as the option that sets it, but without the dashes.
            // Therefore the error can name the option of the wrong member.
            throw ProblemList(error.problems.map { problem in problem.at("--" + (problem.field ?? "").dropFirst()) })
                ?? error
        }
        let label = rules?.recipients?[payee].map { $0.isEmpty ? "" : " (\(escaped($0, limit: 40)))" } ?? ""
        let isListed = rules?.recipients.map { $0[payee] != nil } ?? true
        return (
            transfer, "\(written.words) on \(chain) to \(payee)\(label)",
            (isListed ? [] : ["the policy does not list the recipient \(payee): airlock will refuse to pay it"])
                + RequestOptions.warnings(expires: expires, now: now)
        )
    }
}
