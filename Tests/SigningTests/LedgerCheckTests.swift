import AirlockPolicies
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSigning
import Testing
import AirlockCharges

private let callData = UnverifiedCharge.callData

@Suite("What the ledger says of a payment")
struct LedgerCheckTests {
    let workspace: SigningWorkspace

    init() throws { workspace = try SigningWorkspace() }

    private func refusals(_ request: PaymentRequest) -> [Refusal] { Review(request).refusals(.ledger) }

    private static let intentSigned = Refusal("ledger.intent-already-signed", "\(callData)/id")
    private static let nonceSigned = Refusal("ledger.nonce-already-signed", "nonce:")
    private static let nothingToReplace = Refusal("ledger.nothing-to-replace", "replace:")

    @Test("nothing, where nothing was signed")
    func first() throws {
        #expect(Review(try workspace.request()).findings(.ledger) == ["nothing was signed before"])
    }

    @Test("that it is recorded already: signing again gives the same bytes, and no second line")
    func again() throws {
        var request = try workspace.request()
        request.rungs = 2
        request.cancel = true
        let payment = try workspace.sign(request)
        request.ledger = try workspace.ledger.read()
        #expect(
            Review(request).findings(.ledger).last
                == "this very payment is recorded already: signing it again gives the same bytes")
        #expect(try workspace.sign(request) == payment)
        // The payment is requested again an hour later, after another payment, with the same fee rungs and cancel.
        // `sign` still returns the payment that was signed first.
        try workspace.sign(workspace.request(2, nonce: 8, after: 60))
        var later = try workspace.request(after: 3600)
        later.rungs = 2
        later.cancel = true
        #expect(try workspace.sign(later) == payment)
        #expect(try workspace.lines.count == 2)
    }

    @Test("that its intent was signed, whatever else is another")
    func intent() throws {
        try workspace.sign(workspace.request(nonce: 7))
        #expect(refusals(try workspace.request(nonce: 8)) == [Self.intentSigned])
        var dearer = try workspace.request(nonce: 7)
        dearer.maxFeePerGas = 30_000_001
        // The recorded payment has both the intent and the nonce of this request, so the review reports only one
        // problem.
        #expect(refusals(dearer) == [Self.intentSigned])
    }

    @Test("that its nonce was signed, and by what")
    func nonce() throws {
        let hash = try workspace.sign(workspace.request(1, nonce: 7)).transactions[0].hash
        let review = Review(try workspace.request(2, nonce: 7))
        #expect(review.refusals(.ledger) == [Self.nonceSigned])
        #expect(review.payment == nil)
        #expect(
            review.problems[0].message.hasSuffix(
                "nonce 7, signed at 2026-03-10T08:30:49Z; expected a replacement of \(hash)"))
    }

    @Test("nothing of what was signed on another chain, or for another payer")
    func elsewhere() throws {
        try workspace.sign(workspace.request(1, nonce: 7))
        #expect(refusals(try workspace.request(1, nonce: 7) { $0[metadata: "chain_id"] = "137" }) == [])
        #expect(
            refusals(try workspace.request(1, nonce: 7) { $0[metadata: "sender"] = quoted(SampleKey.stranger.address) })
                == [])
    }

    @Test("that of two reviews of one nonce, the one that signs first has signed it")
    func race() throws {
        let first = try workspace.request(1, nonce: 7)
        let second = try workspace.request(2, nonce: 7)
        #expect(Review(second).problems == [])
        try workspace.sign(first)
        #expect(AirlockSamples.refusals { try workspace.sign(second) } == [Self.nonceSigned])
        #expect(try workspace.lines.count == 1)
    }

    private func replace(
        _ hash: Hash, _ number: UInt8 = 1, nonce: UInt64 = 7, fee: UInt256 = 30_000_000
    ) throws -> PaymentRequest {
        var request = try workspace.request(number, nonce: nonce)
        request.replace = hash
        request.maxFeePerGas = fee
        return request
    }

    @Test("that a transaction takes another one's place only when it names the one that stands")
    func replace() throws {
        var hashes = [try workspace.sign(workspace.request()).transactions[0].hash]
        for fee: UInt256 in [30_000_001, 30_000_002, 29_000_000] {
            let request = try replace(hashes[hashes.count - 1], fee: fee)
            hashes.append(try workspace.sign(request).transactions[0].hash)
        }
        #expect(Set(hashes).count == 4)
        #expect(try workspace.ledger.read()?.entries.map(\.replaces) == [nil, hashes[0], hashes[1], hashes[2]])
        for hash in hashes[..<3] + [.keccak([1])] {
            #expect(refusals(try replace(hash, fee: 40_000_000)) == [Self.intentSigned, Self.nothingToReplace])
        }
        #expect(refusals(try replace(hashes[3], fee: 40_000_000)) == [])
    }

    @Test("that nodes want higher fees of a replacement with the same nonce")
    func replacementFees() throws {
        let first = try workspace.sign(workspace.request(1, nonce: 7)).transactions[0].hash
        let warning = """
            nodes accept a replacement only if both its fees are at least 10 % above those of the transaction it \
            replaces: compare them, for the ledger does not know those
            """
        let cases: [(number: UInt8, nonce: UInt64, isWarned: Bool)] = [
            (1, 7, true), (2, 7, true), (1, 8, false), (2, 8, false),
        ]
        for (number, nonce, isWarned) in cases {
            let review = Review(try replace(first, number, nonce: nonce, fee: 33_000_000))
            #expect(review.warnings(.ledger) == (isWarned ? [warning] : []), "\(number) \(nonce)")
        }
    }

    @Test("that there is nothing to replace, where nothing stands in the way")
    func nothing() throws {
        let hash = try workspace.sign(workspace.request(1, nonce: 7)).transactions[0].hash
        #expect(refusals(try replace(hash, 2, nonce: 8)) == [Self.nothingToReplace])
        // This workspace has no ledger yet, so it has no entry that could be replaced.
        let other = try SigningWorkspace()
        var request = try other.request()
        request.replace = hash
        #expect(refusals(request) == [Self.nothingToReplace])
    }

    @Test("not that there is nothing to replace, where a value is missing and no transaction can be compared")
    func unplanned() throws {
        let hash = try workspace.sign(workspace.request(1, nonce: 7)).transactions[0].hash
        for workspace in [self.workspace, try SigningWorkspace()] {
            var request = try workspace.request(2, nonce: 7)
            request.replace = hash
            request.gas = nil
            #expect(Review(request).problems.map(\.code) == ["sign.missing-value"])
        }
    }

    @Test("that both stand in the way, when intent and nonce were signed apart")
    func both() throws {
        let first = try workspace.sign(workspace.request(1, nonce: 7)).transactions[0].hash
        try workspace.sign(workspace.request(2, nonce: 8))
        #expect(refusals(try workspace.request(1, nonce: 8)) == [Self.intentSigned, Self.nonceSigned])
        #expect(refusals(try replace(first, 1, nonce: 8)) == [Self.nonceSigned])
    }

    @Test("that a nonce is not free because its payment was signed anew with another")
    func otherNonce() throws {
        let first = try workspace.sign(workspace.request(1, nonce: 7)).transactions[0].hash
        let second = try workspace.sign(replace(first, 1, nonce: 8)).transactions[0].hash
        // The second payment has already replaced the first payment of this intent. So a third payment has to replace
        // only the second payment.
        #expect(refusals(try replace(second, 1, nonce: 9)) == [])
        // The first payment can still be mined, because its nonce 7 was not used again.
        #expect(refusals(try workspace.request(2, nonce: 7)) == [Self.nonceSigned])
        #expect(refusals(try replace(first, 2, nonce: 7)) == [])
    }

    @Test("that of a payment of several nonces only those are free that its replacement uses")
    func severalNonces() throws {
        var request = try workspace.request(1, nonce: 7)
        request.approve = true
        request.conditions = .approving(gas: 60_000)
        let payment = try workspace.sign(request)
        #expect(payment.transactions.map(\.nonce) == [7, 8])
        try workspace.sign(replace(payment.transactions[0].hash, 2, nonce: 7))
        // The transaction with nonce 8, which pays the intent, can still be mined.
        #expect(refusals(try workspace.request(3, nonce: 8)) == [Self.nonceSigned])
        #expect(refusals(try workspace.request(1, nonce: 9)) == [Self.intentSigned])
        // This payment replaces the transaction with nonce 8, so the first intent can be paid again.
        try workspace.sign(replace(payment.transactions[1].hash, 3, nonce: 8))
        #expect(refusals(try workspace.request(1, nonce: 9)) == [])
    }

    @Test("that a nonce is left out, where it is", arguments: [(8, false), (9, true), (200, true)] as [(UInt64, Bool)])
    func gap(nonce: UInt64, isGap: Bool) throws {
        try workspace.sign(workspace.request(1, nonce: 7))
        let review = Review(try workspace.request(2, nonce: nonce))
        #expect(review.problems == [])
        #expect(
            review.warnings(.ledger)
                == (isGap
                    ? ["the last nonce signed here is 7: \(nonce) leaves a gap, and waits until it is filled"] : []))
    }

    @Test("nothing of a nonce below the last one, nor of gaps on another chain")
    func noGap() throws {
        try workspace.sign(workspace.request(1, nonce: 7))
        #expect(Review(try workspace.request(2, nonce: 3)).warnings(.ledger) == [])
        let elsewhere = Review(try workspace.request(2, nonce: 90) { $0[metadata: "chain_id"] = "137" })
        #expect(elsewhere.warnings(.ledger) == [])
    }

    @Test("that this machine's clock is behind the last entry; the claimed time may be anything")
    func clock() throws {
        var first = try workspace.request(1, nonce: 7, after: 60)
        first = try PaymentRequest(
            copying: first, now: Timestamp(seconds: SampleCharge.deadline), policy: SigningWorkspace.policy())
        try workspace.sign(first)
        #expect(refusals(try workspace.request(2, nonce: 8, after: 59)) == [Refusal("ledger.clock-behind", nil)])
        #expect(refusals(try workspace.request(2, nonce: 8, after: 60)) == [])
        try workspace.sign(workspace.request(2, nonce: 8, after: 60))
    }

    @Test("whether it knows the entry that the relay saw last")
    func head() throws {
        let before = try #require(try workspace.sign(workspace.request(1, nonce: 7)).ledgerHead)
        let last = try #require(try workspace.sign(workspace.request(2, nonce: 8)).ledgerHead)
        for (head, refused) in [(before, false), (last, false), (.keccak([1]), true), (.zero, true)] {
            var request = try workspace.request(3, nonce: 9)
            request.conditions = Conditions(chain: .base, sender: SampleKey.payer.address)
            request.conditions?.ledgerHead = head
            #expect(refusals(request) == (refused ? [Refusal("ledger.head-unknown", "/ledgerHead")] : []))
        }
    }

    @Test("that it is missing, when the relay saw an entry and there is none", arguments: [false, true])
    func missing(isEmpty: Bool) throws {
        if isEmpty {
            try workspace.ledger.create(
                accepting: nil, time: SigningWorkspace.start, claimedTime: SigningWorkspace.start)
        }
        var request = try workspace.request()
        request.conditions = Conditions(chain: .base, sender: SampleKey.payer.address)
        request.conditions?.ledgerHead = .keccak([1])
        #expect(refusals(request) == [Refusal("ledger.missing", "/ledgerHead")])
        #expect(AirlockSamples.refusals { try workspace.sign(request) } == [Refusal("ledger.missing", "/ledgerHead")])
    }
}

