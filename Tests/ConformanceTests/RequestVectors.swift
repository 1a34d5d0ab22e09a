import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockTransfers
import Testing

@Suite("Conformance: plain requests", .needsVectors)
struct RequestVectors {
    /// The reasons that the vectors give for refusing a URI, each with the error code that Airlock must report.
    private static let rules = [
        "2014.5 is no integer": "uri.not-an-integer", "fraction without exponent": "uri.not-an-integer",
        "negative, though the grammar allows the sign": "uri.negative",
        "chain id with trailing letters (Uniswap/interface PR 8050 review)": "value.not-a-decimal-integer",
        "ENS name: cannot be resolved offline": "uri.not-an-address", "key twice": "uri.repeated-parameter",
        "wrong mixed-case checksum": "value.wrong-checksum", "above 2^256": "uri.too-large",
        "not a payment: approve": "uri.other-function",
    ]

    @Test(
        "payment URIs (EIP-681): read exactly, or refused by the rule that they break, and by no chain where they name none"
    )
    func paymentURIs() throws {
        let cases = try Vectors.json("plain-requests/calls.json").array("eip681")
        conform("plain-requests/eip681", try cases.map { (try $0.text("uri"), $0) }) { value in
            let uri = try value.text("uri")
            let namesChain = uri.contains("@")
            // If the URI has no chain, Airlock must report this. The test then adds a chain, so that only the other
            // errors of the URI remain.
            let complete = namesChain ? uri : Self.on8453(uri)
            if !namesChain {
                let codes = Self.codes(uri)
                guard codes.contains("uri.no-chain") else { throw Failure("without a chain: \(codes)") }
            }
            if let reason = try value.member("refuse").string {
                let rule = reason.hasPrefix("argument order") ? "uri.other-argument-order" : Self.rules[reason]
                try same("the rule", Self.codes(complete), [rule ?? "no rule"])
                return
            }
            let expected = try value.member("expect")
            // The address in the example of EIP-681 does not have a valid EIP-55 checksum, so Airlock refuses it.
            if Self.codes(complete) == ["value.wrong-checksum"] {
                return try same(
                    "the refused example", uri.prefix(51), "ethereum:0xfb6916095ca1df60bb79Ce92ce3ea74c37c5d359")
            }
            let transfer = try PaymentURI.transfer(complete)
            try same("the recipient", transfer.to, try Address(expected.text("to").lowercased()))
            try same("the amount", transfer.amount, expected.integer(expected["token"] == nil ? "value" : "amount"))
            try same("the token", transfer.token, try expected["token"]?.string.map { try Address($0) })
            if let chain = expected["chainId"]?.string { try same("the chain", "\(transfer.chain.id)", chain) }
        }
    }

    private static func on8453(_ uri: String) -> String {
        let end = uri.firstIndex { $0 == "/" || $0 == "?" } ?? uri.endIndex
        return uri[..<end] + "@8453" + uri[end...]
    }

    private static func codes(_ uri: String) -> [String] {
        do throws(ProblemList) {
            _ = try PaymentURI.transfer(uri)
            return []
        } catch { return error.problems.map(\.code) }
    }
}
