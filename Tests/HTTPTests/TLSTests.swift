import Foundation
import HTTP
import LoopbackServer
import Testing

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

    @Test("the named file of authorities is trusted, and only it")
    func ownAuthority() async throws {
        let authority = try TLSServer()
        defer { authority.stop() }
        let url = try HTTPURL("https://127.0.0.1:\(authority.port)")
        let trusting = HTTPSettings { [file = authority.certificate] in $0 == "CURL_CA_BUNDLE" ? file : nil }
        #expect(try await HTTPClient(trusting).send(HTTPRequest(.get, url)).status == 200)

        let error = await #expect(throws: HTTPError.self) { _ = try await HTTPClient().send(HTTPRequest(.get, url)) }
        #expect(error?.rule == .tls)
    }
}

/// `openssl s_server` with a certificate that nobody but the test trusts.
private struct TLSServer {
    let folder = FileManager.default.temporaryDirectory.appending(path: "airlock-\(UUID().uuidString)")
    let certificate: String
    let port: UInt16
    private let server: Process

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (key, file) = (folder.appending(path: "key.pem").path, folder.appending(path: "certificate.pem").path)
        let making = try Self.openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
            "-keyout", key, "-out", file, "-subj", "/CN=airlock", "-addext", "subjectAltName=IP:127.0.0.1")
        making.0.waitUntilExit()
        let (server, output) = try Self.openssl(
            "s_server", "-accept", "127.0.0.1:0", "-cert", file, "-key", key, "-www")
        // It says "ACCEPT 127.0.0.1:PORT" when it listens.
        var said = ""
        let announcement = /ACCEPT 127\.0\.0\.1:([0-9]+)\n/
        while said.firstMatch(of: announcement) == nil, case let data = output.availableData, !data.isEmpty {
            said += String(decoding: data, as: UTF8.self)
        }
        self.port = try #require(said.firstMatch(of: announcement).flatMap { UInt16($0.1) })
        self.certificate = file
        self.server = server
    }

    func stop() {
        // Not SIGTERM: the threads that start processes here have it blocked, and the process inherits that.
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func openssl(_ arguments: String...) throws -> (Process, FileHandle) {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return (process, output.fileHandleForReading)
    }
}