extension Conditions {
    /// Returns conditions for the payer on Base. The balance of the token is sufficient. By default, the allowance is
    /// zero.
    static func approving(
        gas: UInt64? = 60_000, allowance: UInt256 = .zero, resetFirst: Bool = false
    ) -> Conditions {
        var conditions = Conditions(chain: .base, sender: SampleKey.payer.address)
        conditions.approveGas = gas
        conditions.token = Token(
            address: Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"), symbol: "USDC", decimals: 6,
            balance: 5_000_000)
        conditions.approval = Approval(
            spender: Address(known: "0x03059433BCdB6144624cC2443159D9445C32b7a8"), allowance: allowance,
            resetFirst: resetFirst)
        return conditions
    }
}

@Suite("The time, after somebody has consented")
struct TimeAfterConsentTests {
    private let workspace: SigningWorkspace

    init() throws { workspace = try SigningWorkspace() }

    private func sign(_ request: PaymentRequest) throws {
        let payment = try #require(Review(request).payment)
        _ = try ConsentedPayment.typed(payment.expectedAnswer, for: payment)
            .sign(with: SampleKey.payer.secret, recordingIn: workspace.ledger)
    }

    /// Returns a request that is signed `seconds` seconds after it was made, by this machine's clock.
    private func request(later seconds: UInt64, policy: Policy? = nil) throws -> PaymentRequest {
        var request = try workspace.request(policy: policy)
        let later = Timestamp(seconds: request.clock.seconds + seconds)
        request.machineTime = { later }
        return request
    }

