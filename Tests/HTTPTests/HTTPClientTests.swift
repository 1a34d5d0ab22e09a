import Foundation
import AirlockHTTP
import AirlockLoopbackServer
import AirlockDiagnostics
import Synchronization
import Testing

@Suite("The HTTP client")
struct HTTPClientTests {
    private func error(_ url: String, _ settings: HTTPSettings = HTTPSettings()) async throws -> HTTPError? {
        let request = try HTTPRequest(.get, HTTPURL(url))
        return await #expect(throws: HTTPError.self) { _ = try await HTTPClient(settings).send(request) }
    }

    @Test("brings a body there and the whole answer back")
    func post() async throws {
        let server = LoopbackServer { connection in
            guard let request = connection.request() else { return }
            connection.answer(request, status: "429 Slow down", headers: "Retry-After:  7 \r\nX-Empty:\r\n")
        }
        let headers = [try HTTPHeader("Content-Type", "application/json"), try HTTPHeader("X-None", "")]
        let url = try HTTPURL("\(server.url)/v2/rpc?key=1")
        let response = try await HTTPClient().send(HTTPRequest(.post(Array("{}".utf8)), url, headers: headers))
        #expect(response.status == 429)
        #expect(response.header("retry-after") == "7")
        #expect(response.header("x-empty") == "")
        #expect(response.header("x-other") == nil)
        let lines = String(decoding: response.body, as: UTF8.self).components(separatedBy: "\r\n")
        #expect(lines.first == "POST /v2/rpc?key=1 HTTP/1.1")
        #expect(lines.last == "{}")
        #expect(lines.contains("User-Agent: airlock-relay"))
        #expect(lines.contains("Content-Type: application/json"))
        #expect(lines.contains("X-None:"))
    }

    @Test("forgets the headers of an interim answer")
    func interim() async throws {
        let server = LoopbackServer(
            saying: "HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\nLink: b\r\n\r\n")
        let response = try await HTTPClient().send(HTTPRequest(.get, HTTPURL(server.url)))
        #expect(response.status == 200)
        #expect(response.header("link") == "b")
    }

