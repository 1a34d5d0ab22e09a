import AirlockEthereumTypes
import Foundation
import AirlockHTTP
import AirlockStrictJSON
import AirlockToolSupport
import AirlockTestSupport

/// A test chain for the pages that need one: Tests/Devnet in a separate process. The process ends when this object is
/// released. The operator and the payer are those of `SamplePayment`.
final class Chain: Sendable {
    let url: String
    private let transfers: String
    private let token: String
    private let merchant: String
    private let server: PythonServer
    private let client = HTTPClient()

    init() throws {
        server = try PythonServer([
            PackageRoot.url.appending(path: "Tests/Devnet").path, "start", "--chain-id", "8453", "--l1-fee",
            "1000000000",
        ])
        let said = try JSONDocument(Array(server.announcement.utf8)).root
        func text(_ name: String) throws -> String {
            guard let text = said[name]?.string else { throw ToolFailure("the chain did not say \(name)") }
            return text
        }
        url = try text("url")
        transfers = try text("transfers")
        token = try text("token")
        merchant = try text("merchant")
    }

    /// Returns a payment of 1.05 in the chain's token. Its deadline is the given number of seconds from now.
    func payment(validFor seconds: UInt64 = 172_800) throws -> SamplePayment {
        var payment = SamplePayment()
        payment.contract = try Address(transfers)
        payment.recipient = try Address(merchant)
        payment.recipientCurrency = try Address(token)
        let deadline = UInt64(Date.now.timeIntervalSince1970) + seconds
        payment.deadline = UInt256(deadline)
        payment.expires = Timestamp(seconds: deadline).description
        return payment
    }

    /// A policy for payments on this chain. It lists only the contract, operator, recipient and token of these
    /// payments, and the native currency.
    var policy: String {
        """
        {"airlock":1,"kind":"policy","chains":{"8453":{"contracts":["\(transfers)"],
        "operators":["\(SamplePayment.operator)"],"recipients":{"\(merchant)":"OpenRouter"},
        "currencies":{"\(token)":{"symbol":"USDC","decimals":"6","perPayment":"100","perDay":"500"},
        "0x0":{"symbol":"ETH","decimals":"18","perPayment":"0.05"}},
        "maxNativeValue":"50000000000000000","maxNetworkFee":"10000000000000000"}},"maxConditionsAge":"3600"}
        """
    }

    /// Calls a method of the node. Throws if the node returns an error.
    func ask(_ method: String, _ parameters: String) async throws {
        let question = #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(parameters)}"#
        let answer = try await client.send(
            HTTPRequest(.post(Array(question.utf8)), HTTPURL(url), headers: [.contentIsJSON]))
        if let no = try JSONDocument(answer.body).root["error"] { throw ToolFailure("\(method): \(no.text)") }
    }
}
