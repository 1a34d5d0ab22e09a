import AirlockCharges
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockHTTP
import AirlockOpenRouter
import AirlockQRCodes
import AirlockStrictJSON
import AirlockTokens

/// `charge create`: requests a charge from OpenRouter. Saves OpenRouter's answer first, and then checks it.
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

        The answer is saved byte for byte, even if it is malformed, and checked only then.
        If it is not the charge that was asked for (payer, chain, and dollars if it asks for
        USDC: the amount and up to a tenth more), has expired, or would be refused by
        airlock, that is an error with exit code 10, and the file stays. It costs nothing
        until it is paid.

        --retry is none by default: the service cannot tell a repeated request from a new
        one, so backoff may create a second charge. That does no harm as long as only one of
        them is paid.
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
                arguments, console, keys: [.chargeKey, .serviceKey], retry: .none, problems)
            guard let request else { throw Problem(UsageRule.missingValue) }
            let path = arguments.value(RelayOptions.output)
            let isReplacing = arguments.has(RelayOptions.force)
            // The output file is checked before OpenRouter is called. If the file exists and must not be replaced, the
            // command fails here, and no charge is created.
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

/// OpenRouter's answer to the HTTP request that creates a charge. The answer is saved first, whatever it contains, and
/// then checked.
struct SavedCharge {
    private let answer: CoinbaseChargeAnswer
    private let request: CoinbaseChargeRequest
    private let arguments: Arguments
    private let asJSON: Bool
    private let console: Console

    init(_ answer: CoinbaseChargeAnswer, _ request: CoinbaseChargeRequest, _ arguments: Arguments, _ console: Console) {
        self.answer = answer
        self.request = request
        self.arguments = arguments
        self.asJSON = arguments.has(.json)
        self.console = console
    }

    func put(to path: String?, replacing: Bool) throws -> ExitCode {
        let file = path == "-" ? nil : path
        do {
            if let file {
                _ = try OutputFile.write(answer.bytes.span, to: file, replacing: replacing)
            } else if !asJSON {
                try StandardOutput.write(answer.bytes.span)
            }
        } catch {
            rescue(file)
            throw error
        }
        var problems = judge()
        // The charge is not shown as a QR code if `airlock` would refuse it.
        let isUsable = problems.isEmpty
        let drawing =
            isUsable ? problems.collect { try QROutput.make(of: answer.bytes, arguments, console) } ?? nil : nil
        if asJSON {
            do { try console.write(Console.document(problems, beside: members(file))) } catch {
                if file == nil { rescue(nil) }
                throw error
            }
        } else if let file, problems.isEmpty {
            try console.write(summary(file))
        } else if !problems.isEmpty {
            _ = console.report(problems, asJSON: false, tool: "airlock-relay")
            if let file { console.note("airlock-relay: note: the answer is saved in \(escaped(file, limit: 256))\n") }
        }
        drawing?.show(console)
        return problems.first?.exit ?? .done
    }

    /// Prints an answer that could not be saved. The user can then save the answer by hand.
    private func rescue(_ file: String?) {
        console.note("airlock-relay: warning: the answer could not be saved; here it is\n")
        if file == nil || asJSON || (try? StandardOutput.write(answer.bytes.span)) == nil {
            // OpenRouter's answer is untrusted. Control characters in it could control the terminal, so such an answer
            // is written in hexadecimal.
            let isPlain = answer.bytes.allSatisfy { 0x20...0x7E ~= $0 || $0 == 0x0A }
            console.note((isPlain ? String(decoding: answer.bytes, as: UTF8.self) : Hex.encode(answer.bytes)) + "\n")
        }
    }

    /// Checks OpenRouter's answer, and returns the problems. There is no problem if the answer is a well-formed charge,
    /// matches the user's request, and would be accepted by `airlock`.
    private func judge() -> [Problem] {
        let charge: CoinbaseCharge
        do throws(OpenRouterError) { charge = try answer.charge() } catch { return error.problems }
        let contents: UnverifiedCharge
        do throws(ProblemList) { contents = try UnverifiedCharge(answer.bytes) } catch { return error.problems }
        var problems = differences(contents)
        let now = RelayOptions.now
        if let late = contents.expiry(at: now) {
            problems.append(late)
        } else if let expires = try? Timestamp(charge.expiresAt), expires < now {
            problems.append(
                Problem(ChargeRule.expired, at: "/data/expires_at", saw: charge.expiresAt, expected: "\(now) or later"))
        }
        do throws(ProblemList) { _ = try Charge(verifying: contents) } catch { problems += error.problems }
        return problems
    }

    /// Returns a problem for each difference between the charge in the answer and the charge that the user requested.
    private func differences(_ contents: UnverifiedCharge) -> [Problem] {
        var problems: [Problem] = []
        func compare(_ place: String, _ saw: String, _ expected: String, _ isRight: Bool) {
            guard !isRight else { return }
            problems.append(Problem(OpenRouterRule.otherCharge, at: place, saw: saw, expected: expected))
        }
        let metadata = UnverifiedCharge.metadata
        compare("\(metadata)/sender", "\(contents.sender)", "\(request.sender)", contents.sender == request.sender)
        compare("\(metadata)/chain_id", "\(contents.chain)", "\(request.chain)", contents.chain == request.chain)
        // Airlock can convert an amount to dollars only if the currency is USDC. An amount in any other currency is not
        // compared with the requested amount.
        if contents.intent.recipientCurrency == KnownTokens.on(contents.chain)?.usdc {
            let (least, most) = request.amountsInUSDC
            func text(_ amount: UInt256) -> String { Amount.format(amount, decimals: 6) }
            compare(
                "\(UnverifiedCharge.callData)/recipient_amount", "\(text(contents.needed)) USDC with the fee",
                "\(text(least)) to \(text(most)) USDC", contents.needed >= least && contents.needed <= most)
        }
        return problems
    }

    private func members(_ file: String?) -> [(String, JSONOutput)] {
        var members: [(String, JSONOutput)] = []
        if let file { members.append(("file", .string(file))) }
        if let charge = try? JSONDocument(answer.bytes).root {
            members.append(("charge", charge.json))
        } else {
            // The answer is not JSON, and its bytes may not be valid text. Therefore it is written in hexadecimal.
            members.append(("answer", .string(Hex.encode(answer.bytes))))
        }
        return members
    }

    private func summary(_ file: String) throws -> String {
        let charge = try answer.charge()
        var facts = [("charge", charge.id), ("expires", charge.expiresAt)]
        if let contents = try? UnverifiedCharge(answer.bytes) {
            let intent = contents.intent
            let isUSDC = intent.recipientCurrency == KnownTokens.on(contents.chain)?.usdc
            let currency = intent.recipientCurrency.isZero ? "wei" : "units of \(intent.recipientCurrency)"
            facts += [
                ("chain", "\(contents.chain)"), ("payer", "\(contents.sender)"),
                (
                    "asks for",
                    isUSDC ? "\(Amount.format(contents.needed, decimals: 6)) USDC" : "\(contents.needed) \(currency)"
                ),
                ("to", "\(intent.recipient)"), ("pay until", "\(contents.deadline)"),
            ]
        }
        facts.append(("file", file))
        return facts.map { name, value in
            "\(name)\(String(repeating: " ", count: 11 - name.utf8.count))\(escaped(value, limit: 256))\n"
        }.joined()
    }
}
