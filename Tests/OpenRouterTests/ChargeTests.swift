import AirlockEthereumTypes
import AirlockHTTP
import AirlockOpenRouter
import AirlockDiagnostics
import AirlockStrictJSON
import Testing
import AirlockToolSupport

@Suite("A charge that is asked for")
struct ChargeTests {
    static let sender = SamplePayment.payer

    static func request(_ amount: String = "10.50", on chain: Chain = .base) throws -> CoinbaseChargeRequest {
        try CoinbaseChargeRequest(amount: amount, sender: sender, chain: chain)
    }

    @Test("is one POST with a number for the chain, and its answer is kept byte for byte")
    func call() async throws {
        let body = try " \(SamplePayment().charge())\r\n"
        let service = ScriptedService(.init("201 Created", body))
        var options = OpenRouterClient.CallOptions()
        options.headers = [
            try HTTPHeader("HTTP-Referer", "https://me.example"), try HTTPHeader("X-OpenRouter-Title", "me"),
        ]
        let answer = try await service.client().createCoinbaseCharge(Self.request(), options)
        #expect(answer.bytes == Array(body.utf8))
        let request = try #require(service.requests.first)
        #expect(request.hasPrefix("POST /api/v1/credits/coinbase HTTP/1.1\r\n"))
        #expect(request.hasSuffix("\r\n\r\n" + #"{"amount":10.5,"sender":"\#(Self.sender)","chain_id":8453}"#))
        for line in [
            "Authorization: Bearer \(ScriptedService.key)", "Content-Type: application/json",
            "HTTP-Referer: https://me.example", "X-OpenRouter-Title: me",
        ] { #expect(request.contains("\r\n\(line)\r\n"), "\(line)") }

        let (charge, payment) = (try answer.charge(), SamplePayment())
        #expect(charge.metadata.chainID == "8453")
        #expect(charge.metadata.contractAddress == "\(payment.contract)")
        #expect(charge.metadata.sender == "\(Self.sender)")
        #expect(charge.callData.recipientAmount == "1039500" && charge.callData.feeAmount == "10500")
        #expect(charge.callData.recipient == "\(payment.recipient)")
        #expect(charge.callData.recipientCurrency == "\(payment.recipientCurrency)")
        #expect(charge.callData.refundDestination == "\(payment.refundDestination)")
        #expect(charge.callData.operator == "\(SamplePayment.operator)")
        #expect(charge.callData.deadline == "2026-03-11T08:30:49Z")
        #expect(charge.callData.signature.count == 132 && charge.callData.prefix.hasPrefix("0x4b32"))
        #expect(charge.callData.id == "\(payment.id)")
        let data = try JSONDocument(answer.bytes).root["data"]
        #expect(charge.id == data?["id"]?.string)
        #expect(charge.createdAt == data?["created_at"]?.string && charge.expiresAt == data?["expires_at"]?.string)
    }

    static let amounts: [(String, String)] = [
        ("1", "1"), ("1.000000", "1"), ("19.99", "19.99"), ("0100", ""), ("100000", "100000"),
        ("100000.000000", "100000"),
        ("33333.333333", "33333.333333"), ("12.50", "12.5"), ("99999.999999", "99999.999999"),
        ("0.999999", ""), ("0", ""), ("100000.000001", ""), ("100001", ""), ("1.0000001", ""), ("", ""), ("-5", ""),
        ("1e2", ""), ("10USD", ""), ("$10", ""), ("10,5", ""), (" 10", ""), (String(repeating: "9", count: 90), ""),
    ]

    @Test("is for 1 to 100000 dollars, sent as they were typed or refused", arguments: amounts)
    func amount(text: String, expected: String) async throws {
        if expected.isEmpty {
            let error = #expect(throws: OpenRouterError.self) { try Self.request(text) }
            #expect(error?.problems.map(\.code) == ["openrouter.bad-amount"])
            #expect(error?.reason == .unsendable)
        } else {
            let service = ScriptedService(.init("{}"))
            _ = try await service.client().createCoinbaseCharge(Self.request(text, on: Chain(id: 137)))
            let body = #"{"amount":\#(expected),"sender":"\#(Self.sender)","chain_id":137}"#
            #expect(service.requests.first?.hasSuffix("\r\n\r\n\(body)") == true)
        }
    }

    static let malformed: [(String, [String])] = [
        ("", ["json.empty"]),
        ("\u{FEFF}{}", ["json.byte-order-mark"]),
        (#"{"data":null}"#, ["json.wrong-type /data"]),
        (
            #"{"data":{"id":1,"web3_data":{"transfer_intent":null}}}"#,
            [
                "json.wrong-type /data/id", "json.missing-field /data/created_at",
                "json.missing-field /data/expires_at",
                "json.wrong-type /data/web3_data/transfer_intent",
            ]
        ),
        (
            """
            {"data":{"id":"a","created_at":"b","expires_at":"c","web3_data":{"transfer_intent":{\
            "metadata":{"chain_id":"1","contract_address":"d","sender":"e"},"call_data":{"recipient_amount":1,\
            "deadline":"f","recipient":"g","recipient_currency":"h","refund_destination":"i","fee_amount":"j",\
            "id":"k","operator":"l","signature":"m"}}}}}
            """,
            [
                "json.wrong-type /data/web3_data/transfer_intent/metadata/chain_id",
                "json.wrong-type /data/web3_data/transfer_intent/call_data/recipient_amount",
                "json.missing-field /data/web3_data/transfer_intent/call_data/prefix",
            ]
        ),
    ]

    @Test("comes in an answer that is there even where it cannot be read", arguments: malformed)
    func unreadable(body: String, problems: [String]) async throws {
        let service = ScriptedService(.init(body))
        let answer = try await service.client().createCoinbaseChargeResult(Self.request()).get()
        #expect(answer.bytes == Array(body.utf8))
        let error = #expect(throws: OpenRouterError.self) { _ = try answer.charge() }
        let said = error?.problems.map { "\($0.code)\($0.field?.isEmpty == false ? " \($0.field ?? "")" : "")" }
        #expect(said == ["openrouter.bad-answer \(service.base)/credits/coinbase"] + problems)
    }
}
