import AirlockPolicies
import AirlockEthereumTypes
import AirlockFiles
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSigning
import AirlockTestSupport
import AirlockCharges

/// A folder with a ledger in it, and a payer who signs one-dollar payments at fixed times.
final class SigningWorkspace {
    private let scratch: Scratch
    let ledger: LedgerFile

    init() throws {
        scratch = try Scratch()
        ledger = LedgerFile(scratch("state/ledger.jsonl"))
    }

    /// One day before the deadline of the charges.
    static let start = Timestamp(seconds: SampleCharge.deadline - 86_400)

    /// Returns a policy for Base and Polygon that lists the sample recipient. It has the caps that the test gives.
    static func policy(_ caps: String = "", native: String = "", age: String = "") throws -> Policy {
        func rules(_ currency: String) -> String {
            """
            {"contracts":["0x03059433BCdB6144624cC2443159D9445C32b7a8"],"operators":["\(SampleKey.operator.address)"],\
            "recipients":{"\(SampleCharge.recipient)":"Example shop"},"currencies":{\
            "\(currency)":{"symbol":"USDC","decimals":"6"\(caps)},\
            "0x0":{"symbol":"ETH","decimals":"18"\(native)}},\
            "wrappedNative":"0x4200000000000000000000000000000000000006"}
            """
        }
        let usdc = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
        let text = """
            {"airlock":1,"kind":"policy"\(age),"chains":{"8453":\(rules(usdc)),"137":\(rules(usdc))}}
            """
        return try Policy(Array(text.utf8), origin: "policy.json")
    }

    /// Returns a charge signed by the operator. `number` sets the id of its intent.
    static func charge(
        _ number: UInt8 = 1, _ change: (inout SampleCharge) -> Void = { _ in }
    ) throws -> UnverifiedCharge {
        var sample = SampleCharge()
        sample["id"] = quoted("0x" + String(repeating: String(Hex.encode([number]).dropFirst(2)), count: 16))
        change(&sample)
        return try UnverifiedCharge(sample.signed().bytes)
    }

    /// Returns a valid request to pay the charge with this number. It contains the ledger as it is now.
    func request(
        _ number: UInt8 = 1, nonce: UInt64 = 7, after seconds: UInt64 = 0, policy: Policy? = nil,
        _ change: (inout SampleCharge) -> Void = { _ in }
    ) throws -> PaymentRequest {
        var request = PaymentRequest(
            try Self.charge(number, change), now: Self.start,
            clock: Timestamp(seconds: Self.start.seconds + seconds))
        request.policy = try policy ?? Self.policy()
        request.method = "transferTokenPreApproved"
        request.nonce = nonce
        request.gas = 180_000
        request.maxFeePerGas = 30_000_000
        request.maxPriorityFeePerGas = 1_000_000
        request.key = SampleKey.payer.address
        request.ledger = try ledger.read()
        return request
    }

    /// Reviews a request and signs it, like a user who types the expected answer.
    @discardableResult func sign(_ request: PaymentRequest) throws -> Payment {
        let review = Review(request)
        if let problems = ProblemList(review.problems) { throw problems }
        guard let payment = review.payment else { throw NotReviewed() }
        return try ConsentedPayment.typed(payment.expectedAnswer, for: payment)
            .sign(with: SampleKey.payer.secret, recordingIn: ledger)
    }

    struct NotReviewed: Error {}

    /// The content of the ledger file.
    var text: String {
        get throws { try scratch.content("state/ledger.jsonl") }
    }

    /// The lines of the ledger file, without their line ends.
    var lines: [String] {
        get throws { try text.split(separator: "\n").map { String($0) } }
    }

    func write(_ text: String) { scratch.file("state/ledger.jsonl", text, mode: 0o600) }
    func setMode(_ mode: UInt32) throws { scratch.file("state/ledger.jsonl", try text, mode: mode) }
    func path(_ name: String) -> String { scratch(name) }
}

extension Review {
    /// Returns the code and the field of each problem that was found by the checks with this subject.
    func refusals(_ subject: Check.Subject) -> [Refusal] {
        checks.filter { $0.subject == subject }.flatMap { $0.problems.map { Refusal($0) } }
    }

    func warnings(_ subject: Check.Subject) -> [String] {
        checks.filter { $0.subject == subject }.flatMap(\.warnings)
    }

    func findings(_ subject: Check.Subject) -> [String] {
        checks.filter { $0.subject == subject }.flatMap(\.findings)
    }
}
