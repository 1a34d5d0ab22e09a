import Glibc
import AirlockHTTP
import AirlockLoopbackServer
import AirlockTestSupport
import Testing
import AirlockToolSupport

@Suite("Encryption")
struct TLSTests {
    @Test("is not given up for a server that speaks plainly")
    func plain() async throws {
        let server = LoopbackServer { $0.write("HTTP/1.1 200 OK\r\n\r\n") }
        let url = try HTTPURL("https://127.0.0.1:\(server.port)")
        let error = await #expect(throws: HTTPError.self) { _ = try await HTTPClient().send(HTTPRequest(.get, url)) }
        #expect(error?.rule == .tls)
    }

    @Test("needs a readable file of authorities when one is named")
    func badFile() async throws {
        let server = LoopbackServer.silent()
        let settings = HTTPSettings { $0 == "SSL_CERT_FILE" ? "/nonexistent/authorities.pem" : "" }
        let url = try HTTPURL("https://127.0.0.1:\(server.port)")
        let error = await #expect(throws: HTTPError.self) {
            _ = try await HTTPClient(settings).send(HTTPRequest(.get, url))
        }
        #expect(error?.rule == .badCertificates)
    }

    @Test("the named file of authorities is trusted, and only it", .needs("openssl"))
    func ownAuthority() async throws {
        let authority = try TLSServer()
        defer { authority.stop() }
        let url = try HTTPURL("https://127.0.0.1:\(authority.port)")
        let trusting = HTTPSettings { [file = authority.certificate] in $0 == "CURL_CA_BUNDLE" ? file : nil }
        #expect(try await HTTPClient(trusting).send(HTTPRequest(.get, url)).status == 200)

        let error = await #expect(throws: HTTPError.self) { _ = try await HTTPClient().send(HTTPRequest(.get, url)) }
        #expect(error?.rule == .tls)
    }

    @Test("refuses a certificate that is trusted, but for another host", .needs("openssl"))
    func otherHost() async throws {
        let other = try TLSServer(for: "127.0.0.2")
        defer { other.stop() }
        let url = try HTTPURL("https://127.0.0.1:\(other.port)")
        let trusting = HTTPSettings { [file = other.certificate] in $0 == "CURL_CA_BUNDLE" ? file : nil }
        let error = await #expect(throws: HTTPError.self) {
            _ = try await HTTPClient(trusting).send(HTTPRequest(.get, url))
        }
        #expect(error?.rule == .tls)
    }
}

/// `openssl s_server` with a certificate that only the test trusts.
private struct TLSServer {
    let certificate: String
    let port: UInt16
    private let scratch: Scratch
    private let server: RunningTool

    /// - Parameter host: the address that the certificate names. The server itself listens on 127.0.0.1.
    init(for host: String = "127.0.0.1") throws {
        scratch = try Scratch()
        certificate = scratch("certificate.pem")
        let openssl = try #require(BuiltTool.installed("openssl"))
        let making = try openssl.run(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                "-keyout", "key.pem", "-out", "certificate.pem", "-subj", "/CN=airlock",
                "-addext", "subjectAltName=IP:\(host)",
            ], in: scratch.path)
        try #require(making.exit == 0, "\(making.err)")
        server = try RunningTool(
            openssl, ["s_server", "-accept", "127.0.0.1:0", "-cert", "certificate.pem", "-key", "key.pem", "-www"],
            in: scratch.path)
        // The server prints "ACCEPT 127.0.0.1:PORT" when it listens.
        let announcement = try server.wait(for: "ACCEPT 127.0.0.1:")
        port = try #require(announcement.split(separator: ":").last.flatMap { UInt16($0) })
    }

    func stop() { kill(server.process, SIGKILL) }
}
