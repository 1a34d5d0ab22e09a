import AirlockHTTP
import AirlockLoopbackServer
import Synchronization
import Testing

@Suite("A request that failed")
struct RetryTests {
    /// What the server does when it gets a request.
    enum Reaction: Sendable {
        case status(String, headers: String = "")
        case hangUp
        case say(String)
    }

    /// The server's reactions to the requests, in order. The last reaction is repeated for all further requests.
    /// `count` is the number of requests so far.
    private final class Script: Sendable {
        private let reactions: [Reaction]
        private let number = Mutex(0)

        init(_ reactions: [Reaction]) { self.reactions = reactions }

        var count: Int { number.withLock { $0 } }

        func next() -> Reaction {
            number.withLock { number in
                defer { number += 1 }
                return reactions[min(number, reactions.count - 1)]
            }
        }

        func server() -> LoopbackServer {
            LoopbackServer { connection in
                while connection.request() != nil {
                    switch self.next() {
                    case .status(let status, let headers): connection.answer("", status: status, headers: headers)
                    case .hangUp: return
                    case .say(let text):
                        connection.write(text)
                        return
                    }
                }
            }
        }
    }

    /// The result of a request: a status or an error.
    enum End: Hashable, Sendable {
        case success(Int)
        case failure(HTTPRule)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let reactions: [Reaction]
        let policy: RetryPolicy
        var jitter = Duration.zero
        /// The expected waits in milliseconds.
        let waits: [Double]
        let end: End

        init(
            _ name: String, _ reactions: [Reaction], jitter: Duration = .zero, _ waits: [Double],
            _ end: End, _ change: (inout RetryPolicy) -> Void = { _ in }
        ) {
            testDescription = name
            self.reactions = reactions
            self.jitter = jitter
            self.waits = waits
            self.end = end
            var policy = RetryPolicy.backoff
            change(&policy)
            self.policy = policy
        }
    }

    private static func statuses(_ numbers: Int...) -> [Reaction] { numbers.map { .status("\($0) X") } }

    private static func asking(_ value: String) -> [Reaction] {
        [.status("429 X", headers: "Retry-After: \(value)\r\n"), .status("200 OK")]
    }

    static let cases: [Case] = [
        Case(
            "every status of the list is tried again", statuses(500, 502, 503, 504, 429, 200),
            jitter: .milliseconds(250), [750, 1000, 1375, 1937.5, 2781.25], .success(200)),
        Case("nothing is, when there is no strategy", statuses(500, 200), [], .success(500)) { $0.strategy = .none },
        Case("a status off the list is final", statuses(501, 200), [], .success(501)),
        Case("the list may be another", statuses(501, 500, 200), [500], .success(500)) { $0.statusCodes = [501] },
        Case("410 is final, even in the list", statuses(410, 200), [], .success(410)) { $0.statusCodes.insert(410) },
        Case("the wait is capped", statuses(503, 503, 503, 503, 200), [500, 750, 1000, 1000], .success(200)) {
            $0.maxInterval = .seconds(1)
        },
        Case("no attempt begins after the time in all", statuses(503), [1000, 1000, 1000], .success(503)) {
            ($0.initialInterval, $0.exponent, $0.maxElapsedTime) = (.seconds(1), 1, .milliseconds(3999))
        },
        Case("Retry-After in seconds is obeyed", asking("7"), [7000], .success(200)),
        Case("beyond the cap too", asking("120"), [120_000], .success(200)),
        Case("Retry-After as a date is", asking("Sun, 06 Nov 1994 08:50:00 GMT"), [23_000], .success(200)),
        Case("a Retry-After beyond the time in all ends it", asking("3601"), [], .success(429)),
        Case("however far beyond", asking(String(repeating: "9", count: 40)), [], .success(429)),
        Case("a date that has passed says nothing", asking("Sun, 06 Nov 1994 08:49:37 GMT"), [500], .success(200)),
        Case("nor does no time at all", asking("0"), [500], .success(200)),
        Case("nor what is neither", asking("-5"), [500], .success(200)),
        Case("a connection that broke is final", [.hangUp, .status("200 OK")], [], .failure(.cutOff)),
        Case("unless that is to be tried again", [.hangUp, .hangUp, .status("200 OK")], [500, 750], .success(200)) {
            $0.retryConnectionErrors = true
        },
        Case("what is no HTTP is final all the same", [.say("SSH-2.0\r\n")], [], .failure(.notHTTP)) {
            $0.retryConnectionErrors = true
        },
        Case("and so is a redirect", [.status("302 Found")], [], .failure(.redirected)) {
            $0.retryConnectionErrors = true
        },
    ]

