import AirlockEthereumTypes
import Foundation
import AirlockStrictJSON
import AirlockTestSupport
import Testing
import AirlockToolSupport

@Suite("airlock-relay charge create")
struct ChargeCommandTests {
    private static let amount = "--amount", sender = "--sender", chain = "--chain"
    private static let good = [amount, "1", sender, "\(SamplePayment.payer)", chain, "base"]

    private static func create(_ workspace: RelayWorkspace, _ words: String...) throws -> Outcome {
        try workspace.run(["charge", "create"] + good + words)
    }

    /// Returns a charge as the service makes it. The charge expires in an hour.
    private static func fresh(_ change: (inout SamplePayment) -> Void = { _ in }) throws -> String {
        var payment = SamplePayment()
        payment.deadline = UInt256(UInt64(Date().timeIntervalSince1970) + 3600)
        payment.expires = Timestamp(seconds: UInt64(exactly: payment.deadline) ?? 0).description
        change(&payment)
        return try payment.charge()
    }

    private static func codes(_ outcome: Outcome) throws -> [String] {
        let root = try JSONDocument(Array(outcome.out.utf8)).root
        try #require(root["ok"]?.boolean == false)
        let errors = try root["errors"]?.elements ?? [#require(root["error"])]
        return errors.map { "\($0["code"]?.string ?? "") \($0["field"]?.string ?? "")" }
    }

    @Test("saves the answer byte for byte, and says what it asks for")
    func saved() throws {
        let body = try "\n \(Self.fresh())\t"
        let workspace = try RelayWorkspace(ScriptedService(.init(body)))
        let outcome = try Self.create(workspace, "-o", "charge.json")
        #expect(outcome.exit == 0 && outcome.err.isEmpty, "\(outcome.err)")
        #expect(outcome.out.contains("asks for   1.05 USDC\n"))
        #expect(outcome.out.contains("payer      \(SamplePayment.payer)\n"))
        #expect(outcome.out.contains("pay until  20"))
        #expect(try workspace.scratch.content("charge.json") == body)
        // `airlock` accepts the saved charge, because the operator has signed it.
        let read = try BuiltTool("airlock").run(
            ["verify", "charge.json"], in: workspace.scratch.path,
            environment: workspace.environment)
        #expect(read.out.contains("the operator signed"), "\(read.err)")

        let piped = try Self.create(workspace)
        #expect(piped.exit == 0 && piped.out == body && piped.err.isEmpty)
        let document = try JSONDocument(Array(Self.create(workspace, "--json", "-o", "other.json").out.utf8)).root
        #expect(document["ok"]?.boolean == true && document["file"]?.string == "other.json")
        #expect(try document["charge"]?.json.text == JSONDocument(Array(body.utf8)).root.json.text)
        #expect(try workspace.scratch.content("other.json") == body)
    }

    @Test("asks for no charge that it could not keep")
    func inTheWay() throws {
        let service = try ScriptedService(.init(Self.fresh()))
        let workspace = try RelayWorkspace(service)
        workspace.scratch.file("charge.json", "{}")
        #expect(try Self.codes(Self.create(workspace, "--json", "-o", "charge.json")) == ["file.exists charge.json"])
        #expect(try Self.create(workspace, "-o", "nowhere/charge.json").exit == 73)
        #expect(service.requests.isEmpty)
        #expect(try Self.create(workspace, "-o", "charge.json", "--force").exit == 0)
        #expect(try workspace.scratch.content("charge.json").contains("recipient_amount"))
    }

    @Test("loses no charge when its folder is gone meanwhile, or nothing can be written")
    func rescued() throws {
        let body = try Self.fresh()
        let scratch = try Scratch()
        let folder = scratch("folder")
        scratch.folder("folder")
        let service = ScriptedService(.init(body), before: { try? FileManager.default.removeItem(atPath: folder) })
        let workspace = try RelayWorkspace(service)
        let outcome = try Self.create(workspace, "-o", "\(folder)/charge.json")
        #expect(outcome.exit == 73 && outcome.out == body)
        #expect(outcome.err.contains("the answer could not be saved; here it is"))

        let shell = try #require(BuiltTool.installed("sh"))
        for json in ["", "--json"] {
            let line =
                "\(try BuiltTool("airlock-relay").path) charge create \(Self.good.joined(separator: " ")) \(json)"
            let full = try shell.run(
                ["-c", "\(line) >/dev/full"], in: workspace.scratch.path, environment: workspace.environment)
            #expect(full.exit == 74 && full.err.contains("here it is\n\(body)\n"), "\(full.err)")
        }
    }

    @Test("keeps what it cannot read, and says what is wrong with it")
    func unreadable() throws {
        let workspace = try RelayWorkspace(
            ScriptedService(.init("<html>\u{1B}[31m"), .init("<html>\u{1B}[31m"), .init("{}")))
        let outcome = try Self.create(workspace, "-o", "charge.json")
        #expect(outcome.exit == 65 && outcome.out.isEmpty)
        #expect(outcome.err.contains("note: the answer is saved in charge.json\n"))
        #expect(try workspace.scratch.content("charge.json") == "<html>\u{1B}[31m")
        let document = try Self.create(workspace, "--json")
        #expect(document.exit == 65)
        #expect(try Self.codes(document).first?.hasPrefix("openrouter.bad-answer http://") == true)
        #expect(document.out.contains(#""answer":"0x3c68746d6c3e1b5b33316d""#))
        let plain = try Self.create(workspace)
        #expect(plain.exit == 65 && plain.out == "{}" && plain.err.contains("(/data)\n"))
    }

    @Test("keeps a charge that airlock will refuse or that is not the one asked for, and ends with 10")
    func refusedCharge() throws {
        let spoiled = try Self.fresh().replacing(#""1039500""#, with: #""1039501""#)
        let foreign = try Self.fresh { payment in
            payment.chain = .polygon
            payment.sender = SamplePayment.operator
        }
        let expired = try Self.fresh { $0.deadline = 1_773_217_849 }
        let late = try Self.fresh { $0.expires = "2026-01-03T00:00:00Z" }
        let workspace = try RelayWorkspace(ScriptedService(.init(spoiled), .init(foreign), .init(expired), .init(late)))
        let unsigned = try Self.create(workspace, "-o", "a.json")
        #expect(unsigned.exit == 10 && unsigned.out.isEmpty)
        #expect(unsigned.err.contains("airlock-relay: error: the operator did not sign this charge"))
        #expect(unsigned.err.contains("note: the answer is saved in a.json\n"))
        #expect(try workspace.scratch.content("a.json") == spoiled)
        let other = try Self.create(workspace, "-o", "b.json")
        #expect(other.exit == 10)
        #expect(other.err.contains("saw \(SamplePayment.operator); expected \(SamplePayment.payer) ("))
        #expect(other.err.contains("saw polygon (137); expected base (8453) ("))
        #expect(try workspace.scratch.content("b.json") == foreign)
        let codes = try Self.codes(Self.create(workspace, "--json", "-o", "c.json"))
        #expect(codes == ["charge.expired /data/web3_data/transfer_intent/call_data/deadline"])
        #expect(try Self.codes(Self.create(workspace, "--json", "-o", "d.json")) == ["charge.expired /data/expires_at"])
        #expect(try workspace.scratch.names.sorted() == ["a.json", "b.json", "c.json", "d.json"])
    }

    /// Each row has the amount in dollars that the user asks for, and whether the relay accepts a charge of 1.05 USDC
    /// for it. The service adds 5 %.
    static let amounts = [("1", true), ("1.05", true), ("1.050001", false), ("10", false)]

    @Test("compares a charge in USDC with the dollars that were asked for", arguments: amounts)
    func dollars(amount: String, isRight: Bool) throws {
        let workspace = try RelayWorkspace(ScriptedService(.init(Self.fresh())))
        let outcome = try workspace.run(
            "charge", "create", Self.amount, amount, Self.sender, "\(SamplePayment.payer)", Self.chain, "base", "--json"
        )
        #expect(outcome.exit == (isRight ? 0 : 10), "\(outcome.out)")
        if !isRight {
            let place = "/data/web3_data/transfer_intent/call_data/recipient_amount"
            #expect(try Self.codes(outcome) == ["openrouter.other-charge \(place)"])
        }
        // This charge is in native currency. The relay does not know the value of native currency in dollars, so it
        // does not compare the charge with the amount in dollars.
        let native = try RelayWorkspace(ScriptedService(.init(Self.fresh { $0.recipientCurrency = .zero })))
        #expect(try Self.create(native).exit == 0)
    }

    @Test("takes no more than can be read again")
    func tooLarge() throws {
        let whole = try Self.fresh()
        let most = 1 << 20
        let padding = String(repeating: " ", count: most - whole.utf8.count)
        let workspace = try RelayWorkspace(ScriptedService(.init(whole + padding), .init(whole + padding + " ")))
        #expect(try Self.create(workspace, "-o", "a.json").exit == 0)
        let read = try BuiltTool("airlock").run(
            ["verify", "a.json"], in: workspace.scratch.path, environment: workspace.environment)
        #expect(read.out.contains("the operator signed"), "\(read.err)")
        let larger = try Self.create(workspace, "--json", "-o", "b.json")
        #expect(try Self.codes(larger).first?.hasPrefix("http.too-large") == true)
        // The relay refused the answer, but the service has possibly created the charge. The hint therefore says that a
        // charge that is not paid costs nothing.
        #expect(larger.out.contains("it costs nothing"))
        #expect(try workspace.scratch.names == ["a.json"])
    }

    @Test("names everything that is wrong with its command line, and no key is taken from it")
    func usage() throws {
        let service = ScriptedService(.init("{}"))
        let workspace = try RelayWorkspace(service)
        workspace.environment["OPENROUTER_API_KEY"] = nil
        let nothing = try workspace.run("charge", "create", "--json")
        #expect(nothing.exit == 64)
        #expect(
            try Self.codes(nothing) == [
                "usage.missing-value --amount", "usage.missing-value --sender", "usage.missing-value --chain",
                "usage.missing-value OPENROUTER_API_KEY",
            ])
        #expect(nothing.out.contains("set OPENROUTER_BEARER or OPENROUTER_API_KEY in the environment"))

        workspace.environment["OPENROUTER_BEARER"] = "Bearer x"
        workspace.environment["OPENROUTER_BASE_URL"] = "http://example.org/secretsecret"
        let wrong = try workspace.run(
            "charge", "create", "--json", "--amount", "0.99", "--sender", "0x5cbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB",
            "--chain", "moon", "--header", "Authorization: Bearer y", "--header", "none", "--timeout", "soon",
            "--retry", "often", "--retry-exponent", "0.5", "--retry-codes", "410", "--retry-initial", "1")
        #expect(wrong.exit == 64)
        let places = try Self.codes(wrong)
        for place in [
            "invalid-value --amount", "invalid-value --sender", "invalid-value --chain", "invalid-value --header",
            "invalid-value --timeout", "invalid-value --retry", "invalid-value --retry-exponent",
            "invalid-value --retry-codes",
        ] { #expect(places.contains("usage.\(place)"), "\(place)") }
        #expect(wrong.out.contains("a key in an argument can be seen by others"))
        #expect(places.contains("openrouter.bad-key OPENROUTER_BEARER"))
        #expect(places.contains("http.insecure-url OPENROUTER_BASE_URL"))
        #expect(service.requests.isEmpty)
    }

    static let refusals: [(String, Int32, String, hints: [String])] = [
        ("400 X", 23, "openrouter.bad-request", []), ("401 X", 23, "openrouter.unauthorized", []),
        ("403 X", 23, "openrouter.forbidden", []),
        ("410 X", 23, "openrouter.gone", ["saved", "still", "operator's intent"]),
        ("402 X", 23, "openrouter.status", ["airlock-relay credits"]),
        ("429 X", 23, "openrouter.too-many-requests", ["--retry backoff"]),
        ("500 X", 23, "openrouter.internal-server", ["--retry backoff"]),
        ("502 X", 23, "openrouter.status", ["--retry backoff"]), ("302 X", 69, "http.redirected", []),
    ]

    @Test("ends with the service's own code, asks once, and leaves no file", arguments: refusals)
    func refused(status: String, exit: Int32, code: String, hints: [String]) throws {
        let service = ScriptedService(.init(status, RefusalTests.body(1, "key \(ScriptedService.key)")))
        let workspace = try RelayWorkspace(service)
        let outcome = try Self.create(workspace, "-o", "charge.json", "--json")
        #expect(outcome.exit == exit)
        #expect(try Self.codes(outcome) == ["\(code) \(service.base)/credits/coinbase"])
        for hint in hints { #expect(outcome.out.contains(hint), "\(outcome.out)") }
        #expect(try service.requests.count == 1 && workspace.scratch.names.isEmpty)
    }

    @Test("takes the SDKs' name for its key before the general one, and repeats only when it is told to")
    func retried() throws {
        let service = try ScriptedService(
            .init("503 X", "<html>"), .init("429 X", ""), .init(Self.fresh())
        )
        let workspace = try RelayWorkspace(service)
        workspace.environment["OPENROUTER_BEARER"] = "bearer-key"
        let outcome = try Self.create(
            workspace, "--retry", "backoff", "--retry-initial", "1ms", "--retry-max", "2ms", "--header",
            "HTTP-Referer: x")
        #expect(outcome.exit == 0 && service.requests.count == 3)
        let said = outcome.err.split(separator: "\n")
        let place = "(\(service.base)/credits/coinbase); attempt"
        #expect(
            said == [
                "airlock-relay: note: the server answered with status 503 \(place) 2 in 0.1 s",
                "airlock-relay: note: the server answered with status 429 \(place) 3 in 0.1 s",
            ])
        for request in service.requests {
            #expect(request.contains("\r\nAuthorization: Bearer bearer-key\r\n"))
            #expect(request.contains("\r\nHTTP-Referer: x\r\n"))
        }
    }
}
