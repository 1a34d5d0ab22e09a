import AirlockHTTP
import AirlockLoopbackServer
import AirlockOpenRouter
import Synchronization

/// A service that gives its answers in order and repeats the last one.
final class ScriptedService: Sendable {
    struct Answer: Sendable {
        var status = "200 OK"
        var headers = ""
        var body: String
        /// The raw text that the service writes instead of an HTTP response; `nil` if there is no such text.
        var text: String?
        var isSilent = false

        /// An answer without data: the connection stays open, but the service sends nothing.
        static let silence: Answer = {
            var answer = Answer("")
            answer.isSilent = true
            return answer
        }()

        init(_ body: String) { self.body = body }

        init(_ status: String, headers: String = "", _ body: String) {
            self.status = status
            self.headers = headers
            self.body = body
        }

        /// Creates an answer that consists of only this raw text. The service then closes the connection.
        init(saying text: String) {
            body = ""
            self.text = text
        }
    }

    private let server: LoopbackServer
    private let asked: Asked
    private let waits = Mutex<[Duration]>([])

    private final class Asked: Sendable {
        let requests = Mutex<[String]>([])
    }

    init(_ answers: Answer..., before: @escaping @Sendable () -> Void = {}) {
        let asked = Asked()
        self.asked = asked
        server = LoopbackServer { connection in
            while let request = connection.request() {
                before()
                let number = asked.requests.withLock { requests in
                    defer { requests.append(request) }
                    return requests.count
                }
                let answer = answers[min(number, answers.count - 1)]
                if answer.isSilent { continue }
                if let text = answer.text { return connection.write(text) }
                connection.answer(answer.body, status: answer.status, headers: answer.headers)
            }
        }
    }

    /// The whole requests, in the order in which they came.
    var requests: [String] { asked.requests.withLock { $0 } }

    /// The lengths of the client's waits between its attempts, in order.
    var slept: [Duration] { waits.withLock { $0 } }

    /// The base URL of the service.
    var base: String { "\(server.url)/api/v1" }

    static let key = "sk-or-v1-secretsecret"

    /// Returns a client of the service. The client's clock records each wait, but does not really wait.
    func client(_ change: (inout HTTPSettings) -> Void = { _ in }) throws -> OpenRouterClient {
        var settings = HTTPSettings()
        settings.clock = RetryClock(
            elapsed: { .zero }, seconds: { 784_111_777 }, sleep: { wait in self.waits.withLock { $0.append(wait) } },
            jitter: { .milliseconds(250) })
        change(&settings)
        return try OpenRouterClient(HTTPClient(settings), base: HTTPURL(base), key: BearerKey(Self.key))
    }
}