    @Test("is sent again as the policy says", arguments: cases)
    func retried(row: Case) async throws {
        let (script, time) = (Script(row.reactions), ScriptedClock(jitter: row.jitter))
        let server = script.server()
        var settings = HTTPSettings()
        (settings.retry, settings.clock) = (row.policy, time.clock)
        let client = HTTPClient(settings)
        var end: End
        do throws(HTTPError) {
            end = .success(try await client.send(HTTPRequest(.get, HTTPURL(server.url))).status)
        } catch { end = .failure(error.rule) }
        #expect(end == row.end)
        #expect(time.slept.map { $0 / .milliseconds(1) } == row.waits)
        #expect(script.count == row.waits.count + 1)
    }

    @Test("goes by its own policy before the client's, and says before each wait what happens")
    func notices() async throws {
        let time = ScriptedClock(jitter: .seconds(1))
        let notices = Mutex<[RetryNotice]>([])
        let server = Script(Self.statuses(500, 200)).server()
        var settings = HTTPSettings()
        settings.clock = time.clock
        settings.willRetry = { notice in notices.withLock { $0.append(notice) } }
        let client = HTTPClient(settings)
        var request = HTTPRequest(.get, try HTTPURL("\(server.url)/v1/secretsecret"))
        request.retry = .backoff
        #expect(try await client.send(request).status == 200)
        let said = notices.withLock { $0 }
        #expect(said.map(\.url) == ["\(server.url)/v1/..."])
        #expect(said.map(\.reason) == ["the server answered with status 500"])
        #expect(said.map(\.wait) == [.milliseconds(1500)])
        #expect(said.map(\.attempt) == [2])
    }

    @Test("is given up when its task is cancelled in a wait")
    func cancelled() async throws {
        let server = Script(Self.statuses(503)).server()
        let (asleep, sleeps) = AsyncStream.makeStream(of: Void.self)
        var settings = HTTPSettings()
        settings.retry = .backoff
        settings.clock.sleep = { _ in
            sleeps.yield()
            try await Task.sleep(for: .seconds(3600))
        }
        let (client, request) = (HTTPClient(settings), HTTPRequest(.get, try HTTPURL(server.url)))
        let task = Task { try await client.send(request) }
        for await _ in asleep.prefix(1) {}
        task.cancel()
        let error = await #expect(throws: HTTPError.self) { _ = try await task.value }
        #expect(error?.rule == .cancelled)
    }

    @Test("is sent once when it must be, though libcurl repeats what a kept connection loses")
    func once() async {
        // The test runs in a process of its own, like all tests that depend on a reused connection.
        await #expect(processExitsWith: .success) {
            for isSentOnce in [false, true] {
                let script = Script([.status("200 OK"), .hangUp, .status("200 OK")])
                let server = script.server()
                let client = HTTPClient()
                var request = HTTPRequest(.post(Array("{}".utf8)), try HTTPURL(server.url))
                request.isSentOnce = isSentOnce
                _ = try await client.send(request)
                let second = try? await client.send(request)
                precondition(script.count == (isSentOnce ? 2 : 3))
                precondition((second == nil) == isSentOnce)
            }
        }
    }
}
