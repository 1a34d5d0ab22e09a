import AirlockDiagnostics
import AirlockTestSupport
import Glibc
import Synchronization
import Testing

@testable import AirlockWeb

/// A web server for tests, with a route of every kind.
final class SampleServer: Sendable {
    static let token = String(repeating: "ab", count: 32)
    static let password = "a password: of a test"

    let server: WebServer
    let streams = Mutex<[WebStream]>([])
    let calls = Mutex(0)

    init(_ limits: WebServer.Limits = WebServer.Limits(), withPassword: Bool = false) throws {
        let box = Box()
        let isPassword: (@Sendable ([UInt8]) -> Bool)? =
            withPassword ? { @Sendable given in WebAccess.isSame(given, Array(SampleServer.password.utf8)) } : nil
        server = try WebServer(
            #require(WebAddress("127.0.0.1:0")),
            Page.routes(token: Self.token) + [
                WebRoute(.get, "/api/echo", query: ["q"]) { request in
                    WebResponse(type: "text/plain", Array((request.query["q"] ?? "").utf8))
                },
                WebRoute(.get, "/api/things/*") { request in
                    WebResponse(type: "text/plain", Array(request.parameters.joined().utf8))
                },
                WebRoute(.post, "/api/things/*", longestBody: 100_000) { request in
                    box.owner?.calls.withLock { $0 += 1 }
                    return WebResponse(status: 202, type: "text/plain", Array("\(request.body.count)".utf8))
                },
                WebRoute(.get, "/api/never") { _ in
                    try? await Task.sleep(for: .seconds(3600))
                    return WebResponse(type: "text/plain", [])
                },
                WebRoute(.get, "/api/events") { _ in
                    let stream = WebStream()
                    box.owner?.streams.withLock { $0.append(stream) }
                    return WebResponse(stream)
                },
            ], WebAccess(names: ["Relay.Example"], token: Self.token, isPassword: isPassword), limits
        ) { Array($0.code.utf8) }
        box.owner = self
    }

    private final class Box: @unchecked Sendable { weak var owner: SampleServer? }

    deinit { server.stop() }
}

extension RawClient {
    /// Sends one request on a new connection. Returns the whole response.
    static func ask(
        _ sample: SampleServer, _ first: String, _ lines: [String] = [], body: String = ""
    ) throws -> String {
        let host = lines.contains { $0.lowercased().hasPrefix("host:") } ? [] : ["Host: \(sample.server.address)"]
        return try ask(sample.server.port, first, host + lines, body: body)
    }
}

