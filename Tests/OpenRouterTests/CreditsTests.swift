import AirlockHTTP
import AirlockOpenRouter
import AirlockDiagnostics
import Synchronization
import Testing

@Suite("The credits of an account")
struct CreditsTests {
    static func body(_ total: String, _ used: String) -> String {
        #"{"data":{"total_credits":\#(total),"total_usage":\#(used)}}"#
    }

    static let answers: [(String, String, String)] = [
        ("100.5", "25.75", "74.75"), ("100", "1e-05", "99.99999"),
        ("0.1", "0.30000000000000004", "-0.20000000000000004"),
        ("0", "0", "0"), ("1e2", "100", "0"), ("5", "-2.5", "7.5"), ("-5", "2.5", "-7.5"), ("-5", "-7", "2"),
    ]

    @Test("are what was bought, what was used, and the exact difference", arguments: answers)
    func read(total: String, used: String, balance: String) async throws {
        let service = ScriptedService(.init(Self.body(total, used)))
        let credits = try await service.client().getCredits()
        #expect(try credits.total == Dollars(number: total))
        #expect(try credits.used == Dollars(number: used))
        #expect(credits.balance.description == balance)
        let request = try #require(service.requests.first)
        #expect(request.hasPrefix("GET /api/v1/credits HTTP/1.1\r\n"))
        #expect(request.contains("\r\nAuthorization: Bearer \(ScriptedService.key)\r\n"))
    }

    static let malformed: [(String, [String])] = [
        ("<html>", ["json.missing-value"]),
        ("", ["json.empty"]),
        ("{}", ["json.missing-field /data"]),
        ("[]", ["json.wrong-type"]),
        (
            #"{"data":{"total_credits":"1"}}"#,
            [
                "json.wrong-type /data/total_credits", "json.missing-field /data/total_usage",
            ]
        ),
        (
            #"{"data":{"total_credits":1,"total_credits":2,"total_usage":0}}"#,
            ["json.duplicate-key /data/total_credits"]
        ),
        (body("1e101", "1e-57"), ["value.too-large /data/total_credits", "value.too-precise /data/total_usage"]),
    ]

    @Test("are refused where the answer is not what is documented", arguments: malformed)
    func refused(body: String, problems: [String]) async throws {
        let service = ScriptedService(.init(body))
        let error = try #require(await service.client().getCreditsResult().failure)
        #expect(error.reason == .malformed)
        let said = error.problems.map { "\($0.code)\($0.field?.isEmpty == false ? " \($0.field ?? "")" : "")" }
        #expect(said == ["openrouter.bad-answer \(service.base)/credits"] + problems)
    }

    @Test("are asked for once a minute by a watch, which says what is new")
    func watch() async throws {
        let (same, less) = (Self.body("10", "1"), Self.body("10", "2.5"))
        let service = ScriptedService(.init(same), .init(same), .init(less), .init(same), .init(less))
        let heard = Mutex<[String]>([])
        let slept = Mutex<[Duration]>([])
        try await service.client().watchCredits(
            sleep: { wait in slept.withLock { $0.append(wait) } },
            heard: { credits in
                heard.withLock {
                    $0.append(credits.balance.description)
                    return $0.count < 4
                }
            })
        #expect(heard.withLock { $0 } == ["9", "7.5", "9", "7.5"])
        #expect(slept.withLock { $0 } == Array(repeating: .seconds(60), count: 4))
        #expect(service.requests.count == 5)
    }

    @Test("are still watched when the server was away for a while, but not when it was never there")
    func watchAway() async throws {
        // The connection breaks in the middle of the body of the response. If it broke before any response, libcurl
        // itself could repeat the request.
        let gone = ScriptedService.Answer(saying: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{")
        let service = ScriptedService(.init(Self.body("10", "1")), gone, gone, .init(Self.body("10", "3")))
        let heard = Mutex(0)
        try await service.client().watchCredits(
            sleep: { _ in },
            heard: { _ in
                heard.withLock {
                    $0 += 1; return $0 < 2
                }
            })
        #expect(heard.withLock { $0 } == 2)
        #expect(service.slept == [.milliseconds(750), .milliseconds(1000)])

        let never = ScriptedService(gone)
        let error = await #expect(throws: OpenRouterError.self) {
            try await never.client().watchCredits(sleep: { _ in }, heard: { _ in true })
        }
        #expect(error?.problems.map(\.code) == ["http.cut-off"])
        let fragile = ScriptedService(.init(Self.body("10", "1")), gone)
        let ended = await #expect(throws: OpenRouterError.self) {
            try await fragile.client().watchCredits(.init(retry: .never), sleep: { _ in }, heard: { _ in true })
        }
        #expect(ended?.problems.map(\.code) == ["http.cut-off"])
        #expect(fragile.requests.count == 2)
    }
}

extension Result {
    var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
