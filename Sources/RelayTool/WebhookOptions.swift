import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockHTTP
import AirlockStrictJSON

/// `run --webhook`: who is told of each payment that ends.
enum WebhookOptions {
    static let url = Option(
        "--webhook", value: "URL|@FILE",
        help: "post to this server what becomes of each payment; @FILE is a file that holds its address")

    static let notes = """
        --webhook posts one JSON document for each final state of a payment that ends
        from then on, whichever command or relay of the journal ends it: what status
        --json says of it, and hash, its transaction in a block. The journal keeps what
        is still to be told. It is tried again, a second later at first and every five
        minutes at last, until the server has answered with a status of 2xx: at least
        once. Idempotency-Key is of the payment and its state, the same from every
        relay. X-Airlock-Signature is sha256= and HMAC-SHA-256 of the body with the
        secret that AIRLOCK_WEBHOOK_SECRET holds, of 16 bytes or more; without a secret
        nothing is posted (64). Redirects are not followed.
        """

    /// The server, and the secret of its posts; `nil` where none is named.
    static func read(
        _ arguments: Arguments, into problems: inout [Problem]
    ) -> (receiver: WebhookReceiver, secret: WebhookSecret)? {
        guard let value = arguments.value(url) else { return nil }
        let urls = NodeFile.servers(value, for: url.name, into: &problems)
        if urls.count > 1 {
            problems.append(Problem(UsageRule.invalidValue, at: url.name, expected: "one address"))
        }
        let secret = WebhookSecret.take(into: &problems)
        guard let url = urls.first, let secret else { return nil }
        return (WebhookReceiver(url), secret)
    }

    /// How the receiver is spoken to: its answer is not read, so a large one is cut off.
    static func client(_ console: Console) -> HTTPClient {
        var settings = RelayOptions.httpSettings(console)
        settings.maximumBody = 1 << 20
        return HTTPClient(settings)
    }
}

extension ServiceLog {
    func say(_ event: Webhook.Event, _ url: HTTPURL) {
        func members(_ delivery: WebhookDelivery) -> [(String, JSONOutput)] {
            [
                ("code", .string(delivery.code)), ("state", .string(delivery.state.rawValue)),
                ("url", .string("\(url)")), ("attempts", .string("\(delivery.attempts)")),
            ]
        }
        switch event {
        case .delivered(let delivery):
            _ = isNews("webhook", "")
            line(
                "webhook-delivered", "told \(url) that \(delivery.code) is \(delivery.state.rawValue)",
                members(delivery))
        case .failed(let delivery, let problems, let wait):
            guard isNews("webhook", problems.map(\.message).joined()) else { return }
            line(
                "webhook-failed",
                "could not tell \(url) that \(delivery.code) is \(delivery.state.rawValue), next in \(wait.words)",
                members(delivery), problems)
        case .journal(let problems): say(.failed(problems))
        }
    }
}

extension Duration {
    fileprivate var words: String { "\(max(1, components.seconds)) s" }
}
