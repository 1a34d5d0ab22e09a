import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockHTTP
import AirlockOpenRouter
import AirlockDiagnostics
import AirlockStrictJSON
import Synchronization

/// `credits`: shows the account's credits. With `--watch` it continues until the user interrupts it.
enum CreditsCommand {
    static let below = Option("--below", value: "USD", help: "end with exit code 30 when the balance is below this")
    static let watch = Option("--watch", help: "keep running and report every change; ask once a minute")

    static let notes = """
        The key is OPENROUTER_MANAGEMENT_KEY, else OPENROUTER_API_KEY; the service shows
        credits to a management key only, and may be a minute behind. The balance is
        the exact difference of what was bought and what was used. OPENROUTER_BASE_URL
        is another address of the service.

        --watch prints the first balance and then every change, one per line, until it is
        interrupted or, with --below, until the balance is below that amount. A server that
        cannot be reached for a while does not end it.

        --retry is backoff by default.
        \(RetryOptions.notes)
        """

    static func make(_ console: Console) -> Command {
        Command(
            "credits", "show what the account has bought, used and left",
            options: [below, watch] + ServiceOptions.all, notes: notes
        ) { arguments in
            var problems: [Problem] = []
            let mark = arguments.value(below, read, into: &problems)
            let (client, options) = try ServiceOptions.client(
                arguments, console, keys: [.creditsKey, .serviceKey], retry: .backoff, problems
            )
            let (isWatching, asJSON) = (arguments.has(watch), arguments.has(.json))
            let isBelow = try waiting {
                guard isWatching else { return try put(await client.getCredits(options), mark, asJSON, nil, console) }
                let last = Mutex(false)
                try await client.watchCredits(
                    options,
                    sleep: { wait in
                        IdleMemory.giveBack()
                        try await Task.sleep(for: wait)
                    },
                    heard: { credits in
                        let isBelow = try put(credits, mark, asJSON, "\(RelayOptions.now)", console)
                        last.withLock { $0 = isBelow }
                        return !isBelow
                    })
                return last.withLock(\.self)
            }
            return isBelow ? CreditsRule.belowMark.exit : .done
        }
    }

    private static func read(_ text: String) throws(Problem) -> Dollars {
        do throws(ValueError) { return try Dollars(text) } catch {
            throw Problem(error.rule, saw: text, because: OpenRouterRule.badAmount)
        }
    }

    /// Shows the credits. Returns whether the balance is below the amount that the user gave with `--below`.
    private static func put(
        _ credits: Credits, _ mark: Dollars?, _ asJSON: Bool, _ time: String?, _ console: Console
    ) throws -> Bool {
        let facts = [
            ("total", "\(credits.total)"), ("used", "\(credits.used)"), ("balance", "\(credits.balance)"),
        ]
        let missed = mark.flatMap { credits.balance < $0 ? $0 : nil }
        let problems = missed.map { [Problem(CreditsRule.belowMark, detail: "\(credits.balance) of \($0) USD")] } ?? []
        if asJSON {
            let members = (time.map { [("time", $0)] } ?? []) + facts
            try console.write(Console.document(problems, beside: members.map { ($0.0, .string($0.1)) }))
        } else if let time {
            try console.write("\(time)  \(facts.map { "\($0.0) \($0.1)" }.joined(separator: "  ")) USD\n")
        } else {
            for (name, value) in facts {
                try console.write("\(name)\(String(repeating: " ", count: 9 - name.count))\(value) USD\n")
            }
        }
        if !asJSON, !problems.isEmpty { _ = console.report(problems, asJSON: false, tool: "airlock-relay") }
        return missed != nil
    }
}

/// The error code of `credits --below`. The error means that the balance is below the amount that the user gave.
enum CreditsRule: String, Advised {
    case belowMark = "credits.below-mark"

    var meaning: String { "the balance is below the mark" }
    var next: String { "buy credits, or create a charge and pay it" }
    var exit: ExitCode { .belowMark }
}
