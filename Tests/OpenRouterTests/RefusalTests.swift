import AirlockHTTP
import AirlockOpenRouter
import AirlockDiagnostics
import Testing

@Suite("The service's no")
struct RefusalTests {
    /// Returns an error body as the service sends it.
    static func body(_ code: Int, _ message: String) -> String {
        #"{"error":{"code":\#(code),"message":"\#(message)","metadata":{"x":1}},"user_id":"user_1"}"#
    }

    struct Case: Sendable {
        let status: String
        let headers: String
        let body: String
        let rule: OpenRouterRule
        let message: String
        /// Whether the client repeats a GET request after this refusal.
        let isRetried: Bool

        init(
            _ status: String, headers: String = "", _ body: String, _ rule: OpenRouterRule, _ message: String,
            isRetried: Bool = false
        ) {
            self.status = status
            self.headers = headers
            self.body = body
            self.rule = rule
            self.message = message
            self.isRetried = isRetried
        }
    }

    static let cases: [Case] = [
        Case(
            "400 Bad Request", body(400, "Invalid amount"), .badRequest,
            "the service rejected the request: status 400: Invalid amount"),
        Case(
            "401 Unauthorized", body(401, "User not found."), .unauthorized,
            "the service does not accept the key: status 401: User not found."),
        Case(
            "403 Forbidden", body(403, "Only management keys"), .forbidden,
            "the key does not have permission for this request: status 403: Only management keys"),
        Case(
            "410 Gone", headers: "Retry-After: 1\r\n", body(410, "The Coinbase APIs have been deprecated"), .gone,
            "the service no longer offers this, and trying again will not help: status 410, try again in "
                + "1.0 seconds: The Coinbase APIs have been deprecated"),
        Case(
            "429 Too Many Requests", headers: "Retry-After: 30\r\n", body(429, "Slow down"), .tooManyRequests,
            "the service limits the rate of requests: status 429, try again in 30.0 seconds: Slow down", isRetried: true
        ),
        Case(
            "500 Error", body(500, "oops"), .internalServer, "the service failed: status 500: oops",
            isRetried: true),
        Case(
            "502 Bad Gateway", "<html>bad</html>", .status, "the service answered with an HTTP error: status 502",
            isRetried: true),
        Case("402 Payment Required", "", .status, "the service answered with an HTTP error: status 402"),
        Case("304 Not Modified", "", .status, "the service answered with an HTTP error: status 304"),
        Case(
            "404 Not Found", #"{"error":"no\u001b[31m such"}"#, .status,
            "the service answered with an HTTP error: status 404: no\\u{1b}[31m such"),
        Case(
            "400 X", body(400, String(repeating: "a", count: 500)), .badRequest,
            "the service rejected the request: status 400: \(String(repeating: "a", count: 400))... (100 more)"
        ),
    ]