@Suite("The web server")
struct WebServerTests {
    @Test("gives out the page with the token, and every answer under the strict policy")
    func page() throws {
        let sample = try SampleServer()
        let page = try RawClient.ask(sample, "GET /")
        #expect(page.status == "200" && page.contains("Content-Type: text/html; charset=utf-8"))
        #expect(page.body.contains(#"<meta name="airlock-token" content="\#(SampleServer.token)">"#))
        for (path, status) in [("/", "200"), ("/app.js", "200"), ("/nothing", "404"), ("/api/echo?q=1", "200")] {
            let answer = try RawClient.ask(sample, "GET \(path)")
            #expect(answer.status == status)
            for header in [
                "Content-Security-Policy: default-src 'none'; script-src 'self';", "X-Content-Type-Options: nosniff",
                "Referrer-Policy: no-referrer", "Cache-Control: no-store", "frame-ancestors 'none'",
                "require-trusted-types-for 'script'",
            ] { #expect(answer.contains(header), "\(path): \(header)") }
            #expect(!answer.contains("Access-Control"))
        }
    }

    @Test("answers HEAD as GET without the body, and no other method")
    func methods() throws {
        let sample = try SampleServer()
        let head = try RawClient.ask(sample, "HEAD /app.js")
        #expect(head.status == "200" && head.body.isEmpty && head.contains("Content-Length: "))
        #expect(try RawClient.ask(sample, "HEAD /api/events").body.isEmpty)
        for method in ["OPTIONS", "PUT", "DELETE", "TRACE", "PATCH", "POST"] {
            let answer = try RawClient.ask(sample, "\(method) /app.js", ["Content-Length: 0"])
            #expect(answer.status == "405" && answer.contains("Allow: GET, HEAD"), "\(method)")
            #expect(answer.body == "web.method")
        }
        let both = try RawClient.ask(sample, "PUT /api/things/1", ["Content-Length: 0"])
        #expect(both.contains("Allow: GET, HEAD, POST"))
    }

    @Test(
        "has no files but its own",
        arguments: [
            "/../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/index.html", "//app.js", "/app.js/", "/app.js%00.html",
            "/Page/app.js", "/./app.js", "/app.js;a", "/%61pp.js%2f..",
        ])
    func paths(path: String) throws {
        let answer = try RawClient.ask(SampleServer(), "GET \(path)")
        // libmicrohttpd cuts off a path at a NUL byte (%00).
        let isFound = path.contains("%00")
        #expect(answer.status == (isFound ? "200" : "404"), "\(path)")
        #expect(isFound || answer.body == "web.not-found")
    }

    @Test(
        "answers for no other host: a foreign name may lead here",
        arguments: [
            ("evil.example", "421"), ("evil.example:80", "421"), ("localhost.evil.example", "421"),
            ("127.0.0.1.", "421"),
            ("2130706433", "421"), ("", "421"), ("[::1", "421"), ("localhost:x", "421"), ("127.0.0.1:99999", "421"),
            ("localhost@evil.example", "421"), ("localhost", "200"), ("LOCALHOST:9", "200"), ("127.0.0.1:8080", "200"),
            ("[::1]:8080", "200"), ("192.0.2.7", "200"), ("relay.example:443", "200"),
        ])
    func rebinding(host: String, status: String) throws {
        let answer = try RawClient.ask(SampleServer(), "GET /", ["Host: \(host)"])
        #expect(answer.status == status && (status == "200" || answer.body == "web.wrong-host"))
    }

    @Test("reads no request that two readers could read as two")
    func smuggling() throws {
        let sample = try SampleServer()
        let token = "X-Airlock-Token: \(SampleServer.token)"
        for lines in [
            ["Host: localhost", "Host: evil.example"], [token, "Content-Length: 0", "Content-Length: 5"],
            [token, "Content-Length: 5", "Transfer-Encoding: chunked"], [token, token, "Content-Length: 0"],
        ] { #expect(try RawClient.ask(sample, "POST /api/things/1", lines, body: "0\r\n\r\n").status == "400") }
        #expect(try RawClient.ask(sample, "GET /api/echo?q=1&q=2").status == "400")
        #expect(try RawClient.ask(sample, "GET /api/echo?p=1").body == "web.malformed")
        #expect(sample.calls.withLock { $0 } == 0)
    }

    @Test("changes nothing for a page of another site, nor without the token")
    func crossSite() throws {
        let sample = try SampleServer()
        let token = "X-Airlock-Token: \(SampleServer.token)"
        let own = "Origin: http://\(sample.server.address)"
        let cases: [(lines: [String], status: String, code: String)] = [
            ([], "403", "web.token"), ([own], "403", "web.token"), (["X-Airlock-Token: "], "403", "web.token"),
            (["X-Airlock-Token: \(SampleServer.token.dropLast())"], "403", "web.token"),
            (["X-Airlock-Token: \(SampleServer.token)0"], "403", "web.token"),
            ([token, "Origin: http://evil.example"], "403", "web.other-site"),
            ([token, "Origin: null"], "403", "web.other-site"),
            ([token, "Origin: http://\(sample.server.address).evil.example"], "403", "web.other-site"),
            ([token, own, "Sec-Fetch-Site: cross-site"], "403", "web.other-site"),
            ([token, own, "Sec-Fetch-Site: same-site"], "403", "web.other-site"),
            ([token, own, "Sec-Fetch-Site: none"], "403", "web.other-site"),
        ]
        for (lines, status, code) in cases {
            let answer = try RawClient.ask(sample, "POST /api/things/1", lines + ["Content-Length: 0"])
            #expect(answer.status == status && answer.body == code, "\(lines)")
        }
        #expect(sample.calls.withLock { $0 } == 0)
        // If a page of another site sends an HTTP request for events, the server refuses it. Such a page must not read
        // events or payments, and must not use up the limited number of connections that read events.
        #expect(try RawClient.ask(sample, "GET /api/events", ["Sec-Fetch-Site: cross-site"]).status == "403")
        #expect(try RawClient.ask(sample, "GET /", ["Sec-Fetch-Site: cross-site"]).status == "200")
        for lines in [[token, own, "Sec-Fetch-Site: same-origin"], [token]] {
            let answer = try RawClient.ask(sample, "POST /api/things/1", lines + ["Content-Length: 3"], body: "abc")
            #expect(answer.status == "202" && answer.body == "3")
        }
    }

    @Test("lets nobody in without the password, where there is one")
    func password() throws {
        let sample = try SampleServer(withPassword: true)
        let right = "bWU6YSBwYXNzd29yZDogb2YgYSB0ZXN0"
        for (line, status) in [
            (nil, "401"), ("Basic \(right)", "200"), ("basic \(right)", "200"), ("Bearer \(right)", "401"),
            ("Basic bWU6", "401"), ("Basic bWU6YSBwYXNzd29yZDogb2YgYSB0ZXN", "401"),
            ("Basic bWU6YSBwYXNzd29yZA==", "401"),
            ("Basic ****", "401"), ("Basic", "401"), ("Basic \(right) ", "401"), ("Basic  \(right)", "401"),
        ] as [(String?, String)] {
            for path in ["/", "/api/echo", "/app.js"] {
                let answer = try RawClient.ask(sample, "GET \(path)", line.map { ["Authorization: \($0)"] } ?? [])
                #expect(answer.status == status, "\(line ?? "")")
                #expect(answer.contains("WWW-Authenticate: Basic") == (status == "401"))
                #expect((answer.body == "web.password") == (status == "401"))
            }
        }
    }

    @Test("refuses what is too large: body, head and address")
    func huge() throws {
        let sample = try SampleServer()
        let token = "X-Airlock-Token: \(SampleServer.token)"
        func post(_ length: Int) throws -> String {
            let body = String(repeating: "x", count: length)
            return try RawClient.ask(sample, "POST /api/things/1", [token, "Content-Length: \(length)"], body: body)
        }
        #expect(try post(100_000).body == "100000")
        #expect(try post(100_001).status == "413")
        #expect(try post(1_000_000).body == "web.too-large")
        let far = try RawClient.ask(sample, "POST /api/things/1", [token, "Content-Length: 100000000000"])
        #expect(far.status == "413")
        // A chunked request does not state its length, so the server must count the bytes.
        let client = try RawClient(sample.server.port)
        client.say("POST /api/things/1 HTTP/1.1\r\nHost: localhost\r\n\(token)\r\nTransfer-Encoding: chunked\r\n\r\n")
        let piece = "10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n"
        var pieces = 0
        while client.say(piece), pieces < 1000 { pieces += 1 }
        #expect(pieces < 1000)
        #expect(
            ["414", "431"].contains(try RawClient.ask(sample, "GET /" + String(repeating: "a", count: 40_000)).status))
        let long = "X-Long: " + String(repeating: "a", count: 40_000)
        #expect(["413", "431"].contains(try RawClient.ask(sample, "GET /", [long]).status))
        #expect(try RawClient.ask(sample, "GET /").status == "200")
    }

    @Test("ends requests that take too long, whatever of them comes meanwhile")
    func slow() throws {
        var limits = WebServer.Limits()
        (limits.requestTime, limits.answerTime) = (.seconds(2), .seconds(2))
        let sample = try SampleServer(limits)
        for head in [
            "", "GET / HTTP/1.1\r\nHost: localhost\r\n",
            "POST /api/things/1 HTTP/1.1\r\nHost: localhost\r\n"
                + "X-Airlock-Token: \(SampleServer.token)\r\nContent-Length: 100000\r\n\r\n",
        ] {
            let client = try RawClient(sample.server.port)
            let begin = ContinuousClock.now
            client.say(head)
            // A client that sends a byte from time to time does not extend the time limit.
            while client.say("x"), ContinuousClock.now - begin < .seconds(90) { usleep(200_000) }
            #expect(ContinuousClock.now - begin < .seconds(90))
        }
        // The handler of this route never returns an answer. The server answers with status 503 after the time limit.
        #expect(try RawClient.ask(sample, "GET /api/never").status == "503")
        #expect(try RawClient.ask(sample, "GET /").status == "200")
    }

    @Test("takes only so many connections, and serves on when they are gone")
    func crowd() throws {
        var limits = WebServer.Limits()
        limits.requestTime = .seconds(3)
        let sample = try SampleServer(limits)
        var crowd: [RawClient] = []
        for _ in 0..<300 { crowd.append(try RawClient(sample.server.port)) }
        #expect(sample.server.connections <= 64)
        crowd = []
        let end = ContinuousClock.now + .seconds(60)
        while (try? RawClient.ask(sample, "GET /").status) != "200", .now < end { usleep(50_000) }
        #expect(.now < end)
    }
}

@Suite("Events of the web server")
struct WebEventTests {
    private func listen(_ sample: SampleServer) throws -> RawClient {
        let client = try RawClient(sample.server.port)
        client.say("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return client
    }

    private func wait(_ what: String, until isTrue: () -> Bool) {
        let end = ContinuousClock.now + .seconds(60)
        while !isTrue(), .now < end { usleep(20_000) }
        #expect(.now < end, "\(what)")
    }

    @Test("reach every reader, and a reader that leaves makes room for another")
    func readers() throws {
        var limits = WebServer.Limits()
        (limits.readers, limits.heartbeat) = (3, .seconds(1))
        let sample = try SampleServer(limits)
        var clients = try (0..<3).map { _ in try listen(sample) }
        wait("three readers") { sample.server.readers == 3 }
        let surplus = try RawClient.ask(sample, "GET /api/events")
        #expect(surplus.status == "503" && surplus.body == "web.busy")
        sample.server.tell(event: "payment", data: #"{"id":"1"}"#)
        for client in clients {
            let heard = client.hear(until: "id")
            #expect(heard.contains("Content-Type: text/event-stream"))
            #expect(heard.contains("event: payment\ndata: {\"id\":\"1\"}\n\n") || heard.hasSuffix("id"))
            #expect(client.hear(until: ":\n\n").contains(":\n\n"), "a heartbeat")
        }
        clients.removeLast()
        wait("two readers") { sample.server.readers == 2 }
        clients.append(try listen(sample))
        wait("three readers again") { sample.server.readers == 3 }
    }

    @Test("do not grow for a reader that does not read")
    func silence() throws {
        let sample = try SampleServer()
        let client = try listen(sample)
        wait("one reader") { sample.server.readers == 1 }
        let data = String(repeating: "x", count: 10_000)
        for _ in 0..<3000 { sample.server.tell(event: "state", data: data) }
        wait("no reader") { sample.server.readers == 0 || client.hear(until: "never").isEmpty }
    }

    @Test("end at once with the server, and so do requests that wait for an answer")
    func stop() throws {
        var sample: SampleServer? = try SampleServer()
        let readers = try (0..<8).map { _ in try listen(#require(sample)) }
        let waiting = try RawClient(#require(sample).server.port)
        waiting.say("GET /api/never HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait("eight readers") { sample?.server.readers == 8 }
        let begin = ContinuousClock.now
        sample = nil
        #expect(ContinuousClock.now - begin < .seconds(30))
        for reader in readers { #expect(!reader.hear().contains("event: ")) }
        #expect(waiting.hear().isEmpty || true)
    }
}
