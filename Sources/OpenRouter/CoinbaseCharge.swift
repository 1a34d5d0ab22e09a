public import AirlockEthereumTypes
internal import AirlockHTTP
internal import AirlockStrictJSON

/// A request to OpenRouter to create a charge.
public struct CoinbaseChargeRequest: Hashable, Sendable {
    /// The amount in US dollars, from 1 to 100000, without trailing zeros.
    public let amount: String
    /// The account that will pay the charge.
    public let sender: Address
    public let chain: Chain
    private let units: UInt256

    /// Makes a request for an amount of dollars, such as `25` or `12.50`. At most six decimals are accepted, because
    /// USDC has six. The amount is never rounded. If it cannot be sent exactly, it is refused.
    public init(amount: String, sender: Address, chain: Chain) throws(OpenRouterError) {
        self.init(amount: try Self.amount(amount), sender: sender, on: chain)
    }

    private init(amount: UInt256, sender: Address, on chain: Chain) {
        self.units = amount
        self.amount = Amount.format(amount, decimals: Self.decimals)
        self.sender = sender
        self.chain = chain
    }

    private static let decimals = 6

    private static func amount(_ text: String) throws(OpenRouterError) -> UInt256 {
        guard let amount = try? Amount.parse(text, decimals: decimals), amount >= 1_000_000, amount <= 100_000_000_000
        else { throw OpenRouterError(.badAmount, saw: text) }
        return amount
    }

    /// The smallest and the largest amount that Airlock accepts in a charge for this request, in units of 10^-6 USDC.
    /// The smallest amount is the requested amount. The largest amount is 10 % above the requested amount, which is
    /// more than enough for the service's fee of 5 %.
    public var amountsInUSDC: (least: UInt256, most: UInt256) {
        let tenth = units.quotientAndRemainder(dividingBy: 10)?.quotient ?? .zero
        return (units, units.adding(tenth) ?? units)
    }

    /// The body of the HTTP request. OpenRouter expects the chain ID as a number, although its documentation shows a
    /// string.
    var json: JSONOutput {
        ["amount": .number(amount), "sender": .string(sender.description), "chain_id": .number("\(chain.id)")]
    }
}

/// OpenRouter's answer to the HTTP request that creates a charge. Save the bytes of the answer before you call
/// `charge()`, so that the charge is not lost if the answer cannot be read.
public struct CoinbaseChargeAnswer: Hashable, Sendable {
    /// The body of the answer, byte for byte. The offline tool `airlock` reads exactly these bytes.
    public let bytes: [UInt8]
    private let url: HTTPURL

    init(bytes: [UInt8], url: HTTPURL) {
        self.bytes = bytes
        self.url = url
    }

    /// Reads the charge from the answer, which must have the form that OpenRouter documents. Checks only this form. It
    /// checks neither the meaning of the fields nor the operator's signature.
    public func charge() throws(OpenRouterError) -> CoinbaseCharge {
        let root: JSONValue
        do throws(JSONError) { root = try JSONDocument(bytes).root } catch {
            throw OpenRouterError(malformed: error.problems, at: url)
        }
        var reader = ObjectReader(root)
        guard let charge = reader.object("data", { CoinbaseCharge(&$0) }) else {
            throw OpenRouterError(malformed: reader.problems, at: url)
        }
        return charge
    }
}

/// A charge with the fields that the service documents. The values are kept exactly as the answer contains them.
public struct CoinbaseCharge: Hashable, Sendable {
    public let id: String
    public let createdAt: String
    public let expiresAt: String
    public let metadata: Metadata
    public let callData: CallData

    public struct Metadata: Hashable, Sendable {
        public let chainID: String
        public let contractAddress: String
        public let sender: String
    }

    /// The arguments of the call to the payment contract.
    public struct CallData: Hashable, Sendable {
        public let recipientAmount: String
        public let deadline: String
        public let recipient: String
        public let recipientCurrency: String
        public let refundDestination: String
        public let feeAmount: String
        public let id: String
        public let `operator`: String
        public let signature: String
        public let prefix: String
    }

    init?(_ data: inout ObjectReader) {
        let (id, createdAt) = (data.string("id"), data.string("created_at"))
        let expiresAt = data.string("expires_at")
        let intent = data.object("web3_data") { web3 in
            web3.object("transfer_intent") { intent -> (Metadata, CallData)? in
                let metadata = intent.object("metadata") { Metadata(&$0) }
                let callData = intent.object("call_data") { CallData(&$0) }
                guard let metadata, let callData else { return nil }
                return (metadata, callData)
            }
        }
        guard let id, let createdAt, let expiresAt, let intent else { return nil }
        self.id = id
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        (metadata, callData) = intent
    }
}

extension CoinbaseCharge.Metadata {
    fileprivate init?(_ reader: inout ObjectReader) {
        let (chainID, contract) = (reader.number("chain_id"), reader.string("contract_address"))
        guard let sender = reader.string("sender"), let chainID, let contract else { return nil }
        self.init(chainID: chainID, contractAddress: contract, sender: sender)
    }
}

extension CoinbaseCharge.CallData {
    fileprivate init?(_ reader: inout ObjectReader) {
        let names = [
            "recipient_amount", "deadline", "recipient", "recipient_currency", "refund_destination", "fee_amount", "id",
            "operator", "signature", "prefix",
        ]
        let values = names.compactMap { reader.string($0) }
        guard values.count == names.count else { return nil }
        self.init(
            recipientAmount: values[0], deadline: values[1], recipient: values[2], recipientCurrency: values[3],
            refundDestination: values[4], feeAmount: values[5], id: values[6], operator: values[7],
            signature: values[8], prefix: values[9])
    }
}