    @Test("has a code of its own, is shown in the service's words, at its place", arguments: cases.indices)
    func refused(index: Int) async throws {
        let row = Self.cases[index]
        let answer = ScriptedService.Answer(row.status, headers: row.headers, row.body)
        let (get, post) = (ScriptedService(answer, answer, answer, .init("{}")), ScriptedService(answer, .init("{}")))
        let read = try await get.client().getCreditsResult()
        if row.isRetried {
            // The first three answers are refusals. The fourth answer has status 200, so the client stops its retries.
            #expect(read.failure?.reason == .malformed && get.requests.count == 4)
            #expect(get.slept.count == 3)
        } else {
            #expect(read.failure?.problems.map(\.message) == [row.message])
            #expect(get.requests.count == 1)
        }
        let made = try await post.client().createCoinbaseChargeResult(ChargeTests.request())
        let error = try #require(made.failure)
        #expect(error.problems.map(\.code) == [row.rule.rawValue])
        #expect(error.problems.map(\.message) == [row.message])
        #expect(error.problems.map(\.field) == ["\(post.base)/credits/coinbase"])
        // For a refusal with the rule `status`, `isPassing` must say whether the client repeats a GET request.
        let refusal = try #require(error.problems[0].cause as? ServiceRefusal)
        if refusal.rule == .status { #expect(refusal.isPassing == row.isRetried) }
        #expect(post.requests.count == 1 && post.slept.isEmpty)
    }

    @Test("of an account without credits is told from others")
    func paymentRequired() async throws {
        let made = try await ScriptedService(.init("402 Payment Required", "")).client()
            .createCoinbaseChargeResult(ChargeTests.request())
        let refusal = try #require(made.failure?.problems[0].cause as? ServiceRefusal)
        #expect(refusal.isShortOfCredits && !refusal.isPassing)
    }

    @Test("of a charge is asked again only by whoever says so, and then at the times that were promised")
    func spacing() async throws {
        let (busy, limited) = (ScriptedService.Answer("503 X", ""), "429 X")
        let service = ScriptedService(
            busy, busy, .init(limited, headers: "Retry-After: 7\r\n", ""),
            .init(limited, headers: "Retry-After: Sun, 06 Nov 1994 08:50:00 GMT\r\n", ""), busy, .init("{}"))
        let answer = try await service.client().createCoinbaseCharge(ChargeTests.request(), .init(retry: .backoff))
        #expect(answer.bytes == Array("{}".utf8))
        #expect(service.slept.map { $0 / .milliseconds(1) } == [750, 1000, 7000, 23_000, 2781.25])
        #expect(service.requests.count == 6)
    }

    @Test("of 410 is not asked again whatever the policy says")
    func gone() async throws {
        let service = ScriptedService(.init("410 Gone", Self.body(410, "gone")), .init("{}"))
        var policy = RetryPolicy.backoff
        policy.statusCodes = [410]
        let made = try await service.client().createCoinbaseChargeResult(ChargeTests.request(), .init(retry: policy))
        let error = try #require(made.failure)
        #expect(service.requests.count == 1)
        #expect(error.problems.map(\.code) == ["openrouter.gone"])
    }

    @Test("repeats no secret, even where the service does")
    func secrets() async throws {
        let said = "no \(ScriptedService.key), nor secret-value-2, at secretsecret"
        let service = ScriptedService(.init("401 X", Self.body(401, said)))
        let url = try HTTPURL("\(service.base)/secretsecret?token=tokentoken")
        let client = try OpenRouterClient(HTTPClient(), base: url, key: BearerKey(ScriptedService.key))
        let options = OpenRouterClient.CallOptions(headers: [try HTTPHeader("X-Other", "secret-value-2")])
        let error = try #require(await client.getCreditsResult(options).failure)
        #expect(error.problems[0].message.hasSuffix("status 401: no ..., nor ..., at ..."))
        #expect(error.problems[0].field?.hasSuffix("/api/v1/.../credits?...") == true)
        let everything = String(reflecting: error) + String(reflecting: client) + String(reflecting: options)
        for secret in ["secretsecret", "secret-value-2", "tokentoken"] { #expect(!everything.contains(secret)) }
    }

    static let broken: [(ScriptedService.Answer, String)] = [
        (.init(saying: ""), "http.cut-off"),
        (.init(saying: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), "http.cut-off"),
        (.init(saying: "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"), "http.too-large"),
        (.init(String(repeating: " ", count: 1001)), "http.too-large"),
        (.init(saying: "SSH-2.0\r\n"), "http.not-http"),
        (.init("301 Moved", headers: "Location: https://example.org\r\n", ""), "http.redirected"),
    ]

    @Test("differs from an answer that never came whole, which is the transport's", arguments: broken)
    func transport(answer: ScriptedService.Answer, code: String) async throws {
        let service = ScriptedService(answer)
        let made = try await service.client { $0.maximumBody = 1000 }.createCoinbaseChargeResult(ChargeTests.request())
        let error = try #require(made.failure)
        #expect(error.problems.map(\.code) == [code])
        let isUncertain = ["http.cut-off", "http.too-large"].contains(code)
        #expect((error.problems[0].cause as? LostAnswer == .mayHaveMade) == isUncertain)
        #expect(service.requests.count == 1)
    }

    @Test("is not waited for longer than the call allows")
    func slow() async throws {
        let service = ScriptedService(.silence)
        let options = OpenRouterClient.CallOptions(timeout: .milliseconds(50))
        let error = try #require(await service.client().getCreditsResult(options).failure)
        #expect(error.problems.map(\.code) == ["http.timeout"])
    }

    @Test("is for the key of the call, which may have its own")
    func bearer() async throws {
        let service = ScriptedService(.init(CreditsTests.body("1", "0")))
        let client = try service.client()
        _ = try await client.getCredits(.init(bearer: BearerKey("another-key")))
        let custom = [try HTTPHeader("authorization", "Basic abc")]
        _ = try await client.getCredits(.init(headers: custom))
        let lines = service.requests.map { request in
            request.split(separator: "\r\n").filter { $0.lowercased().hasPrefix("authorization") }.map(String.init)
        }
        #expect(lines == [["Authorization: Bearer another-key"], ["authorization: Basic abc"]])
    }

    @Test(
        "to a key is said before it is sent, when it can be none",
        arguments: ["", "Bearer sk-or", "sk-or\n", "\"sk-or\" ", "sk-ör"])
    func badKey(text: String) {
        let error = #expect(throws: OpenRouterError.self) { try BearerKey(text) }
        #expect(error?.problems.map(\.code) == ["openrouter.bad-key"])
    }
}