    @Test("keeps a connection and uses it again")
    func keepAlive() async {
        // The test runs in a process of its own, where no other test delays its tasks. After a long delay the test
        // would fail, because libcurl does not reuse a connection that was idle for two minutes.
        await #expect(processExitsWith: .success) {
            let server = LoopbackServer(answering: "yes")
            let client = HTTPClient()
            for _ in 1...5 { _ = try await client.send(HTTPRequest(.get, HTTPURL(server.url))) }
            precondition(server.connections == 1)
        }
    }

    @Test("carries several requests at once")
    func several() async throws {
        let waiting = Mutex(0)
        // The server answers only when all 16 requests have arrived.
        let server = LoopbackServer { connection in
            guard connection.request() != nil else { return }
            waiting.withLock { $0 += 1 }
            while waiting.withLock({ $0 }) < 16 { usleep(1000) }
            connection.answer("yes")
        }
        let (client, url) = (HTTPClient(), try HTTPURL(server.url))
        let statuses = try await withThrowingTaskGroup { group in
            for _ in 1...16 { group.addTask { try await client.send(HTTPRequest(.get, url)).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 16))
    }

    static let broken: [(String, HTTPRule)] = [
        ("", .cutOff),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive.", .cutOff),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\nfive.", .cutOff),
        ("\u{1}\u{2} garbage\r\n\r\n", .notHTTP),
        ("SSH-2.0-OpenSSH_9.2\r\n", .notHTTP),
        ("HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n", .notHTTP),
        ("HTTP/1.1 301 Moved\r\nLocation: https://example.org\r\nContent-Length: 0\r\n\r\n", .redirected),
        ("HTTP/1.1 308 Moved\r\nLocation: https://example.org\r\nContent-Length: 0\r\n\r\n", .redirected),
    ]

    @Test("names what is wrong with an answer", arguments: broken)
    func refusals(text: String, rule: HTTPRule) async throws {
        let server = LoopbackServer(saying: text)
        let error = try await error(server.url)
        #expect(error?.rule == rule)
        #expect(error?.url == server.url)
    }

    static let large = [
        "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n\(String(repeating: "x", count: 101))",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n\(String(repeating: "x", count: 101))\r\n0\r\n\r\n",
    ]

    @Test("takes no larger body than it was told", arguments: large)
    func tooLarge(text: String) async throws {
        let server = LoopbackServer(saying: text)
        var settings = HTTPSettings()
        settings.maximumBody = 100
        let error = try await error(server.url, settings)
        #expect(error?.rule == .tooLarge)
        #expect(error?.detail == "more than 100 bytes")
        settings.maximumBody = 101
        let exact = LoopbackServer(answering: String(repeating: "x", count: 101))
        #expect(try await HTTPClient(settings).send(HTTPRequest(.get, HTTPURL(exact.url))).body.count == 101)
    }

    static let headers = [
        ("", "X"),
        ("Transfer-Encoding: chunked\r\n\r\n0\r\n", "X"),
        // A line that begins with HTTP/ is a status line only before the body.
        ("Transfer-Encoding: chunked\r\n\r\n0\r\n", "HTTP/X"),
    ]

    @Test("takes at most 256 KiB of headers and trailers", arguments: headers)
    func manyHeaders(start: String, name: String) async throws {
        let line = "\(name): \(String(repeating: "x", count: 1000))\r\n"
        func server(_ count: Int) -> LoopbackServer {
            LoopbackServer(saying: "HTTP/1.1 200 OK\r\n\(start)\(String(repeating: line, count: count))\r\n")
        }
        let large = server(270)
        let error = try await error(large.url)
        #expect(error?.rule == .tooLarge)
        #expect(error?.detail == "more than 262144 bytes of headers")
        #expect(error?.url == large.url)
        let allowed = server(250)
        #expect(try await HTTPClient().send(HTTPRequest(.get, HTTPURL(allowed.url))).status == 200)
    }

    @Test("gives up on a server that does not answer")
    func timeout() async throws {
        let server = LoopbackServer.silent()
        var settings = HTTPSettings()
        settings.timeout = .milliseconds(50)
        let error = try await error(server.url, settings)
        #expect(error?.rule == .timeout)
        #expect(error?.detail == "0.05 seconds")
    }

    @Test("a request's own time is shorter or longer than the client's")
    func ownTimeout() async throws {
        let server = LoopbackServer.silent()
        let request = HTTPRequest(.get, try HTTPURL(server.url), timeout: .milliseconds(50))
        let error = await #expect(throws: HTTPError.self) { _ = try await HTTPClient().send(request) }
        #expect(error?.rule == .timeout)
    }

    @Test("says when nobody listens")
    func unreachable() async throws {
        let port = LoopbackServer.silent().port
        #expect(try await error("http://127.0.0.1:\(port)")?.rule == .unreachable)
    }

    @Test("ends a request when its task is cancelled, before or after it was sent")
    func cancellation() async throws {
        let (arrived, arrivals) = AsyncStream.makeStream(of: Void.self)
        let server = LoopbackServer { connection in
            while connection.request() != nil { arrivals.yield() }
        }
        // The timeout is long, so that the cancellation always ends the request before the timeout can.
        var settings = HTTPSettings()
        settings.timeout = .seconds(3600)
        let (client, url) = (HTTPClient(settings), try HTTPURL(server.url))
        let task = Task { try await client.send(HTTPRequest(.get, url)) }
        for await _ in arrived.prefix(1) {}
        task.cancel()
        var error = await #expect(throws: HTTPError.self) { _ = try await task.value }
        #expect(error?.rule == .cancelled)

        let late = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await client.send(HTTPRequest(.get, url))
        }
        error = await #expect(throws: HTTPError.self) { _ = try await late.value }
        #expect(error?.rule == .cancelled)
    }

    @Test("speaks to this machine directly whatever proxy is named, and to all others through it")
    func proxy() async {
        await #expect(processExitsWith: .success) {
            let asked = Mutex<[String]>([])
            let server = LoopbackServer { connection in
                guard let request = connection.request() else { return }
                asked.withLock { $0.append(request) }
                connection.answer("", status: "403 No")
            }
            let proxy = server.url.replacing("http://", with: "http://me:password@")
            unsafe setenv("http_proxy", proxy, 1)
            unsafe setenv("https_proxy", proxy, 1)
            let direct = LoopbackServer(answering: "direct")
            let response = try await HTTPClient().send(HTTPRequest(.get, HTTPURL(direct.url)))
            precondition(response.status == 200)
            let headers = [try HTTPHeader("Authorization", "Bearer hidden")]
            let request = HTTPRequest(.get, try HTTPURL("https://node.invalid/rpc"), headers: headers)
            do throws(HTTPError) {
                _ = try await HTTPClient().send(request)
                preconditionFailure("the proxy said no")
            } catch {
                precondition(error.rule == .unreachable && error.detail == "the proxy answered with status 403")
                precondition(error.url == "https://node.invalid/rpc")
            }
            let said = asked.withLock { $0 }
            precondition(said.count == 1 && said[0].hasPrefix("CONNECT node.invalid:443 HTTP/1.1\r\n"))
            // The proxy must not see the headers that are intended for the server.
            precondition(!said[0].contains("hidden"))
        }
    }
}
