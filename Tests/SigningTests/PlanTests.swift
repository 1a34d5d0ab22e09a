import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSigning
import Testing
import AirlockTransactions
import AirlockCharges

@Suite("The transactions of a payment")
struct PlanTests {
    private struct Line: Equatable, CustomStringConvertible {
        let role: Payment.Role
        let rung: UInt64?
        let nonce: UInt64
        let maxFee: UInt256
        let priorityFee: UInt256

        init(_ role: Payment.Role, _ rung: UInt64?, _ nonce: UInt64, _ maxFee: UInt256, _ priorityFee: UInt256) {
            self.role = role
            self.rung = rung
            self.nonce = nonce
            self.maxFee = maxFee
            self.priorityFee = priorityFee
        }

        init(_ planned: PlannedTransaction) {
            self.init(
                planned.role, planned.rung, planned.transaction.nonce, planned.transaction.maxFeePerGas,
                planned.transaction.maxPriorityFeePerGas)
        }

        var description: String { "\(role) \(rung.map(String.init) ?? "-") \(nonce) \(maxFee) \(priorityFee)" }
    }

    private func lines(_ change: (inout Draft) -> Void) throws -> [Line] {
        let review = try Draft.review(change)
        #expect(review.problems.isEmpty)
        return review.plan.map { Line($0) }
    }

    @Test("are one, where nothing else is asked for")
    func one() throws {
        #expect(try lines { _ in } == [Line(.pay, 0, 7, 30_000_000, 1_000_000)])
    }

    @Test("rise by an eighth in rungs, rounded up, and by a wei at least")
    func rungs() throws {
        #expect(
            try lines { $0.edit { $0.rungs = 4 } } == [
                Line(.pay, 0, 7, 30_000_000, 1_000_000), Line(.pay, 1, 7, 33_750_000, 1_125_000),
                Line(.pay, 2, 7, 37_968_750, 1_265_625), Line(.pay, 3, 7, 42_714_844, 1_423_829),
            ])
        #expect(
            try lines {
                $0.conditions?.maxFeePerGas = 9
                $0.conditions?.maxPriorityFeePerGas = 0
                $0.edit { $0.rungs = 3 }
            } == [Line(.pay, 0, 7, 9, 0), Line(.pay, 1, 7, 11, 1), Line(.pay, 2, 7, 13, 2)])
    }

    @Test("end with a transfer to oneself that outbids all of its nonce, where a cancel is asked for")
    func cancel() throws {
        let review = try Draft.review {
            $0.edit {
                $0.cancel = true; $0.rungs = 2
            }
        }
        #expect(
            review.plan.map { Line($0) } == [
                Line(.pay, 0, 7, 30_000_000, 1_000_000), Line(.pay, 1, 7, 33_750_000, 1_125_000),
                Line(.cancel, nil, 7, 37_968_750, 1_265_625),
            ])
        let cancel = try #require(review.plan.last?.transaction)
        #expect(cancel.to == SampleKey.payer.address)
        #expect(cancel.value == .zero && cancel.data.isEmpty && cancel.gas == 21_000)
    }

    @Test("begin with an approval of just what is needed, where it is asked for and the allowance is too little")
    func approve() throws {
        let review = try Draft.review {
            $0.conditions?.approval = Conditions.Approval(spender: transfers, allowance: 5, resetFirst: false)
            $0.edit { $0.approve = true }
        }
        #expect(
            review.plan.map { Line($0) } == [
                Line(.approve, nil, 7, 30_000_000, 1_000_000), Line(.pay, 0, 8, 30_000_000, 1_000_000),
            ])
        let approve = try #require(review.plan.first?.transaction)
        #expect(approve.to == usdc && approve.value == .zero && approve.gas == 60_000)
        // The call data has three parts: the selector of approve(address,uint256), the payment contract, and the amount
        // 1050000.
        #expect(
            Hex.encode(approve.data)
                == "0x095ea7b300000000000000000000000003059433bcdb6144624cc2443159d9445c32b7a8"
                + "0000000000000000000000000000000000000000000000000000000000100590")
        #expect(review.payment?.code == ComparisonCode.code(over: review.plan.map(\.transaction.signingHash)))
    }

    @Test(
        "set the allowance to zero first, where the token wants it and it is not zero already",
        arguments: [(5, true), (0, false), (nil, true)] as [(UInt256?, Bool)])
    func reset(allowance: UInt256?, resets: Bool) throws {
        let review = try Draft.review {
            $0.conditions?.approval = Conditions.Approval(
                spender: transfers, allowance: allowance ?? 1_049_999, resetFirst: true)
            $0.edit { $0.approve = true }
        }
        #expect(review.plan.map(\.role) == (resets ? [.reset, .approve, .pay] : [.approve, .pay]))
        #expect(review.plan.map(\.transaction.nonce) == (resets ? [7, 8, 9] : [7, 8]))
        if resets {
            #expect(
                review.plan[0].transaction.data.suffix(32).allSatisfy { $0 == 0 })
        }
    }

    @Test("hold no approval where the allowance suffices, or the method needs none")
    func needless() throws {
        #expect(try lines { $0.edit { $0.approve = true } }.map(\.role) == [.pay])
        #expect(
            try lines {
                $0.pay(in: .zero); $0.edit { $0.approve = true }
            }.map(\.role) == [.pay])
    }

    @Test("cancel every nonce, and have rungs of each")
    func all() throws {
        let plan = try lines {
            $0.conditions?.approval = nil
            $0.edit {
                $0.approve = true; $0.rungs = 2; $0.cancel = true
            }
        }
        #expect(
            plan == [
                Line(.approve, 0, 7, 30_000_000, 1_000_000), Line(.approve, 1, 7, 33_750_000, 1_125_000),
                Line(.pay, 0, 8, 30_000_000, 1_000_000), Line(.pay, 1, 8, 33_750_000, 1_125_000),
                Line(.cancel, nil, 7, 37_968_750, 1_265_625), Line(.cancel, nil, 8, 37_968_750, 1_265_625),
            ])
    }

    @Test(
        "cost at worst the dearest of each nonce, together",
        arguments: [(8_102_500_000_000, true), (8_102_499_999_999, false)] as [(UInt256, Bool)])
    func cost(balance: UInt256, suffices: Bool) throws {
        // The maximum cost is (60000 + 180000) gas at 33750000 wei, plus the L1 fee for the data. The price of 33750000
        // wei for each unit of gas is that of the second rung. Every cancel costs less.
        let review = try Draft.review {
            $0.conditions?.approval = nil
            $0.conditions?.nativeBalance = balance
            $0.edit {
                $0.approve = true
                $0.rungs = 2
                $0.cancel = true
            }
        }
        #expect((review.payment != nil) == suffices)
        #expect(review.problems.map(\.code) == (suffices ? [] : ["money.native-balance-too-low"]))
    }

    @Test("are none where a nonce would be beyond the last")
    func lastNonce() throws {
        let review = try Draft.review {
            $0.conditions?.nonce = .max
            $0.conditions?.approval = nil
            $0.edit { $0.approve = true }
        }
        #expect(review.problems.map { Refusal($0) } == [Refusal("transaction.last-nonce", "/nonce")])
    }
}