    @Test("must still be before the deadline", arguments: [86_401, 100_000, UInt64.max / 2])
    func deadline(seconds: UInt64) throws {
        let request = try request(later: seconds)
        #expect(refusals { try sign(request) }.map(\.code) == ["charge.expired"])
        #expect(try workspace.ledger.read() == nil)
    }

    @Test("must still be within the age that the policy allows the conditions")
    func age() throws {
        let base = SigningWorkspace.start
        var request = try request(later: 3_601, policy: SigningWorkspace.policy(age: ",\"maxConditionsAge\":\"3600\""))
        var conditions = Conditions(chain: .base, sender: SampleKey.payer.address)
        conditions.block = Conditions.Block(number: 1, hash: .keccak([1]), timestamp: base)
        request.conditions = conditions
        #expect(Review(request).problems == [])
        #expect(refusals { try sign(request) }.map(\.code) == ["conditions.too-old"])
        request.machineTime = { Timestamp(seconds: base.seconds + 3_600) }
        try sign(request)
    }

    @Test("goes on from the time that was typed, by as much as the machine's went on")
    func typed() throws {
        let start = SigningWorkspace.start
        var request = PaymentRequest(
            try SigningWorkspace.charge(), now: Timestamp(seconds: SampleCharge.deadline - 10),
            clock: start)
        let model = try workspace.request()
        (request.policy, request.method, request.nonce, request.gas) = (model.policy, model.method, 7, 180_000)
        (request.maxFeePerGas, request.maxPriorityFeePerGas) = (30_000_000, 1_000_000)
        request.machineTime = { Timestamp(seconds: start.seconds + 11) }
        #expect(refusals { try sign(request) }.map(\.code) == ["charge.expired"])
        request.machineTime = { Timestamp(seconds: start.seconds + 10) }
        try sign(request)
        let entry = try #require(try workspace.ledger.read()?.entries.last)
        #expect(entry.time.seconds == start.seconds + 10 && entry.claimedTime == request.now)
    }

    @Test("is that of the recording: an entry of another who was quicker is no clock that is behind")
    func recorded() throws {
        var second = try workspace.request(2, nonce: 8)
        try workspace.sign(workspace.request(1, nonce: 7, after: 1))
        second.machineTime = { Timestamp(seconds: SigningWorkspace.start.seconds + 1) }
        try sign(second)
        second.machineTime = nil
        let third = try workspace.request(3, nonce: 9)
        #expect(Review(third).refusals(.ledger).map(\.code) == ["ledger.clock-behind"])
    }
}

extension PaymentRequest {
    /// Creates a copy of the request with another `now` and another policy.
    fileprivate init(copying request: PaymentRequest, now: Timestamp, policy: Policy) {
        self.init(request.subject, now: now, clock: request.clock, policy: policy)
        method = request.method
        nonce = request.nonce
        gas = request.gas
        maxFeePerGas = request.maxFeePerGas
        maxPriorityFeePerGas = request.maxPriorityFeePerGas
        ledger = request.ledger
    }
}
