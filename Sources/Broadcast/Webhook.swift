public import AirlockDiagnostics
import AirlockEthereumTypes
package import AirlockHTTP
package import AirlockStrictJSON
import Glibc

/// Notifies a server of each payment that reaches a final state. A notification is a POST request, which is repeated
/// until the server answers with a 2xx status.
///
/// The journal stores the notifications that are due. So each of them is sent, even if the relay is restarted, or if
/// another process recorded the final state. If several relays share a journal, only one of them sends each
/// notification. If the relay stops after the server has answered, but before the journal has recorded the answer, the
/// notification is sent again with the same `Idempotency-Key`.
package struct Webhook: Sendable {
    /// An event that the webhook writes to the log.
    package enum Event: Sendable {
        case delivered(WebhookDelivery)
        /// The delivery failed. The associated values are the delivery, the problems, and the wait before the next
        /// attempt.
        case failed(WebhookDelivery, [Problem], Duration)
        case journal(ProblemList)
    }

    /// The limits and the intervals for deliveries.
    struct Pace: Sendable {
        /// The number of deliveries that run concurrently.
        var width = 8
        /// `timeout` is the timeout of one POST request. A relay reserves a delivery for itself before it posts the
        /// delivery. `claim` is the length of this reservation.
        var (timeout, claim): (Duration, Duration) = (.seconds(15), .seconds(60))
        /// `first` is the wait after the first failure of a delivery. The wait doubles with each further failure, up to
        /// `longest`.
        var (first, longest): (Duration, Duration) = (.seconds(1), .seconds(300))
        /// The longest wait between two rounds of deliveries while every delivery fails.
        var silence: Duration = .seconds(30)
        /// The longest wait that the relay accepts if the server asks for a wait with the header `Retry-After`.
        var asked: Duration = .seconds(3600)
        /// The wait before the journal is read again if no delivery is due.
        var idle: Duration = .seconds(1)
        /// How long a POST request can continue after the relay was asked to stop.
        var grace: Duration = .seconds(5)
    }

    package let receiver: WebhookReceiver
    private let client: HTTPClient
    private let journal: SQLJournal
    private let sign: @Sendable ([UInt8]) -> String
    private let pace: Pace
    private let tell: @Sendable (Event) -> Void

    /// Creates a webhook that notifies one server.
    ///
    /// - Parameters:
    ///   - receiver: the server to notify.
    ///   - client: the HTTP client.
    ///   - journal: the journal, which stores the deliveries that are due.
    ///   - sign: a function that returns the value of the header `X-Airlock-Signature` for a body.
    ///   - tell: a function that gets each event of the webhook, and writes it to the log.
    package init(
        _ receiver: WebhookReceiver, _ client: HTTPClient, _ journal: SQLJournal,
        sign: @escaping @Sendable ([UInt8]) -> String, tell: @escaping @Sendable (Event) -> Void
    ) {
        self.init(receiver, client, journal, Pace(), sign: sign, tell: tell)
    }

    init(
        _ receiver: WebhookReceiver, _ client: HTTPClient, _ journal: SQLJournal, _ pace: Pace,
        sign: @escaping @Sendable ([UInt8]) -> String, tell: @escaping @Sendable (Event) -> Void
    ) {
        self.receiver = receiver
        self.client = client
        self.journal = journal
        self.pace = pace
        self.sign = sign
        self.tell = tell
    }

    /// Sends notifications until the relay is asked to stop.
    ///
    /// - Parameter isEnding: a function that returns whether the relay was asked to stop. It is called several times a
    ///   second.
    package func run(isEnding: @escaping @Sendable () -> Bool) async {
        var registered: ContinuousClock.Instant?
        var failures = 0
        while !isEnding() {
            do throws(JournalError) {
                if registered.map({ .now - $0 > .seconds(3600) }) ?? true {
                    try await journal.register(receiver)
                    registered = .now
                }
                // If all deliveries of the last round failed, try only one delivery at a time until the server accepts
                // one.
                let due = try await journal.claim(
                    for: receiver, atMost: failures == 0 ? pace.width : 1, lasting: pace.claim)
                guard !due.isEmpty else {
                    await rest(for: pace.idle, unless: isEnding)
                    continue
                }
                let results = await post(due, isEnding)
                try await journal.finish(results.map { ($0.id, $0.wait) })
                failures = results.contains { $0.wait == nil } ? 0 : failures + 1
                if failures > 0 {
                    await rest(for: Self.wait(after: failures, pace.first, pace.silence), unless: isEnding)
                }
            } catch {
                tell(.journal(ProblemList(error)))
                await rest(for: pace.idle * 5, unless: isEnding)
            }
        }
    }

    /// Posts all deliveries concurrently. If the relay is asked to stop, unfinished deliveries are cancelled after the
    /// time `grace`.
    private func post(
        _ deliveries: [WebhookDelivery], _ isEnding: @escaping @Sendable () -> Bool
    ) async -> [(id: Int64, wait: Duration?)] {
        let work = Task {
            await withTaskGroup(of: (id: Int64, wait: Duration?).self) { group in
                for delivery in deliveries { group.addTask { (delivery.id, await post(delivery)) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        let grace = pace.grace
        let watch = Task {
            while !Task.isCancelled, !isEnding() { try? await Task.sleep(for: .milliseconds(200)) }
            try? await Task.sleep(for: grace)
            if !Task.isCancelled { work.cancel() }
        }
        let results = await work.value
        watch.cancel()
        return results
    }

    /// Posts one delivery.
    ///
    /// - Returns: the wait before the next attempt; `nil` if the delivery succeeded.
    private func post(_ delivery: WebhookDelivery) async -> Duration? {
        let body = Array(delivery.document.text.utf8)
        var wait = Self.wait(after: delivery.attempts, pace.first, pace.longest)
        let problems: [Problem]
        do throws(HTTPError) {
            var request = HTTPRequest(.post(body), receiver.url, timeout: pace.timeout)
            request.headers = [
                .contentIsJSON, try HTTPHeader("Idempotency-Key", delivery.key),
                try HTTPHeader("X-Airlock-Signature", sign(body)),
            ]
            request.retry = .never
            let response = try await client.send(request)
            if 200..<300 ~= response.status {
                tell(.delivered(delivery))
                return nil
            }
            wait = max(wait, min(response.retryAfter(now: time(nil)) ?? .zero, pace.asked))
            problems = [Problem(WebhookRule.rejected, at: receiver.url.description, saw: "\(response.status)")]
        } catch {
            if error.rule == .cancelled { return .zero }
            problems = error.problems
        }
        tell(.failed(delivery, problems, wait))
        return wait
    }

    /// Computes the wait before the next attempt. The wait is `first` after the first failure, and doubles with each
    /// further failure up to `longest`. A random time of at most a quarter of this wait is added.
    private static func wait(after attempts: Int, _ first: Duration, _ longest: Duration) -> Duration {
        let wait = min(first * (1 << min(max(attempts - 1, 0), 20)), longest)
        return wait + wait * Double.random(in: 0...0.25)
    }

    private func rest(for pause: Duration, unless isEnding: () -> Bool) async {
        let end = ContinuousClock.now + pause
        while !isEnding(), case let left = end - .now, left > .zero {
            try? await Task.sleep(for: min(left, .milliseconds(200)))
        }
    }
}

/// The server that the webhook notifies.
package struct WebhookReceiver: Sendable {
    package let url: HTTPURL
    /// The receiver's name in the journal. The name is a hash of the URL, because the URL may contain a key.
    let name: String

    package init(_ url: HTTPURL) {
        self.url = url
        name = "\(Hash.keccak(Array(url.text.utf8)))"
    }
}

/// A notification that a payment has reached a final state.
package struct WebhookDelivery: Sendable {
    let id: Int64
    let payment: JournalPayment
    package let state: PaymentState
    /// The time at which the payment reached the state `state`.
    let at: String
    /// The number of attempts for this delivery, including the current attempt.
    package let attempts: Int

    package var code: String { payment.code }

    /// The idempotency key, which is computed from the payment and the state. The key does not depend on the relay or
    /// the journal, so the server can recognise a repeated notification.
    package var key: String { "\(payment.ownHashes.first ?? payment.code)-\(state.rawValue)" }

    /// The JSON body of the notification. It has the same form as a payment in the output of `status --json`, with two
    /// differences. Its state is the state that this notification reports. It also has the member `hash`, the hash of a
    /// transaction.
    package var document: JSONOutput {
        .object([("hash", .string(payment.hash ?? ""))] + payment.members(state, changedAt: at, endedAt: at))
    }
}

extension JournalPayment {
    /// The payment's transactions that have the same nonce as the transaction that makes the payment. Only one of them
    /// can be mined.
    private var deciding: [Transaction] {
        let own = transactions.filter { $0.role != "cancel" }
        let nonce = (own.first { $0.role == "pay" } ?? own.last ?? transactions.last)?.nonce
        return transactions.filter { $0.nonce == nonce }
    }

    /// The hashes of the transactions that make the payment, ordered from low to high fees. The cancel transaction is
    /// not included.
    fileprivate var ownHashes: [String] { deciding.filter { $0.role != "cancel" }.map(\.hash) }

    /// The hash of the mined transaction. If no transaction was mined, this is the hash of the transaction that was
    /// sent to nodes last. If no transaction was sent to nodes, it is the hash of the payment's first transaction.
    fileprivate var hash: String? {
        let given = deciding.last { $0.role != "cancel" && $0.answer != nil }
        return (deciding.last { $0.block != nil } ?? given)?.hash ?? ownHashes.first
    }
}

/// The errors of a webhook that are not HTTP errors.
public enum WebhookRule: String, Rule {
    case rejected = "webhook.rejected"

    public var meaning: String {
        switch self {
        case .rejected: "the webhook's receiver did not answer with a status of 2xx"
        }
    }
}
