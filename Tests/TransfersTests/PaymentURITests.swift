import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockSamples
import Testing
import AirlockTransfers

@Suite("A payment URI")
struct PaymentURITests {
    private static let payee = "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359"
    private static let token = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
    private static let other = "0x54235780057CC828C92aA40e3b02053881990153"

    private static let accepted: [(String, UInt256)] = [
        ("ethereum:\(payee)@1?value=2.014e18", 2_014_000_000_000_000_000),
        ("ethereum:pay-\(payee)@1?value=1e16", 10_000_000_000_000_000),
        ("ETHEREUM:\(payee)@1?value=7", 7), ("ethereum:\(payee)@1?value=+7", 7),
        ("ethereum:\(payee)@1?value=1.50E1", 15), ("ethereum:\(payee)@1?value=007", 7),
    ]

    @Test("asks for native currency", arguments: accepted)
    func native(uri: String, amount: UInt256) throws {
        let transfer = try PaymentURI.transfer(uri)
        #expect(transfer.chain == .ethereum && transfer.token == nil && transfer.amount == amount)
        #expect(try transfer.to == Address(Self.payee) && transfer.target == transfer.to)
        #expect(transfer.value == amount && transfer.data.isEmpty && transfer.from == nil)
    }

    @Test("asks for a token")
    func inToken() throws {
        let uri = "ethereum:\(Self.token)@8453/transfer?address=\(Self.other)&uint256=1e6"
        let transfer = try PaymentURI.transfer(uri)
        #expect(try transfer.token == Address(Self.token) && transfer.to == Address(Self.other))
        #expect(transfer.amount == 1_000_000 && transfer.value == .zero && transfer.target == transfer.token)
    }

    private static let refused: [(String, [String])] = [
        ("ethereum:\(payee)?value=1", ["uri.no-chain chain id"]),
        ("ethereum:\(payee)@8453abc?value=1", ["value.not-a-decimal-integer chain id"]),
        ("ethereum:\(payee)@0?value=1", ["value.not-a-chain chain id"]),
        ("ethereum:\(payee)@?value=1", ["value.not-a-decimal-integer chain id"]),
        ("ethereum:\(payee)@1?value=2.0145e3", ["uri.not-an-integer value"]),
        ("ethereum:\(payee)@1?value=1.5", ["uri.not-an-integer value"]),
        ("ethereum:\(payee)@1?value=-1", ["uri.negative value"]),
        ("ethereum:\(payee)@1?value=", ["uri.not-a-number value"]),
        ("ethereum:\(payee)@1?value=1e", ["uri.not-a-number value"]),
        ("ethereum:\(payee)@1?value=0x10", ["uri.not-a-number value"]),
        ("ethereum:\(payee)@1?value=1%65", ["uri.not-a-number value"]),
        ("ethereum:\(payee)@1?value=1e78", ["uri.too-large value"]),
        ("ethereum:\(payee)@1?value=1e99999999999", ["uri.too-large value"]),
        ("ethereum:\(payee)@1?value=0", ["transfer.zero-amount value"]),
        ("ethereum:\(payee)@1?value=0e99999", ["uri.too-large value"]),
        ("ethereum:\(payee)@1", ["uri.no-amount value"]),
        ("ethereum:\(payee)@1?value=1&value=2", ["uri.repeated-parameter value"]),
        ("ethereum:\(payee)@1?value=1&gas=5", ["uri.gas gas"]),
        ("ethereum:\(payee)@1?value=1&label=x", ["uri.unknown-parameter label"]),
        // In a problem, the field `nonce:` would mean an argument of the caller, not a parameter of the URI. So the
        // field of the expected problem is `parameter`.
        ("ethereum:\(payee)@1?value=1&nonce:=5", ["uri.unknown-parameter parameter"]),
        ("ethereum:\(payee)@1?value", ["uri.not-a-parameter -", "uri.no-amount value"]),
        ("ethereum:vitalik.eth@1?value=1", ["uri.not-an-address target"]),
        ("ethereum:0xFB6916095ca1df60bb79Ce92ce3ea74c37c5d359@1?value=1", ["value.wrong-checksum target"]),
        ("ethereum:0x0000000000000000000000000000000000000000@1?value=1", ["transfer.null-recipient target"]),
        ("ethereum:\(token)@8453/transfer?uint256=1&address=\(other)", ["uri.other-argument-order address"]),
        ("ethereum:\(token)@8453/approve?address=\(other)&uint256=1", ["uri.other-function function"]),
        ("ethereum:\(token)@8453/transfer?address=\(other)", ["uri.no-amount uint256"]),
        ("ethereum:\(token)@8453/transfer?uint256=1", ["uri.no-recipient address"]),
        ("ethereum:\(token)@8453/transfer?address=\(token)&uint256=1", ["transfer.to-the-token address"]),
        ("ethereum:\(token)@8453/transfer?address=\(other)&uint256=1&value=1", ["uri.unknown-parameter value"]),
        ("ethereum:\(payee)@1 ?value=1", ["uri.not-a-payment -"]),
        ("bitcoin:\(payee)@1?value=1", ["uri.not-a-payment -"]),
        (
            "ethereum:\(payee)?value=-1&gas=1&gas=2",
            ["uri.no-chain chain id", "uri.repeated-parameter gas", "uri.gas gas", "uri.gas gas", "uri.negative value"]
        ),
    ]

    @Test("is refused by its rule, with all that is wrong with it", arguments: refused)
    func refusal(uri: String, expected: [String]) {
        let found = problems { _ = try PaymentURI.transfer(uri) }
        #expect(found.map { "\($0.code) \($0.field ?? "-")" } == expected)
    }
}
