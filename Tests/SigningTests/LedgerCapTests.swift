import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSigning
import Testing
import AirlockCharges

private let callData = UnverifiedCharge.callData

@Suite("The caps over a day")
struct LedgerCapTests {
    let workspace: SigningWorkspace

    init() throws { workspace = try SigningWorkspace() }

    private static let overCap = Refusal("policy.over-day-cap", "\(callData)/recipient_amount")

    private func refusals(_ request: PaymentRequest) -> [Refusal] { Review(request).refusals(.ledger) }

    @Test(
        "count what was signed in the 24 hours before, that very second included",
        arguments: [
            (0, true), (86_399, true), (86_400, true), (86_401, false), (200_000, false),
        ] as [(UInt64, Bool)])
    func boundary(seconds: UInt64, isRefused: Bool) throws {
        let policy = try SigningWorkspace.policy(#","perDay":"2""#)
        try workspace.sign(workspace.request(1, nonce: 7, policy: policy))
        let request = try workspace.request(2, nonce: 8, after: seconds, policy: policy)
        #expect(refusals(request) == (isRefused ? [Self.overCap] : []))
    }

    @Test(
        "let as much through as they say, and not a unit more",
        arguments: [
            ("2.1", false), ("2.099999", true),
        ])
    func exact(cap: String, isRefused: Bool) throws {
        let policy = try SigningWorkspace.policy(#","perDay":"\#(cap)""#)
        try workspace.sign(workspace.request(1, nonce: 7, policy: policy))
        let review = Review(try workspace.request(2, nonce: 8, policy: policy))
        #expect(review.refusals(.ledger) == (isRefused ? [Self.overCap] : []))
        if isRefused {
            #expect(
                review.problems[0].message.hasSuffix("saw 2.1 USDC in 24 hours; expected at most 2.099999 USDC"))
        }
    }

    @Test("hold for the first payment too")
    func first() throws {
        let policy = try SigningWorkspace.policy(#","perDay":"1.049999""#)
        #expect(refusals(try workspace.request(policy: policy)) == [Self.overCap])
    }

    @Test("roll: what is older makes room")
    func rolling() throws {
        let policy = try SigningWorkspace.policy(#","perDay":"3""#)
        try workspace.sign(workspace.request(1, nonce: 7, after: 0, policy: policy))
        try workspace.sign(workspace.request(2, nonce: 8, after: 50_000, policy: policy))
        #expect(refusals(try workspace.request(3, nonce: 9, after: 86_400, policy: policy)) == [Self.overCap])
        let third = try workspace.request(3, nonce: 9, after: 86_401, policy: policy)
        try workspace.sign(third)
        #expect(refusals(try workspace.request(4, nonce: 10, after: 90_000, policy: policy)) == [Self.overCap])
    }

    @Test("count a payment once, however often the same is signed")
    func again() throws {
        let policy = try SigningWorkspace.policy(#","perDay":"1.05""#)
        var request = try workspace.request(policy: policy)
        let payment = try workspace.sign(request)
        request.ledger = try workspace.ledger.read()
        #expect(try workspace.sign(request) == payment)
    }

    @Test("count everything that was signed, replaced or not")
    func replaced() throws {
        let policy = try SigningWorkspace.policy(#","perDay":"2""#)
        let payment = try workspace.sign(workspace.request(1, nonce: 7, policy: policy))
        var request = try workspace.request(1, nonce: 7, policy: policy)
        request.replace = payment.transactions[0].hash
        request.maxFeePerGas = 40_000_000
        #expect(refusals(request) == [Self.overCap])
    }

    @Test("go by the machine's time, whatever was claimed")
    func claimed() throws {
        let policy = try SigningWorkspace.policy(#","perDay":"2""#)
        var early = PaymentRequest(
            try SigningWorkspace.charge(1), now: Timestamp(seconds: SigningWorkspace.start.seconds - 200_000),
            clock: SigningWorkspace.start)
        early.policy = policy
        early.method = "transferTokenPreApproved"
        (early.nonce, early.gas, early.maxFeePerGas, early.maxPriorityFeePerGas) = (7, 180_000, 30_000_000, 1_000_000)
        try workspace.sign(early)
        #expect(refusals(try workspace.request(2, nonce: 8, after: 60, policy: policy)) == [Self.overCap])
    }

    @Test("are each chain's own")
    func chains() throws {
        let policy = try SigningWorkspace.policy(#","perDay":"2""#)
        try workspace.sign(workspace.request(1, nonce: 7, policy: policy))
        #expect(refusals(try workspace.request(1, nonce: 7, policy: policy) { $0[metadata: "chain_id"] = "137" }) == [])
    }

    @Test("count the native currency of a swap beside the token that it buys")
    func swap() throws {
        let policy = try SigningWorkspace.policy(native: #","perDay":"0.01""#)
        func swap(_ number: UInt8, nonce: UInt64, _ value: UInt256) throws -> PaymentRequest {
            var request = try workspace.request(number, nonce: nonce, policy: policy)
            request.method = "swapAndTransferUniswapV3Native"
            request.value = value
            return request
        }
        try workspace.sign(swap(1, nonce: 7, 6_000_000_000_000_000))
        let spends = try #require(try workspace.ledger.read()?.entries.first?.spends)
        #expect(spends.map(\.amount) == [1_050_000, 6_000_000_000_000_000])
        #expect(refusals(try swap(2, nonce: 8, 4_000_000_000_000_000)) == [])
        #expect(
            refusals(try swap(2, nonce: 8, 4_000_000_000_000_001)) == [Refusal("policy.over-day-cap", "value:")])
    }

    @Test("refuse a sum that does not fit into 256 bits")
    func overflow() throws {
        let most = "\(UInt256.max)"
        let policy = try SigningWorkspace.policy(",\"perDay\":\"\(Amount.format(.max, decimals: 6))\"")
        func change(_ sample: inout SampleCharge) {
            sample["recipient_amount"] = quoted(most)
            sample["fee_amount"] = quoted(0)
        }
        try workspace.sign(workspace.request(1, nonce: 7, policy: policy, change))
        let review = Review(try workspace.request(2, nonce: 8, policy: policy, change))
        #expect(review.refusals(.ledger) == [Self.overCap])
        #expect(review.problems[0].message.contains("saw more than 256 bits"))
    }
}
