import AirlockPolicies
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSigning
import Testing
import AirlockCharges

/// A draft of a valid request. A test changes one part of it to make it wrong.
struct Draft {
    var charge = SampleCharge()
    var signer = SampleKey.operator
    var conditions: Conditions? = .sample
    var policy = SampleFile.policy
    /// The path from which the policy was read, as the review states it.
    var origin = "policy.json"
    var now = Timestamp(seconds: SampleCharge.deadline - 3600)
    var clock: Timestamp?
    /// Changes that are made to the request after it was built.
    var edits: [@Sendable (inout PaymentRequest) -> Void] = []

    /// Changes the currency of the charge.
    mutating func pay(in currency: Address) { charge["recipient_currency"] = quoted(currency) }

    /// Changes the policy's rules for Base.
    mutating func rules(_ change: (inout SampleFile) -> Void) {
        var rules = SampleFile.rules
        change(&rules)
        policy["chains"] = "{\"8453\":\(rules.json)}"
    }

    /// Changes the policy's entry for a currency.
    mutating func currency(_ address: String, _ change: (inout SampleFile) -> Void) {
        var currencies = SampleFile.currencies
        var currency = address == "0x0" ? SampleFile.nativeCurrency : .tokenCurrency
        change(&currency)
        currencies[address] = currency.json
        rules { $0["currencies"] = currencies.json }
    }

    mutating func edit(_ change: @escaping @Sendable (inout PaymentRequest) -> Void) { edits.append(change) }

    func request() throws -> PaymentRequest {
        var request = PaymentRequest(
            try UnverifiedCharge(charge.signed(by: signer).bytes), now: now, clock: clock)
        request.conditions = conditions
        request.policy = try Policy(policy.bytes, origin: origin)
        request.key = SampleKey.payer.address
        for edit in edits { edit(&request) }
        return request
    }

    func review() throws -> Review { Review(try request()) }

    static func review(_ change: (inout Draft) -> Void = { _ in }) throws -> Review {
        var draft = Draft()
        change(&draft)
        return try draft.review()
    }
}

let usdc = Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")
let wrapped = Address(known: "0x4200000000000000000000000000000000000006")
let transfers = Address(known: "0x03059433BCdB6144624cC2443159D9445C32b7a8")

extension Conditions {
    /// Conditions that the online machine measured one minute ago. All balances and the allowance are sufficient.
    static let sample: Conditions = {
        var conditions = Conditions(chain: .base, sender: SampleKey.payer.address)
        conditions.nonce = 7
        conditions.gas = 180_000
        conditions.approveGas = 60_000
        conditions.maxFeePerGas = 30_000_000
        conditions.maxPriorityFeePerGas = 1_000_000
        conditions.block = Block(
            number: 30_000_000, hash: .keccak([2]), timestamp: Timestamp(seconds: SampleCharge.deadline - 3660))
        conditions.nativeBalance = 1_000_000_000_000_000_000
        conditions.token = Token(address: usdc, symbol: "USDC", decimals: 6, balance: 5_000_000)
        conditions.approval = Approval(spender: transfers, allowance: 2_000_000, resetFirst: false)
        conditions.l1Fee = 2_500_000_000
        return conditions
    }()
}

extension SampleFile {
    /// A policy that is enough to pay the sample charge in each currency and by each method, without a question.
    static let policy = SampleFile(members: [
        ("airlock", "1"), ("kind", "\"policy\""), ("chains", "{\"8453\":\(rules.json)}"),
        ("maxConditionsAge", "\"3600\""),
    ])

    static let rules = SampleFile(members: [
        ("contracts", "[\(quoted(transfers))]"), ("operators", "[\(quoted(SampleKey.operator.address))]"),
        ("recipients", "{\(quoted(SampleCharge.recipient)):\"OpenRouter\"}"), ("currencies", currencies.json),
        ("maxNativeValue", "\"500000000000000000\""), ("maxNetworkFee", "\"10000000000000000\""),
        ("maxNativePerToken", "\"400000000000000\""), ("wrappedNative", quoted(wrapped)),
    ])

    static let currencies = SampleFile(members: [
        ("0x0", nativeCurrency.json), ("\(usdc)", tokenCurrency.json),
        ("\(wrapped)", nativeCurrency.with("symbol", "\"WETH\"").json),
    ])

    static let nativeCurrency = SampleFile(members: [
        ("symbol", "\"ETH\""), ("decimals", "\"18\""), ("perPayment", "\"0.5\""), ("perDay", "\"1\""),
    ])

    static let tokenCurrency = SampleFile(members: [
        ("symbol", "\"USDC\""), ("decimals", "\"6\""), ("perPayment", "\"2\""), ("perDay", "\"5\""),
    ])
}
