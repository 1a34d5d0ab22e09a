import AirlockTestSupport
import Testing
import AirlockToolSupport
import AirlockUR

extension EndToEnd {
    @Suite("A payment that crosses the gap as a picture")
    struct Scanner {
        @Test("is drawn by airlock, read by a scanner, sent from its text, and mined")
        func mined() async throws {
            let devnet = try EndToEnd.devnet()
            let desk = try Desk(devnet)
            let id = try await desk.charge()
            #expect(try desk.prepare().exit == 0)
            let command = ["sign", "charge.json", "-c", "conditions.json", "-k", "key", "--policy", "policy.json"]
            let signed = try Tool.start("airlock", command + ["--yes", "--qr"], in: desk.scratch.path).finish()
            #expect(signed.exit == 0, "\(signed.err)")
            guard let scanned = try Screen(drawingIn: signed.err).scanned() else { return }
            let file = String(decoding: try UR(scanned.split(separator: "\n")[0]).bytes(), as: UTF8.self)
            let sent = try desk.relay("send", "-", "--rpc", devnet.url, "--json", input: file)
            #expect(sent.exit == 0, "\(sent.err)")
            #expect(try sent.json["status"].text == "settled")
            #expect(try sent.json["event"]["id"].text == id)
        }
    }
}
