import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockHTTP
import AirlockQRCodes
import AirlockOpenRouter
import AirlockDiagnostics
import AirlockStrictJSON
import AirlockCharges

/// `charge create`: asks the service for a charge, and keeps the answer before anything else is done with it.
enum ChargeCommand {
    static let amount = Option("--amount", value: "USD", help: "for how many dollars, such as 25 or 12.50: 1 to 100000")
    static let sender = Option("--sender", value: "ADDRESS", help: "the account that will pay")
    static let chain = Option(
        "--chain", value: "CHAIN", choices: ["ethereum", "polygon", "base"],
        help: "where it will be paid: ethereum, polygon, base or an id")

    static let notes = """
        The key is OPENROUTER_BEARER, the SDKs' name for this call's own key, else
        OPENROUTER_API_KEY. OPENROUTER_BASE_URL is another address of the service.
        HTTP-Referer and X-OpenRouter-Title, which name your application, are given
        with --header.

        The answer is written byte for byte, even when it cannot be read, and only then
        looked at. Where it is not the charge that was asked for (payer, chain, and
        dollars where it asks for USDC: the amount and up to a tenth more), where it has
        expired, and where airlock would refuse it, that is an error with exit code 10,
        and the file stays. It costs nothing until it is paid.

        --retry is none unless backoff is asked for: the service has no way to tell
        a request that is repeated from a second one, so a second charge may come
        about. That does no harm as long as only one of them is paid.
        \(RetryOptions.notes)
        """

    static func make(_ console: Console) -> Command {
        Command(
            "charge create", "ask OpenRouter for a charge, and save its answer",
            options: [amount, sender, chain, RelayOptions.output, RelayOptions.force]
                + QROutput.options + ServiceOptions.all, notes: notes
        ) { arguments in
            var problems: [Problem] = []
            let request = read(arguments, into: &problems)
            problems.collect { try QROutput.check(arguments) }
            let (client, options) = try ServiceOptions.client(
                arguments, console, keys: ["OPENROUTER_BEARER", "OPENROUTER_API_KEY"], retry: .none, problems)
            guard let request else { throw Problem(UsageRule.missingValue) }
            let path = arguments.value(RelayOptions.output)
            let isReplacing = arguments.has(RelayOptions.force)
            // What stands in the way should be known before there is a charge.
            if let path { try OutputFile.check(path, replacing: isReplacing, identical: false) }
            let answer = try waiting { try await client.createCoinbaseCharge(request, options) }
            return try SavedCharge(answer, request, arguments, console).put(to: path, replacing: isReplacing)
        }
    }

    private static func read(_ arguments: Arguments, into problems: inout [Problem]) -> CoinbaseChargeRequest? {
        for option in [amount, sender, chain] where !arguments.has(option) {
            problems.append(Problem(UsageRule.missingValue, at: option.name, detail: option.help))
        }
        let payer = arguments.value(sender, { try Address($0) }, into: &problems)
        let place = arguments.value(chain, { try Chain($0) }, into: &problems)
        return arguments.value(
            amount, { try CoinbaseChargeRequest(amount: $0, sender: payer ?? .zero, chain: place ?? .base) },
            into: &problems)
    }
}
